"""The library in a real browser: saved, edited by keyboard, restored, taken along; axe on its pages.

BG-23, SP-10, SP-14.
"""

from __future__ import annotations

import re
import zipfile

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acting import tab_to
from tests.browser.test_account import new_person  # noqa: F401
from tests.browser.test_axe import complaints

pytestmark = pytest.mark.browser
TWO = "uk:90001=green&aus:95001=green"
TABS = ("", "edit/", "versions/", "versions/1/", "versions/1/restore/", "compare/", "changes/", "sharing/")
MORE = ("discussion/", "about/", "give/", "delete/", "exports/", "retention/")
OTHERS = (
    "/panels/",
    "/panels/?as=cards",
    "/panels/?min_genes=many&max_genes=9",
    "/panels/?scope=shared",
    "/panels/new/",
    "/panels/import/",
    "/teams/",
    "/export-templates/",
)


def saved_panel(page: Page) -> str:
    """Saves the merged list of two panels; the panel's address."""
    page.goto(f"/?{TWO}")
    page.locator("#save-result").click()
    page.get_by_label("Name").fill("Hearts of both countries")
    page.get_by_role("button", name="Save to the library").click()
    expect(page.get_by_role("status").filter(has_text="Saved with")).to_be_visible()
    return re.search(r"/panels/\d+/", page.url)[0]


def test_merged_list_is_saved_edited_by_keyboard_and_restored(new_person):  # noqa: F811
    page, _ = new_person()
    panel = saved_panel(page)
    page.wait_for_load_state()

    tab_to(page, f"a[href='{panel}edit/']")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{panel}edit/")
    tab_to(page, "#paste")
    page.keyboard.type("GBA, TTN")
    page.keyboard.press("Tab")
    tab_to(page, "button[value=save]")
    page.keyboard.press("Enter")

    expect(page.get_by_role("status").filter(has_text="Saved as version 2")).to_be_visible()
    page.get_by_role("link", name="Versions").click()
    page.get_by_role("link", name="v1", exact=True).click()
    page.get_by_role("link", name="Restore …").click()
    page.get_by_role("button", name="Restore as version 3").click()
    expect(page.get_by_role("status").filter(has_text="Saved as version 3")).to_be_visible()
    page.get_by_role("link", name="Compare", exact=True).click()
    expect(page.get_by_role("heading", name="From version 2 to version 3")).to_be_visible()


def test_what_is_saved_without_a_script_is_the_same(new_person):  # noqa: F811
    page, _ = new_person(java_script_enabled=False)
    panel = saved_panel(page)

    page.goto(f"{panel}sharing/")
    page.get_by_label("whoever has a link, to read only").check()
    page.get_by_role("button", name="Share", exact=True).click()
    link = page.locator("#new-link").inner_text()
    page.goto(link)

    expect(page.get_by_role("heading", name="Hearts of both countries")).to_be_visible()


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("layout", ["table", "cards"])
def test_panels_are_chosen_by_keyboard_and_taken_as_one_zip(new_person, tmp_path, layout, script):  # noqa: F811
    page, _ = new_person(java_script_enabled=script)
    saved_panel(page)
    page.goto(f"/panels/?as={layout}&min_genes=1&visibility=PRIVATE")

    page.get_by_role("button", name="Download").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Choose those that you want as files")
    page.get_by_label("Choose Hearts of both countries").press("Space")
    page.get_by_label("The chosen panels as", exact=True).select_option("csv")
    with page.expect_download() as caught:
        page.get_by_role("button", name="Download").press("Enter")

    caught.value.save_as(tmp_path / "taken.zip")
    with zipfile.ZipFile(tmp_path / "taken.zip") as taken:
        assert taken.namelist() == ["Hearts-of-both-countries-v1.csv"]
        assert b"MYBPC3" in taken.read("Hearts-of-both-countries-v1.csv")


def test_every_control_of_the_list_is_reached_with_the_tab_key(new_person):  # noqa: F811
    page, _ = new_person()
    saved_panel(page)
    page.goto("/panels/")

    for control in (
        "#visibility",
        "#min_genes",
        "#max_genes",
        "input[name=ids]",
        "#format",
        "#build",
        "#chosen button",
    ):
        tab_to(page, control)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1400), ("dark", 390)])
def test_axe_finds_nothing_in_the_library(new_person, scheme, width):  # noqa: F811
    page, _ = new_person(color_scheme=scheme, viewport={"width": width, "height": 844})
    panel = saved_panel(page)

    wrong = []
    for address in (*OTHERS, *(panel + tab for tab in (*TABS, *MORE))):
        page.goto(address)
        wrong += complaints(page)
        if page.evaluate("document.documentElement.scrollWidth") > width + 1:
            wrong.append(f"{address} is wider than {width}")
    page.goto("/panels/")
    page.get_by_role("button", name="Download").click()
    expect(page.get_by_role("alert")).to_be_visible()
    wrong += complaints(page)

    assert not wrong, "\n".join(wrong)
