"""Sharing, links, discussion and teams on their pages. SP-16, SP-17."""

from __future__ import annotations

import pytest

from panels.actions.sharing import share_panel
from panels.models import PanelComment, PanelShare, Team
from tests.panels.views.library.test_pages import at, words

pytestmark = pytest.mark.django_db


def test_share_with_a_person_by_name_then_change_and_revoke(panel, alice, bob, reading):
    browser = reading(alice)

    browser.post(at(panel, "sharing"), {"with": "person", "user": "bob", "level": "EDIT", "ends": "2099-12-31"})
    share = PanelShare.objects.get()
    browser.post(at(panel, "sharing", share.pk), {"level": "VIEW", "ends": ""})
    share.refresh_from_db()

    assert (share.permission_level, share.expires_at) == ("VIEW", None)
    assert "Hearts" in words(reading(bob).get(at(panel)))
    browser.post(at(panel, "sharing", share.pk), {"revoke": "1"})
    reading(bob).get(at(panel), status=404)


def test_link_is_shown_once_and_opens_the_panel_without_an_account(panel, alice, reading):
    page = reading(alice).post(at(panel, "sharing"), {"with": "link"})
    link = page.find(id="new-link").get_text().removeprefix("http://testserver")

    opened = reading(None).client.get(link)

    assert "BRCA1" in opened.content.decode()
    assert opened["Referrer-Policy"] == "no-referrer"
    assert page.find(id="new-link").get_text() not in words(reading(alice).get(at(panel, "sharing")))
    assert reading(None).client.get("/shared/nonsense/").status_code == 404


@pytest.mark.parametrize(
    ("site", "begins"),
    [("https://panels.example.org", "https://panels.example.org/shared/"), ("", "http://testserver/")],
)
def test_link_is_shown_under_the_address_that_mails_have(panel, alice, reading, settings, site, begins):
    """Behind a proxy the request may have come under another."""
    settings.SITE_URL = site

    page = reading(alice).post(at(panel, "sharing"), {"with": "link"})

    assert page.find(id="new-link").get_text().startswith(begins)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"with": "person", "user": "nobody"}, "Nobody has this user name"),
        ({"with": "person", "user": "bob", "ends": "tomorrow"}, "Write the day as 2026-12-31"),
        ({"with": "person", "user": "bob", "ends": "2026-02-31"}, "Write the day as 2026-12-31"),
        ({"with": "person", "user": "bob", "level": "OWNER"}, "one of VIEW"),
        ({"with": "team", "team": "77"}, "no such team"),
    ],
)
def test_share_that_makes_no_sense_is_refused_and_kept(panel, alice, bob, reading, said, told):
    page = reading(alice).post(at(panel, "sharing"), said, status=400)

    assert told in words(page)
    assert not PanelShare.objects.exists()


@pytest.mark.parametrize("team", ["\N{SUPERSCRIPT TWO}", "9" * 5_000, "cardiology", ""])
def test_a_team_that_is_no_number_is_refused(panel, alice, reading, team):
    page = reading(alice).post(at(panel, "sharing"), {"with": "team", "team": team}, status=400)

    assert "Share with one person, one team, or by one link." in words(page)
    assert PanelShare.objects.count() == 0


def test_who_may_not_share_sees_no_list_of_shares(panel, alice, bob, carol, reading):
    share_panel(panel=panel.pk, by=alice, user="bob", level="EDIT")
    share_panel(panel=panel.pk, by=alice, user="carol", level="VIEW")

    assert "carol" not in words(reading(bob).get(at(panel, "sharing")).main)
    reading(bob).post(at(panel, "sharing"), {"with": "link"}, status=403)


def test_remarks_on_a_panel_and_on_a_gene(panel, alice, bob, reading):
    share_panel(panel=panel.pk, by=alice, user="bob", level="COMMENT")
    browser = reading(bob)

    browser.post(at(panel, "discussion"), {"text": "Is <b>TTN</b> right?", "gene": "ttn"})
    refused = browser.post(at(panel, "discussion"), {"text": "And this?", "gene": "MYH7"}, status=400)

    assert PanelComment.objects.get().entity_name == "TTN"
    assert "is not in this panel" in words(refused) and refused.find(id="text").get_text() == "And this?"
    page = reading(alice).get(at(panel, "discussion"))
    assert "Is <b>TTN</b> right?" in words(page) and page.main.find("b") is None


def test_who_only_views_says_nothing(panel, alice, bob, reading):
    share_panel(panel=panel.pk, by=alice, user="bob", level="VIEW")

    reading(bob).post(at(panel, "discussion"), {"text": "x"}, status=403)

    assert "Say something" not in words(reading(bob).get(at(panel, "discussion")))


def test_team_is_founded_filled_and_left(editor, bob, reading):
    browser = reading(editor)
    browser.post("/teams/", {"name": "Cardiology"})
    team = Team.objects.get()
    address = f"/teams/{team.pk}/"

    browser.post(address, {"act": "add", "user": "bob"})
    browser.post(address, {"act": f"manager:{bob.pk}"})
    last = browser.post(address, {"act": f"remove:{editor.pk}"})

    assert "You have left the team" in words(last)
    assert "bob (manager)" in words(reading(bob).get("/teams/"))
    reading(editor).get(address, status=404)
    assert "last manager" in words(reading(bob).post(address, {"act": f"remove:{bob.pk}"}, status=409))


def test_who_may_not_found_a_team_is_told_who_does(bob, reading):
    assert "Editors and administrators found teams" in words(reading(bob).get("/teams/"))
    reading(bob).post("/teams/", {"name": "x"}, status=403)
