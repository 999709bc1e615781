"""Which zone holds for a reader, and what a page then shows. TZ-02, TZ-03."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.models import Session
from django.template import Context, Template
from django.utils import timezone

from accounts.models import User
from accounts.templatetags.times import in_words
from accounts.zones import Reader, available_zones, is_zone, reader_of, reading_as
from panels.models import Upload

HOSTILE = (
    "../../etc/passwd",
    "/etc/passwd",
    "Europe/../../etc/passwd",
    "x" * 4096,
    "\0",
    "",
    "europe/london",
)
SPRING = datetime(2026, 3, 29, 0, 59, tzinfo=UTC)
TOKYO = {"timezone": "Asia/Tokyo"}
AUTUMN = datetime(2026, 10, 25, 0, 59, tzinfo=UTC)


def person(**columns) -> User:
    return User(username="ada", **columns)


@pytest.mark.parametrize(
    ("user", "session", "cookie", "zone", "source"),
    [
        (AnonymousUser(), {}, {}, "UTC", "default"),
        (AnonymousUser(), {}, TOKYO, "Asia/Tokyo", "browser"),
        (AnonymousUser(), {"timezone": "Europe/Paris"}, TOKYO, "Europe/Paris", "session"),
        (person(timezone_preference="UTC"), {}, TOKYO, "Asia/Tokyo", "browser"),
        (person(timezone_preference="Europe/Rome"), {"timezone": "Europe/Paris"}, {}, "Europe/Paris", "session"),
        (
            person(timezone_preference="Europe/Rome", timezone_is_chosen=True),
            {"timezone": "Europe/Paris"},
            TOKYO,
            "Europe/Rome",
            "preference",
        ),
        (
            person(timezone_preference="UTC", timezone_is_chosen=True),
            {},
            TOKYO,
            "UTC",
            "preference",
        ),
        (
            person(timezone_preference=None, timezone_is_chosen=True),
            {},
            TOKYO,
            "Asia/Tokyo",
            "browser",
        ),
    ],
)
def test_reader_has_the_zone_of_the_strongest_who_said_one(user, session, cookie, zone, source):
    """TZ-03: chosen, then the session, then the browser, then UTC; the UTC of a release is no choice."""
    reader = reader_of(user, session, cookie)

    assert (reader.zone, reader.source) == (zone, source)


@pytest.mark.parametrize("value", [*HOSTILE, None, 5, ["UTC"]])
def test_reader_with_a_made_up_zone_reads_utc(value):
    cookies = {"timezone": value}

    reader = reader_of(person(timezone_preference=value, timezone_is_chosen=True), {"timezone": value}, cookies)

    assert (reader.zone, reader.source, is_zone(value)) == ("UTC", "default", False)


def test_zones_are_those_of_the_database_and_nothing_else():
    """TZ-05: never empty."""
    zones = available_zones()

    assert {"UTC", "Europe/London", "Australia/Lord_Howe", "America/Argentina/Buenos_Aires"} <= set(zones)
    assert not {"localtime", "Factory", "posixrules"} & set(zones)
    assert list(zones) == sorted(zones) and max(map(len, zones)) <= 50


@pytest.mark.parametrize(
    ("moment", "zone", "words"),
    [
        (SPRING, "Europe/London", "29 March 2026, 00:59 GMT"),
        (SPRING + timedelta(minutes=1), "Europe/London", "29 March 2026, 02:00 BST"),
        (AUTUMN, "Europe/London", "25 October 2026, 01:59 BST"),
        (AUTUMN + timedelta(minutes=1), "Europe/London", "25 October 2026, 01:00 GMT"),
        (SPRING, "Australia/Sydney", "29 March 2026, 11:59 AEDT"),
        (SPRING, "Asia/Kathmandu", "29 March 2026, 06:44 UTC+05:45"),
        (SPRING, "UTC", "29 March 2026, 00:59 UTC"),
    ],
)
def test_words_of_a_time_are_right_on_both_sides_of_summer_time(moment, zone, words):
    """TZ-02"""
    with reading_as(Reader(zone=zone)):
        shown = in_words(moment)

    assert shown == words


@pytest.mark.parametrize(("hour", "words"), [(0, "12:05 a.m."), (12, "12:05 p.m."), (23, "11:05 p.m.")])
def test_words_with_twelve_hours_tell_midnight_from_noon(hour, words):
    with reading_as(Reader(time_format="12h")):
        shown = in_words(datetime(2026, 1, 2, hour, 5, tzinfo=UTC))

    assert shown == f"2 January 2026, {words} UTC"


def render(text: str, moment) -> str:
    return Template("{% load times %}" + text).render(Context({"moment": moment}))


def test_time_element_names_the_moment_in_utc_as_well():
    with reading_as(Reader(zone="Europe/London")):
        shown = render("{{ moment|local_time }}", SPRING + timedelta(hours=1))

    assert shown == (
        '<time datetime="2026-03-29T01:59:00Z" title="2026-03-29 01:59 UTC">29 March 2026, 02:59 BST</time>'
    )


def test_day_is_the_day_where_the_reader_is():
    with reading_as(Reader(zone="Pacific/Auckland")):
        shown = render("{{ moment|local_day }}", datetime(2026, 12, 31, 23, 0, tzinfo=UTC))

    assert shown.endswith('title="2026-12-31 23:00 UTC">1 January 2027</time>')


@pytest.mark.parametrize("name", ["local_time", "local_day", "local_words"])
def test_no_time_shows_nothing(name):
    assert render("{{ moment|" + name + " }}", None) == ""


def test_the_next_reader_in_the_thread_starts_from_utc():
    with pytest.raises(ZeroDivisionError), reading_as(Reader(zone="Asia/Tokyo", time_format="12h")):
        raise ZeroDivisionError

    assert in_words(SPRING) == "29 March 2026, 00:59 UTC"


# --- Through the middleware ------------------------------------------------------------------------


@pytest.mark.django_db
@time_machine.travel(datetime(2026, 7, 1, 12, 0, tzinfo=UTC), tick=False)
def test_page_shows_times_in_the_zone_of_the_browser_and_names_it(client):
    """TZ-02, TZ-03: without an account, and without a session before there is something to keep."""
    client.cookies["timezone"] = "Europe/London"
    client.post("/uploads/", {"text": "BRCA1"})

    page = client.get(f"/uploads/{Upload.objects.get().pk}/").content.decode()

    assert 'title="2026-07-02 12:00 UTC">2 July 2026, 13:00 BST</time>' in page
    assert "Times are shown in Europe/London (BST)." in page
    assert timezone.get_current_timezone_name() == "UTC"


@pytest.mark.django_db
@pytest.mark.parametrize("value", [*HOSTILE[:4], '"\\000"', '"Europe\\057London'])
def test_page_with_a_hostile_cookie_shows_utc(client, value):
    client.cookies["timezone"] = value

    answer = client.get("/")

    assert answer.status_code in (200, 400)
    assert answer.status_code == 400 or "Times are shown in UTC." in answer.content.decode()


@pytest.mark.django_db
def test_looking_with_a_zone_makes_no_session_and_asks_nothing_more(client, django_assert_num_queries):
    client.get("/genes/")
    with django_assert_num_queries(3):
        client.get("/genes/")

    client.cookies["timezone"] = "Europe/London"
    with django_assert_num_queries(3):
        client.get("/genes/")

    assert not Session.objects.exists()


@pytest.mark.django_db
def test_signed_in_page_asks_for_the_person_once(client, django_assert_max_num_queries):
    """The session, the person, and the three of the page."""
    client.force_login(User.objects.create_user("ada", "ada@example.org"))
    client.get("/genes/")

    with django_assert_max_num_queries(5):
        client.get("/genes/")


@pytest.mark.django_db
@time_machine.travel(datetime(2026, 7, 1, 12, 0, tzinfo=UTC), tick=False)
def test_back_office_shows_the_zone_and_times_in_it(client):
    ada = User.objects.create_superuser("ada", "ada@example.org", created_at=timezone.now())
    User.objects.update(timezone_preference="Asia/Kolkata", timezone_is_chosen=True)
    client.force_login(ada)

    page = client.get("/admin/accounts/user/").content.decode()

    assert "Times are shown in Asia/Kolkata (IST)" in page
    assert "17:30" in page or "5:30 p.m." in page


@pytest.mark.django_db
def test_alive_asks_the_database_nothing_even_with_a_session(client, django_assert_num_queries):
    client.force_login(User.objects.create_user("ada", "ada@example.org"))

    with django_assert_num_queries(0):
        client.get("/healthz")
