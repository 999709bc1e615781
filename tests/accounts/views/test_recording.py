"""Every act is recorded in its transaction: where the record cannot be written, nothing is changed."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core import mail

from accounts.models import ApiToken, PasswordHistory, User
from tests.accounts.acting import NEW_PASSWORD, PASSWORD, Browser, break_the_record, code_of, mailed_path

pytestmark = pytest.mark.django_db


def test_sign_up_without_a_record_makes_nobody_and_sends_nothing(browser, monkeypatch):
    break_the_record(monkeypatch)

    answer = browser.post("/account/signup/", {"email": "ada@example.org", "password1": PASSWORD})

    assert answer.status_code == 503
    assert not User.objects.exists() and not EmailAddress.objects.exists() and not mail.outbox


def test_confirming_without_a_record_leaves_the_account_shut(browser, monkeypatch):
    browser.post("/account/signup/", {"email": "ada@example.org", "password1": PASSWORD})
    break_the_record(monkeypatch)

    answer = browser.post(mailed_path())

    assert answer.status_code == 503 and not EmailAddress.objects.get().verified


def test_sign_in_without_a_record_opens_no_session(ada, browser, monkeypatch):
    break_the_record(monkeypatch)

    answer = browser.sign_in("ada")

    assert answer.status_code == 503 and not UserSession.objects.exists()


def test_sign_out_without_a_record_says_so_and_leaves_the_session(signed_in, monkeypatch):
    break_the_record(monkeypatch)

    answer = signed_in.post("/account/logout/")

    assert answer.status_code == 503 and UserSession.objects.exists()


def test_password_change_without_a_record_keeps_the_old_one(signed_in, monkeypatch):
    kept = list(PasswordHistory.objects.values_list("password_hash", flat=True))
    break_the_record(monkeypatch)

    answer = signed_in.post(
        "/account/password/change/", {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    )

    assert answer.status_code == 503 and User.objects.get().check_password(PASSWORD)
    assert list(PasswordHistory.objects.values_list("password_hash", flat=True)) == kept and not mail.outbox


def test_password_reset_without_a_record_keeps_the_old_one(ada, browser, monkeypatch):
    browser.post("/account/password/reset/", {"email": "ada@example.org"})
    form = browser.get(mailed_path(), follow=True).redirect_chain[-1][0]
    break_the_record(monkeypatch)

    answer = browser.post(form, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})

    assert answer.status_code == 503 and User.objects.get().check_password(PASSWORD)


def test_asking_for_another_address_without_a_record_asks_nobody(signed_in, monkeypatch):
    signed_in.prove()
    break_the_record(monkeypatch)

    answer = signed_in.post("/account/email/", {"email": "new@example.org", "action_add": "1"})

    assert answer.status_code == 503
    assert EmailAddress.objects.count() == 1 and not mail.outbox


def test_another_address_without_a_record_is_not_taken(signed_in, monkeypatch):
    signed_in.prove()
    signed_in.post("/account/email/", {"email": "new@example.org", "action_add": "1"})
    break_the_record(monkeypatch)

    answer = signed_in.post(mailed_path())

    assert answer.status_code == 503 and User.objects.get().email == "ada@example.org"
    assert EmailAddress.objects.get(primary=True).email == "ada@example.org"


@pytest.mark.parametrize(
    ("address", "typed"),
    [
        ("profile/", {"username": "lovelace"}),
        ("timezone/", {"timezone": "Asia/Tokyo", "time_format": "12h"}),
        ("tokens/", {"name": "nightly", "scope": "read", "days": "30"}),
        ("sessions/end-others/", {}),
        ("data/", {}),
        ("delete/", {}),
    ],
)
def test_a_page_of_the_account_without_a_record_changes_nothing(signed_in, monkeypatch, address, typed):
    Browser().sign_in("ada")
    signed_in.prove()
    before = User.objects.values().get()
    break_the_record(monkeypatch)

    answer = signed_in.post(f"/account/{address}", typed)

    assert answer.status_code == 503 and "record of changes" in answer.content.decode()
    assert User.objects.values().get() == before
    assert (ApiToken.objects.count(), UserSession.objects.count()) == (0, 2)


def test_second_factor_without_a_record_is_not_switched_on(signed_in, monkeypatch):
    signed_in.prove()
    signed_in.get("/account/2fa/totp/activate/")
    key = signed_in.session["mfa.totp.secret"]
    break_the_record(monkeypatch)

    answer = signed_in.post("/account/2fa/totp/activate/", {"code": code_of(key)})

    assert answer.status_code == 503 and not Authenticator.objects.exists()


def test_second_factor_without_a_record_is_not_switched_off(signed_in, monkeypatch):
    signed_in.switch_on()
    break_the_record(monkeypatch)

    answer = signed_in.post("/account/2fa/totp/deactivate/")

    assert answer.status_code == 503 and Authenticator.objects.count() == 2


def test_recovery_codes_without_a_record_are_neither_used_nor_made(signed_in, monkeypatch):
    signed_in.switch_on()
    codes = signed_in.recovery_codes()
    elsewhere = Browser()
    elsewhere.sign_in("ada")
    break_the_record(monkeypatch)

    used = elsewhere.post("/account/2fa/authenticate/", {"code": codes[0]})
    made = signed_in.post("/account/2fa/recovery-codes/generate/")

    assert (used.status_code, made.status_code) == (503, 503)
    assert signed_in.recovery_codes() == codes and not elsewhere.is_signed_in()
