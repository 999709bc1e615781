"""An administrator in a process of their own: opens sessions and ends them, one line at a time.

``open`` answers the key of a new session of ada's. ``end HOW KEY`` ends it, by
one of HOWS, and puts a copy from before back into Redis. Run by ``test_workers``.
"""

from __future__ import annotations

import sys
from importlib import import_module

import django

HOWS = ("session", "all", "role", "deactivated", "password")


def main() -> None:
    django.setup()
    from django.conf import settings
    from django.contrib.auth import login
    from django.core.cache import cache
    from django.http import HttpRequest

    from accounts.models import User
    from accounts.permissions import Role
    from accounts.session_store import kept_under

    root = User.objects.create_user("chief", "chief@example.org", role=Role.ADMIN)
    ada = User.objects.create_user("ada", "ada@example.org", role=Role.USER)

    def opened() -> str:
        request = HttpRequest()
        request.session = import_module(settings.SESSION_ENGINE).SessionStore()
        login(request, User.objects.get(pk=ada.pk), "accounts.backends.RoleBackend")
        request.session.save()
        return request.session.session_key

    def ended(how: str, key: str) -> str:
        before = cache.get(kept_under(key))
        _end(how, key, ada, root)
        if before:
            cache.set(kept_under(key), before)
        return "ended"

    for line in sys.stdin:
        word, *rest = line.split()
        sys.stdout.write((opened() if word == "open" else ended(*rest)) + "\n")
        sys.stdout.flush()


def _end(how: str, key: str, ada, root) -> None:
    from allauth.usersessions.models import UserSession

    from accounts.actions import people, sessions
    from accounts.permissions import Role

    ada.refresh_from_db()
    if how == "session":
        sessions.end_session(by=ada, pk=UserSession.objects.get(session_key=key).pk)
    elif how == "all":
        sessions.end_sessions_of(person=ada, by=root)
    elif how == "role":
        people.change_role(person=ada, role=Role.EDITOR if ada.role == Role.USER else Role.USER, by=root)
    elif how == "deactivated":
        people.deactivate(person=ada, by=root)
        people.activate(person=ada, by=root)
    else:
        people.set_one_time_password(person=ada, by=root)
        type(ada).objects.filter(pk=ada.pk).update(must_change_password=False)


if __name__ == "__main__":
    main()
