"""Signing in through an OpenID provider, against one on loopback."""

from __future__ import annotations

import hashlib
import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.core import mail

from accounts.models import User
from tests.accounts.acting import PASSWORD, Browser, break_the_record, mailed_path, told
from tests.fakes.provider import CODE, SECRET, FakeProvider, unpadded

pytestmark = pytest.mark.django_db
LOGIN = "/account/oidc/oidc/login/"
CALLBACK = f"{LOGIN}callback/"


@pytest.fixture
def provider(httpserver, settings) -> FakeProvider:
    fake = FakeProvider(httpserver)
    settings.SOCIALACCOUNT_PROVIDERS = fake.settings
    settings.OIDC = {**settings.OIDC, "name": "Hospital", "server_url": fake.url}
    return fake


def leave(browser: Browser, process: str = "login") -> dict[str, str]:
    """Press the button. Returns what the provider is asked."""
    page = browser.post(f"{LOGIN}?process={process}").content.decode()
    target = unescape(re.search(r'<a href="([^"]+)"', page)[1])
    return {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}


def come_back(browser: Browser, state: str):
    return browser.get(CALLBACK, {"code": CODE, "state": state})


def through(browser: Browser, process: str = "login"):
    return come_back(browser, leave(browser, process)["state"])


def test_a_new_person_gets_an_account_without_a_password(provider, browser):
    answer = through(browser)

    person = User.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert browser.is_signed_in() and not person.has_usable_password()
    assert (person.email, person.role) == ("ada@example.org", "USER")
    assert EmailAddress.objects.get().verified
    assert [event for event, _ in told()] == ["REGISTER", "LOGIN"]


def test_a_returning_person_is_the_same_also_under_a_new_address(provider, browser):
    through(browser)
    provider.person |= {"email": "lovelace@example.org"}
    other = Browser()

    through(other)

    assert User.objects.count() == 1 and other.is_signed_in()
    assert User.objects.get().email == "ada@example.org"


def test_an_address_that_has_an_account_is_not_taken_over(provider, browser, ada):
    """Whoever runs, or fools, the provider could name any address."""
    answer = through(browser)

    assert answer["Location"] == "/account/confirm-email/"
    assert not browser.is_signed_in() and not SocialAccount.objects.exists()
    assert [sent.subject for sent in mail.outbox] == ["[PanelMerge] You have an account already"]


@pytest.mark.parametrize("state", ["", "made-up"])
def test_a_made_up_state_is_refused(provider, browser, state):
    leave(browser)

    answer = come_back(browser, state)

    assert answer.status_code in (400, 401) and "did not let you in" in answer.content.decode()
    assert not User.objects.exists() and not provider.asked


def test_a_state_of_another_browser_is_refused(provider, browser):
    state = leave(browser)["state"]

    answer = come_back(Browser(), state)

    assert answer.status_code in (400, 401) and not User.objects.exists() and not provider.asked


def test_a_state_works_once(provider, browser):
    state = leave(browser)["state"]
    come_back(browser, state)
    browser.post("/account/logout/")

    answer = come_back(browser, state)

    assert answer.status_code in (400, 401) and not browser.is_signed_in()


def test_the_provider_is_asked_with_proof_of_possession(provider, browser):
    asked = leave(browser)
    come_back(browser, asked["state"])

    [token] = provider.asked
    digest = unpadded(hashlib.sha256(token["code_verifier"].encode()).digest())
    assert (asked["code_challenge"], asked["code_challenge_method"]) == (digest, "S256")
    assert (token["code"], token["client_secret"]) == (CODE, SECRET)
    assert SECRET not in str(asked)


@pytest.mark.parametrize("status", [400, 500])
def test_a_provider_that_fails_is_told_and_changes_nothing(provider, browser, status):
    state = leave(browser)["state"]
    provider.status = status

    away, back = Browser().post(LOGIN), come_back(browser, state)

    assert (away.status_code, back.status_code) == (502, 502)
    assert "did not let you in" in back.content.decode() and not User.objects.exists()


