"""The whole story, from an empty browser to an opened workbook: by mouse, without JavaScript, by keyboard. BG-23."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.acting import MINE, REASON, check_workbook, choose_by_keyboard, figure, tab_to

pytestmark = pytest.mark.browser


def test_story_with_the_mouse(open_page, tmp_path):
    """CA-02, CO-01, UP-01, BG-01, BG-02; of VE-10 search, selection and upload"""
    page = open_page("/")
    page.evaluate("window.loadedOnce = true")

    page.get_by_label("Panel, disorder, R-code or gene").press_sequentially("hypertrophic cardiomyopathy")
    page.get_by_role("link", name="Add UK Hypertrophic").click()
    expect(page.get_by_role("heading", name="Basket (1)")).to_be_visible()
    page.get_by_role("link", name="Add AU Hypertrophic").click()
    expect(page.get_by_role("heading", name="Basket (2)")).to_be_visible()
    before = figure(page)
    page.get_by_role("group", name="Confidence taken from UK").get_by_label("red").uncheck()
    expect(page.locator(".figures strong").first).not_to_have_text(before)
    expect(page.get_by_role("status")).to_contain_text(f"{figure(page)} genes")
    assert page.evaluate("window.loadedOnce") is True

    page.locator("#file").set_input_files(MINE)
    page.get_by_role("button", name="Add to the basket").click()
    expect(page.get_by_role("heading", name="Basket (3)")).to_be_visible()
    row = page.get_by_role("row", name="ACTN2 Confidence")
    row.locator("summary").click()
    row.get_by_label("amber").check()
    row.get_by_label("Reason").fill(REASON)
    row.get_by_role("button", name="Decide").click()
    expect(page.get_by_role("row", name="ACTN2 Confidence")).to_contain_text(f"by hand: {REASON}")

    with page.expect_download() as caught:
        page.get_by_role("button", name="xlsx", exact=True).click()
    check_workbook(caught.value, tmp_path)


def test_story_without_javascript(open_page, tmp_path):
    page = open_page("/", java_script_enabled=False)

    page.get_by_label("Panel, disorder, R-code or gene").fill("hypertrophic cardiomyopathy")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Add UK Hypertrophic").click()
    page.get_by_role("link", name="Add AU Hypertrophic").click()
    before = figure(page)
    page.get_by_role("group", name="Confidence taken from UK").get_by_label("red").uncheck()
    page.get_by_role("button", name="Update").click()
    expect(page.locator(".figures strong").first).not_to_have_text(before)

    page.locator("#file").set_input_files(MINE)
    page.get_by_role("button", name="Add to the basket").click()
    row = page.get_by_role("row", name="ACTN2 Confidence")
    row.locator("summary").click()
    row.get_by_label("amber").check()
    row.get_by_label("Reason").fill(REASON)
    row.get_by_role("button", name="Decide").click()
    expect(page.get_by_role("row", name="ACTN2 Confidence")).to_contain_text(f"by hand: {REASON}")

    with page.expect_download() as caught:
        page.get_by_role("button", name="xlsx", exact=True).click()
    check_workbook(caught.value, tmp_path)


def test_story_by_keyboard(open_page, tmp_path):
    page = open_page("/")

    tab_to(page, "#q")
    page.keyboard.type("hypertrophic cardiomyopathy")
    page.keyboard.press("Enter")
    expect(page.locator("[id='add-uk:90001']")).to_be_visible()
    tab_to(page, "[id='add-uk:90001']")
    page.keyboard.press("Enter")
    expect(page.locator("[id='add-uk:90001']")).to_have_text("in basket")
    tab_to(page, "[id='add-aus:95001']", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Basket (2)")).to_be_visible()
    before = figure(page)
    tab_to(page, "[id='uk:90001-red']")
    page.keyboard.press("Space")
    expect(page.locator(".figures strong").first).not_to_have_text(before)
    expect(page.locator("[id='uk:90001-red']")).to_be_focused()

    choose_by_keyboard(page, MINE)
    tab_to(page, "#add-lists")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Basket (3)")).to_be_visible()

    tab_to(page, "tr:has([value='HGNC:164']):has([value='confidence_level']) summary")
    page.keyboard.press("Enter")
    tab_to(page, "input[type=radio]")
    while page.evaluate("document.activeElement.value") != "amber":
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    tab_to(page, "input[name=reason]")
    page.keyboard.type(REASON)
    page.keyboard.press("Enter")
    expect(page.get_by_role("row", name="ACTN2 Confidence")).to_contain_text(f"by hand: {REASON}")

    tab_to(page, "#download-xlsx")
    with page.expect_download() as caught:
        page.keyboard.press("Enter")
    check_workbook(caught.value, tmp_path)
