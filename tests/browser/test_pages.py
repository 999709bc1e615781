"""What only a browser can see: nothing sticks out, the focus stays, what was typed stays. BG-23."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

TWO = "uk:90001=green&uk:90001=amber&aus:95001=green&aus:95001=amber"
PAGES = [
    "/",
    "/?q=GBA",
    f"/?q=cardiomyopathy&{TWO}",
    f"/?{TWO}&show=list&rule=subtract&number=2",
    f"/?{TWO}&show=dropped",
    "/catalogue/",
    "/catalogue/uk/90024/",
    "/genes/?q=QARS",
    "/genes/GBA/",
    "/catalogue/uk/5/",
    "/matrix/",
    "/catalogue/compare/?a=dilated",
    "/catalogue/compare/?a=uk:90025&b=aus:95005&differ=any",
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1400])
def test_page_is_no_wider_than_the_screen(open_page, width, scheme):
    page = open_page("/", viewport={"width": width, "height": 844}, color_scheme=scheme)

    for address in PAGES:
        page.goto(address)
        wide = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        # What is hidden from the eye must not make the page longer either.
        end = page.evaluate("[document.documentElement.scrollHeight, document.body.getBoundingClientRect().height]")

        assert wide[0] <= wide[1], address
        assert end[0] <= max(end[1] + 1, 844), address


def test_search_shows_panels_while_typing_and_keeps_the_caret(open_page):
    page = open_page(f"/?{TWO}")

    page.locator("#q").press_sequentially("dilated")

    expect(page.get_by_role("link", name="Add UK Dilated")).to_be_visible()
    expect(page.locator("#q")).to_be_focused()
    expect(page.locator("#q")).to_have_value("dilated")
    assert "q=dilated" in page.url


def test_remove_of_the_last_line_moves_the_focus_to_the_heading(open_page):
    page = open_page(f"/?{TWO}")

    page.locator("#remove-2").press("Enter")

    expect(page.get_by_role("heading", name="Basket (1)")).to_be_visible()
    expect(page.locator("#remove-2")).to_be_focused()
    expect(page.locator("#remove-2")).to_have_text("Basket (1)")


def test_rule_change_keeps_the_focus_and_what_was_pasted(open_page):
    page = open_page(f"/?{TWO}")
    page.locator("#text").fill("ACTN2")

    page.locator("#rule").focus()
    page.locator("#rule").select_option("subtract")

    expect(page.locator("select#number")).to_have_value("2")
    expect(page.locator("#rule")).to_be_focused()
    expect(page.locator("#text")).to_have_value("ACTN2")


def test_back_leads_to_the_basket_before(open_page):
    page = open_page(f"/?{TWO}")

    page.locator("#remove-2").click()
    expect(page.get_by_role("heading", name="Basket (1)")).to_be_visible()
    page.go_back()

    expect(page.get_by_role("heading", name="Basket (2)")).to_be_visible()


def test_browser_keeps_no_copy_of_a_page(open_page):
    """UP-01: private lists"""
    page = open_page(f"/?{TWO}")

    page.locator("#part-list").click()
    expect(page.locator("#part-list")).to_have_attribute("aria-current", "page")

    assert page.evaluate("[localStorage.length, sessionStorage.getItem('htmx-history-cache')]") == [0, None]


def test_gene_page_keeps_the_basket_for_the_way_back(open_page):
    page = open_page(f"/?{TWO}")

    page.get_by_role("link", name="ACTN2").first.click()
    page.get_by_role("link", name="Workbench (2)").click()

    expect(page.get_by_role("heading", name="Basket (2)")).to_be_visible()
