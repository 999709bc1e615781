"""Who is asking; sessions that are in use stay; times are shown in the reader's zone."""

from __future__ import annotations

import time
from contextlib import suppress

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.middleware import AuthenticationMiddleware as DjangoAuthenticationMiddleware
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from accounts.sessions import standing_user, touch
from accounts.zones import NOBODY, Reader, reader_of, reading_as

KEY = "touched"
# Asked when the database may be down; a session would need it.
LEFT_ALONE = ("/healthz", "/readyz")


class AuthenticationMiddleware(DjangoAuthenticationMiddleware):
    """Django's, with the person and the standing of the session in one query, made when somebody asks."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: standing_user(request))


class SessionTouchMiddleware:
    """SE-03: SESSION_TIMEOUT counts from the last use, so a session in use is written again now and then.

    At most ten times in a SESSION_TIMEOUT; a visitor without a session gets none.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.path_info not in LEFT_ALONE:
            # The view will meet the same, and answers with what is wrong.
            with suppress(DatabaseError):
                self._touch(request)
        return self.get_response(request)

    @staticmethod
    def _touch(request: HttpRequest) -> None:
        session = request.session
        last = session.get(KEY, 0)
        # Looking has forgotten a key that stands for nothing any more.
        if session.session_key is None or time.time() - last < settings.SESSION_TIMEOUT / 10:
            return
        if SESSION_KEY not in session:
            session[KEY] = int(time.time())
        elif request.user.is_authenticated:
            session[KEY] = int(time.time())
            touch(session.session_key)


class TimeZoneMiddleware:
    """TZ-02: pages and the back office speak in the reader's zone; programs get UTC with its offset.

    Stands after the one that knows who asks. Whoever has no session gets none.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info in LEFT_ALONE or request.path_info.startswith("/api/"):
            return self.get_response(request)
        with reading_as(self._reader(request)):
            return self.get_response(request)

    @staticmethod
    def _reader(request: HttpRequest) -> Reader:
        try:
            return reader_of(request.user, request.session, request.COOKIES)
        except DatabaseError:
            # The page will ask again, and then be answered with what is wrong.
            return NOBODY
