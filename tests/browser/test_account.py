"""Accounts in a real browser: sign-up to the first merge, second factor, other sessions. AC-02, SE-01."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from email import message_from_bytes
from pathlib import Path

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from playwright.sync_api import Page, expect

from tests.browser.acting import tab_to
from tests.browser.test_axe import complaints

pytestmark = pytest.mark.browser
PASSWORD = "nine violet horses"
PAGES = ("", "profile/", "email/", "password/change/", "2fa/", "sessions/", "tokens/", "timezone/", "data/", "logout/")


def mailed_link(folder: Path, address: str) -> str:
    """The first link in the newest mail to the address."""
    for file in sorted((folder / "mails").iterdir(), key=lambda one: one.stat().st_mtime_ns, reverse=True):
        sent = message_from_bytes(file.read_bytes())
        if sent["To"] == address:
            return re.search(r"https?://[^/]+(/account/\S+)", sent.get_payload(decode=True).decode())[1]
    raise AssertionError(f"no mail to {address}")


@pytest.fixture
def new_person(open_page, folder) -> Callable[..., tuple[Page, str]]:
    """Signs somebody up, follows the link and signs in. Gives the page and the address."""

    def made(**options) -> tuple[Page, str]:
        email = f"{secrets.token_hex(6)}@example.org"
        page = open_page("/", **options)
        page.get_by_role("link", name="Sign in").click()
        page.get_by_role("link", name="Create one").click()
        page.get_by_label("E-mail address").fill(email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Create the account").click()
        expect(page.get_by_role("heading", name="Look into your mailbox")).to_be_visible()
        page.goto(mailed_link(folder, email))
        page.get_by_role("button", name="Confirm the address").click()
        sign_in(page, email)
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()
        return page, email

    return made


def sign_in(page: Page, login: str, password: str = PASSWORD) -> None:
    page.goto("/account/login/")
    page.get_by_label("User name or e-mail address").fill(login)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def code_of(key: str, periods: int = 0) -> str:
    return format_hotp_value(hotp_value(key, list(yield_hotp_counters_from_time())[1] + periods))


def switch_on(page: Page) -> str:
    page.goto("/account/2fa/")
    page.get_by_role("link", name="Switch it on").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_alt_text("The key below as a picture for the app")).to_be_visible()
    key = page.locator("#totp-key").inner_text()
    page.get_by_label("Code").fill(code_of(key))
    page.get_by_role("button", name="Switch it on").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    return key


@pytest.mark.parametrize("with_script", [True, False], ids=["script", "no script"])
def test_from_sign_up_to_the_first_merge(new_person, with_script):
    """VE-10: registration and sign-in."""
    page, _ = new_person(java_script_enabled=with_script)

    page.goto("/?uk:90001=green&uk:90001=amber&aus:95001=green&aus:95001=amber")
    with page.expect_download() as caught:
        page.get_by_role("button", name="csv", exact=True).click()

    assert caught.value.suggested_filename.startswith("uk-90001_aus-95001")
    assert "MYBPC3" in Path(caught.value.path()).read_text()


def test_basket_is_there_again_after_signing_in(new_person, open_page):
    _, email = new_person()
    page = open_page("/?uk:90001=green")

    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("User name or e-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()

    expect(page.get_by_role("heading", name="Basket (1)")).to_be_visible()


def test_second_factor_is_asked_for_and_a_recovery_code_replaces_it(new_person, open_page):
    page, email = new_person()
    key = switch_on(page)
    recovery = page.locator(".codes code").first.inner_text()
    elsewhere = open_page("/")

    sign_in(elsewhere, email)
    elsewhere.get_by_label("Code").fill("000000")
    elsewhere.get_by_role("button", name="Sign in", exact=True).click()
    expect(elsewhere.get_by_text("That code is not right")).to_be_visible()
    elsewhere.get_by_label("Code").fill(code_of(key, 1))
    elsewhere.get_by_role("button", name="Sign in", exact=True).click()
    expect(elsewhere.get_by_role("button", name="Sign out")).to_be_visible()
    elsewhere.get_by_role("button", name="Sign out").click()
    sign_in(elsewhere, email)
    elsewhere.get_by_label("Code").fill(recovery)
    elsewhere.get_by_role("button", name="Sign in", exact=True).click()

    expect(elsewhere.get_by_role("button", name="Sign out")).to_be_visible()


def test_ending_a_session_in_another_browser(new_person, open_page):
    """SE-01"""
    page, email = new_person()
    elsewhere = open_page(
        "/", user_agent="Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604"
    )
    sign_in(elsewhere, email)
    elsewhere.goto("/account/")
    expect(elsewhere.get_by_role("heading", name="Account")).to_be_visible()

    page.goto("/account/sessions/")
    expect(page.get_by_role("row", name="Chrome on Linux this browser")).to_be_visible()
    page.get_by_role("button", name="Sign out Safari on an iPhone").click()
    expect(page.get_by_text("That browser is signed out.")).to_be_visible()
    elsewhere.reload()

    expect(elsewhere.get_by_role("heading", name="Sign in")).to_be_visible()


def test_sign_in_and_out_by_keyboard(new_person, open_page):
    _, email = new_person()
    page = open_page("/account/login/")

    tab_to(page, "#id_login")
    page.keyboard.type(email)
    tab_to(page, "#id_password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    tab_to(page, ".who button")
    page.keyboard.press("Enter")

    expect(page.get_by_role("link", name="Sign in")).to_be_visible()


@pytest.mark.parametrize("width", [390, 1400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_pages_of_the_account(new_person, scheme, width):
    page, _ = new_person(color_scheme=scheme, viewport={"width": width, "height": 844})

    wrong = []
    for address in PAGES:
        page.goto(f"/account/{address}")
        wrong += complaints(page)
    switch_on(page)
    wrong += complaints(page)
    page.goto("/account/delete/")
    wrong += complaints(page)
    page.goto("/account/profile/")
    page.get_by_label("User name").fill("a b")
    with page.expect_navigation():
        page.get_by_role("button", name="Save the profile").click()
    wrong += complaints(page)

    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_way_in(open_page, scheme):
    page = open_page("/", color_scheme=scheme)

    wrong = []
    for address in ("login/", "signup/", "password/reset/", "password/reset/done/", "confirm-email/", "inactive/"):
        page.goto(f"/account/{address}")
        wrong += complaints(page)
    with page.expect_navigation():
        sign_in(page, "nobody")
    wrong += complaints(page)

    assert not wrong, "\n".join(wrong)
