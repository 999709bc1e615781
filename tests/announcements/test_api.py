"""announcements/: the active ones, for whoever asks. AN-01."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from announcements.actions import dismiss

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/announcements/"
THEN = datetime(2999, 1, 1, tzinfo=UTC)


def test_a_stranger_gets_what_is_for_everyone(announce, client):
    one = announce(message_type="warning", message="<b>bold</b>", expires_at=THEN)
    announce("staff", audience="staff")
    announce("later", starts_at=THEN)

    answer = client.get(ADDRESS).json()

    [told] = answer["results"]
    assert {**answer, "results": []} == {"count": 1, "next": None, "previous": None, "results": []}
    assert datetime.fromisoformat(told.pop("created_at")) == one.__class__.objects.get(pk=one.pk).created_at
    assert told == {
        "id": one.pk,
        "title": "Tonight",
        "message": "<b>bold</b>",
        "message_type": "warning",
        "audience": "everyone",
        "starts_at": None,
        "expires_at": "2999-01-01T00:00:00Z",
    }


@pytest.mark.parametrize(("role", "count"), [("USER", 1), ("AUDITOR", 2)])
def test_people_get_what_is_for_them(person, announce, client, role, count):
    announce("in", audience="signed_in")
    announce("staff", audience="staff")
    client.force_login(person(role))

    assert client.get(ADDRESS).json()["count"] == count


def test_what_was_dismissed_on_a_page_is_still_told(person, announce, client):
    dismiss(announcement=announce(), by=person("USER"))
    client.force_login(person("USER"))

    assert client.get(ADDRESS).json()["count"] == 1


@pytest.mark.parametrize("number", [1, 40])
def test_any_number_costs_two_queries(announce, client, django_assert_num_queries, number):
    for place in range(number):
        announce(str(place))

    with django_assert_num_queries(2):
        answer = client.get(ADDRESS, {"per_page": 100})

    assert len(answer.json()["results"]) == number


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_is_written_here(person, client, method):
    client.force_login(person("ADMIN"))

    assert getattr(client, method)(ADDRESS, {}, content_type="application/json").status_code == 405
