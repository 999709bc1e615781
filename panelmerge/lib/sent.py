"""What somebody sent in a form that cannot be taken just now: to be shown back, so that it is not lost."""

from __future__ import annotations

from django.http import HttpRequest

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
CSRF = "csrfmiddlewaretoken"
# A form with one of these in a name is never shown back.
SECRET = ("password", "code", "secret", "token")


def fields_sent(request: HttpRequest) -> list[tuple[str, str]]:
    """Every field of the form with its value, the form's own token too; none of a form with a secret in it, or of
    what is no form."""
    if request.method != "POST" or request.content_type not in FORMS:
        return []
    fields = [(name, value) for name, values in request.POST.lists() for value in values]
    secret = any(word in name.lower() for name, _ in fields if name != CSRF for word in SECRET)
    return [] if secret else fields


def shown(fields: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those that say something to who typed them."""
    return [(name, value) for name, value in fields if name != CSRF and value]
