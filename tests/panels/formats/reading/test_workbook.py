"""Workbooks: what a spreadsheet made of a gene name must stay recognisable."""

from __future__ import annotations

import io
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from panelmerge.lib.errors import Refusal, TooLarge, WrongType
from panels.formats.reading import read_file
from panels.formats.reading.workbook import read
from tests.panels.formats.reading.building import saved, with_part, workbook

FILES = Path(__file__).parent / "files"


def test_read_dates_and_numbers_stay_recognisable_as_damaged_names():
    """UP-01: SEPT2 that became a date is seen as a date, not as a number of days."""
    book = openpyxl.Workbook()
    for number, value in enumerate(["Gene", date(2021, 9, 2), 44441, 2.31e13, datetime(2021, 3, 1, 10, 30)], start=1):
        book.active.cell(number, 1, value)

    table = read_file(saved(book), "genes.xlsx")

    assert [row[0] for row in table.sheets[0].rows] == [
        "Gene",
        "2021-09-02",
        "44441",
        "23100000000000",
        "2021-03-01T10:30:00",
    ]


def test_read_keeps_the_row_and_column_numbers_of_the_file():
    book = openpyxl.Workbook()
    book.active["B3"] = "Gene"
    book.active["B6"] = "BRCA1"

    table = read_file(saved(book), "genes.xlsx")

    assert table.sheets[0].rows == [[], [], ["", "Gene"], [], [], ["", "BRCA1"]]


def test_read_gives_every_sign_as_it_was_written():
    scripts = ["\U0001d538\U0001f9ec", "\u05d2\u05ab\u05df", "e\u0301"]
    texts = ["Gene", *scripts, "'; DROP TABLE genes; --", '<script>"x"</script>', "../../etc", "=1+1"]

    table = read_file(workbook({"List": [[text] for text in texts]}), "genes.xlsx")

    assert [row[0] for row in table.sheets[0].rows] == texts


def test_read_tells_of_hidden_empty_and_merged():
    book = openpyxl.Workbook()
    book.active.title = "Open"
    book.active["A1"] = "Gene"
    book.active["A2"] = "TP53"
    book.active.merge_cells("A2:A3")
    book.create_sheet("Nothing")
    secret = book.create_sheet("Secret")
    secret["A1"] = "BRCA1"
    secret.sheet_state = "hidden"

    table = read_file(saved(book), "genes.xlsx")

    assert [(sheet.name, sheet.hidden) for sheet in table.sheets] == [
        ("Open", False),
        ("Nothing", False),
        ("Secret", True),
    ]
    assert len(table.notes) == 3


def test_read_counts_the_cells_that_hold_an_error():
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    sheet.write_column(0, 0, ["Gene", "TP53"])
    sheet.write_formula(2, 0, "=VLOOKUP(1,B1:B2,1)", None, "#N/A")
    book.close()

    table = read_file(out.getvalue(), "genes.xlsx")

    assert table.notes == ["1 cells hold a spreadsheet's error (such as #REF! or #N/A) and are read as empty."]


def test_read_an_old_workbook():
    """UP-01: .xls is read as well."""
    table = read_file(FILES / "genes.xls", "genes.xls")

    assert table.sheets[0].rows == [["Gene", "Level"], ["BRCA1", "green"], ["2021-09-02", "amber"], ["TP53", "3"]]


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("a.xls", b"<html><table><tr><td>BRCA1</td></tr></table></html>", "web page"),
        ("a.xls", b"Gene\tLevel\nBRCA1\tgreen\n", "plain text"),
        ("a.xlsx", b"Gene,Level\nBRCA1,green\n", "plain text"),
        ("a.xlsx", b"%PDF-1.7 ...", "PDF"),
        ("a.xlsx", (FILES / "genes.xls").read_bytes(), "old Excel workbook"),
        ("a.xls", workbook({"S": [["Gene"]]}), "zip archive or a workbook"),
        ("a.csv", workbook({"S": [["Gene"]]}), "zip archive or a workbook"),
        ("a.docx", b"PK\x03\x04", "cannot be read"),
        ("noending", b"BRCA1", "cannot be read"),
    ],
)
def test_read_a_file_that_is_something_else_says_what_it_is(name, content, word):
    with pytest.raises(WrongType, match=word):
        read_file(content, name)


def test_read_two_hundred_columns_is_refused_with_the_sheet():
    content = workbook({"Wide": [["x"] * 200]})

    with pytest.raises(TooLarge, match="sheet Wide: there are 200 columns"):
        read_file(content, "wide.xlsx")


def test_read_sixty_thousand_rows_is_refused_with_the_row():
    content = workbook({"Long": [["x"]] * 60_000})

    with pytest.raises(TooLarge, match="the last row is 60,000"):
        read_file(content, "long.xlsx")


def test_read_a_workbook_of_empty_sheets_is_refused():
    with pytest.raises(Refusal, match="no sheet with any text"):
        read_file(workbook({"One": [], "Two": []}), "empty.xlsx")


def test_read_a_file_over_the_size_limit_is_refused_before_anything():
    with pytest.raises(TooLarge, match="at most 10 are read"):
        read_file(b"x" * 11, "a.csv", max_size=10)


def test_read_tells_of_formulas_without_a_value():
    """A gene that a formula would give is lost unless a spreadsheet calculated it: never silently."""
    book = openpyxl.Workbook()
    for row in (["Gene"], ["BRCA1"], ['=CONCAT("TP","53")'], ["=A2"]):
        book.active.append(row)

    table = read(saved(book), "genes.xlsx")

    assert table.notes == [
        "2 cells hold a formula without its value and are read as empty. Save the file in a spreadsheet first."
    ]


def test_read_takes_the_value_that_a_formula_was_saved_with():
    sheet = (
        b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1" t="str"><f>B1</f><v>Gene</v></c></row><row r="2"><c r="A2" t="str"><f>B2</f>'
        b'<v>BRCA1</v></c><c r="B2" t="str"><f>""</f><v></v></c></row></sheetData></worksheet>'
    )

    table = read(with_part(workbook({"S": [["x"]]}), "xl/worksheets/sheet1.xml", sheet), "genes.xlsx")

    assert (table.sheets[0].rows, table.notes) == ([["Gene"], ["BRCA1"]], [])
