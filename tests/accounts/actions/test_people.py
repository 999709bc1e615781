"""Administrators at the same time: one of them always stays. AC-03."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from accounts.actions.people import change_role, deactivate
from accounts.models import User
from audit.models import AuditLog
from panelmerge.lib.errors import Refusal

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="threads share SQLite's database in memory badly"),
]


def demote(person: User, by: User) -> None:
    change_role(person=person, role="USER", by=by)


@pytest.mark.parametrize("act", [demote, lambda person, by: deactivate(person=person, by=by)], ids=["demote", "shut"])
def test_two_administrators_who_remove_each_other_leave_one(act):
    pairs = [User.objects.create_superuser(name, f"{name}@example.org") for name in ("ada", "bob")]
    together = Barrier(2)

    def remove(person: User, by: User) -> bool:
        together.wait()
        try:
            act(person, by)
        except Refusal as refusal:
            assert refusal.code == "last_administrator"
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(remove, pairs, reversed(pairs)))

    assert sorted(done) == [False, True]
    assert User.objects.filter(role="ADMIN", is_active=True).count() == 1
    assert AuditLog.objects.filter(action_type__in=["ROLE_CHANGE", "USER_UPDATE"]).count() == 1
