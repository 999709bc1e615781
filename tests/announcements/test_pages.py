"""Announcements on the pages: seen by whom they are for, at once, safely, and dismissed without JavaScript. AN-01."""

from __future__ import annotations

import html
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.contrib.sessions.models import Session
from django.test import Client

from announcements.models import AdminMessage, Dismissal
from announcements.templatetags.announcing import linked

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
INFO = "\N{INFORMATION SOURCE} Information"
HTMX = {"HX-Request": "true"}


def shown(client: Client, address: str = "/genes/") -> list[str]:
    page = BeautifulSoup(client.get(address).content, "html.parser")
    return [one.get_text() for one in page.select("#announcements strong")]


@pytest.mark.parametrize("address", ["/", "/catalogue/", "/genes/", "/matrix/"])
def test_every_page_shows_it_with_sign_word_and_role(announce, client, address):
    announce(message_type="warning")
    announce("Broken", message_type="error")

    page = BeautifulSoup(client.get(address).content, "html.parser")

    assert shown(client, address) == ["✕ Problem: Broken", "⚠ Warning: Tonight"]
    assert [one["role"] for one in page.select("#announcements > div")] == ["alert", "status"]


@pytest.mark.parametrize(
    ("role", "read"),
    [(None, ["everyone"]), ("USER", ["signed_in", "everyone"]), ("EDITOR", ["staff", "signed_in", "everyone"])],
)
def test_page_shows_what_is_meant_for_the_reader(person, announce, role, read):
    for audience in ("everyone", "signed_in", "staff"):
        announce(audience, audience=audience)
    browser = Client()
    if role:
        browser.force_login(person(role))

    assert [title.rpartition(": ")[2] for title in shown(browser)] == read


def test_page_without_announcements_has_no_place_for_them(client):
    assert "announcements" not in client.get("/genes/").content.decode()


def test_expiry_is_kept_to_the_second_and_needs_no_restart(announce, client):
    announce(starts_at=NOON, expires_at=NOON + timedelta(minutes=1))

    seen = []
    for seconds in (-1, 0, 59, 60):
        with time_machine.travel(NOON + timedelta(seconds=seconds), tick=False):
            seen.append(len(shown(client)))

    assert seen == [0, 1, 1, 0]


def test_switching_in_the_database_counts_for_the_next_page(announce, client):
    announce()
    before = shown(client)

    AdminMessage.objects.update(is_active=False)

    assert (len(before), shown(client)) == (1, [])


@pytest.mark.parametrize("number", [0, 1, 30])
@pytest.mark.parametrize("role", [None, "USER"])
def test_page_asks_one_query_for_any_number(
    person, announce, client, settings, django_assert_num_queries, number, role
):
    for place in range(number):
        announce(str(place))
    if role:
        client.force_login(person(role))
    client.get("/genes/")

    # Of a person also the session, which may come from Redis.
    signed_in = (1 if settings.REDIS_URL else 2) if role else 0
    with django_assert_num_queries(3 + signed_in):
        client.get("/genes/")


# --- What is written is text ------------------------------------------------------------------------------


def test_markup_is_shown_as_text(announce, client):
    announce("<script>alert(1)</script>", message='<img src=x onerror="alert(2)">\n</form>{{ 7 }}')

    page = client.get("/genes/").content.decode()

    assert "<script>alert" not in page and "<img" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "&lt;img src=x onerror=&quot;alert(2)&quot;&gt;<br>&lt;/form&gt;{{ 7 }}" in page


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("See https://example.org/a?b=1&c=2.", ["https://example.org/a?b=1&c=2"]),
        ("(http://a.example) and HTTPS://b.example!", ["http://a.example", "HTTPS://b.example"]),
        ("javascript:alert(1) data:text/html,x ftp://x vbscript:x", []),
        ("javascript://x.example/%0aalert(1)", []),
        ("mail a@example.org or www.example.org", []),
        ("say https:// or http://...", []),
    ],
)
def test_only_http_addresses_become_links(text, links):
    found = BeautifulSoup(linked(text), "html.parser")

    assert [one["href"] for one in found.select("a")] == links
    assert all(one["rel"] == ["noopener"] and one.get_text() == one["href"] for one in found.select("a"))
    assert found.get_text() == text