def test_a_provider_that_names_no_address_leads_to_giving_one(provider, browser):
    provider.person = {"sub": "42"}

    asked = through(browser)
    page = browser.get(asked["Location"]).content.decode()
    browser.post(asked["Location"], {"email": "ada@example.org"})
    browser.post(mailed_path())
    through(browser)

    assert asked["Location"] == "/account/3rdparty/signup/" and "did not tell an address" in page
    assert browser.is_signed_in() and User.objects.get().email == "ada@example.org"


@pytest.mark.parametrize("person", [{}, {"email": "a@b.org"}])
def test_a_provider_that_names_nobody_lets_nobody_in(provider, browser, person):
    provider.person = person

    answer = through(browser)

    assert answer.status_code == 502 and not User.objects.exists()


def test_an_address_the_provider_does_not_vouch_for_is_confirmed_by_mail(provider, browser):
    provider.person |= {"email_verified": False}

    answer = through(browser)

    assert answer["Location"] == "/account/confirm-email/" and not browser.is_signed_in()
    assert mail.outbox[-1].to == ["ada@example.org"]


def test_stopping_at_the_provider_is_no_error(provider, browser):
    state = leave(browser)["state"]

    answer = browser.get(CALLBACK, {"error": "access_denied", "state": state}, follow=True)

    assert answer.status_code == 200 and "You stopped at the other service" in answer.content.decode()


def test_a_new_person_without_a_record_is_nobody(provider, browser, monkeypatch):
    state = leave(browser)["state"]
    break_the_record(monkeypatch)

    answer = come_back(browser, state)

    assert answer.status_code == 503
    assert not User.objects.exists() and not SocialAccount.objects.exists() and not EmailAddress.objects.exists()


def test_connecting_asks_for_the_password_and_is_recorded(provider, signed_in):
    asked = through(signed_in, "connect")
    signed_in.post(asked["Location"], {"password": PASSWORD})

    assert asked["Location"] == "/account/reauthenticate/"
    assert SocialAccount.objects.get().user.username == "ada"
    assert told()[-1] == ("PROFILE_UPDATE", "Connected the sign-in with oidc")


def test_connecting_without_a_record_connects_nothing(provider, signed_in, monkeypatch):
    signed_in.prove()
    state = leave(signed_in, "connect")["state"]
    break_the_record(monkeypatch)

    answer = come_back(signed_in, state)

    assert answer.status_code == 503 and not SocialAccount.objects.exists()


def test_disconnecting_is_possible_with_a_password_and_recorded(provider, signed_in):
    signed_in.prove()
    through(signed_in, "connect")

    page = signed_in.get("/account/3rdparty/").content.decode()
    signed_in.post("/account/3rdparty/", {"account": SocialAccount.objects.get().pk})

    assert "Disconnect the chosen one" in page and not SocialAccount.objects.exists()
    assert told()[-1] == ("PROFILE_UPDATE", "Disconnected the sign-in with oidc")


def test_the_last_way_of_signing_in_cannot_be_disconnected(provider, browser):
    through(browser)

    answer = browser.post("/account/3rdparty/", {"account": SocialAccount.objects.get().pk})

    assert answer.status_code == 200 and SocialAccount.objects.exists()


def test_sign_in_page_offers_the_provider_and_a_link_alone_starts_nothing(provider, browser):
    page, asked = browser.get("/account/login/").content.decode(), browser.get(LOGIN)

    assert "Sign in with Hospital" in page
    assert asked.status_code == 200 and "Go there" in asked.content.decode()


def test_without_a_provider_its_addresses_are_404(browser):
    assert [browser.post(LOGIN).status_code, browser.get(CALLBACK).status_code] == [404, 404]
    assert "Sign in with" not in browser.get("/account/login/").content.decode()


def test_disconnecting_a_service_that_was_switched_off_meanwhile_says_so(signed_in, ada):
    account = SocialAccount.objects.create(user=ada, provider="oidc", uid="7")
    signed_in.prove()

    answer = signed_in.post("/account/3rdparty/", {"account": account.pk})

    assert answer.status_code == 200 and "not set up here any more" in answer.content.decode()
