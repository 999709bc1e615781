"""Passwords: changed, reset, and which are refused. AC-02."""

from __future__ import annotations

from itertools import pairwise

import pytest
from django.core import mail
from django.core.cache import cache

from accounts.models import ApiToken, PasswordHistory, User
from tests.accounts.acting import NEW_PASSWORD, PASSWORD, Browser, mailed_path, told

pytestmark = pytest.mark.django_db


def change(browser: Browser, new: str, old: str = PASSWORD):
    return browser.post("/account/password/change/", {"oldpassword": old, "password1": new, "password2": new})


def test_change_ends_the_other_browsers_and_keeps_this_one(signed_in, ada):
    """SE-01"""
    other = Browser()
    other.sign_in("ada")

    answer = change(signed_in, NEW_PASSWORD)

    assert answer["Location"] == "/account/"
    assert (signed_in.is_signed_in(), other.is_signed_in()) == (True, False)
    assert Browser().sign_in("ada").status_code == 200
    assert Browser().sign_in("ada", NEW_PASSWORD).status_code == 302


def test_change_is_told_to_the_owner_without_the_password(signed_in):
    change(signed_in, NEW_PASSWORD)

    [sent] = mail.outbox
    assert (sent.to, sent.subject) == (["ada@example.org"], "[PanelMerge] Your password was changed")
    assert NEW_PASSWORD not in sent.body and "127.0.0.1" in sent.body


@pytest.mark.parametrize(
    ("new", "why"),
    [
        ("short pass", "at least 12 characters"),
        ("x" * 1025, "at most 1024 characters"),
        ("password1234", "too common"),
        ("ada@example.org", "too similar"),
        (PASSWORD, "one of your last 5 passwords"),
    ],
)
def test_change_to_a_bad_password_says_why_beside_the_field(signed_in, new, why):
    answer = change(signed_in, new)

    page = answer.content.decode()
    assert answer.status_code == 200 and 'id="id_password1_error"' in page and why in page
    assert Browser().sign_in("ada").status_code == 302


@pytest.mark.parametrize("new", ["correct horse battery", "все лошади спят", "aaaaaaaaaaab", "  blanks at the ends  "])
def test_change_to_a_long_password_of_any_signs_is_taken(signed_in, new):
    change(signed_in, new)

    assert Browser().sign_in("ada", new).status_code == 302


def test_the_last_five_are_not_taken_again_and_the_sixth_is(signed_in, ada):
    used = [f"{word} violet horses" for word in ("one-and", "two-and", "three-and", "four-and", "five-and")]
    change(signed_in, used[0])
    for old, new in pairwise(used):
        change(signed_in, new, old)
    # Seven changes within a minute are too many otherwise.
    cache.clear()

    refused = change(signed_in, used[0], used[-1])
    change(signed_in, PASSWORD, used[-1])

    assert "one of your last 5 passwords" in refused.content.decode()
    assert Browser().sign_in("ada").status_code == 302
    assert PasswordHistory.objects.filter(user=ada).count() == 5


def test_change_with_a_wrong_password_now_changes_nothing(signed_in):
    answer = change(signed_in, NEW_PASSWORD, "not this one")

    assert answer.status_code == 200 and "That is not your password." in answer.content.decode()
    assert Browser().sign_in("ada").status_code == 302


def test_reset_by_the_mailed_link_ends_every_session_and_works_once(signed_in, ada):
    """SE-01"""
    stranger = Browser()
    stranger.post("/account/password/reset/", {"email": "Ada@Example.org"})
    path = mailed_path()

    form = stranger.get(path, follow=True).redirect_chain[-1][0]
    stranger.post(form, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    again = Browser().get(path, follow=True)

    assert not signed_in.is_signed_in()
    assert Browser().sign_in("ada", NEW_PASSWORD).status_code == 302
    assert "This link does not work" in again.content.decode()
    assert [sent.subject for sent in mail.outbox] == [
        "[PanelMerge] Set a new password",
        "[PanelMerge] Your password was reset",
    ]


def test_reset_does_not_bring_the_old_password_back(ada, browser):
    browser.post("/account/password/reset/", {"email": "ada@example.org"})
    form = browser.get(mailed_path(), follow=True).redirect_chain[-1][0]

    answer = browser.post(form, {"password1": PASSWORD, "password2": PASSWORD})

    assert answer.status_code == 200 and "one of your last 5 passwords" in answer.content.decode()


def test_reset_lifts_the_duty_to_choose_a_password(ada, browser):
    User.objects.update(must_change_password=True)
    browser.post("/account/password/reset/", {"email": "ada@example.org"})
    form = browser.get(mailed_path(), follow=True).redirect_chain[-1][0]

    browser.post(form, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})

    assert not User.objects.get().must_change_password
    assert ("PASSWORD_RESET", "Set a new password through the mailed link") in told()


def test_two_passwords_that_differ_are_told_beside_the_second(signed_in):
    answer = signed_in.post(
        "/account/password/change/",
        {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD + "x"},
    )

    assert answer.status_code == 200 and 'id="id_password2_error"' in answer.content.decode()


def test_a_password_that_was_typed_is_never_sent_back(signed_in):
    page = change(signed_in, "short pass", "not this one").content.decode()

    assert "short pass" not in page and "not this one" not in page
    assert not ApiToken.objects.exists()
