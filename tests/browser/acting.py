"""What the stories share: a list to bring along, and what must stand in the workbook at the end."""

from __future__ import annotations

import io
from pathlib import Path

from playwright.sync_api import Download, Page, TimeoutError
from python_calamine import CalamineWorkbook

from tests.panels.formats.reading.building import workbook

MINE = {
    "name": "mine.xlsx",
    "mimeType": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "buffer": workbook({"Genes": [["Gene", "Confidence"], ["ACTN2", "amber"], ["GBA", "green"], ["QARS", "green"]]}),
}
REASON = "Two families of ours"


def tab_to(page: Page, selector: str, key: str = "Tab") -> None:
    """Press the key until what the selector names has the focus, and see that it shows."""
    for _ in range(300):
        page.keyboard.press(key)
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", selector
            return
    raise AssertionError(f"{selector} is not reached with {key}")


def choose_by_keyboard(page: Page, file) -> None:
    """Enter on the file field, again when a busy machine did not open the chooser at the first."""
    for patience in (8000, 8000, 15000):
        page.locator("#file").scroll_into_view_if_needed()
        if not page.evaluate("document.activeElement.matches('#file')"):
            tab_to(page, "#file")
        try:
            with page.expect_file_chooser(timeout=patience) as chooser:
                page.keyboard.press("Enter")
        except TimeoutError:
            continue
        chooser.value.set_files(file)
        return
    raise AssertionError("Enter on the file field opens no chooser")


def figure(page: Page) -> str:
    """The number of genes above the result."""
    return page.locator(".figures strong").first.inner_text()


def check_workbook(download: Download, folder: Path) -> None:
    """Genes, a conflict with the decision, what was left out, and how it was made."""
    path = folder / download.suggested_filename
    download.save_as(path)
    book = CalamineWorkbook.from_filelike(io.BytesIO(path.read_bytes()))
    sheets = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    genes = {row[0]: row for row in sheets["Combined list"]}

    assert path.name == "uk-90001_aus-95001_mine.xlsx"
    assert {"MYBPC3", "ACTN2", "GBA1"} <= genes.keys()
    assert "amber" in genes["ACTN2"]
    assert f"confidence level: by hand, {REASON}" in genes["ACTN2"]
    assert ["ACTN2", "HGNC:164", "confidence_level"] in [row[:3] for row in sheets["Conflicts"]]
    assert "QARS" in [row[1] for row in sheets["Dropped"]]
    assert {"Content hash", "Gene names", "Input 3", "Recipe"} <= {row[0] for row in sheets["About"]}
