"""axe finds nothing to complain of, on either ground, on a laptop and on a phone. BG-23."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.acting import MINE

pytestmark = pytest.mark.browser

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
TWO = "uk:90001=green&uk:90001=amber&aus:95001=green&aus:95001=amber"
PAGES = [
    "/",
    f"/?{TWO}&q=cardiomyopathy",
    f"/?{TWO}&show=list&sort=-confidence&name=m",
    f"/?{TWO}&show=dropped",
    f"/?{TWO}&uk:90002=green&show=sizes",
    "/?q=QARS&uk:4711=green",
    "/catalogue/",
    f"/catalogue/?disease_group=Cardiology&search=cardio&{TWO}",
    "/catalogue/?search=nothing-fits",
    "/catalogue/uk/90024/",
    f"/genes/GBA/?{TWO}",
    "/genes/?q=QARS",
    "/matrix/",
    "/no/such/page/",
]


def complaints(page: Page, *, preload: bool = True) -> list[str]:
    """Each broken rule with the places, in a line. With ``preload`` axe copies stylesheets that import others into the
    page, where our policy does not let them be."""
    asked = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"], "preload": preload}
    found = Axe().run(page, options=asked)
    return [
        f"{page.url}: {one['id']} ({one['help']}): {[node['html'][:160] for node in one['nodes'][:4]]}"
        for one in found.response["violations"]
    ]


@pytest.mark.parametrize("width", [390, 1400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(open_page, scheme, width):
    page = open_page("/", color_scheme=scheme, viewport={"width": width, "height": 844})

    wrong = []
    for address in PAGES:
        page.goto(address)
        wrong += complaints(page)

    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_an_upload_and_its_matrix(open_page, scheme):
    page = open_page("/", color_scheme=scheme)
    page.locator("#file").set_input_files(MINE)
    page.get_by_role("button", name="Add to the basket").click()
    expect(page.get_by_role("heading", name="Basket (1)")).to_be_visible()
    upload = re.search(r"upload:([0-9a-f-]{36})", page.url)[1]

    wrong = complaints(page)
    for address in (f"/uploads/{upload}/?upload:{upload}=", f"/matrix/?upload:{upload}="):
        page.goto(address)
        wrong += complaints(page)

    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_with_everything_unfolded(open_page, scheme):
    page = open_page(f"/?{TWO}", color_scheme=scheme)

    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    wrong = complaints(page)

    assert not wrong, "\n".join(wrong)
