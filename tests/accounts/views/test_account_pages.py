"""The pages of one's own account: profile, browsers, tokens, times, data, deletion. AC-05, SE-01."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.models import ApiToken, User
from panels.models import PanelDownload, SavedPanel, Upload
from tests.accounts.acting import PASSWORD, Browser, queries_of, told

pytestmark = pytest.mark.django_db
PAGES = ("", "profile/", "sessions/", "tokens/", "timezone/", "data/", "delete/", "email/", "password/change/", "2fa/")
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
MINE = {"username": "lovelace", "first_name": "Ada", "last_name": "Lovelace", "organization": "Mill"}


@pytest.mark.parametrize("page", PAGES)
def test_strangers_are_led_to_sign_in_and_back(browser, page):
    answer = browser.get(f"/account/{page}")

    assert answer.status_code == 302
    assert answer["Location"].startswith(
        "/account/login/?next=%2Faccount%2F" if "%2F" in answer["Location"] else "/account/login/?next=/account/"
    )


def test_index_has_every_section_and_asks_a_constant_number_of_queries(signed_in, ada):
    before = queries_of(signed_in, "/account/")
    for number in range(20):
        ApiToken.objects.create(
            user=ada, name=str(number), digest=str(number), created_at=timezone.now(), expires_at=timezone.now()
        )

    page = signed_in.get("/account/").content.decode()

    assert queries_of(signed_in, "/account/") == before == 6
    for address in PAGES[1:]:
        assert f'href="/account/{address}"' in page
    assert "20 for programs" in page


def test_profile_is_saved_and_shown(signed_in):
    answer = signed_in.post("/account/profile/", MINE)

    page = signed_in.get("/account/").content.decode()
    assert answer["Location"] == "/account/"
    assert all(text in page for text in MINE.values())
    assert told()[-1] == ("PROFILE_UPDATE", "Changed the profile")
    assert Browser().sign_in("lovelace").status_code == 302


@pytest.mark.parametrize("name", ["ab", "a@b.org", "a b c", "bob", "BOB", "x" * 81, ""])
def test_profile_with_a_bad_name_keeps_what_was_typed_and_says_why(signed_in, name):
    User.objects.create_user("bob", "bob@example.org")

    answer = signed_in.post("/account/profile/", {**MINE, "username": name})

    page = answer.content.decode()
    assert answer.status_code == 400 and 'id="id_username_error"' in page and 'value="Lovelace"' in page
    assert User.objects.filter(username="ada").exists()


def test_sessions_are_told_in_words_and_this_one_is_marked(signed_in, ada):
    other = Browser(headers={"user-agent": FIREFOX})
    other.sign_in("ada")

    page = other.get("/account/sessions/").content.decode()

    assert page.count("<tr>") == 3 and page.count("this browser") == 1
    assert 'Firefox on Windows <span class="tag">this browser' in page and "127.0.0.1" in page
    assert FIREFOX not in page


def test_end_one_session_holds_from_its_next_request(signed_in, ada):
    """SE-01"""
    other = Browser()
    other.sign_in("ada")
    page = signed_in.get("/account/sessions/").content.decode()
    action = page.split('<td><form method="post" action="')[1].split('"')[0]

    signed_in.post(action)

    assert (signed_in.is_signed_in(), other.is_signed_in()) == (True, False)


def test_end_all_others(signed_in, ada):
    others = [Browser(), Browser()]
    for one in others:
        one.sign_in("ada")

    signed_in.post("/account/sessions/end-others/")

    assert [one.is_signed_in() for one in (signed_in, *others)] == [True, False, False]


def test_end_somebody_elses_session_is_404(signed_in):
    User.objects.create_user("bob", "bob@example.org", PASSWORD, is_verified=True)
    bob = Browser()
    bob.sign_in("bob")
    page = bob.get("/account/sessions/")
    pk = page.context["sessions"][0]["pk"]

    answers = [signed_in.post(f"/account/sessions/{number}/end/").status_code for number in (pk, 10**30)]

    assert answers == [404, 404] and bob.is_signed_in()


def test_list_of_sessions_does_not_grow_in_queries(signed_in, ada):
    before = queries_of(signed_in, "/account/sessions/")
    for _ in range(12):
        Browser().sign_in("ada")

    assert queries_of(signed_in, "/account/sessions/") == before == 3


def test_token_is_shown_once_and_works(signed_in):
    answer = signed_in.post("/account/tokens/", {"name": "nightly", "scope": "read", "days": "30"})
    text = answer.content.decode().split('id="new-token">')[1].split("<")[0]
    later = signed_in.get("/account/tokens/").content.decode()

    used = Browser().get("/api/v1/users/me/", headers={"authorization": f"Bearer {text}"})

    assert used.json()["username"] == "ada"
    assert text not in later and text[:8] in later and "nightly" in later
    assert not ApiToken.objects.filter(digest=text).exists()
    assert "never" in later and "never" not in signed_in.get("/account/tokens/").content.decode()


def test_revoked_token_stops_at_once(signed_in):
    answer = signed_in.post("/account/tokens/", {"name": "nightly", "scope": "write", "days": "365"})
    text = answer.content.decode().split('id="new-token">')[1].split("<")[0]

    signed_in.post(f"/account/tokens/{ApiToken.objects.get().pk}/revoke/")
    used = Browser().get("/api/v1/users/me/", headers={"authorization": f"Bearer {text}"})

    assert used.status_code == 401
    assert "There are none." in signed_in.get("/account/tokens/").content.decode()


def test_token_that_ended_is_refused_and_says_so_on_the_page(signed_in):
    answer = signed_in.post("/account/tokens/", {"name": "nightly", "scope": "read", "days": "30"})
    text = answer.content.decode().split('id="new-token">')[1].split("<")[0]

    with time_machine.travel(timezone.now() + timedelta(days=31), tick=False):
        used = Browser().get("/api/v1/users/me/", headers={"authorization": f"Bearer {text}"})
        signed_in.sign_in("ada")
        page = signed_in.get("/account/tokens/").content.decode()

    assert used.status_code == 401 and "ended" in page


@pytest.mark.parametrize(
    "typed", [{"name": ""}, {"name": "x" * 101}, {"scope": "admin"}, {"days": "0"}, {"days": "9999"}, {"days": "x"}]
)
def test_token_with_a_bad_field_is_not_made(signed_in, typed):
    answer = signed_in.post("/account/tokens/", {"name": "a", "scope": "read", "days": "30"} | typed)

    assert answer.status_code == 400 and "errorlist" in answer.content.decode()
    assert not ApiToken.objects.exists()


def test_somebody_elses_token_is_404(signed_in):
    bob = User.objects.create_user("bob", "bob@example.org")
    now = timezone.now()
    token = ApiToken.objects.create(user=bob, name="his", digest="d", created_at=now, expires_at=now)

    answer = signed_in.post(f"/account/tokens/{token.pk}/revoke/")

    token.refresh_from_db()
    assert (answer.status_code, token.revoked_at) == (404, None)


def test_time_zone_and_clock_hold_from_the_next_page(signed_in):
    """TZ-01"""
    answer = signed_in.post("/account/timezone/", {"timezone": "Asia/Kathmandu", "time_format": "12h"})

    assert answer["Location"] == "/account/"
    assert "Asia/Kathmandu" in signed_in.get("/catalogue/").content.decode()
    assert signed_in.post("/account/timezone/", {"timezone": "Mars", "time_format": "12h"}).status_code == 400


def test_data_holds_what_every_app_knows_and_no_secret(signed_in, ada):
    signed_in.post("/uploads/", {"text": "BRCA1 TP53", "name": "mine"})
    SavedPanel.objects.create(name="Hearts", owner=ada)
    PanelDownload.objects.create(user=ada, ip_address="192.0.2.7", panel_ids="uk:245@4.3", list_types="green")

    answer = signed_in.post("/account/data/")

    found = json.loads(answer.content)
    assert answer["Content-Disposition"] == 'attachment; filename="panelmerge-my-data.json"'
    assert found["profile"]["email"] == "ada@example.org"
    assert [one["name"] for one in found["uploads"]] == ["mine"]
    assert [one["name"] for one in found["saved_panels"]] == ["Hearts"]
    assert [one["panels"] for one in found["downloads"]] == ["uk:245@4.3"]
    assert ada.password not in answer.content.decode() and signed_in.session.session_key not in answer.content.decode()
    assert told()[-1] == ("DATA_EXPORT", "Downloaded what is held about them")


def test_data_is_handed_out_by_post_alone(signed_in):
    assert "application/json" not in signed_in.get("/account/data/")["Content-Type"]


def test_delete_asks_for_the_password_then_takes_what_is_personal(signed_in, ada):
    SavedPanel.objects.create(name="Hearts", owner=ada)
    signed_in.post("/uploads/", {"text": "BRCA1 TP53"})
    asked = signed_in.post("/account/delete/")
    before = User.objects.get().is_active
    signed_in.prove()

    answer = signed_in.post("/account/delete/")

    gone = User.objects.get()
    assert (asked["Location"].split("?")[0], before) == ("/account/reauthenticate/", True)
    assert answer.status_code == 302 and not signed_in.is_signed_in()
    assert (gone.username, gone.email, gone.is_active) == (
        f"deleted-{ada.pk}",
        f"deleted-{ada.pk}@panelmerge.local",
        False,
    )
    assert SavedPanel.objects.get().status == "ARCHIVED" and not Upload.objects.exists()
    assert Browser().sign_in("ada").status_code == 200


def test_delete_says_what_goes_and_what_stays(signed_in):
    signed_in.prove()

    page = signed_in.get("/account/delete/").content.decode()

    assert "Panels you saved are archived" in page and "record of changes keeps" in page


def test_delete_of_the_last_administrator_is_refused(signed_in, settings):
    settings.MFA_REQUIRED_FOR_ADMINS = False
    User.objects.update(role="ADMIN")
    signed_in.prove()

    answer = signed_in.post("/account/delete/")

    assert answer.status_code == 409 and "last administrator" in answer.content.decode()
    assert User.objects.get().is_active
