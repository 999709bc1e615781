"""Who is kept out, and what the watch is told of: answers that refuse."""

from __future__ import annotations

from contextlib import suppress

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from accounts.known_browsers import known_accounts
from audit.denials import record_denial
from audit.events import Action
from audit.threats import Signal
from audit.watching import is_blocked, notice
from panelmerge.errors import error_page
from panelmerge.lib.net import client_network

LEFT_ALONE = ("/static/", "/healthz", "/readyz", "/favicon.ico")
SIGN_IN = ("/account/login/", "/account/signup/", "/account/oidc/", "/account/password/reset/")
COUNTED = {400: Signal.MALFORMED, 401: Signal.REFUSED_STRANGER, 403: Signal.REFUSED, 404: Signal.NOT_FOUND}


class WatchMiddleware:
    """Turns away who is blocked, and counts refusals. Stands after the one that knows who asks."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(LEFT_ALONE):
            return self.get_response(request)
        with suppress(DatabaseError):
            if self._is_blocked(request):
                return error_page(
                    request,
                    403,
                    detail="This network is kept out for a while, because too much went wrong from it. Sign in from "
                    "another one, or ask an administrator.",
                )
        response = self.get_response(request)
        if response.status_code in COUNTED:
            # What cannot be counted just now must not turn an answer into an error.
            with suppress(DatabaseError):
                self._watch(request, response.status_code)
        return response

    @staticmethod
    def _is_blocked(request: HttpRequest) -> bool:
        if not settings.IP_BLOCKING_ENABLED:
            return False
        signing_in = request.method == "POST" and request.path_info.startswith(SIGN_IN)
        return is_blocked(
            client_network(request),
            # Whether a token is right, the API says; a wrong one is counted there.
            signed_in=_is_signed_in(request) or "Authorization" in request.headers,
            signing_in=signing_in and not known_accounts(request),
        )

    @staticmethod
    def _watch(request: HttpRequest, status: int) -> None:
        person = request.user if _is_signed_in(request) else None
        network = client_network(request)
        if status == 403 and person is not None:
            record_denial(
                Action.ACCESS_DENIED,
                by=person,
                resource_type="address",
                resource_id=request.path_info,
                description=f"Refused {request.method} {request.path_info}",
            )
        if status == 403 and person is None:
            # A form that was open too long, or from another site: no right was asked for.
            return
        actor = f"user:{person.pk}" if person is not None else network or "unknown"
        notice(COUNTED[status], actor=actor, network=network, by=person)


def _is_signed_in(request: HttpRequest) -> bool:
    return settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated
