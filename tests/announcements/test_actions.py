"""Writing announcements: with the right, with the record, or not at all. AN-01."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError

from announcements.actions import change, dismiss, publish, switch
from announcements.models import AdminMessage, Dismissal
from audit.models import AuditLog
from panelmerge.lib.errors import Refusal, Unavailable

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


def events() -> list[AuditLog]:
    return list(AuditLog.objects.filter(resource_type="adminmessage").order_by("pk"))


@pytest.fixture
def broken_record(monkeypatch):
    def fails(**columns):
        raise DatabaseError("the disk is full")

    monkeypatch.setattr(AuditLog.objects, "create", fails)


@pytest.mark.parametrize("role", ["EDITOR", "ADMIN"])
def test_publish_is_kept_and_recorded(person, role):
    made = publish(by=person(role), title="Tonight", message="We move.", message_type="warning", expires_at=NOON)

    [event] = events()
    assert AdminMessage.objects.get() == made and made.created_by == person(role)
    assert (event.action_type, event.user_id, event.resource_id) == ("ADMIN_ACTION", person(role).pk, str(made.pk))
    assert event.new_values == {
        "title": "Tonight",
        "message": "We move.",
        "message_type": "warning",
        "audience": "everyone",
        "starts_at": None,
        "expires_at": "2026-07-01T12:00:00+00:00",
        "is_active": True,
    }


@pytest.mark.parametrize("role", ["VIEWER", "USER", "AUDITOR", None])
def test_nobody_else_writes_one(person, announce, role):
    by, one = person(role) if role else AnonymousUser(), announce()
    attempts = [
        lambda: publish(by=by, title="t", message="m"),
        lambda: change(announcement=one, by=by, title="x"),
        lambda: switch(announcement=one, by=by, on=False),
    ]

    for attempt in attempts:
        with pytest.raises(Refusal, match="Editors and administrators") as told:
            attempt()
        assert told.value.status == 403

    assert AdminMessage.objects.values_list("title", "is_active").get() == ("Tonight", True)
    assert events() == []


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"message": ""}, "message"),
        ({"message_type": "danger"}, "message_type"),
        ({"audience": "admins"}, "audience"),
        ({"starts_at": NOON, "expires_at": NOON}, "expires_at"),
    ],
)
def test_what_is_not_right_is_refused_by_name_of_the_field(person, announce, fields, named):
    one = announce()

    for attempt in (
        lambda: publish(by=person("EDITOR"), **({"title": "t", "message": "m"} | fields)),
        lambda: change(announcement=one, by=person("EDITOR"), **fields),
    ):
        with pytest.raises(Refusal) as told:
            attempt()
        assert (told.value.status, list(told.value.errors)) == (400, [named])
    assert AdminMessage.objects.values_list("title", "message").get() == ("Tonight", "PanelMerge moves.")


def test_change_records_what_was_and_what_is(person, announce):
    one = announce(expires_at=NOON)

    changed = change(announcement=one, by=person("EDITOR"), title="Tomorrow", expires_at=None, message_type="info")

    [event] = events()
    assert (changed.title, changed.expires_at, changed.created_by) == ("Tomorrow", None, person("ADMIN"))
    assert event.old_values == {"title": "Tonight", "expires_at": "2026-07-01T12:00:00+00:00"}
    assert event.new_values == {"title": "Tomorrow", "expires_at": None}


def test_change_of_nothing_is_no_event(person, announce):
    change(announcement=announce(), by=person("EDITOR"), title="Tonight", is_active=True)

    assert events() == []


def test_change_of_a_column_that_is_not_offered_is_an_error_of_ours(person, announce):
    with pytest.raises(TypeError, match="created_by"):
        change(announcement=announce(), by=person("EDITOR"), created_by=person("EDITOR"))


def test_switch_off_and_on_are_two_events(person, announce):
    one = announce()

    switch(announcement=one, by=person("EDITOR"), on=False)
    assert not AdminMessage.objects.active_for(None, NOON).exists()
    switch(announcement=one, by=person("EDITOR"), on=True)

    assert AdminMessage.objects.active_for(None, NOON).exists()
    assert [event.new_values for event in events()] == [{"is_active": False}, {"is_active": True}]


def test_a_publication_whose_record_cannot_be_written_does_not_happen(person, broken_record):
    with pytest.raises(Unavailable):
        publish(by=person("EDITOR"), title="t", message="m")

    assert not AdminMessage.objects.exists()


def test_a_change_whose_record_cannot_be_written_is_undone(person, announce, broken_record):
    one = announce()
    dismiss(announcement=one, by=person("USER"))

    with pytest.raises(Unavailable):
        change(announcement=one, by=person("EDITOR"), title="x")

    assert AdminMessage.objects.get().title == "Tonight"
    assert Dismissal.objects.exists()


def test_dismiss_twice_is_once_and_no_event(person, announce):
    one = announce()

    dismiss(announcement=one, by=person("USER"))
    dismiss(announcement=one, by=person("USER"))

    assert list(Dismissal.objects.values_list("message", "user")) == [(one.pk, person("USER").pk)]
    assert events() == []


@pytest.mark.parametrize(("fields", "again"), [({"message": "We moved."}, True), ({"expires_at": NOON}, False)])
def test_another_wording_is_shown_again_to_who_dismissed_it(person, announce, fields, again):
    one = announce()
    dismiss(announcement=one, by=person("USER"))

    changed = change(announcement=one, by=person("EDITOR"), **fields)

    assert AdminMessage.objects.not_dismissed_by(person("USER")).exists() is again
    assert (changed.mark != one.mark) is again
