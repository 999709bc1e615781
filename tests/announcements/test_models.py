"""Who reads what, and when; and the guide's own SQL. AN-01, AN-02."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from announcements.models import AdminMessage, Dismissal, State

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def titles(user, at=NOON) -> set[str]:
    return {one.title for one in AdminMessage.objects.active_for(user, at)}


@pytest.mark.parametrize(
    ("role", "read"),
    [
        (None, {"everyone"}),
        ("VIEWER", {"everyone", "signed_in"}),
        ("USER", {"everyone", "signed_in"}),
        ("EDITOR", {"everyone", "signed_in", "staff"}),
        ("AUDITOR", {"everyone", "signed_in", "staff"}),
        ("ADMIN", {"everyone", "signed_in", "staff"}),
    ],
)
def test_a_role_reads_what_is_meant_for_it(person, announce, role, read):
    for audience in ("everyone", "signed_in", "staff"):
        announce(audience, audience=audience)

    assert titles(person(role) if role else AnonymousUser()) == read
    assert titles(None) == {"everyone"}


def test_an_inactive_member_of_staff_is_no_staff(person, announce):
    announce("staff", audience="staff")
    person("ADMIN")
    User.objects.update(is_active=False)

    assert titles(User.objects.get()) == set()


@pytest.mark.parametrize(
    ("moment", "active"),
    [
        (NOON - SECOND, set()),
        (NOON, {"Tonight"}),
        (NOON + timedelta(hours=1) - SECOND, {"Tonight"}),
        (NOON + timedelta(hours=1), set()),
    ],
)
def test_begins_and_is_over_at_the_second(announce, moment, active):
    """AN-01: the expiry works."""
    announce(starts_at=NOON, expires_at=NOON + timedelta(hours=1))

    assert titles(None, moment) == active


def test_switched_off_is_not_shown(announce):
    announce(is_active=False)

    assert titles(None) == set()


@pytest.mark.parametrize(
    ("columns", "state"),
    [
        ({}, "shown"),
        ({"starts_at": NOON}, "shown"),
        ({"starts_at": NOON + SECOND}, "waiting"),
        ({"expires_at": NOON}, "expired"),
        ({"expires_at": NOON + SECOND}, "shown"),
        ({"starts_at": NOON + SECOND, "is_active": False}, "off"),
    ],
)
def test_state_says_what_active_for_does(announce, columns, state):
    announce(**columns)

    found = AdminMessage.objects.with_state(NOON).get()

    assert found.state == state == State(state).value
    assert (state == "shown") == (titles(None) == {"Tonight"})


def test_dismissed_is_left_out_for_who_dismissed_it(person, announce):
    Dismissal.objects.create(message=announce(), user=person("USER"))
    active = AdminMessage.objects.all()

    assert not active.not_dismissed_by(person("USER")).exists()
    assert active.not_dismissed_by(person("VIEWER")).exists() and active.not_dismissed_by(AnonymousUser()).exists()


@pytest.mark.parametrize(
    "columns",
    [
        {"message_type": "danger"},
        {"audience": "admins"},
        {"starts_at": NOON, "expires_at": NOON},
        {"starts_at": NOON, "expires_at": NOON - SECOND},
    ],
)
def test_the_database_refuses_what_makes_no_sense(announce, columns):
    with pytest.raises(IntegrityError), transaction.atomic():
        announce(**columns)


def test_an_end_before_the_beginning_is_told_at_its_field():
    with pytest.raises(ValidationError) as told:
        AdminMessage(title="t", message="m", starts_at=NOON, expires_at=NOON).clean()

    assert list(told.value.message_dict) == ["expires_at"]


def test_plain_insert_of_the_guide_is_shown_to_everyone(person):
    """AN-02: columns and defaults of the guide; its count works."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO admin_message (title, message, message_type, is_active, created_at, expires_at, created_by_id)"
            " VALUES ('t', 'm', 'warning', true, CURRENT_TIMESTAMP, NULL, %s)",
            [person("ADMIN").pk],
        )
        cursor.execute("INSERT INTO admin_message (title, message, created_by_id) SELECT 'u', 'm', id FROM \"user\"")
        cursor.execute("SELECT COUNT(*) FROM admin_message;")
        assert cursor.fetchone() == (2,)

    assert titles(None) == {"t", "u"}
    assert set(AdminMessage.objects.values_list("message_type", "audience")) == {
        ("warning", "everyone"),
        ("info", "everyone"),
    }


def test_the_indexes_bear_the_names_of_the_guide():
    """AN-02"""
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, "admin_message")

    assert {"idx_admin_message_active", "idx_admin_message_expires"} <= set(found)


@pytest.mark.parametrize("field", ["starts_at", "expires_at"])
@pytest.mark.parametrize("year", [1, 9999])
def test_a_time_that_some_zone_cannot_show_is_refused_by_its_field(person, field, year):
    announcement = AdminMessage(created_by=person("ADMIN"), title="a", message="b")
    setattr(announcement, field, datetime(year, 1, 1, tzinfo=UTC))

    with pytest.raises(ValidationError) as refused:
        announcement.full_clean()

    assert set(refused.value.message_dict) == {field}
