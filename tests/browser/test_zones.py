"""The browser's zone reaches the server without a form, a request of its own or a session. TZ-03."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_second_page_is_in_the_zone_of_the_browser(open_page):
    """VE-10: zone detection."""
    page = open_page("/", timezone_id="Australia/Lord_Howe")
    expect(page.locator("#zone")).to_have_text("Times are shown in UTC.")

    page.goto("/catalogue/")

    expect(page.locator("#zone")).to_contain_text("Times are shown in Australia/Lord_Howe (UTC+1")
    assert sorted(cookie["name"] for cookie in page.context.cookies()) == ["csrftoken", "timezone"]


def test_browser_that_travels_is_followed(open_page):
    page = open_page("/", timezone_id="Europe/London")
    page.context.add_cookies([{"name": "timezone", "value": "Asia/Tokyo", "url": page.url}])

    page.goto("/catalogue/")
    page.goto("/genes/")

    expect(page.locator("#zone")).to_contain_text("Europe/London")


def test_without_javascript_times_are_in_utc_and_say_so(open_page):
    page = open_page("/", timezone_id="Europe/London", java_script_enabled=False)

    page.goto("/catalogue/")

    expect(page.locator("#zone")).to_have_text("Times are shown in UTC.")
