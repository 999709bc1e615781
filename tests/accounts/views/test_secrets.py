"""No secret in any line of the log, nor in the record or the lockout's tables. F-23."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator

import pytest
from axes.models import AccessAttempt, AccessFailureLog
from django.conf import settings as django_settings
from django.core import mail
from django.utils.module_loading import import_string

from accounts.models import ApiToken
from audit.models import AuditLog
from panelmerge.lib.logline import LineFormatter
from tests.accounts.acting import Browser, break_the_record, code_of
from tests.fakes.provider import ACCESS_TOKEN, CODE, SECRET, FakeProvider

pytestmark = pytest.mark.django_db
FIRST, WRONG, SECOND, THIRD = (f"canary {word} password" for word in ("first", "wrong", "second", "third"))


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What an operator's handler writes under LOG_LEVEL=DEBUG, and more of it than the settings let through."""
    text, asked = io.StringIO(), django_settings.LOGGING
    handler = logging.StreamHandler(text)
    handler.setFormatter(LineFormatter())
    for name in asked["handlers"]["stderr"]["filters"]:
        handler.addFilter(import_string(asked["filters"][name]["()"])())
    loggers = [logging.getLogger(), *(logging.getLogger(name) for name in logging.root.manager.loggerDict)]
    loggers.remove(logging.getLogger("django.template"))
    before = [(one, one.level) for one in loggers]
    for one in loggers:
        one.setLevel(logging.DEBUG)
    # The stub provider is another server with a log of its own.
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    logging.getLogger().addHandler(handler)
    yield text
    logging.getLogger().removeHandler(handler)
    for one, level in before:
        one.setLevel(level)


def stands_in(text: str, secret: str) -> bool:
    """Six digits within a longer digest are chance."""
    if secret.isdecimal():
        return bool(re.search(rf"(?<![0-9a-zA-Z]){secret}(?![0-9a-zA-Z])", text))
    return secret in text


def keys_in_mails() -> list[str]:
    """What only the reader of a mail may know: the last part of each link."""
    links = re.findall(
        r"/account/(?:confirm-email|password/reset/key)/([^/\s]+)/", "\n".join(m.body for m in mail.outbox)
    )
    assert len(links) >= 2
    return links


def sign_up_and_reset(browser: Browser) -> set[str]:
    """Returns the secrets that passed through."""
    browser.post("/account/signup/", {"email": "ada@example.org", "password1": FIRST})
    confirm = re.search(r"/account/confirm-email/\S+", mail.outbox[-1].body)[0]
    browser.get(confirm + "x/")
    browser.post(confirm)
    browser.sign_in(WRONG, WRONG)
    browser.sign_in("ada@example.org", WRONG)
    browser.post("/account/password/reset/", {"email": "ada@example.org"})
    reset = re.search(r"/account/password/reset/key/\S+", mail.outbox[-1].body)[0]
    form = browser.get(reset, follow=True).redirect_chain[-1][0]
    browser.post(form, {"password1": SECOND, "password2": SECOND})
    browser.get(reset)
    browser.sign_in("ada@example.org", SECOND)
    return {
        FIRST,
        WRONG,
        SECOND,
        *keys_in_mails(),
        *(line for m in mail.outbox for line in m.body.splitlines() if "link" in line),
    }


def second_factor_and_tokens(browser: Browser) -> set[str]:
    browser.prove(SECOND)
    browser.get("/account/2fa/totp/activate/")
    key = browser.session["mfa.totp.secret"]
    browser.post("/account/2fa/totp/activate/", {"code": "987001"})
    browser.post("/account/2fa/totp/activate/", {"code": code_of(key)})
    recovery = browser.recovery_codes()
    other = Browser()
    other.sign_in("ada@example.org", SECOND)
    other.post("/account/2fa/authenticate/", {"code": "987002"})
    other.post("/account/2fa/authenticate/", {"code": recovery[0]})
    page = browser.post("/account/tokens/", {"name": "nightly", "scope": "write", "days": "30"}).content.decode()
    token = re.search(r'id="new-token">([^<]+)<', page)[1]
    Browser().get("/api/v1/users/me/", headers={"authorization": f"Bearer {token}"})
    Browser().get("/api/v1/users/me/", headers={"authorization": "Bearer pm_canary-unknown-token"})
    return {
        key,
        "987001",
        "987002",
        *recovery,
        token,
        "pm_canary-unknown-token",
        *cookies_of(browser),
        *cookies_of(other),
    }


def cookies_of(browser: Browser) -> set[str]:
    return {one.value for name, one in browser.cookies.items() if name != "messages" and one.value}


def provider_signs_in(provider: FakeProvider) -> set[str]:
    browser = Browser()
    provider.person |= {"email": "new@example.org"}
    page = browser.post("/account/oidc/oidc/login/?process=login").content.decode()
    state = re.search(r"state=(\w+)", page)[1]
    browser.get("/account/oidc/oidc/login/callback/", {"code": CODE, "state": state})
    browser.get("/account/oidc/oidc/login/callback/", {"code": "canary-other-code", "state": "canary-state"})
    verifier = provider.asked[0]["code_verifier"]
    return {SECRET, CODE, ACCESS_TOKEN, "canary-other-code", "canary-state", state, verifier, *cookies_of(browser)}


def everything_fails(browser: Browser, monkeypatch) -> set[str]:
    """Faults of ours, with secrets on their way: the log gets the traceback, the person a page."""
    browser.raise_request_exception = False

    def broken(*arguments, **named):
        raise RuntimeError("broken on purpose")

    with monkeypatch.context() as patched:
        patched.setattr("accounts.views.tokens.create_token", broken)
        patched.setattr("accounts.recording.remember_password", broken)
        patched.setattr("accounts.forms.check_code", broken)
        answers = [
            browser.post("/account/tokens/", {"name": "a", "scope": "read", "days": "30"}),
            browser.post("/account/password/change/", {"oldpassword": SECOND, "password1": THIRD, "password2": THIRD}),
            browser.post("/account/2fa/reauthenticate/?next=/account/", {"code": "987003"}),
        ]
    with monkeypatch.context() as patched:
        break_the_record(patched)
        stranger = Browser(raise_request_exception=False)
        stranger.post("/account/signup/", {"email": "eve@example.org", "password1": THIRD})
        answers.append(stranger.post("/account/login/", {"login": "ada@example.org", "password": "canary unseen"}))
    assert [answer.status_code for answer in answers] == [500, 500, 500, 503]
    assert not any("broken on purpose" in answer.content.decode() for answer in answers)
    return {THIRD, "987003", "canary unseen", *cookies_of(browser), *cookies_of(stranger)}


def test_no_secret_reaches_the_log_the_record_or_the_lockout(log, browser, httpserver, settings, monkeypatch):
    provider = FakeProvider(httpserver)
    settings.SOCIALACCOUNT_PROVIDERS = provider.settings

    canaries = sign_up_and_reset(browser) | second_factor_and_tokens(browser)
    canaries |= provider_signs_in(provider) | everything_fails(browser, monkeypatch)

    written = log.getvalue()
    kept = "\n".join(
        str(row) for model in (AuditLog, AccessAttempt, AccessFailureLog) for row in model.objects.values()
    )
    assert len(canaries) >= 40 and ApiToken.objects.exists()
    assert "broken on purpose" in written and "Traceback" in written
    assert [one for one in canaries if stands_in(written, one)] == []
    assert [one for one in canaries if stands_in(kept, one)] == []
