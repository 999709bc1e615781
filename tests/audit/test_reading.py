"""AU-05: the record is read, filtered and paged, by auditors and administrators alone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from audit import guards
from audit.context import AuditContext, acting_from
from audit.denials import record_denial
from audit.events import Action
from audit.models import AuditLog
from audit.pictures import kinds_drawn
from audit.presenters import before_and_after
from audit.reading import activity, page_of
from audit.record import record

pytestmark = pytest.mark.django_db
EVENTS = "/api/v1/audit/events/"


def signed_in(role: str) -> Client:
    browser = Client()
    browser.force_login(User.objects.create_user(role.lower(), f"{role}@example.org", role=role))
    return browser


@pytest.fixture
def events():
    """Sixty events by ada, then one refused one by grace with old and new values."""
    ada, grace = (User.objects.create_user(name, f"{name}@example.org") for name in ("ada", "grace"))
    with transaction.atomic():
        for number in range(60):
            record(Action.VIEW, by=ada, resource_type="thing", resource_id=str(number), description=f"Saw {number}")
        record(
            Action.ROLE_CHANGE,
            by=grace,
            target=ada,
            description="Tried <b>50%</b>",
            old={"role": "USER", "x": 1},
            new={"role": "ADMIN", "x": 1},
            success=False,
        )
    return ada, grace


@pytest.mark.parametrize(("role", "status"), [("VIEWER", 403), ("USER", 403), ("EDITOR", 403), ("AUDITOR", 200)])
def test_events_are_for_auditors(events, role, status):
    assert signed_in(role).get(EVENTS).status_code == status


def test_events_ask_strangers_to_sign_in(client):
    assert client.get(EVENTS).status_code == 401


def test_events_have_the_keys_of_the_contract_and_no_total(events):
    body = signed_in("ADMIN").get(EVENTS).json()

    assert set(body) == {"next", "previous", "results"}
    assert list(body["results"][0]) == [
        *("id", "timestamp", "action_type", "action_description", "user_id", "username", "ip_address"),
        *("resource_type", "resource_id", "success", "old_values", "new_values", "details", "request_id"),
    ]
    assert body["results"][0]["new_values"] == {"role": "ADMIN", "x": 1}


def test_events_page_through_all_of_them_once(events):
    auditor, address, seen = signed_in("AUDITOR"), f"{EVENTS}?per_page=20", []

    while address:
        body = auditor.get(address).json()
        seen += [event["id"] for event in body["results"]]
        address = body["next"]

    assert seen == sorted(AuditLog.objects.values_list("pk", flat=True), reverse=True)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("action_type=ROLE_CHANGE", 1),
        ("action_type=ROLE_CHANGE&action_type=VIEW&person=ada", 60),
        ("person=GRACE", 1),
        ("resource_type=thing&resource_id=7", 1),
        ("success=false", 1),
        ("q=50%25", 1),
        ("since=2001-01-01&until=2002-01-01", 0),
        ("resource_type=thing&since=2001-01-01T00:00:00Z", 60),
        # ISO 8601 has them, and PostgreSQL does not.
        ("resource_type=thing&since=2001-01-01T00:00:00%2B23:59&until=5197-07-28T20:46:29-17:38", 60),
    ],
)
def test_events_are_filtered(events, query, found):
    body = signed_in("AUDITOR").get(f"{EVENTS}?per_page=100&{query}").json()

    assert len(body["results"]) == found


@pytest.mark.parametrize("query", ["action_type=NOTHING", "since=yesterday", "q=" + "x" * 300, "person=" + "9" * 90])
def test_events_with_a_filter_that_means_nothing_say_which(events, query):
    answer = signed_in("AUDITOR").get(f"{EVENTS}?{query}")

    assert answer.status_code == 400
    assert query.partition("=")[0] in answer.json()["errors"]


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/New_York"])
@pytest.mark.parametrize("moment", ["0001-01-01T00:00", "9999-12-31T23:59"])
def test_times_at_the_ends_of_the_calendar_are_refused_by_name_in_every_zone(events, zone, moment):
    browser = signed_in("AUDITOR")
    User.objects.filter(role="AUDITOR").update(timezone_preference=zone, timezone_is_chosen=True)

    told = browser.get(EVENTS, {"since": moment, "until": moment})

    assert told.status_code == 400 and set(told.json()["errors"]) == {"since", "until"}


def test_the_page_shows_events_pictures_and_the_state_of_the_proof(events):
    page = signed_in("AUDITOR").get("/admin/audit/auditlog/").content.decode()

    assert "State of the proof" in page
    assert "<svg" in page
    assert "Tried &lt;b&gt;50%&lt;/b&gt;" in page
    assert page.count("<tr><td><a") + len(re.findall(r"<tr>\s*<td><a", page)) == 50


def test_the_page_draws_the_kinds_of_events_with_the_most_frequent_widest(events):
    page = signed_in("AUDITOR").get("/admin/audit/auditlog/").content.decode()

    drawn = kinds_drawn(activity().by_kind())
    assert (drawn.bars[0].kind, drawn.bars[0].width) == ("VIEW", 300)
    assert drawn.bars[-1].width >= 1
    assert "<title>VIEW: 60</title>" in page and "<title>ROLE_CHANGE: 1</title>" in page


def test_the_page_reads_times_in_the_readers_zone(events):
    """Half past nine in Kolkata is four o'clock UTC, where one event was."""
    with guards.lifted():
        AuditLog.objects.filter(action_type="ROLE_CHANGE").update(timestamp=datetime(2026, 3, 1, 4, 0, tzinfo=UTC))
    auditor = User.objects.create_user("auditor", "a@example.org", role="AUDITOR", timezone_preference="Asia/Kolkata")
    auditor.timezone_is_chosen = True
    auditor.save()
    browser = Client()
    browser.force_login(auditor)

    found = browser.get("/admin/audit/auditlog/?since=2026-03-01T09:30&until=2026-03-01T09:31").content.decode()
    missed = browser.get("/admin/audit/auditlog/?since=2026-03-01T04:00&until=2026-03-01T04:01").content.decode()

    assert "Tried &lt;b&gt;50%" in found and 'type="datetime-local"' in found
    assert "Tried &lt;b&gt;50%" not in missed


