"""Handing a matrix out: a workbook, or one table as csv."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import xlsxwriter
from django.db import transaction

from audit.context import audit_context
from audit.events import Action
from audit.record import record
from panelmerge.lib.errors import NotHere
from panels.actions.exporting import Export
from panels.engine.genes import Confidence
from panels.engine.matrix import OWN, Cell, Matrix, MatrixPanel
from panels.formats.cells import guarded
from panels.formats.writing.xlsx import CELL_LIMIT
from panels.models import PanelDownload, Upload
from panels.panelapp.sources import SOURCES

FORMAT = "panelmerge-matrix/1"
HEADERS = ("GeneSymbol", "HGNC ID", "As given", "Panels")
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
BETWEEN = "; "


def level_in_words(cell: Cell) -> str:
    """ "green" … "level 0", a list's own word, or "listed" where a list gives no level."""
    return "level 0" if cell.confidence_level == Confidence.NONE else cell.confidence_level or "listed"


def heading(panel: MatrixPanel) -> str:
    """Names the panel and its version; the id in it keeps two of one name apart."""
    return f"{panel.label} [{panel.key if panel.source != OWN else 'own list'}]"


def about_lines(matrix: Matrix) -> list[tuple[str, str]]:
    """Pairs of a heading and a text, in reading order. No clock and no person in them."""
    filters, counts = matrix.filters, matrix.counts
    shown = {panel.source for panel in matrix.panels}
    source = SOURCES[filters.source].name if filters.source else "both catalogues"
    lines = [
        ("Format", FORMAT),
        ("Gene names", matrix.gene_names),
        ("Genes asked for", str(counts["asked"])),
        ("Different genes", str(counts["genes"])),
        ("Not resolved", str(counts["unresolved"])),
        ("In no panel shown", str(counts["in_no_panel"])),
        ("Panels", str(counts["panels"])),
        ("Confidence", filters.levels_in_words),
        ("Source", source + (", and lists of one's own" if OWN in shown else "")),
        ("Panels with at least", f"{max(1, filters.least)} of the genes"),
        ("Words in the panel's name", filters.words or "any"),
    ]
    lines += [(f"Panels of {one.name}", str(_of(matrix, key))) for key, one in SOURCES.items() if key in shown]
    terms = dict.fromkeys((panel.source, panel.terms) for panel in matrix.panels if panel.terms)
    lines += [(f"Terms of {SOURCES[key].name}", text) for key, text in sorted(terms, key=lambda one: one[0] != "uk")]
    lines.append(("Versions", "Each panel's version stands beside its name."))
    lines.append(("Cells", "The highest confidence that the panel's rows give, of those the confidence filter takes."))
    return lines


def _of(matrix: Matrix, source: str) -> int:
    return sum(panel.source == source for panel in matrix.panels)


@dataclass(frozen=True, slots=True)
class _Line:
    """A gene's own cells, and by their column those of the panels that hold it: most do not."""

    gene: tuple[str, ...]
    cells: list[tuple[int, Cell]]


def _lines(matrix: Matrix) -> Iterator[_Line]:
    column = {panel.key: place for place, panel in enumerate(matrix.panels, start=len(HEADERS))}
    held: dict[str, list[tuple[int, Cell]]] = {gene.key: [] for gene in matrix.genes}
    for (gene, panel), cell in matrix.cells.items():
        held[gene].append((column[panel], cell))
    for gene in matrix.genes:
        given = BETWEEN.join(gene.renamed_from)
        own = (gene.gene_symbol, gene.hgnc_id, given, str(matrix.by_gene[gene.key]))
        yield _Line(own, sorted(held[gene.key], key=lambda one: one[0]))


def _totals(matrix: Matrix) -> tuple[str, ...]:
    return ("Genes in the panel", "", "", "", *(str(matrix.by_panel[panel.key]) for panel in matrix.panels))


def inheritance_in_words(cell: Cell) -> str:
    """The modes of inheritance, and how many rows of a super panel stand behind them."""
    return " | ".join(filter(None, (BETWEEN.join(cell.modes), f"{cell.rows} rows" if cell.rows > 1 else "")))


def write_csv(matrix: Matrix) -> bytes:
    """One table; below it, each line begun with a #, what was not resolved and what the file says of itself."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")

    def write(row: Iterable[str]) -> None:
        writer.writerow([guarded(cell) for cell in row])

    write((*HEADERS, *map(heading, matrix.panels)))
    nothing = [""] * len(matrix.panels)
    for line in _lines(matrix):
        row = [*map(guarded, line.gene), *nothing]
        for column, cell in line.cells:
            row[column] = guarded(" | ".join(filter(None, (level_in_words(cell), inheritance_in_words(cell)))))
        writer.writerow(row)
    write(_totals(matrix))
    for one in matrix.unresolved:
        write(("# Not resolved", one.query, one.reason, "" if one.row is None else f"row {one.row}"))
    for what, line in about_lines(matrix):
        write((f"# {what}", line))
    # The mark lets Excel read UTF-8 as UTF-8.
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def write_xlsx(matrix: Matrix) -> bytes:
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
        for number, line in enumerate(_lines(matrix), start=1):
            write(sheet, number, line.gene)
            for column, cell in line.cells:
                if text := say(cell):
                    sheet.write_string(number, column, _fitting(text), inks.get(cell.confidence_level))
        write(sheet, len(matrix.genes) + 1, _totals(matrix))

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


@dataclass(frozen=True, slots=True)
class MatrixFormat:
    name: str
    title: str
    content_type: str
    write: Callable[[Matrix], bytes]


FORMATS: dict[str, MatrixFormat] = {
    one.name: one
    for one in (
        MatrixFormat(
            "xlsx", "Excel workbook", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", write_xlsx
        ),
        MatrixFormat("csv", "Comma-separated", "text/csv; charset=utf-8", write_csv),
    )
}


@transaction.atomic
def export_matrix(*, matrix: Matrix, upload: Upload, format: str, by: Any = None) -> Export:
    """The matrix as a file, and the record of it: one PANEL_DOWNLOAD and one panel_download row. CO-03."""
    if format not in FORMATS:
        raise NotHere(f"There is no format {format!r}; there are {', '.join(FORMATS)}.")
    chosen = FORMATS[format]
    content = chosen.write(matrix)
    panels = [f"{panel.key}@{panel.version}" if panel.version else panel.name for panel in matrix.panels]
    PanelDownload.objects.create(
        ip_address=audit_context().ip_address,
        panel_ids=", ".join(panels),
        list_types=matrix.filters.levels_in_words,
        gene_count=len(matrix.genes),
        user=by if by is not None and by.is_authenticated else None,
    )
    record(
        Action.PANEL_DOWNLOAD,
        by=by,
        resource_type="matrix",
        resource_id=str(upload.pk),
        description=f"Downloaded the matrix of {len(matrix.genes)} genes and {len(panels)} panels as {format}",
        details={"format": format, "inputs": panels, "counts": matrix.counts},
    )
    return Export(f"gene-matrix.{chosen.name}", chosen.content_type, content)
