"""Codes of the second factor cannot be guessed through."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.db import DatabaseError
from django.utils import timezone

from accounts.codes import CODES_IN_AN_HOUR
from accounts.models import RateWindow, User
from audit.models import AuditLog

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-password"
SECRET = "JBSWY3DPEHPK3PXP"


@pytest.fixture
def ada(client):
    """With a second factor, and past the password."""
    person = User.objects.create_user("ada", "ada@example.org", PASSWORD, is_verified=True)
    TOTP.activate(person, SECRET)
    answer = client.post("/account/login/", {"login": "ada", "password": PASSWORD})
    assert answer["Location"].startswith("/account/2fa/authenticate/")
    return person


def right() -> str:
    return format_hotp_value(hotp_value(SECRET, next(iter(yield_hotp_counters_from_time()))))


def give(client, code: str):
    return client.post("/account/2fa/authenticate/", {"code": code})


def test_after_ten_wrong_codes_the_right_one_is_not_taken(client, ada):
    for _ in range(CODES_IN_AN_HOUR):
        give(client, "x")

    answer = give(client, right())

    assert answer.context["form"].errors["code"][0].startswith("10 codes were wrong. Wait 60 minutes, then try again.")
    assert "_auth_user_id" not in client.session
    assert AuditLog.objects.filter(action_type="MFA_EVENT", success=False).count() == CODES_IN_AN_HOUR


def test_the_right_code_gives_the_guesses_back(client, ada):
    for _ in range(CODES_IN_AN_HOUR - 1):
        give(client, "x")

    answer = give(client, right())

    assert answer.status_code == 302
    assert not RateWindow.objects.exists()


def test_codes_are_taken_again_after_an_hour(client, ada):
    for _ in range(CODES_IN_AN_HOUR):
        give(client, "x")
    with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=False):
        client.post("/account/login/", {"login": "ada", "password": PASSWORD})

        answer = give(client, right())

    assert answer.status_code == 302


def test_no_code_is_taken_that_cannot_be_counted(client, ada, monkeypatch):
    def broken(*args, **kwargs):
        raise DatabaseError("gone")

    monkeypatch.setattr("accounts.counters.RateWindow.objects.raw", broken)

    answer = give(client, right())

    assert "cannot be counted" in answer.context["form"].errors["code"][0]


def test_the_secret_of_the_test_is_encrypted_as_any(ada):
    kept = Authenticator.objects.get(user=ada, type="totp").data["secret"]

    assert SECRET not in kept and get_adapter().decrypt(kept) == SECRET