def test_the_page_goes_to_older_and_newer_events(events):
    auditor = signed_in("AUDITOR")
    first = auditor.get("/admin/audit/auditlog/?action_type=VIEW").content.decode()

    older = auditor.get(
        "/admin/audit/auditlog/" + re.search(r'href="(\?[^"]*before=\d+)"', first)[1].replace("&amp;", "&")
    )
    newer = re.search(r'href="(\?[^"]*after=\d+)"', older.content.decode())[1].replace("&amp;", "&")

    assert "Saw 0<" in older.content.decode()
    assert "Saw 59<" in auditor.get("/admin/audit/auditlog/" + newer).content.decode()


def test_the_page_takes_the_same_queries_for_any_number_of_events(events):
    auditor = signed_in("AUDITOR")
    auditor.get("/admin/audit/auditlog/")
    with CaptureQueriesContext(connection) as few:
        auditor.get("/admin/audit/auditlog/")
    with transaction.atomic():
        for _ in range(120):
            record(Action.VIEW, description="more")

    with CaptureQueriesContext(connection) as many:
        auditor.get("/admin/audit/auditlog/")

    assert len(many) == len(few)
    assert not [query for query in many if "COUNT(*)" in query["sql"] and "GROUP BY" not in query["sql"]]


@pytest.mark.parametrize(
    "query", ["before=x", "before=-1", "after=" + "9" * 40, "action_type=x", "since=x", "success=q"]
)
def test_the_page_with_a_question_that_means_nothing_is_a_page(events, query):
    assert signed_in("AUDITOR").get(f"/admin/audit/auditlog/?{query}").status_code == 200


def test_an_event_has_a_page_with_before_and_after(events):
    event = AuditLog.objects.get(action_type="ROLE_CHANGE")

    page = signed_in("AUDITOR").get(f"/admin/audit/auditlog/{event.pk}/change/").content.decode()

    assert re.search(r'class="changed"><th scope="row">role</th><td>USER</td><td>ADMIN', page)
    assert signed_in("ADMIN").get("/admin/audit/auditlog/999999999/change/").status_code == 404


def test_an_event_that_nobody_signed_says_so(events):
    with guards.lifted():
        forged = AuditLog.objects.create(action_type="LOGIN", action_description="x", ip_address="10.0.0.1")

    page = signed_in("AUDITOR").get(f"/admin/audit/auditlog/{forged.pk}/change/").content.decode()

    assert "not written by PanelMerge" in page


def test_pages_by_key_meet_at_their_ends(events):
    entries = AuditLog.objects.filter(action_type="VIEW")
    ids = sorted(entries.values_list("pk", flat=True), reverse=True)

    first = page_of(entries, size=25)
    second = page_of(entries, before=first.older, size=25)
    back = page_of(entries, after=second.newer, size=25)

    assert [entry.pk for entry in first.entries + second.entries] == ids[:50]
    assert (first.newer, back.newer) == (None, None)
    assert [entry.pk for entry in back.entries] == ids[:25]


def test_activity_counts_days_without_gaps(events):
    done = activity(days=7)
    days, kinds = done.by_day(), done.by_kind()

    assert len(days) == 7
    assert days[-1][1:] == (AuditLog.objects.count(), 1)
    assert dict(kinds)["VIEW"] == 60


def test_activity_counts_days_that_are_over_once(events, django_assert_num_queries):
    with time_machine.travel(timezone.now() + timedelta(days=2), tick=False):
        first = activity(days=7)

        with django_assert_num_queries(2):
            second = activity(days=7)

    assert first == second
    assert first.by_day()[-3][1:] == (AuditLog.objects.count(), 1)
    assert dict(first.by_kind())["VIEW"] == 60


def test_before_and_after_names_what_was_not_there():
    rows = before_and_after({"a": 1, "b": [1]}, {"b": [1], "c": "x"})

    assert [(row.field, row.before, row.after, row.is_same) for row in rows] == [
        ("a", "1", None, False),
        ("b", "[1]", "[1]", True),
        ("c", None, "x", False),
    ]


def test_like_refusals_within_a_minute_are_one_event():
    ada = User.objects.create_user("ada", "ada@example.org")
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(5):
            record_denial(Action.ACCESS_DENIED, by=ada, resource_type="page", resource_id="/x/", description="Refused")
        record_denial(Action.ACCESS_DENIED, by=ada, resource_type="page", resource_id="/y/", description="Refused")
        clock.shift(timedelta(seconds=61))
        record_denial(Action.ACCESS_DENIED, by=ada, resource_type="page", resource_id="/x/", description="Refused")

    assert AuditLog.objects.filter(action_type="ACCESS_DENIED").count() == 3


def test_refusals_of_strangers_are_told_apart_by_address():
    for address in ("192.0.2.1", "192.0.2.1", "192.0.2.2"):
        with acting_from(AuditContext(ip_address=address)):
            record_denial(Action.ACCESS_DENIED, resource_type="page", resource_id="/x/", description="Refused")

    assert AuditLog.objects.filter(action_type="ACCESS_DENIED").count() == 2
