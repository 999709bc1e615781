"""Who was refused a panel stands in the record, once, whichever door it was. F-7, AU-02."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.models import AuditLog
from panels.actions.library import create_panel
from panels.actions.sharing import share_panel
from tests.accounts.acting import break_the_record
from tests.panels.library.asking import Program
from tests.panels.library.seeing import events


def refused(panel) -> list[tuple]:
    return [(one.user_id, one.success) for one in events("ACCESS_DENIED", panel)]


@pytest.fixture
def secret(bob):
    return create_panel(by=bob, name="Secret", genes=["TTN"]).panel


def browser(person=None) -> Client:
    client = Client(raise_request_exception=False)
    if person:
        client.force_login(person, "accounts.backends.RoleBackend")
    return client


@pytest.mark.parametrize("address", ["/panels/{}/", "/panels/{}/versions/", "/panels/{}/sharing/"])
def test_a_page_and_the_program_s_address_leave_the_same(secret, alice, address):
    answers = [
        browser(alice).get(address.format(secret.pk)).status_code,
        Program(alice).get(f"{secret.pk}/").status_code,
    ]

    assert answers == [404, 404]
    assert refused(secret) == [(alice.pk, False)]


def test_a_stranger_is_asked_to_sign_in_and_nothing_is_said_of_the_panel(secret):
    browser().get(f"/panels/{secret.pk}/")
    Program().get(f"{secret.pk}/")
    browser().get(f"/?saved:{secret.pk}=")

    assert refused(secret) == []


def test_a_level_too_low_is_recorded_also_where_the_page_comes_again(secret, alice, bob):
    share, _ = share_panel(panel=secret.pk, by=bob, user=alice.pk)

    answer = browser(alice).post(f"/panels/{secret.pk}/sharing/{share.pk}/", {"level": "ADMIN"})

    assert answer.status_code == 403
    assert refused(secret) == [(alice.pk, False)]


def test_passing_on_more_than_one_has_is_recorded(secret, alice, bob, carol):
    share_panel(panel=secret.pk, by=bob, user=alice.pk, can_reshare=True)

    answer = Program(alice).post(f"{secret.pk}/shares/", {"user": "carol", "permission_level": "EDIT"})

    assert answer.status_code == 403
    assert refused(secret) == [(alice.pk, False)]


def test_a_basket_of_panels_that_are_not_theirs_asks_once_and_leaves_one_event_each(alice, bob):
    theirs = [create_panel(by=bob, name=f"Secret {n}", genes=["TTN"]).panel for n in range(6)]
    address = "/?" + "&".join(f"saved:{one.pk}=" for one in theirs)

    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            assert browser(alice).get(address).status_code == 200
        asked = [one["sql"] for one in queries if "success" in one["sql"] and one["sql"].startswith("SELECT")]
        assert len([sql for sql in asked if "audit_log" in sql and " IN (" in sql]) == 1

    assert [refused(one) for one in theirs] == [[(alice.pk, False)]] * 6
    assert AuditLog.objects.filter(action_type="ACCESS_DENIED").count() == 6


def test_a_record_that_cannot_be_written_turns_no_refusal_into_an_error(secret, alice, monkeypatch):
    break_the_record(monkeypatch)

    answers = [browser(alice).get(f"/panels/{secret.pk}/"), Program(alice).get(f"{secret.pk}/")]

    assert [one.status_code for one in answers] == [404, 404]
