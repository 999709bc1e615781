"""Whether a session stands. The database alone says so; a cache may only hold what is written in the session."""

from __future__ import annotations

from datetime import datetime, timedelta

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.lockout import NOWHERE, network
from accounts.models import User
from accounts.session_store import SessionStore


def standing_user(request: HttpRequest) -> User | AnonymousUser:
    """The person of this session, with one query; nobody, and the session forgotten, when it does not stand.

    It stands while its row is there, neither SESSION_TIMEOUT after its last use
    nor SESSION_ABSOLUTE_TIMEOUT after the sign-in have passed, the account is
    active and the password is the one it was opened with.
    """
    session = request.session
    if SESSION_KEY not in session or session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return AnonymousUser()
    person = (
        User.objects.standing_in(session.session_key, opened_after=_opened_after(), used_after=_used_after())
        .filter(pk=session[SESSION_KEY], is_active=True)
        .first()
    )
    if person and person.session_stands:
        if isinstance(session, SessionStore) and session.is_behind(person.session_end):
            session.read_again()
        if session.get(SESSION_KEY) == str(person.pk) and _same_password(session, person):
            return person
    session.flush()
    return AnonymousUser()


def _opened_after() -> datetime:
    return timezone.now() - timedelta(seconds=settings.SESSION_ABSOLUTE_TIMEOUT)


def _used_after() -> datetime:
    return timezone.now() - timedelta(seconds=settings.SESSION_TIMEOUT)


def _same_password(session, person: User) -> bool:
    kept = session.get(HASH_SESSION_KEY, "")
    return any(
        constant_time_compare(kept, digest)
        for digest in (person.get_session_auth_hash(), *person.get_session_auth_fallback_hash())
    )


def open_session(sender, request: HttpRequest, user: User, **kwargs) -> None:
    """Called at every sign-in: from now on this session stands."""
    if not request.session.session_key:
        request.session.save()
    UserSession.objects.update_or_create(
        session_key=request.session.session_key,
        defaults={
            "user": user,
            "ip": network(request) or NOWHERE,
            "user_agent": request.META.get("HTTP_USER_AGENT", "")[:200],
            "created_at": timezone.now(),
            "last_seen_at": timezone.now(),
        },
    )


def touch(session_key: str) -> None:
    """SE-03: the session was used just now."""
    UserSession.objects.filter(session_key=session_key).update(last_seen_at=timezone.now())


def standing_sessions(person: User):
    """The person's open sessions, the one used last first."""
    return UserSession.objects.filter(
        user=person, created_at__gt=_opened_after(), last_seen_at__gt=_used_after()
    ).order_by("-last_seen_at", "-pk")
