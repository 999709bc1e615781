"""What the tests of accounts share: a browser, mails with links, codes of the second factor."""

from __future__ import annotations

import re
from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.db import DatabaseError, connection
from django.http import HttpResponse
from django.test import Client, TestCase
from django.test.utils import CaptureQueriesContext

from audit.models import AuditLog

PASSWORD = "nine violet horses"
NEW_PASSWORD = "seven quiet rivers"


class Browser(Client):
    """Does what waits for the commit, as a request outside of a test would."""

    def request(self, **request: Any) -> HttpResponse:
        with TestCase.captureOnCommitCallbacks(execute=True):
            return super().request(**request)

    def sign_in(self, login: str, password: str = PASSWORD) -> HttpResponse:
        return self.post("/account/login/", {"login": login, "password": password})

    def prove(self, password: str = PASSWORD) -> HttpResponse:
        """Give the password once more."""
        return self.post("/account/reauthenticate/?next=/account/", {"password": password})

    def is_signed_in(self) -> bool:
        return self.get("/account/").status_code == 200

    def switch_on(self) -> str:
        """Switch the second factor on. Returns the key."""
        self.prove()
        self.get("/account/2fa/totp/activate/")
        key = self.session["mfa.totp.secret"]
        answer = self.post("/account/2fa/totp/activate/", {"code": code_of(key)})
        assert answer.status_code == 302, answer.content
        return key

    def recovery_codes(self) -> list[str]:
        page = self.get("/account/2fa/recovery-codes/").content.decode()
        return re.findall(r"<li><code>(\d{8})</code></li>", page)


def code_of(key: str, periods: int = 0) -> str:
    """What an app shows for the key now, or some periods of thirty seconds later."""
    now = list(yield_hotp_counters_from_time())[1]
    return format_hotp_value(hotp_value(key, now + periods))


def mailed_path(number: int = -1) -> str:
    """The address, without the host, of the first link in a mail that was sent."""
    return re.search(r"https?://[^/]+(/account/\S+)", mail.outbox[number].body)[1]


def told() -> list[tuple[str, str]]:
    """(action, description) of what was recorded, in order."""
    events = AuditLog.objects.exclude(action_type="GENE_NAMES_LOAD").order_by("pk")
    return list(events.values_list("action_type", "action_description"))


def queries_of(browser: Browser, address: str) -> int:
    """How many queries the address asks; the session's own may come from a cache or not."""
    browser.get(address)
    with CaptureQueriesContext(connection) as queries:
        browser.get(address)
    # Of the person's query the session's row is a part.
    return len([one for one in queries if not one["sql"].startswith('SELECT "django_session"')])


def break_the_record(monkeypatch) -> None:
    def fails(**columns):
        raise DatabaseError("the disk is full")

    monkeypatch.setattr(AuditLog.objects, "create", fails)
