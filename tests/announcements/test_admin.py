"""Announcements in the back office: written in the author's zone, previewed, switched, never deleted. AN-01."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.db import DatabaseError
from django.test import Client

from announcements.models import AdminMessage
from audit.models import AuditLog

pytestmark = pytest.mark.django_db
LIST = "/admin/announcements/adminmessage/"
NOON = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
FORM = {
    "title": "Tonight",
    "message": "We move.",
    "message_type": "warning",
    "audience": "everyone",
    "is_active": "on",
    "starts_at_0": "",
    "starts_at_1": "",
    "expires_at_0": "",
    "expires_at_1": "",
}


@pytest.fixture
def browser(person):
    def signed_in(role: str, zone: str = "") -> Client:
        ada = person(role)
        if zone:
            ada.timezone_preference, ada.timezone_is_chosen = zone, True
            ada.save()
        browser = Client()
        browser.force_login(ada)
        return browser

    return signed_in


def events() -> list[AuditLog]:
    return list(AuditLog.objects.filter(action_type="ADMIN_ACTION").order_by("pk"))


@pytest.mark.parametrize(
    ("day", "clock", "stored"),
    [
        ("2026-03-29", "00:59", datetime(2026, 3, 29, 0, 59, tzinfo=UTC)),
        ("2026-03-29", "02:00", datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
        ("2026-07-01", "18:00", datetime(2026, 7, 1, 17, 0, tzinfo=UTC)),
        ("2026-10-25", "02:00", datetime(2026, 10, 25, 2, 0, tzinfo=UTC)),
    ],
)
def test_times_are_written_and_read_in_the_authors_zone(browser, person, day, clock, stored):
    editor = browser("EDITOR", "Europe/London")

    answer = editor.post(f"{LIST}add/", FORM | {"expires_at_0": day, "expires_at_1": clock})

    one = AdminMessage.objects.get()
    form = BeautifulSoup(editor.get(f"{LIST}{one.pk}/change/").content, "html.parser")
    assert (answer.status_code, one.expires_at, one.created_by) == (302, stored, person("EDITOR"))
    assert form.select_one("[name=expires_at_1]")["value"][:5] == clock
    assert [event.new_values["title"] for event in events()] == ["Tonight"]


@pytest.mark.parametrize(("day", "clock"), [("2026-03-29", "01:30"), ("2026-10-25", "01:30")])
def test_a_time_that_is_not_or_is_twice_is_asked_again(browser, day, clock):
    answer = browser("EDITOR", "Europe/London").post(f"{LIST}add/", FORM | {"expires_at_0": day, "expires_at_1": clock})

    assert answer.status_code == 200 and "may be ambiguous or it may not exist" in answer.content.decode()
    assert not AdminMessage.objects.exists()


def test_an_end_before_the_beginning_is_told_in_the_form(browser):
    times = {"starts_at_0": "2026-07-02", "starts_at_1": "10:00", "expires_at_0": "2026-07-02", "expires_at_1": "09:00"}

    answer = browser("EDITOR").post(f"{LIST}add/", FORM | times)

    assert answer.status_code == 200 and "It would be over before it starts" in answer.content.decode()


def test_change_records_old_and_new_and_keeps_the_author(browser, announce, person):
    one = announce()

    browser("EDITOR").post(f"{LIST}{one.pk}/change/", FORM | {"title": "Tomorrow", "message": one.message})

    one.refresh_from_db()
    [event] = events()
    assert (one.title, one.created_by) == ("Tomorrow", person("ADMIN"))
    assert event.old_values == {"title": "Tonight", "message_type": "info"}
    assert event.new_values == {"title": "Tomorrow", "message_type": "warning"}


@pytest.mark.parametrize("address", ["add/", "change/"])
def test_a_form_whose_record_cannot_be_written_changes_nothing(browser, announce, monkeypatch, address):
    one = announce()
    editor = browser("EDITOR")

    def fails(**columns):
        raise DatabaseError("the disk is full")

    monkeypatch.setattr(AuditLog.objects, "create", fails)
    answer = editor.post(LIST + (address if address == "add/" else f"{one.pk}/{address}"), FORM | {"title": "x"})

    assert answer.status_code == 503 and "nothing was changed" in answer.content.decode()
    assert AdminMessage.objects.get().title == "Tonight"


def test_list_says_where_each_stands(browser, announce):
    columns = {
        "off": {"is_active": False},
        "waiting": {"starts_at": datetime(2999, 1, 1, tzinfo=UTC)},
        "expired": {"expires_at": datetime(2020, 1, 1, tzinfo=UTC)},
        "shown": {},
    }
    for title, given in columns.items():
        announce(f"is {title}", **given)

    for state in columns:
        page = BeautifulSoup(browser("AUDITOR").get(LIST, {"state": state}).content, "html.parser")
        cells = [row.get_text().lower() for row in page.select("#result_list tbody .field-state")]
        assert (cells, len(page.select("#result_list tbody tr"))) == ([state], 1)


def test_list_finds_by_text_and_by_type(browser, announce):
    announce("Tonight", message_type="error")
    announce("Tomorrow")
    editor = browser("EDITOR")

    for query in ({"q": "night"}, {"message_type__exact": "error"}):
        page = BeautifulSoup(editor.get(LIST, query).content, "html.parser")
        assert [row.get_text() for row in page.select("#result_list .field-title")] == ["Tonight"]


@pytest.mark.parametrize("state", ["x", "", "shown' OR 1=1"])
def test_no_state_breaks_the_list(browser, state):
    assert browser("EDITOR").get(LIST, {"state": state}).status_code in (200, 302)


def act(client: Client, action: str, *announcements: AdminMessage):
    chosen = [one.pk for one in announcements]
    return client.post(LIST, {"action": action, "_selected_action": chosen}, follow=True)


def test_switching_several_records_each(browser, announce):
    both = announce(), announce("Tomorrow", is_active=False)

    page = act(browser("EDITOR"), "switch_off", *both).content.decode()

    assert "Switched off: 1." in page
    assert set(AdminMessage.objects.values_list("is_active", flat=True)) == {False}
    assert [(event.old_values, event.new_values) for event in events()] == [({"is_active": True}, {"is_active": False})]
    act(browser("EDITOR"), "switch_on", *both)
    assert set(AdminMessage.objects.values_list("is_active", flat=True)) == {True}


def test_an_auditor_looks_and_changes_nothing(browser, announce):
    one = announce()
    auditor = browser("AUDITOR")

    statuses = [
        auditor.post(f"{LIST}add/", FORM).status_code,
        auditor.post(f"{LIST}{one.pk}/change/", FORM).status_code,
        auditor.post(f"{LIST}add/", FORM | {"_preview": "1"}).status_code,
    ]
    act(auditor, "switch_off", one)

    assert statuses == [403, 403, 403]
    assert auditor.get(f"{LIST}{one.pk}/change/").status_code == 200
    assert AdminMessage.objects.values_list("title", "is_active").get() == ("Tonight", True)


@pytest.mark.parametrize("role", ["EDITOR", "ADMIN"])
def test_nobody_deletes_one(browser, announce, role):
    one = announce()

    assert browser(role).post(f"{LIST}{one.pk}/delete/", {"post": "yes"}).status_code == 403
    act(browser(role), "delete_selected", one)
    assert AdminMessage.objects.exists()


def test_preview_shows_it_as_a_page_will_and_saves_nothing(browser):
    answer = browser("EDITOR").post(f"{LIST}add/", FORM | {"message": "See https://x.example <b>", "_preview": "1"})

    page = BeautifulSoup(answer.content, "html.parser")
    assert page.select_one("#announcements strong").get_text() == "⚠ Warning: Tonight"
    assert page.select_one("#announcements a")["href"] == "https://x.example"
    assert not page.select("#announcements form")
    assert not AdminMessage.objects.exists() and events() == []


def test_preview_of_a_change_saves_nothing(browser, announce):
    one = announce()

    answer = browser("EDITOR").post(f"{LIST}{one.pk}/change/", FORM | {"title": "Tomorrow", "_preview": "1"})

    assert "Warning: Tomorrow" in answer.content.decode()
    assert AdminMessage.objects.get().title == "Tonight"


def test_preview_of_what_is_not_right_is_the_form_again(browser):
    answer = browser("EDITOR").post(f"{LIST}add/", FORM | {"title": "", "_preview": "1"})

    assert answer.status_code == 200 and "This field is required" in answer.content.decode()
    assert not AdminMessage.objects.exists()


@time_machine.travel(NOON, tick=False)
def test_the_back_office_itself_shows_them(browser, announce):
    announce("For staff", audience="staff", message_type="error", message="<script>x</script>")

    page = browser("EDITOR").get("/admin/").content.decode()

    assert "Problem: For staff" in page and "<script>x" not in page
