"""RATE_LIMIT_PER_MINUTE, _HOUR and _DAY: what is counted, and to whose account. SM-06

Counted are API calls and what forms send. Pages and their fragments never are:
a GET outside of the API. Who is signed in, or brings a good token, is counted
as that account, whatever the network. Everybody else is counted twice: as one
browser, and ten times looser as one network.

A token is read here and not counted by a digest of its text: an account could
otherwise have as many budgets as it makes tokens, and a stranger as many as
they make up. Reading it costs nothing, DRF uses what was found.
"""

from __future__ import annotations

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from accounts.authentication import token_of
from accounts.counters import count
from accounts.known_browsers import known_accounts
from accounts.lockout import network
from panelmerge.lib.budgets import Budget, Verdict

API = "/api/"
# A page like any other, for people.
API_PAGES = ("/api/v1/docs/",)
ACCOUNT = "/account/"
LOOKING = ("GET", "HEAD", "OPTIONS")
NETWORK_FACTOR = 10


def is_counted(request: HttpRequest) -> bool:
    if request.path_info.startswith(API):
        return not request.path_info.startswith(API_PAGES)
    return request.method not in LOOKING


def must_be_counted(request: HttpRequest) -> bool:
    """Signing in and what belongs to it is refused when nothing can be counted: it could be a thousand guesses."""
    return request.path_info.startswith(ACCOUNT) and request.method not in LOOKING


def admit(request: HttpRequest) -> Verdict | None:
    """Count this request for whoever makes it; None when all windows are off, or when nothing can be counted."""
    if not windows():
        return None
    try:
        whose = payers(request)
    except DatabaseError:
        whose = [(f"network {network(request)}", NETWORK_FACTOR)]
    budgets = [
        Budget(f"{_digest(who)}:{window[0]}", window, limit * factor)
        for who, factor in whose
        for window, limit in windows().items()
    ]
    return count(budgets, brief=request.method in LOOKING)


def windows() -> dict[str, int]:
    """Requests in a minute, an hour, a day; 0 switches a window off."""
    said = {
        "minute": settings.RATE_LIMIT_PER_MINUTE,
        "hour": settings.RATE_LIMIT_PER_HOUR,
        "day": settings.RATE_LIMIT_PER_DAY,
    }
    return {window: limit for window, limit in said.items() if limit}


def payers(request: HttpRequest) -> list[tuple[str, int]]:
    """Whose budgets this request draws on, each with how many times the limit it has."""
    token = token_of(request) if request.path_info.startswith(API) else None
    person = token.user if token else request.user
    if person.is_authenticated:
        return [(f"account {person.pk}", 1)]
    if known := known_accounts(request):
        # It signed in from here before: somebody who tries passwords in the same network does not keep it out.
        return [(f"browser known to {known[0]}", 1)]
    everybody = (f"network {network(request)}", NETWORK_FACTOR)
    if session := _session(request):
        return [(f"session {session}", 1), everybody]
    if request.path_info.startswith(API):
        # Programs without a token share one budget; a whole hospital that sends its first form does not.
        return [(f"programs of {network(request)}", 1), everybody]
    return [everybody]


def _session(request: HttpRequest) -> str | None:
    """The key of a browser's session; None for a key that was made up."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return None
    # Looking into it forgets a key that stands for nothing.
    request.session.get("")
    return request.session.session_key


def _digest(who: str) -> str:
    return salted_hmac("accounts.limits", who, algorithm="sha256").hexdigest()
