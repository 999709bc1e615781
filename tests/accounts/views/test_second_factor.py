"""The second factor: asked for, each code once, guesses counted, secrets encrypted."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from accounts.models import User
from tests.accounts.acting import PASSWORD, Browser, code_of, told

pytestmark = pytest.mark.django_db
LATER = timedelta(seconds=90)


def second_step(browser: Browser, code: str):
    return browser.post("/account/2fa/authenticate/", {"code": code})


def test_sign_in_asks_for_the_code_and_is_none_without_it(signed_in):
    key = signed_in.switch_on()
    elsewhere = Browser()

    first = elsewhere.sign_in("ada")
    between = elsewhere.is_signed_in()
    second = second_step(elsewhere, code_of(key))

    assert (first["Location"], between) == ("/account/2fa/authenticate/", False)
    assert (second.status_code, elsewhere.is_signed_in()) == (302, True)


def test_a_code_works_once_whatever_the_cache_remembers(signed_in):
    """SE-01: a flushed or absent Redis makes no code good again, and none bad."""
    key = signed_in.switch_on()
    one, other = Browser(), Browser()
    one.sign_in("ada")
    other.sign_in("ada")

    first = second_step(one, code_of(key))
    cache.clear()
    again = second_step(other, code_of(key))

    assert (first.status_code, again.status_code) == (302, 200)
    assert not other.is_signed_in()


def test_an_older_code_than_the_last_is_refused(signed_in):
    key = signed_in.switch_on()
    one, other = Browser(), Browser()
    one.sign_in("ada")
    other.sign_in("ada")

    second_step(one, code_of(key, +1))
    second_step(other, code_of(key))

    assert one.is_signed_in() and not other.is_signed_in()


@pytest.mark.parametrize("periods", [-10, -2, 2, 10])
def test_codes_of_another_time_are_refused(signed_in, periods):
    key = signed_in.switch_on()
    elsewhere = Browser()
    elsewhere.sign_in("ada")

    answer = second_step(elsewhere, code_of(key, periods))

    assert "That code is not right" in answer.content.decode() and not elsewhere.is_signed_in()


@pytest.mark.parametrize("code", ["", " ", "123", "x" * 3000, "١٢٣٤٥٦", "000000000000", "\0"])
def test_what_is_no_code_is_refused(signed_in, code):
    signed_in.switch_on()
    elsewhere = Browser()
    elsewhere.sign_in("ada")

    answer = second_step(elsewhere, code)

    assert answer.status_code == 200 and not elsewhere.is_signed_in()


def test_guessing_codes_is_locked_like_guessing_passwords(signed_in, settings):
    """Six digits are soon guessed by somebody who knows the password."""
    key = signed_in.switch_on()
    thief = Browser()
    thief.sign_in("ada")

    answers = [second_step(thief, "000000").status_code for _ in range(settings.MAX_LOGIN_ATTEMPTS + 1)]
    right = second_step(thief, code_of(key))

    assert answers[0] == 200 and answers[-1] == 429
    assert (right.status_code, right["Retry-After"]) == (429, str(settings.LOCKOUT_DURATION))
    assert not thief.is_signed_in() and signed_in.is_signed_in()
    assert "000000" not in "".join(AccessAttempt.objects.values_list("post_data", flat=True))


def test_the_lock_ends(signed_in, settings):
    key = signed_in.switch_on()
    elsewhere = Browser()
    elsewhere.sign_in("ada")
    for _ in range(settings.MAX_LOGIN_ATTEMPTS):
        second_step(elsewhere, "000000")

    with time_machine.travel(timezone.now() + timedelta(seconds=settings.LOCKOUT_DURATION + 60), tick=False):
        elsewhere.sign_in("ada")
        answer = second_step(elsewhere, code_of(key))

    assert answer.status_code == 302


def test_each_recovery_code_works_once(signed_in):
    signed_in.switch_on()
    code, other = signed_in.recovery_codes()[:2]

    results = []
    for typed in (code, code, other):
        elsewhere = Browser()
        elsewhere.sign_in("ada")
        second_step(elsewhere, typed)
        results.append(elsewhere.is_signed_in())

    assert results == [True, False, True]
    assert len(signed_in.recovery_codes()) == 8
    assert ("MFA_EVENT", "Used a recovery code; 8 are left") in told()


def test_new_recovery_codes_kill_the_old(signed_in):
    signed_in.switch_on()
    old = signed_in.recovery_codes()

    signed_in.post("/account/2fa/recovery-codes/generate/")
    elsewhere = Browser()
    elsewhere.sign_in("ada")
    second_step(elsewhere, old[0])

    assert not set(old) & set(signed_in.recovery_codes())
    assert not elsewhere.is_signed_in()


def test_secrets_lie_encrypted_in_the_database(signed_in):
    """EN-03"""
    key = signed_in.switch_on()
    codes = signed_in.recovery_codes()

    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM mfa_authenticator")
        stored = " ".join(str(row[0]) for row in cursor.fetchall())

    assert stored.count("pm1:") == 2
    assert not any(secret in stored for secret in (key, *codes))


def test_switch_on_asks_for_the_password_and_tells_the_owner(signed_in):
    asked = signed_in.get("/account/2fa/totp/activate/")
    signed_in.switch_on()

    assert asked["Location"].startswith("/account/reauthenticate/")
    assert mail.outbox[-1].subject == "[PanelMerge] The second factor is on"
    assert ("MFA_EVENT", "Switched on: TOTP Authenticator") in told()


def test_switch_on_with_a_wrong_code_keeps_the_key_that_was_shown(signed_in):
    signed_in.prove()
    signed_in.get("/account/2fa/totp/activate/")
    key = signed_in.session["mfa.totp.secret"]

    answer = signed_in.post("/account/2fa/totp/activate/", {"code": "000000"})

    assert key in answer.content.decode() and "That code is not right" in answer.content.decode()
    assert not Authenticator.objects.exists()


def test_switch_off_needs_a_proof_and_takes_the_recovery_codes(signed_in):
    key = signed_in.switch_on()
    with time_machine.travel(timezone.now() + timedelta(minutes=20), tick=False):
        asked = signed_in.post("/account/2fa/totp/deactivate/")
        signed_in.post("/account/2fa/reauthenticate/?next=/account/", {"code": code_of(key)})
        signed_in.post("/account/2fa/totp/deactivate/")

    assert "reauthenticate" in asked["Location"]
    assert not Authenticator.objects.exists()
    assert ("MFA_EVENT", "Switched off: TOTP Authenticator") in told()


def test_proving_oneself_by_code_does_not_take_a_used_one(signed_in):
    key = signed_in.switch_on()
    elsewhere = Browser()
    elsewhere.sign_in("ada")
    second_step(elsewhere, code_of(key))

    answer = elsewhere.post("/account/2fa/reauthenticate/?next=/account/", {"code": code_of(key)})

    assert answer.status_code == 200 and "That code is not right" in answer.content.decode()


def test_a_forgotten_password_does_not_pass_by_the_second_factor(signed_in, ada):
    """A mailbox alone opens nothing."""
    signed_in.switch_on()
    stranger = Browser()
    stranger.post("/account/password/reset/", {"email": "ada@example.org"})
    path = next(part for part in mail.outbox[-1].body.split() if "/password/reset/key/" in part)
    form = stranger.get(path.replace("http://testserver", ""), follow=True).redirect_chain[-1][0]
    stranger.post(form, {"password1": "seven quiet rivers", "password2": "seven quiet rivers"})

    stranger.sign_in("ada", "seven quiet rivers")

    assert not stranger.is_signed_in() and User.objects.get().check_password("seven quiet rivers")
    assert PASSWORD not in mail.outbox[-1].body
