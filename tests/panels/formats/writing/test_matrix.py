"""Matrices as files. BG-07, and F-22: no cell of them is run."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest
from python_calamine import CalamineWorkbook

from panels.engine.genes import Unresolved
from panels.engine.matrix import CATALOGUES, AskedGene, Filters, Matrix, MatrixPanel, Statement, gene_matrix
from panels.formats.cells import CELL_LIMIT
from panels.formats.writing.matrix import FORMATS
from panels.panelapp.sources import SOURCES

TTN, MYH7 = AskedGene("HGNC:12403", "TTN", "HGNC:12403", "titin", ("TTN", "CMD1G")), AskedGene("HGNC:7577", "MYH7")


def matrix_of(*levels: str, name: str = "Heart", mode: str = "MONOALLELIC", lost: str = "nosuch") -> Matrix:
    """TTN in one panel of the UK, as often as there are levels; MYH7 in none."""
    panel = MatrixPanel("uk:7", "uk", "7", name, "1.2", 3, "Terms of use")
    said = [Statement("HGNC:12403", "uk:7", level, mode) for level in levels]
    unresolved = [Unresolved(lost, f"{lost} is no gene", 3)]
    return gene_matrix([TTN, MYH7], [panel], said, Filters(), unresolved=unresolved, gene_names="HGNC 2026")


def csv_rows(matrix: Matrix) -> list[list[str]]:
    return list(csv.reader(io.StringIO(FORMATS["csv"].write(matrix).decode("utf-8-sig"))))


def sheet(matrix: Matrix, name: str) -> list[list[str]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(FORMATS["xlsx"].write(matrix)))
    return book.get_sheet_by_name(name).to_python()


def formulas(content: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return sum(archive.read(part).count(b"<f>") for part in archive.namelist() if "worksheets/" in part)


def test_write_csv_keeps_a_gene_that_no_panel_holds():
    rows = csv_rows(matrix_of("green"))

    assert rows[0] == ["GeneSymbol", "HGNC ID", "As given", "Panels", "GB Heart v1.2 [uk:7]"]
    assert rows[1] == ["TTN", "HGNC:12403", "CMD1G", "1", "green | MONOALLELIC"]
    assert rows[2] == ["MYH7", "", "", "0", ""]


def test_write_csv_ends_with_what_was_not_resolved_and_the_terms():
    rows = csv_rows(matrix_of("green"))

    assert ["# Not resolved", "nosuch", "nosuch is no gene", "row 3"] in rows
    assert ["# Terms of PanelApp UK", "Terms of use"] in rows


def test_write_xlsx_has_level_and_inheritance_in_sheets_of_their_own():
    matrix = matrix_of("red", "green")

    assert sheet(matrix, "Matrix")[1][4] == "green"
    assert sheet(matrix, "Inheritance")[1][4] == "MONOALLELIC | 2 rows"


@pytest.mark.parametrize("evil", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\uff1d1+1", '=HYPERLINK("http://x")'])
def test_write_of_a_cell_that_a_spreadsheet_would_run_is_text(evil):
    matrix = matrix_of("green", mode=evil, lost=evil)

    assert ["# Not resolved", f"'{evil}", f"'{evil} is no gene", "row 3"] in csv_rows(matrix)
    assert sheet(matrix, "Not resolved")[1][1] == evil
    assert formulas(FORMATS["xlsx"].write(matrix)) == 0


def test_write_xlsx_cuts_a_text_too_long_for_a_cell_and_says_so():
    text = sheet(matrix_of("green", mode="x" * 40_000), "Inheritance")[1][4]

    assert len(text) == CELL_LIMIT
    assert text.endswith("the csv has the whole text)")


@pytest.mark.parametrize("name", FORMATS)
def test_write_of_the_same_matrix_gives_the_same_bytes(name):
    assert FORMATS[name].write(matrix_of("green")) == FORMATS[name].write(matrix_of("green"))


def test_catalogues_are_called_as_their_sources():
    assert {key: source.name for key, source in SOURCES.items()} == CATALOGUES
