"""Nothing tells a stranger who has an account: same status, same page, same work. F-26."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from tests.accounts.acting import PASSWORD, Browser

pytestmark = pytest.mark.django_db
KNOWN, UNKNOWN = "ada@example.org", "eve@example.org"
SIGN_IN = ("/account/login/", lambda login: {"login": login, "password": "not the password"})
SIGN_UP = ("/account/signup/", lambda email: {"email": email, "password1": "eleven grey wolves"})
RESET = ("/account/password/reset/", lambda email: {"email": email})
FORMS = pytest.mark.parametrize(("address", "typed"), [SIGN_IN, SIGN_UP, RESET], ids=["sign-in", "sign-up", "reset"])


@pytest.fixture
def hashes(monkeypatch) -> Counter:
    """How many passwords were hashed, by what is slow in every hasher."""
    counted: Counter = Counter()
    encode = MD5PasswordHasher.encode

    def counting(self, password: str, salt: str) -> str:
        counted["hashes"] += 1
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counting)
    return counted


def answer_to(address: str, typed: Callable[[str], dict], name: str) -> dict:
    """All that a stranger could see of the answer and the pages afterwards, without what is different every time."""
    browser = Browser()
    browser.get(address)
    first = browser.post(address, typed(name))
    page = browser.get(first["Location"]) if first.status_code == 302 else first
    pages = [page, *(browser.get(after) for after in (SIGN_IN[0], SIGN_UP[0], RESET[0], "/account/"))]
    headers = {
        key: value for key, value in first.headers.items() if key not in ("X-Request-ID", "Content-Length", "Expires")
    }
    return {
        "statuses": [first.status_code, *((one.status_code, one.headers.get("Location")) for one in pages)],
        "headers": headers,
        "pages": [re.sub(r'value="\w{64}"', "", one.content.decode()).replace(name, "NAME") for one in pages],
        "cookies": {key: {k: v for k, v in one.items() if k != "expires"} for key, one in browser.cookies.items()},
    }


@FORMS
def test_known_and_unknown_get_the_same_answer(ada, address, typed):
    assert answer_to(address, typed, KNOWN) == answer_to(address, typed, UNKNOWN)


@FORMS
def test_known_and_unknown_cost_the_same_hashes(ada, hashes, address, typed):
    """Hashing is what takes time by design; it is counted, because a clock would lie on a busy machine."""
    costs = []
    for name in (KNOWN, UNKNOWN):
        hashes.clear()
        Browser().post(address, typed(name))
        costs.append(hashes["hashes"])

    assert costs[0] == costs[1]


@FORMS
def test_known_and_unknown_cost_queries_of_one_class(ada, address, typed):
    """Some more or fewer are microseconds beside a hash of a third of a second, or a mail."""
    costs = []
    for name in (KNOWN, UNKNOWN):
        with CaptureQueriesContext(connection) as queries:
            Browser().post(address, typed(name))
        costs.append(len(queries))

    assert abs(costs[0] - costs[1]) <= 16, costs


@pytest.mark.parametrize(("address", "typed"), [SIGN_UP, RESET], ids=["sign-up", "reset"])
def test_each_address_gets_one_mail(ada, address, typed):
    """A mail server answers in its own time, so one is sent in either case; what it says only its reader learns."""
    for name in (KNOWN, UNKNOWN):
        Browser().post(address, typed(name))

    assert [sent.to for sent in mail.outbox] == [[KNOWN], [UNKNOWN]]
    assert len({sent.subject for sent in mail.outbox}) == 2


@pytest.mark.parametrize("state", ["closed", "without a password", "unconfirmed", "with a second factor"])
def test_sign_in_with_a_wrong_password_says_the_same_in_every_state(ada, state):
    if state == "with a second factor":
        browser = Browser()
        browser.sign_in("ada")
        browser.switch_on()
    else:
        User.objects.update(is_active=state != "closed")
        if state == "without a password":
            ada.set_unusable_password()
            ada.save()
        ada.emailaddress_set.update(verified=state != "unconfirmed")

    assert answer_to(*SIGN_IN, KNOWN) == answer_to(*SIGN_IN, UNKNOWN)


def test_sign_in_to_a_closed_account_costs_as_many_hashes(ada, hashes):
    User.objects.update(is_active=False)

    costs = []
    for name in (KNOWN, UNKNOWN):
        hashes.clear()
        Browser().sign_in(name, "not the password")
        costs.append(hashes["hashes"])

    assert costs[0] == costs[1] >= 1


def test_lock_looks_the_same_for_known_and_unknown(ada, settings):
    answers = []
    for name in (KNOWN, UNKNOWN):
        cache.clear()
        browser = Browser()
        for _ in range(settings.MAX_LOGIN_ATTEMPTS):
            last = browser.sign_in(name, "not the password")
        answers.append((last.status_code, last["Retry-After"], browser.sign_in(name).status_code))

    assert answers[0] == answers[1] == (429, str(settings.LOCKOUT_DURATION), 429)


def test_sign_up_for_a_known_address_leaves_the_account_as_it_was(ada):
    before = User.objects.values().get()

    Browser().post(SIGN_UP[0], SIGN_UP[1](KNOWN))

    assert User.objects.values().get() == before and Browser().sign_in("ada", PASSWORD).status_code == 302


def test_reset_of_a_closed_account_looks_like_any_other(ada):
    User.objects.update(is_active=False)

    assert answer_to(*RESET, KNOWN) == answer_to(*RESET, UNKNOWN)


def test_error_beside_a_bad_password_at_sign_up_does_not_depend_on_the_address(ada):
    def bad(email):
        return {"email": email, "password1": "short"}

    assert answer_to(SIGN_UP[0], bad, KNOWN) == answer_to(SIGN_UP[0], bad, UNKNOWN)
