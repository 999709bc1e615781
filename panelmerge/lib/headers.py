"""Security headers that Django and django-csp do not set, and requests that are refused before they are read."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig

PERMISSIONS = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
CHUNK = 64 * 1024


class SecurityHeadersMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response.setdefault("Permissions-Policy", PERMISSIONS)
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        # Answers depend on the session even when nobody is signed in: the basket's uploads are private.
        # Static files say themselves how long they stay.
        response.setdefault("Cache-Control", "no-store")
        return response


class RequestSizeMiddleware:
    """A body that says it is larger than all files one may send together is refused before it is kept.

    What an answer left unread of a body is read and dropped: a server that closes before resets the connection, and a
    proxy that was still sending then says that nobody answers, in the place of what was said.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        length = request.META.get("CONTENT_LENGTH") or "0"
        size = int(length) if length.isdecimal() else None
        try:
            if size is None or size > settings.MAX_REQUEST_SIZE:
                raise RequestDataTooBig(f"The request is larger than {settings.MAX_REQUEST_SIZE:,} bytes.")
            return self.get_response(request)
        finally:
            # Who sends far more than anybody may is cut off.
            if size and size <= 2 * settings.MAX_REQUEST_SIZE:
                _drop_the_rest(request)


def _drop_the_rest(request) -> None:
    try:
        while request.read(CHUNK):
            continue
    except (OSError, ValueError):
        return  # who sends has gone, or a view closed what it read


class NoNulMiddleware:
    """No address or cookie of ours holds a NUL, and PostgreSQL refuses text with one: say so before a query does."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("The address holds a NUL character.")
        # A cookie can: "\000" between quotes stands for one, and the session's key goes into a query.
        if any("\0" in value for value in request.COOKIES.values()):
            raise BadRequest("A cookie holds a NUL character.")
        return self.get_response(request)
