"""timezone/current/, detect/, set/ and available/, with an account and without. TZ-01, TZ-02, TZ-03, TZ-05."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.models import User

pytestmark = pytest.mark.django_db
ALL = "/api/v1/timezone/"
SUMMER = time_machine.travel(datetime(2026, 7, 1, 12, 0, tzinfo=UTC), tick=False)


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("ada", "ada@example.org")


@pytest.fixture
def browser(ada) -> Client:
    browser = Client()
    browser.force_login(ada)
    return browser


def send(client: Client, address: str, **body):
    return client.post(f"{ALL}{address}/", body, content_type="application/json")


def current(client: Client) -> dict:
    return client.get(f"{ALL}current/").json()


@SUMMER
def test_current_of_a_stranger_is_utc(client):
    """TZ-05"""
    assert current(client) == {
        "timezone": "UTC",
        "source": "default",
        "chosen": False,
        "time_format": "24h",
        "now": "2026-07-01T12:00:00+00:00",
    }


@pytest.mark.parametrize(
    ("moment", "now"),
    [
        (datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC), "2026-03-29T00:59:59+00:00"),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "2026-03-29T02:00:00+01:00"),
        (datetime(2026, 10, 25, 0, 59, 59, tzinfo=UTC), "2026-10-25T01:59:59+01:00"),
        (datetime(2026, 10, 25, 1, 0, tzinfo=UTC), "2026-10-25T01:00:00+00:00"),
    ],
)
def test_current_gives_the_offset_on_both_sides_of_summer_time(client, moment, now):
    """TZ-02"""
    client.cookies["timezone"] = "Europe/London"

    with time_machine.travel(moment, tick=False):
        assert current(client)["now"] == now


@SUMMER
def test_detect_is_remembered_without_a_session(client):
    """TZ-03"""
    answer = send(client, "detect", timezone="Asia/Tokyo")

    assert (answer.status_code, answer.json()["source"]) == (200, "browser")
    assert answer.json() == current(client)
    assert current(client)["now"] == "2026-07-01T21:00:00+09:00"
    assert not Session.objects.exists()


def test_detect_comes_after_a_choice(browser, ada):
    send(browser, "set", timezone="Europe/London")

    answer = send(browser, "detect", timezone="Asia/Tokyo").json()

    ada.refresh_from_db()
    assert (answer["timezone"], answer["source"], answer["chosen"]) == ("Europe/London", "preference", True)
    assert ada.timezone_preference == "Europe/London"


def test_detect_counts_for_a_person_who_never_chose(browser, ada):
    answer = send(browser, "detect", timezone="Asia/Tokyo").json()

    ada.refresh_from_db()
    assert (answer["timezone"], answer["source"], answer["chosen"]) == ("Asia/Tokyo", "browser", False)
    assert (ada.timezone_preference, ada.timezone_is_chosen) == ("UTC", False)


def test_set_with_an_account_is_kept_everywhere(browser, ada):
    """TZ-01"""
    send(browser, "set", timezone="Australia/Melbourne", time_format="12h")

    elsewhere = Client()
    elsewhere.force_login(User.objects.get())
    answer = current(elsewhere)
    assert (answer["timezone"], answer["source"], answer["time_format"]) == ("Australia/Melbourne", "preference", "12h")


def test_set_without_an_account_is_kept_for_the_session(client):
    send(client, "detect", timezone="Asia/Tokyo")
    send(client, "set", timezone="Europe/London", time_format="12h")

    answer = current(client)

    assert (answer["timezone"], answer["source"], answer["time_format"]) == ("Europe/London", "session", "12h")
    assert current(Client())["timezone"] == "UTC"


@pytest.mark.parametrize("address", ["set", "detect"])
@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc", "x" * 4096, "", None, 5, ["UTC"], {}, True, "\ud7ff"])
def test_what_is_no_zone_is_refused_by_name_of_the_field(browser, client, address, zone):
    """TZ-01: an unknown one is refused with 400."""
    for door in (browser, client):
        answer = send(door, address, timezone=zone)

        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["timezone"])
    assert "timezone" not in client.cookies


def test_set_with_a_nul_is_refused(client):
    answer = client.post(f"{ALL}set/", '{"timezone": "UTC\\u0000"}', content_type="application/json")

    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("address", "body", "field"),
    [
        ("set", {"timezone": "UTC", "time_format": "13h"}, "time_format"),
        ("set", {"timezone": "UTC", "zone": "UTC"}, "zone"),
        ("detect", {"timezone": "UTC", "time_format": "24h"}, "time_format"),
        ("set", {}, "timezone"),
    ],
)
def test_a_body_with_a_mistake_names_the_field(client, address, body, field):
    answer = send(client, address, **body)

    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


def test_set_by_a_foreign_page_is_refused(ada):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ada)

    assert send(browser, "set", timezone="Asia/Tokyo").status_code == 403


@SUMMER
def test_available_has_every_zone_with_todays_offset(client):
    """TZ-05: never empty."""
    answer = client.get(f"{ALL}available/").json()

    zones = {one["timezone"]: one for one in answer["results"]}
    assert answer["count"] == len(zones) > 400 and answer["next"] is None
    assert zones["Europe/London"] == {"timezone": "Europe/London", "offset": "+01:00", "abbreviation": "BST"}
    assert zones["America/St_Johns"]["offset"] == "-02:30"
    assert zones["Asia/Kathmandu"] == {"timezone": "Asia/Kathmandu", "offset": "+05:45", "abbreviation": "UTC+05:45"}


def test_available_in_pages(client):
    answer = client.get(f"{ALL}available/", {"per_page": 2, "page": 2}).json()

    assert len(answer["results"]) == 2 and answer["previous"] and answer["next"]


def test_available_with_winter_has_winters_offset(client):
    with time_machine.travel(datetime(2026, 1, 1, tzinfo=UTC), tick=False):
        zones = {one["timezone"]: one for one in client.get(f"{ALL}available/").json()["results"]}

    assert zones["Europe/London"]["offset"] == "+00:00"


def test_pages_follow_what_was_set(browser):
    send(browser, "set", timezone="Pacific/Auckland")

    assert "Times are shown in Pacific/Auckland (" in browser.get("/").content.decode()


def test_current_asks_for_session_and_person_only(browser, settings, django_assert_num_queries):
    current(browser)

    # Redis has a copy of the session; whether it stands comes with the person.
    with django_assert_num_queries(1 if settings.REDIS_URL else 2):
        current(browser)
