"""Comparing by keyboard alone. BG-23."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.acting import tab_to

pytestmark = pytest.mark.browser


def test_two_panels_are_found_and_compared_by_keyboard(open_page):
    page = open_page("/catalogue/uk/90001/")

    tab_to(page, "a[href*='/catalogue/compare/']")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Compare", exact=True)).to_be_visible()
    tab_to(page, "#b")
    page.keyboard.type("dilated")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Second panel: choose one")).to_be_visible()
    tab_to(page, "a[href*='b=aus:95002']")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Only in AUS Dilated cardiomyopathy")).to_be_visible()
    tab_to(page, "#kind")
    page.keyboard.type("regions")
    tab_to(page, "button[type=submit]")
    page.keyboard.press("Enter")
    expect(page.locator("#kind")).to_have_value("region")
    expect(page.get_by_text("0 in the first")).to_be_visible()


def test_fields_that_differ_open_by_keyboard(open_page):
    page = open_page("/catalogue/compare/?a=uk:90001&b=aus:95001&differ=any")

    tab_to(page, "td summary")
    page.keyboard.press("Enter")

    expect(page.locator("td details[open] ins").first).to_be_visible()
