"""The back office in a real browser: from the one-time password to an account that is shut. AC-03, AC-04."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_account import PASSWORD, sign_in
from tests.browser.test_axe import complaints

pytestmark = pytest.mark.browser
PAGES = (
    *("", "accounts/user/", "accounts/user/add/", "accounts/lock/", "audit/auditlog/", "panels/gene/?q=BRCA1"),
    *("panels/savedpanel/", "panels/savedpanel/1/change/", "panels/savedpanel/1/genes/", "panels/panelversion/"),
    *("panels/panelversion/1/change/", "panels/panelshare/", "panels/team/", "panels/team/add/"),
    "panels/exporttemplate/",
)


@pytest.fixture(scope="package")
def administrator(site, folder) -> Iterator[list[str]]:
    """User name, and the password that works now: the one that the first run prints once."""
    yield list(re.search(r"Administrator: (\S+)\s+Password:\s+(\S+)", (folder / "first_run").read_text()).groups())


@pytest.fixture
def office(open_page, administrator) -> Callable[..., Page]:
    """Opens the back office, through choosing a password of one's own the first time."""

    def opened(**options) -> Page:
        page, (name, password) = open_page("/", **options), administrator
        sign_in(page, name, password)
        if password != PASSWORD:
            expect(page.get_by_role("heading", name="Change the password")).to_be_visible()
            for name, typed in (("oldpassword", password), ("password1", PASSWORD), ("password2", PASSWORD)):
                page.locator(f"[name={name}]").fill(typed)
            page.get_by_role("button", name="Change the password").click()
            administrator[1] = PASSWORD
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()
        page.goto("/admin/")
        expect(page.get_by_role("heading", name="What needs attention")).to_be_visible()
        return page

    return opened


def test_an_account_is_found_and_shut_without_a_script(office):
    """VE-10: user management."""
    page = office(java_script_enabled=False)
    page.get_by_role("link", name="Users").first.click()
    page.get_by_role("link", name="Add user").click()
    page.get_by_label("Email").fill("shut@example.org")
    page.get_by_role("button", name="Save", exact=True).click()
    page.goto("/admin/accounts/user/?q=shut@example.org")
    page.locator("#result_list .field-username a").click()
    page.get_by_role("button", name="Deactivate").click()
    expect(page.get_by_text("Nobody can sign in to the account any more")).to_be_visible()

    page.get_by_role("button", name="Deactivate").click()

    expect(page.get_by_text("Deactivate: done for user-")).to_be_visible()
    page.goto("/admin/accounts/user/?state=deactivated")
    expect(page.get_by_text("shut@example.org")).to_be_visible()


def test_an_announcement_is_shown_recorded_and_its_time_is_in_the_zone_that_was_set(office):
    """VE-10: announcement, audit viewing, zone setting and zone display, by hand and without a script."""
    page = office(java_script_enabled=False)
    page.goto("/account/timezone/")
    page.locator("[name=timezone]").select_option("Asia/Kathmandu")
    page.get_by_role("button", name="Show times so").click()
    page.goto("/admin/announcements/adminmessage/add/")
    page.get_by_label("Title").fill("Away on Sunday")
    page.get_by_label("Message").first.fill("From eight to nine")

    page.get_by_role("button", name="Save", exact=True).click()

    page.goto("/panels/")
    expect(page.get_by_text("From eight to nine")).to_be_visible()
    expect(page.locator("#zone")).to_contain_text("Asia/Kathmandu")
    page.goto("/admin/audit/auditlog/?q=Away+on+Sunday")
    row = page.locator("#result_list tbody tr").first
    expect(row).to_contain_text("Away on Sunday")
    expect(row.locator("time")).to_have_attribute("title", re.compile("UTC"))
    page.goto("/admin/announcements/adminmessage/?q=Away")
    page.locator("#result_list .action-select").first.check()
    page.locator("select[name=action]").select_option("switch_off")
    page.get_by_role("button", name="Go").click()
    page.goto("/panels/")
    expect(page.locator("#zone")).to_contain_text("Asia/Kathmandu")
    expect(page.get_by_text("From eight to nine")).to_have_count(0)


def kept_panel(page: Page) -> None:
    """A panel of the administrator's own, there for every page about one."""
    page.goto("/panels/new/")
    page.get_by_label("Name").fill("Hearts")
    page.get_by_label("Genes").fill("MYH7\nTTN")
    page.get_by_role("button", name=re.compile("Save|Make|Create")).click()
    expect(page.get_by_role("heading", name="Hearts")).to_be_visible()


def test_a_panel_is_found_archived_and_its_genes_read_without_a_script(office):
    page = office(java_script_enabled=False)
    kept_panel(page)
    page.goto("/admin/panels/savedpanel/?q=hearts")
    page.locator("#result_list .field-name a").first.click()
    page.get_by_role("link", name="Read its genes").click()
    expect(page.get_by_role("cell", name="HGNC:7577")).to_be_visible()

    page.go_back()
    page.get_by_role("button", name="Archive").click()
    expect(page.get_by_text("All its versions are kept.")).to_be_visible()
    page.get_by_role("button", name="Archive").click()

    expect(page.get_by_text("Archive: done for Hearts.")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_back_office(office, scheme):
    page = office(color_scheme=scheme)
    kept_panel(page)

    wrong = []
    for address in PAGES:
        page.goto(f"/admin/{address}")
        wrong += complaints(page, preload=False)

    assert not wrong, "\n".join(wrong)
