"""Sessions that are in use stay."""

from __future__ import annotations

import time

from django.conf import settings
from django.http import HttpRequest, HttpResponse

KEY = "touched"
# Asked when the database may be down; a session would need it.
LEFT_ALONE = ("/healthz", "/readyz")


class SessionTouchMiddleware:
    """SE-03: SESSION_TIMEOUT counts from the last use, so a session in use is written again now and then.

    At most ten times in a SESSION_TIMEOUT; a visitor without a session gets none.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        session = request.session
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.path_info not in LEFT_ALONE:
            last = session.get(KEY, 0)
            # Looking has forgotten a key that stands for nothing any more.
            if session.session_key and time.time() - last >= settings.SESSION_TIMEOUT / 10:
                session[KEY] = int(time.time())
        return self.get_response(request)
