"""Choosing a zone: written with its record, or not at all. TZ-01."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.http import HttpResponse

from accounts.actions.zones import choose_zone, choose_zone_for_now, detect_zone
from accounts.models import User
from audit.models import AuditLog
from panelmerge.lib.errors import Refusal, Unavailable

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("ada", "ada@example.org")


def stored(ada: User) -> tuple:
    return User.objects.values_list("timezone_preference", "timezone_is_chosen", "time_format").get(pk=ada.pk)


def test_choose_writes_the_zone_the_mark_and_the_record(ada):
    """TZ-01"""
    choose_zone(by=ada, zone="Europe/London", time_format="12h")

    event = AuditLog.objects.get(action_type="PROFILE_UPDATE")
    assert stored(ada) == (ada.timezone_preference, ada.timezone_is_chosen, ada.time_format)
    assert stored(ada) == ("Europe/London", True, "12h")
    assert (event.user_id, event.resource_type, event.resource_id) == (ada.pk, "user", str(ada.pk))
    assert event.old_values == {"timezone": "UTC", "timezone_is_chosen": False, "time_format": "24h"}
    assert event.new_values == {"timezone": "Europe/London", "timezone_is_chosen": True, "time_format": "12h"}


def test_choose_utc_counts_as_chosen(ada):
    choose_zone(by=ada, zone="UTC")

    assert stored(ada) == ("UTC", True, "24h")


def test_choose_the_same_again_is_no_event(ada):
    choose_zone(by=ada, zone="Europe/London")
    choose_zone(by=ada, zone="Europe/London")

    assert AuditLog.objects.filter(action_type="PROFILE_UPDATE").count() == 1


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "", "x" * 4096, "Europe/London\0", "posixrules"])
def test_choose_what_is_no_zone_is_refused_and_changes_nothing(ada, zone):
    """TZ-01: 400, and the field is named."""
    with pytest.raises(Refusal, match="There is no time zone") as told:
        choose_zone(by=ada, zone=zone)

    assert (told.value.status, list(told.value.errors)) == (400, ["timezone"])
    assert len(told.value.detail) < 300
    assert stored(ada) == ("UTC", False, "24h")


def test_choose_what_is_no_format_is_refused(ada):
    with pytest.raises(Refusal) as told:
        choose_zone(by=ada, zone="UTC", time_format="13h")

    assert (list(told.value.errors), stored(ada)) == (["time_format"], ("UTC", False, "24h"))


def test_choose_whose_record_cannot_be_written_does_not_happen(ada, monkeypatch):
    def fails(**columns):
        raise DatabaseError("the disk is full")

    monkeypatch.setattr(AuditLog.objects, "create", fails)

    with pytest.raises(Unavailable):
        choose_zone(by=ada, zone="Europe/London")

    assert stored(ada) == ("UTC", False, "24h")


def test_detect_writes_a_cookie_and_leaves_the_choice(ada):
    """TZ-03"""
    choose_zone(by=ada, zone="Europe/London")
    response = HttpResponse()

    detect_zone(response=response, zone="Asia/Tokyo")

    assert response.cookies["timezone"].value == "Asia/Tokyo"
    assert stored(ada) == ("Europe/London", True, "24h")


@pytest.mark.parametrize("zone", ["Mars/Olympus", "a\r\nSet-Cookie: x=y"])
def test_detect_what_is_no_zone_writes_no_cookie(zone):
    response = HttpResponse()

    with pytest.raises(Refusal):
        detect_zone(response=response, zone=zone)

    assert not response.cookies


def test_choose_for_now_keeps_it_in_the_session_alone():
    session = {}

    choose_zone_for_now(session=session, zone="Europe/London", time_format="12h")

    assert session == {"timezone": "Europe/London", "time_format": "12h"}
    assert not AuditLog.objects.filter(action_type="PROFILE_UPDATE").exists()


def test_the_database_refuses_a_format_that_is_none(ada):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.update(time_format="13h")


def test_a_plain_insert_has_utc_not_chosen_and_24_hours():
    """TZ-04: defaults are the database's own."""
    with connection.cursor() as cursor:
        cursor.execute("""INSERT INTO "user" (username, password_hash, email) VALUES ('g', 'h', 'g@x')""")
        cursor.execute('SELECT timezone_preference, COUNT(*) FROM "user" GROUP BY 1')
        assert cursor.fetchall() == [("UTC", 1)]

    assert stored(User.objects.get()) == ("UTC", False, "24h")
