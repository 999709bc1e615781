"""Days at the ends of the calendar: each that is taken is shown to people of every zone, the others are refused."""

from __future__ import annotations

import pytest

from panelmerge.lib.moments import BEYOND
from panels.models import PanelShare
from tests.panels.views.library.test_pages import at, words

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["Pacific/Auckland", "America/New_York"])
def zone(request, alice):
    alice.timezone_preference, alice.timezone_is_chosen = request.param, True
    alice.save()


@pytest.mark.parametrize(("end", "is_taken"), [("9998-12-31", True), ("9999-12-31", False), ("0001-01-01", False)])
def test_a_share_until_the_end_of_the_calendar(panel, alice, bob, reading, zone, end, is_taken):
    browser = reading(alice)
    told = browser.client.post(at(panel, "sharing"), {"with": "person", "user": "bob", "level": "EDIT", "ends": end})

    assert PanelShare.objects.count() == is_taken
    assert (BEYOND in told.content.decode()) is not is_taken
    assert ("9998" in words(browser.get(at(panel, "sharing")))) is is_taken


@pytest.mark.parametrize(
    ("end", "status"),
    [("9998-12-31T09:00:00-12:00", 201), ("9999-12-31T23:59:59Z", 400), ("9999-12-31T23:59:59-12:00", 400)],
)
def test_a_share_over_the_api_until_the_end_of_the_calendar(panel, alice, bob, reading, zone, end, status):
    client = reading(alice).client
    said = {"user": "bob", "permission_level": "VIEW", "expires_at": end}

    told = client.post(f"/api/v1/saved-panels/{panel.pk}/shares/", said, content_type="application/json")

    assert told.status_code == status, told.content
    assert client.get(f"/api/v1/saved-panels/{panel.pk}/shares/").status_code == 200
