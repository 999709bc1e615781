"""``users/me/``. AC-05."""

from __future__ import annotations

import pytest

from accounts.models import User
from tests.accounts.acting import Browser, break_the_record, queries_of, told

pytestmark = pytest.mark.django_db
ME = "/api/v1/users/me/"


def change(browser: Browser, **fields):
    return browser.patch(ME, fields, content_type="application/json")


def test_get_tells_who_is_asking(signed_in, ada):
    assert signed_in.get(ME).json() == {
        "id": ada.pk,
        "username": "ada",
        "email": "ada@example.org",
        "first_name": "",
        "last_name": "",
        "organization": "",
        "role": "USER",
        "timezone": "UTC",
        "time_format": "24h",
    }


def test_strangers_get_401(browser):
    answers = [browser.get(ME), change(browser, first_name="Eve")]

    assert [answer.status_code for answer in answers] == [401, 401]


def test_patch_changes_what_is_named_and_records_it(signed_in):
    answer = change(signed_in, first_name="Ada", timezone="Europe/London", time_format="12h")

    found = signed_in.get(ME).json()
    assert answer.json() == found
    assert (found["first_name"], found["timezone"], found["time_format"]) == ("Ada", "Europe/London", "12h")
    assert [event for event, _ in told()][-2:] == ["PROFILE_UPDATE", "PROFILE_UPDATE"]


@pytest.mark.parametrize("field", ["id", "email", "role", "is_active", "password", "must_change_password"])
def test_patch_of_what_is_not_ones_own_to_change_is_refused_by_name(signed_in, field):
    """Nobody makes themselves an administrator."""
    before = User.objects.values().get()

    answer = change(signed_in, **{field: "ADMIN", "first_name": "Eve"})

    assert answer.status_code == 400 and field in answer.json()["errors"]
    assert User.objects.values().get() == before


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"timezone": "Mars/Olympus", "first_name": "Eve"}, "timezone"),
        ({"time_format": "13h"}, "time_format"),
        ({"username": "a@b.org"}, "username"),
        ({"username": "BOB"}, "username"),
        ({"first_name": "x" * 51}, "first_name"),
        ({"first_name": None}, "first_name"),
        ({"first_name": ["a"]}, "first_name"),
        ({"organization": {}}, "organization"),
    ],
)
def test_patch_with_a_bad_value_names_it_and_changes_nothing(signed_in, fields, named):
    User.objects.create_user("bob", "bob@example.org")

    answer = change(signed_in, **fields)

    assert answer.status_code == 400 and named in answer.json()["errors"]
    assert signed_in.get(ME).json()["first_name"] == ""


@pytest.mark.parametrize("body", ["[]", "1", "null", '"x"', "{"])
def test_patch_with_no_object_is_400(signed_in, body):
    assert signed_in.patch(ME, body, content_type="application/json").status_code == 400


def test_patch_without_a_record_changes_nothing(signed_in, monkeypatch):
    before = User.objects.values().get()
    break_the_record(monkeypatch)

    answer = change(signed_in, first_name="Ada", timezone="Asia/Tokyo")

    assert answer.status_code == 503 and User.objects.values().get() == before


def test_patch_of_the_clock_alone_keeps_the_zone(signed_in):
    change(signed_in, timezone="Asia/Tokyo")

    assert change(signed_in, time_format="12h").json()["timezone"] == "Asia/Tokyo"


def test_get_asks_for_the_person_and_nothing_else(signed_in):
    assert queries_of(signed_in, ME) == 1
