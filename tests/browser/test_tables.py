"""What a keyboard and a habit may expect of searches and tables. BG-23."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
TWO = "uk:90001=green&uk:90001=amber&aus:95001=green&aus:95001=amber"


def test_enter_adds_the_first_panel_found(open_page):
    page = open_page("/")
    page.locator("#q").press_sequentially("dilated")
    expect(page.get_by_role("link", name="Add UK Dilated")).to_be_visible()

    page.keyboard.press("Enter")

    expect(page.locator("#basket-part")).to_contain_text("Dilated")


def test_enter_before_the_answer_is_there_searches(open_page):
    page = open_page("/")
    page.locator("#q").fill("hypertrophic")

    page.keyboard.press("Enter")

    expect(page.locator("#found")).to_contain_text("Hypertrophic")
    expect(page.locator("#basket-part")).not_to_contain_text("Hypertrophic")


def test_down_and_up_go_from_row_to_row(open_page):
    page = open_page(f"/?{TWO}&show=list")
    rows = page.locator("#lines tbody tr")
    rows.nth(0).locator("th a").focus()

    page.keyboard.press("ArrowDown")

    expect(rows.nth(1).locator("th a")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(rows.nth(0).locator("th a")).to_be_focused()


def test_a_column_put_away_stays_so_on_the_next_page(open_page):
    page = open_page(f"/?{TWO}&show=list")
    page.get_by_label("Columns of List").click()

    page.locator(".columns").get_by_label("HGNC", exact=False).first.uncheck()
    page.reload()

    expect(page.locator("#lines tbody td.id").first).to_be_hidden()
    expect(page.locator("#lines tbody th a").first).to_be_visible()


def test_a_column_is_copied_as_lines(open_page):
    page = open_page(f"/?{TWO}&show=list")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    names = page.locator("#lines tbody th a").all_inner_texts()
    page.get_by_label("Columns of List").click()

    page.locator(".columns button").first.click()

    expect(page.locator(".columns button").first).to_have_text(f"Copied {len(names)}")
    copied = page.evaluate("navigator.clipboard.readText()").replace("\r", "").split("\n")
    assert [line.split(" by hand")[0] for line in copied] == names


def test_the_format_last_used_is_offered_first(open_page):
    page = open_page(f"/?{TWO}")
    with page.expect_download():
        page.locator("#download-json").click()

    page.reload()

    expect(page.locator("button[id^=download-]").first).to_have_id("download-json")
    expect(page.locator("#download-json")).to_have_class("first")
