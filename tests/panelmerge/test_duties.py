"""What comes first for some people: a password of their own, a second factor. Asked on every door."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from accounts.actions.people import set_one_time_password
from accounts.models import ApiToken, User
from tests.accounts.acting import NEW_PASSWORD, PASSWORD, Browser

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clean(settings):
    cache.clear()
    settings.EMAIL_CONFIGURED = True


@pytest.fixture
def given() -> tuple[Browser, str]:
    """A browser signed in with a one-time password, and the password."""
    ada = User.objects.create_user("ada", "ada@example.org", is_verified=True)
    password = set_one_time_password(person=ada, by=None)
    browser = Browser()
    browser.sign_in("ada", password)
    return browser, password


@pytest.fixture
def administrator(settings) -> Browser:
    settings.MFA_REQUIRED_FOR_ADMINS = True
    User.objects.create_superuser("root", "root@example.org", PASSWORD)
    browser = Browser()
    browser.sign_in("root")
    return browser


@pytest.mark.parametrize(
    "address", ["/", "/catalogue/", "/account/", "/account/tokens/", "/account/delete/", "/admin/"]
)
def test_one_time_password_leads_every_page_to_choosing_ones_own(given, address):
    """AC-04"""
    browser, _ = given

    answer = browser.get(address)
    page = browser.get("/account/password/change/").content.decode()

    assert (answer.status_code, answer["Location"]) == (302, "/account/password/change/")
    assert "Choose a password of your own first" in page


def test_one_time_password_lets_nobody_make_a_token_before(given):
    browser, _ = given

    page = browser.post("/account/tokens/", {"name": "a", "scope": "write", "days": "365"})
    api = browser.post("/api/v1/tokens/", {"name": "a", "expires_at": "2030-01-01T00:00:00Z"}, "application/json")

    assert (page.status_code, api.status_code, api.json()["code"]) == (302, 403, "duty_first")
    assert "/account/password/change/" in api.json()["detail"]
    assert not ApiToken.objects.exists()


def test_one_time_password_is_done_with_when_another_is_chosen(given):
    browser, password = given

    browser.post(
        "/account/password/change/", {"oldpassword": password, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    )

    assert browser.get("/").status_code == 200
    assert browser.get("/api/v1/users/me/").json()["username"] == "ada"


def test_htmx_is_told_to_load_the_whole_page(given):
    browser, _ = given

    answer = browser.get("/?q=x", headers={"HX-Request": "true"})

    assert (answer.status_code, answer["HX-Redirect"]) == (200, "/account/password/change/")
    assert "Location" not in answer


def test_administrator_without_a_second_factor_is_led_to_it_and_free_afterwards(administrator):
    before = administrator.get("/admin/")
    api = administrator.get("/api/v1/users/me/")
    administrator.switch_on()

    assert (before.status_code, before["Location"]) == (302, "/account/2fa/totp/activate/")
    assert (api.status_code, api.json()["code"]) == (403, "duty_first")
    assert administrator.get("/admin/").status_code == 200


def test_administrator_needs_none_where_it_is_switched_off(administrator, settings):
    settings.MFA_REQUIRED_FOR_ADMINS = False

    assert administrator.get("/admin/").status_code == 200


def test_administrator_may_leave_instead(administrator):
    administrator.post("/account/logout/")

    assert administrator.get("/").status_code == 200


def test_others_have_no_duty():
    User.objects.create_user("ed", "ed@example.org", PASSWORD, role="EDITOR", is_verified=True)
    browser = Browser()
    browser.sign_in("ed")

    assert browser.get("/admin/").status_code == 200
