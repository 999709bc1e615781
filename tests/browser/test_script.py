"""What our script adds: the ground, files by drag and drop, the focus. And what print leaves out."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

TWO = "uk:90001=green&uk:90001=amber&aus:95001=green&aus:95001=amber"
GROUND = "getComputedStyle(document.body).backgroundColor"
LIGHT, DARK = "rgb(255, 255, 255)", "rgb(20, 24, 27)"


def drop(page: Page, selector: str, name: str = "mine.csv", content: str = "Gene\nACTN2\nMYH7\n") -> bool:
    """Let a file fall there; whether the page took the event, so that the browser does not open the file."""
    return page.evaluate(
        """([selector, name, content]) => {
            const held = new DataTransfer();
            held.items.add(new File([content], name, {type: "text/csv"}));
            const said = {dataTransfer: held, bubbles: true, cancelable: true};
            const place = document.querySelector(selector);
            place.dispatchEvent(new DragEvent("dragover", said));
            return !place.dispatchEvent(new DragEvent("drop", said));
        }""",
        [selector, name, content],
    )


def test_drop_of_a_file_puts_it_into_the_basket(open_page):
    """UP-01"""
    page = open_page("/?uk:90001=green")

    drop(page, "#text-help")

    expect(page.get_by_role("heading", name="Basket (2)")).to_be_visible()
    expect(page.get_by_role("link", name="mine.csv", exact=True)).to_be_visible()
    assert "uk:90001=green&upload:" in page.url


def test_drop_beside_the_place_loads_nothing_and_keeps_the_page(open_page):
    page = open_page(f"/?{TWO}")

    was_taken = drop(page, "#result-title")

    assert was_taken
    assert page.url.endswith(TWO)
    expect(page.get_by_role("heading", name="Basket (2)")).to_be_visible()


def test_drop_with_pasted_text_waits_for_the_button(open_page):
    """The server takes files before text: what was typed must not get lost unasked."""
    page = open_page("/")
    page.locator("#text").fill("TP53")

    drop(page, "#text-help")

    assert page.evaluate("document.querySelector('#file').files.length") == 1
    expect(page.locator("#text")).to_have_value("TP53")
    expect(page.get_by_role("heading", name="Basket (0)")).to_be_visible()


def test_drop_after_a_swap_still_works(open_page):
    page = open_page(f"/?{TWO}")
    page.locator("#remove-2").click()
    expect(page.get_by_role("heading", name="Basket (1)")).to_be_visible()

    drop(page, "#text-help")

    expect(page.get_by_role("heading", name="Basket (2)")).to_be_visible()


def test_ground_follows_the_system_until_the_switch_is_used(open_page):
    page = open_page("/", color_scheme="dark")
    assert page.evaluate(GROUND) == DARK

    page.get_by_role("button", name="Light colours").press("Enter")

    assert page.evaluate(GROUND) == LIGHT
    page.goto("/catalogue/")
    assert page.evaluate(GROUND) == LIGHT


def test_ground_switched_back_follows_the_system_again(open_page):
    page = open_page("/", color_scheme="light")
    page.get_by_role("button", name="Dark colours").click()
    page.get_by_role("button", name="Light colours").click()

    page.emulate_media(color_scheme="dark")

    assert page.evaluate("localStorage.length") == 0
    expect(page.get_by_role("button", name="Light colours")).to_be_visible()
    assert page.evaluate(GROUND) == DARK


def test_ground_is_right_before_the_first_picture(open_page):
    """No flash: the choice stands on the root before the body begins."""
    page = open_page("/", color_scheme="light")
    page.get_by_role("button", name="Dark colours").click()
    page.add_init_script(
        """new MutationObserver((all, one) => {
            if (!document.body) return;
            window.groundAtBody = document.documentElement.dataset.theme;
            one.disconnect();
        }).observe(document, {childList: true, subtree: true});"""
    )

    page.reload()

    assert page.evaluate("window.groundAtBody") == "dark"


def test_switch_is_not_offered_without_javascript(open_page):
    page = open_page("/", java_script_enabled=False)

    expect(page.locator("#ground")).to_be_hidden()


def test_focus_on_what_a_swap_removed_goes_to_its_heading(open_page):
    page = open_page(f"/?{TWO}&show=list&sort=name")

    page.locator("#sort-none").press("Enter")

    expect(page.locator("#sort-none")).to_have_count(0)
    expect(page.locator("#result-title")).to_be_focused()


def test_list_filters_while_typing_and_keeps_the_caret(open_page):
    page = open_page(f"/?{TWO}&show=list")

    page.locator("#list-name").press_sequentially("MYBPC3")

    expect(page.locator("#lines tbody tr")).to_have_count(1)
    expect(page.locator("#list-name")).to_be_focused()
    assert "name=MYBPC3" in page.url
    expect(page.get_by_role("heading", name="Basket (2)")).to_be_visible()


def test_list_sorts_in_place_and_keeps_the_focus(open_page):
    page = open_page(f"/?{TWO}&show=list")
    page.evaluate("window.loadedOnce = true")

    page.locator("#sort-name").press("Enter")

    expect(page.locator("th[aria-sort=ascending] #sort-name")).to_be_focused()
    assert page.evaluate("window.loadedOnce") is True


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_print_is_black_on_white_without_navigation(open_page, scheme):
    page = open_page(f"/?{TWO}", color_scheme=scheme)

    page.emulate_media(media="print")

    assert page.evaluate(GROUND) == LIGHT
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    expect(page.get_by_role("navigation")).to_have_count(0)
    expect(page.locator("button:visible")).to_have_count(0)
    expect(page.locator(".picture svg").first).to_be_visible()
    expect(page.get_by_role("table", name="Where sources differ")).to_be_visible()


def test_conflicts_stand_in_columns_on_a_laptop_and_stacked_on_a_phone(open_page):
    """BG-01"""
    page = open_page(f"/?{TWO}", viewport={"width": 1400, "height": 900})
    first = page.locator("table.stack tbody tr").first.locator("td.said")
    wide = [first.nth(place).bounding_box() for place in (0, 1)]

    page.set_viewport_size({"width": 390, "height": 844})
    narrow = [first.nth(place).bounding_box() for place in (0, 1)]

    assert wide[0]["y"] == wide[1]["y"] and wide[0]["x"] < wide[1]["x"]
    assert narrow[0]["x"] == narrow[1]["x"] and narrow[0]["y"] < narrow[1]["y"]
    assert "1 UK Hypertrophic" in first.nth(0).evaluate("one => getComputedStyle(one, '::before').content")