@pytest.mark.parametrize("sign", ["<", ">", '"', "'", "&"])
def test_an_address_cannot_break_out_of_its_link(sign):
    found = BeautifulSoup(linked(f"https://x.example/{sign} onmouseover=alert(1)"), "html.parser")

    assert [set(one.attrs) for one in found.select("a")] == [{"href", "rel"}]
    assert html.unescape(found.get_text()) == f"https://x.example/{sign} onmouseover=alert(1)"


# --- Dismissing ---------------------------------------------------------------------------------------------


def test_dismiss_without_an_account_holds_in_this_browser_and_makes_no_session(announce, client):
    one, other = announce(), announce("Tomorrow")

    answer = client.post(f"/announcements/{one.pk}/dismiss/", {"next": "/genes/?q=BRCA1"})

    assert (answer.status_code, answer["Location"]) == (302, "/genes/?q=BRCA1")
    assert shown(client) == [f"{INFO}: Tomorrow"]
    assert len(shown(Client())) == 2 and not Session.objects.exists() and not Dismissal.objects.exists()
    client.post(f"/announcements/{other.pk}/dismiss/")
    assert shown(client) == []


def test_dismiss_with_an_account_holds_in_every_browser(person, announce, client):
    one = announce()
    client.force_login(person("USER"))

    client.post(f"/announcements/{one.pk}/dismiss/")

    elsewhere = Client()
    elsewhere.force_login(person("USER"))
    assert shown(elsewhere) == [] and len(shown(Client())) == 1


def test_a_new_wording_is_shown_again_without_an_account(announce, client):
    one = announce()
    client.post(f"/announcements/{one.pk}/dismiss/")

    AdminMessage.objects.update(title="An hour later")

    assert shown(client) == [f"{INFO}: An hour later"]


def test_dismiss_with_htmx_gives_what_is_left(announce, client):
    one, _ = announce(), announce("Tomorrow")

    answer = client.post(f"/announcements/{one.pk}/dismiss/", {"next": "/genes/?q=x"}, headers=HTMX)

    left = BeautifulSoup(answer.content, "html.parser")
    assert [title.get_text() for title in left.select("strong")] == [f"{INFO}: Tomorrow"]
    assert [one["id"] for one in left.select("[id^=dismiss-]")] == ["dismiss-1", "dismiss-2"]
    assert left.select_one("[name=next]")["value"] == "/genes/?q=x"
    assert "<html" not in answer.content.decode()


def test_dismiss_the_last_with_htmx_says_so(announce, client):
    answer = client.post(f"/announcements/{announce().pk}/dismiss/", headers=HTMX)

    assert "Dismissed." in answer.content.decode()


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "", "\\\\x", "x"]
)
def test_dismiss_leads_to_no_other_site(announce, client, target):
    answer = client.post(f"/announcements/{announce().pk}/dismiss/", {"next": target})

    assert answer["Location"] == "/"


def test_dismiss_keeps_a_long_basket(announce, client):
    address = "/?" + "&".join(f"uk:{number}=green" for number in range(200))

    answer = client.post(f"/announcements/{announce().pk}/dismiss/", {"next": address})

    assert answer["Location"] == address


@pytest.mark.parametrize("columns", [{"audience": "staff"}, {"is_active": False}, {"expires_at": NOON}])
def test_dismiss_what_one_does_not_see_is_404(person, announce, client, columns):
    one = announce(**columns)
    client.force_login(person("USER"))

    answers = [client.post(f"/announcements/{pk}/dismiss/").status_code for pk in (one.pk, one.pk + 1, 10**30)]

    assert answers == [404, 404, 404]
    assert not Dismissal.objects.exists()


def test_dismiss_by_a_foreign_page_is_refused(announce):
    browser = Client(enforce_csrf_checks=True)

    assert browser.post(f"/announcements/{announce().pk}/dismiss/").status_code == 403
    assert browser.get(f"/announcements/{announce().pk}/dismiss/").status_code == 405


def test_a_made_up_cookie_hides_nothing(announce, client):
    announce()
    client.cookies["dismissed"] = "." * 2000 + "1-00000000.x"

    assert len(shown(client)) == 1


def test_the_cookie_does_not_grow_for_ever(announce, client):
    for place in range(60):
        client.post(f"/announcements/{announce(str(place)).pk}/dismiss/")

    assert len(client.cookies["dismissed"].value) < 1000
    assert len(shown(client)) == 10
