"""A browser that signed in to an account before: a signed cookie says so, for ninety days."""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from accounts.models import User

COOKIE = "__Host-known" if settings.HTTPS else "known"
AGE = 90 * 24 * 3600
SALT = "accounts.known_browsers"
# A shared computer: the accounts that signed in last.
MOST = 5


def known_accounts(request: HttpRequest) -> list[int]:
    """Primary keys of the accounts this browser signed in to; none when the cookie is absent, old or altered."""
    try:
        accounts = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=AGE)
    except signing.BadSignature:
        return []
    return accounts if isinstance(accounts, list) else []


def is_known(request: HttpRequest, person: User) -> bool:
    return person.pk in known_accounts(request)


def remember(request: HttpRequest, response: HttpResponse, person: User) -> None:
    accounts = [person.pk, *(pk for pk in known_accounts(request) if pk != person.pk)][:MOST]
    response.set_cookie(
        COOKIE,
        signing.dumps(accounts, salt=SALT),
        max_age=AGE,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )
