"""Ending sessions. What is ended here is over with its next request, on every worker, whatever a cache remembers."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import transaction

from accounts.models import User
from accounts.permissions import Permission
from accounts.session_store import kept_under
from accounts.sessions import standing_sessions
from audit.events import Action
from audit.record import record
from panelmerge.lib.crypto import keyed_digest
from panelmerge.lib.errors import NotHere, Refusal


@transaction.atomic
def end_session(*, by: User, pk: int) -> None:
    """End one session of one's own. NotHere when it is none of the person's."""
    session = standing_sessions(by).filter(pk=pk).first()
    if session is None:
        raise NotHere("There is no such session of yours; it may have ended by itself.")
    _end([session.session_key])
    record(
        Action.SESSION_MANAGEMENT,
        by=by,
        target=by,
        description="Ended one of their sessions",
        details={"session": keyed_digest(session.session_key, "session reference")},
    )


@transaction.atomic
def end_other_sessions(*, by: User, kept_key: str) -> int:
    """End all sessions of one's own but the one that is used to say so. Returns how many."""
    keys = list(UserSession.objects.filter(user=by).exclude(session_key=kept_key).values_list("session_key", flat=True))
    _end(keys)
    record(Action.SESSION_MANAGEMENT, by=by, target=by, description=f"Ended {len(keys)} other sessions")
    return len(keys)


@transaction.atomic
def end_sessions_of(*, person: User, by: User) -> int:
    """End all sessions of somebody. Returns how many."""
    if not by.has_perm(Permission.CHANGE_USERS):
        raise Refusal("Only an administrator ends other people's sessions.", status=403, code="forbidden")
    keys = list(UserSession.objects.filter(user=person).values_list("session_key", flat=True))
    _end(keys)
    record(Action.SESSION_MANAGEMENT, by=by, target=person, description=f"Ended {len(keys)} sessions")
    return len(keys)


@transaction.atomic
def end_every_session() -> tuple[int, int]:
    """(signed in, visitors) that were ended; everybody signs in again, nothing else is touched. SE-02"""
    signed_in, visitors = every_session()
    _end([*signed_in, *visitors])
    record(Action.SESSION_MANAGEMENT, description=f"Ended all {len(signed_in) + len(visitors)} sessions")
    return len(signed_in), len(visitors)


def every_session() -> tuple[set[str], set[str]]:
    """Keys of the sessions of people who signed in, and of visitors; those that are over and not yet swept too."""
    signed_in = set(UserSession.objects.values_list("session_key", flat=True))
    return signed_in, set(Session.objects.values_list("session_key", flat=True)) - signed_in


def _end(keys: list[str]) -> None:
    # SQLite takes so many parameters and no more.
    for some in (keys[start : start + 500] for start in range(0, len(keys), 500)):
        UserSession.objects.filter(session_key__in=some).delete()
        Session.objects.filter(session_key__in=some).delete()
    # Only a kindness: what is left in a cache is believed by nobody.
    transaction.on_commit(lambda: cache.delete_many([kept_under(key) for key in keys]))
