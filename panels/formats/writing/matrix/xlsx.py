"""xlsx: the matrix first, in colour and in words; the inheritance, the panels, what was not resolved, About."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

import xlsxwriter

from panels.engine.genes import Confidence
from panels.engine.matrix import Cell, Matrix, MatrixPanel
from panels.formats.cells import CELL_LIMIT
from panels.formats.writing.matrix.table import (
    HEADERS,
    about_lines,
    heading,
    inheritance_in_words,
    level_in_words,
    lines_of,
    totals,
)

PANEL_HEADERS = ("Panel", "Panel ID", "Version", "Genes of the list", "Genes in all", "Terms")
UNRESOLVED_HEADERS = ("Row", "As given", "Reason")
ABOUT_HEADERS = ("What", "Text")
CUT = " … (cut here; the csv has the whole text)"
# Ground and ink: as a spreadsheet's own "good", "neutral" and "bad", and grey.
COLOURS = {
    Confidence.GREEN: ("#C6EFCE", "#00501E"),
    Confidence.AMBER: ("#FFEB9C", "#7A4B00"),
    Confidence.RED: ("#FFC7CE", "#8C0008"),
    Confidence.NONE: ("#E5E7E9", "#3C444A"),
}


def write(matrix: Matrix) -> bytes:
    """Matrix first, in colour and in words; the same with the inheritance; panels, what was not resolved, About."""
    stream = io.BytesIO()
    workbook = xlsxwriter.Workbook(
        stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    # No clock inside: the same matrix is the same file.
    workbook.set_properties({"title": "PanelMerge gene matrix", "created": datetime(2000, 1, 1)})
    bold = workbook.add_format({"bold": True})
    upright = workbook.add_format({"bold": True, "rotation": 60, "valign": "bottom"})
    inks = {
        str(level): workbook.add_format({"bg_color": ground, "font_color": ink})
        for level, (ground, ink) in COLOURS.items()
    }

    def sheet_of(name: str, headers: Sequence[str], upright_from: int = 1_000_000) -> Any:
        sheet = workbook.add_worksheet(name)
        sheet.freeze_panes(1, 1)
        for column, header in enumerate(headers):
            sheet.write_string(0, column, _fitting(header), upright if column >= upright_from else bold)
        return sheet

    def write(sheet: Any, line: int, row: Sequence[str]) -> None:
        for column, text in enumerate(row):
            if text:
                sheet.write_string(line, column, _fitting(text))

    def whole(name: str, say: Callable[[Cell], str]) -> None:
        sheet = sheet_of(name, (*HEADERS, *map(heading, matrix.panels)), upright_from=len(HEADERS))
        sheet.set_column(0, 2, 16)
        sheet.set_column(len(HEADERS), len(HEADERS) + max(1, len(matrix.panels)) - 1, 8)
        for number, line in enumerate(lines_of(matrix), start=1):
            write(sheet, number, line.gene)
            for column, cell in line.cells:
                if text := say(cell):
                    sheet.write_string(number, column, _fitting(text), inks.get(cell.confidence_level))
        write(sheet, len(matrix.genes) + 1, totals(matrix))

    def table(name: str, headers: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        sheet = sheet_of(name, headers)
        sheet.set_column(0, len(headers) - 1, 30)
        for number, row in enumerate(rows, start=1):
            write(sheet, number, row)

    whole("Matrix", level_in_words)
    whole("Inheritance", inheritance_in_words)
    table("Panels", PANEL_HEADERS, (_panel_row(panel, matrix) for panel in matrix.panels))
    lost = (("" if one.row is None else str(one.row), one.query, one.reason) for one in matrix.unresolved)
    table("Not resolved", UNRESOLVED_HEADERS, lost)
    table("About", ABOUT_HEADERS, about_lines(matrix))
    workbook.close()
    return stream.getvalue()


def _panel_row(panel: MatrixPanel, matrix: Matrix) -> tuple[str, ...]:
    return (panel.label, panel.key, panel.version, str(matrix.by_panel[panel.key]), str(panel.size), panel.terms)


def _fitting(text: str) -> str:
    return text if len(text) <= CELL_LIMIT else text[: CELL_LIMIT - len(CUT)] + CUT
