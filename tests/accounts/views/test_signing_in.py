"""Signing up, in and out. AC-02."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import identify_hasher
from django.core import mail

from accounts.models import User
from tests.accounts.acting import PASSWORD, Browser, mailed_path, told

pytestmark = pytest.mark.django_db
ARGON2_FIRST = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "accounts.hashers.WerkzeugPasswordHasher",
]
LEGACY_PASSWORD = "Corr3ct-horse"
SCRYPT = (
    "63a8736ea1440fdfa31cd23bda251e157dd7507453141ab520bf9ef5bff1df73"
    "5e7e91dcc41c175a1319cc3061d28a412264fa819684ddc09f092cc3fb7d44da"
)
LEGACY = {
    "scrypt": f"scrypt:32768:8:1$w9oK7t7UF6NuKN9W${SCRYPT}",
    "pbkdf2, 260,000": "pbkdf2:sha256:260000$tDOiBjaJRVRByiJp$"
    "f557b3ad387be8dab2cc43930b07f8ce07a39ea92b8a3f32c067ebf980028157",
    "pbkdf2, 600,000": "pbkdf2:sha256:600000$eFnuKtllaYzr9bXL$"
    "7bc62a5a6b1ba3b5816541ef9157514413d071512806617d81bcb798118fa06f",
}


@pytest.mark.parametrize("stored", LEGACY.values(), ids=LEGACY.keys())
def test_sign_in_with_a_password_of_the_flask_application_upgrades_it(browser, settings, stored):
    """AC-02"""
    settings.PASSWORD_HASHERS = ARGON2_FIRST
    User.objects.create_user("ada", "ada@example.org", is_verified=True)
    User.objects.update(password=f"werkzeug${stored}")

    wrong = browser.sign_in("ada", "Corr3ct-house")
    right = browser.sign_in("ada", LEGACY_PASSWORD)

    kept = User.objects.get()
    assert (wrong.status_code, right.status_code) == (200, 302)
    assert identify_hasher(kept.password).algorithm == "argon2" and kept.password.startswith("argon2$argon2id$")
    assert browser.is_signed_in() and Browser().sign_in("ada", LEGACY_PASSWORD).status_code == 302


@pytest.mark.parametrize("stored", ["scrypt:1:1", "scrypt:x:y:z$a$b", "md5$a$b", "$$$", "", "pbkdf2:sha256:0$a$b"])
def test_sign_in_with_a_damaged_hash_is_a_wrong_password(browser, settings, stored):
    settings.PASSWORD_HASHERS = ARGON2_FIRST
    User.objects.create_user("ada", "ada@example.org", is_verified=True)
    User.objects.update(password=f"werkzeug${stored}")

    answer = browser.sign_in("ada", LEGACY_PASSWORD)

    assert answer.status_code == 200 and not browser.is_signed_in()


@pytest.mark.parametrize("login", ["ada", "ADA", "ada@example.org", " Ada@Example.ORG "])
def test_sign_in_by_four_spellings(ada, browser, login):
    """AC-02"""
    answer = browser.sign_in(login)

    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert browser.is_signed_in()


def test_sign_in_leads_back_to_where_one_was(ada, browser):
    answer = browser.post(
        "/account/login/?next=/%3Fuk:90001%3Dgreen", {"login": "ada", "password": PASSWORD, "next": "/?uk:90001=green"}
    )

    assert answer["Location"] == "/?uk:90001=green"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_sign_in_leads_to_no_other_site(ada, browser, target):
    answer = browser.post("/account/login/", {"login": "ada", "password": PASSWORD, "next": target})

    assert answer["Location"] == "/"


def test_sign_up_opens_the_account_when_the_link_is_followed(browser):
    """AC-02"""
    asked = browser.post("/account/signup/", {"email": "Ada@Example.org", "password1": PASSWORD})
    too_early = browser.sign_in("ada@example.org")
    before = browser.is_signed_in()
    browser.post(mailed_path(0))
    browser.sign_in("ada@example.org")

    person = User.objects.get()
    assert (asked["Location"], too_early["Location"]) == ("/account/confirm-email/", "/account/confirm-email/")
    assert (before, browser.is_signed_in()) == (False, True)
    assert (person.email, person.role, person.is_verified) == ("ada@example.org", "USER", True)
    assert person.username.startswith("user-") and "ada" not in person.username


def test_sign_up_mail_is_ours(browser, settings):
    settings.SITE_URL = "https://panels.example.org"

    browser.post("/account/signup/", {"email": "ada@example.org", "password1": PASSWORD})

    [sent] = mail.outbox
    assert sent.subject == "[PanelMerge] Confirm your e-mail address"
    assert "https://panels.example.org/account/confirm-email/" in sent.body
    assert "testserver" not in sent.body and PASSWORD not in sent.body and not sent.alternatives
    assert "ask an administrator" in sent.body


def test_sign_up_without_mail_is_a_sentence_and_no_form(browser, settings):
    settings.EMAIL_CONFIGURED = False

    page = browser.get("/account/signup/")
    answer = browser.post("/account/signup/", {"email": "ada@example.org", "password1": PASSWORD})

    assert "created by an administrator" in page.content.decode() and b"password1" not in page.content
    assert (answer.status_code, User.objects.count()) == (200, 0)


def test_sign_up_asks_for_the_consent_that_is_configured(browser, settings):
    settings.SIGN_UP_CONSENT = "I keep patients' names out of list names."
    typed = {"email": "ada@example.org", "password1": PASSWORD}

    without = browser.post("/account/signup/", typed)
    browser.post("/account/signup/", {**typed, "consent": "on"})

    assert "Without this there can be no account." in without.content.decode()
    assert "I keep patients&#x27; names out of list names." in without.content.decode()
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    "email", ["ada", "ada@", "a" * 64 + "@" + "b" * 60 + ".example.org", "ada@example.org\r\nBcc: x@y.z"]
)
def test_sign_up_with_what_is_no_address_names_the_field(browser, email):
    answer = browser.post("/account/signup/", {"email": email, "password1": PASSWORD})

    assert answer.status_code == 200 and 'id="id_email_error"' in answer.content.decode()
    assert not User.objects.exists() and not mail.outbox


def test_sign_out_is_by_post_alone(signed_in):
    page = signed_in.get("/account/logout/")
    still = signed_in.is_signed_in()
    signed_in.post("/account/logout/")

    assert (page.status_code, still, signed_in.is_signed_in()) == (200, True, False)
    assert told()[-1] == ("LOGOUT", "Signed out")


def test_sign_out_by_a_foreign_page_is_refused(ada):
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(ada)

    answer = browser.post("/account/logout/")

    assert answer.status_code == 403 and browser.is_signed_in()


def test_a_closed_account_is_told_only_to_who_knows_the_password(ada, browser):
    User.objects.update(is_active=False)

    wrong, right = browser.sign_in("ada", "something else"), browser.sign_in("ada")

    assert wrong.status_code == 200 and "is not right" in wrong.content.decode()
    assert right.status_code in (200, 302) and not browser.is_signed_in()


def test_head_of_every_page_knows_who_is_signed_in(signed_in, ada):
    strangers, hers = Browser().get("/catalogue/?search=heart").content.decode(), signed_in.get("/catalogue/")

    assert 'href="/account/login/?next=%2Fcatalogue%2F%3Fsearch%3Dheart"' in strangers
    assert '<form method="post" action="/account/logout/">' in hers.content.decode()
    assert '<a href="/account/">ada<' in hers.content.decode()


def test_link_of_the_mail_does_not_work_for_another_address(browser):
    browser.post("/account/signup/", {"email": "ada@example.org", "password1": PASSWORD})
    path = mailed_path()

    answer = browser.post(path.replace(path[-8:-3], "xxxxx"))

    assert answer.status_code == 404 and not EmailAddress.objects.filter(verified=True).exists()
