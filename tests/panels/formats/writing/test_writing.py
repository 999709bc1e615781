"""Files that other programs read, with nothing a spreadsheet would run. CO-01, BG-03, BG-14, BG-16."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from dataclasses import replace

import openpyxl
import pytest
import python_calamine
from hypothesis import given
from hypothesis import strategies as st

from panels.engine.content import GENE_KEYS, content_hash
from panels.engine.genes import Unresolved
from panels.engine.merge import merge
from panels.formats.cells import guarded, unguarded
from panels.formats.writing import FORMATS
from panels.formats.writing.columns import HEADERS
from panels.formats.writing.xlsx import CELL_LIMIT, sheet_names
from tests.panels.engine.lists import AD, AR, gene, listed

RUNNING = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", '=HYPERLINK("http://x")', "\uff1d1", "'=1", "a'b", "_x0041_"]


@pytest.fixture
def result():
    """Every cell that a source or a person can fill holds something a spreadsheet would run."""
    rows = [
        gene(number, "green", inheritance=AD, phenotypes=(text,), note=text, given=text)
        for number, text in enumerate(RUNNING, start=1)
    ]
    return merge(
        [
            listed(*rows, unresolved=(Unresolved("=cmd|' /C calc'!A0", "unknown", 3),)),
            listed(gene(1, "red", of="2", inheritance=AR), of="2", source="aus"),
        ],
        gene_names="HGNC 2023-06-13",
    )


def sheets(content: bytes) -> dict[str, list[list]]:
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


@pytest.mark.parametrize("name", list(FORMATS))
def test_the_same_result_is_the_same_file(result, name):
    assert FORMATS[name].write(result) == FORMATS[name].write(result)


def test_workbook_begins_with_the_sheet_and_columns_of_the_old_one(result):
    book = sheets(FORMATS["xlsx"].write(result))

    assert next(iter(book)) == "Combined list"
    assert book["Combined list"][0][:3] == ["GeneSymbol", "Panel(s)", "List type(s)"]
    assert list(book)[-3:] == ["Conflicts", "Dropped", "About"]
    assert list(book)[1:3] == ["GB Panel 1", "AUS Panel 2"]


def test_workbook_names_both_sources_of_a_shared_gene(result):
    header, *lines = sheets(FORMATS["xlsx"].write(result))["Combined list"]

    shared = next(dict(zip(header, line, strict=True)) for line in lines if line[3] == "HGNC:1")
    assert shared["Panel(s)"] == "GB Panel 1 v1.0; AUS Panel 2 v1.0"
    assert shared["List type(s)"] == "green; red"
    assert shared["Conflicts"] == "confidence level; mode of inheritance"


def test_workbook_lists_conflicts_dropped_and_the_recipe(result):
    book = sheets(FORMATS["xlsx"].write(result))

    about = dict(book["About"][1:])
    assert {line[3] for line in book["Conflicts"][1:] if line[2] == "confidence_level"} == {"green", "red"}
    assert "=cmd|' /C calc'!A0" in {line[1] for line in book["Dropped"][1:]}
    assert json.loads(about["Recipe"])["gene_names"] == "HGNC 2023-06-13"
    assert len(about["Content hash"]) == 64


def test_no_cell_of_the_workbook_is_a_formula(result):
    """A-15, seen by another program's reader."""
    book = openpyxl.load_workbook(io.BytesIO(FORMATS["xlsx"].write(result)))

    kinds = {cell.data_type for sheet in book for line in sheet.iter_rows() for cell in line if cell.value is not None}
    assert kinds == {"s"}


def test_texts_come_out_of_the_workbook_as_they_went_in(result):
    lines = sheets(FORMATS["xlsx"].write(result))["GB Panel 1"]

    notes = {line[lines[0].index("note")] for line in lines[1:]}
    assert notes >= {text for text in RUNNING if "\r" not in text}


def test_a_text_too_long_for_a_cell_says_that_it_is_cut():
    result = merge([listed(gene(1, phenotypes=("x" * 40_000,)))])

    header, line = sheets(FORMATS["xlsx"].write(result))["Combined list"]
    cell = line[header.index("Phenotypes")]
    assert len(cell) == CELL_LIMIT
    assert cell.endswith("the json export has the whole text)")


def test_sheet_names_are_short_allowed_and_never_alike():
    long = "Severe [early]: onset/obesity * with ? a long name"
    inputs = [listed(of=name) for name in (long, long, "about", "x" * 40, "X" * 40)]

    names = sheet_names(inputs)

    assert all(len(name) <= 31 for name in names)
    assert len({name.casefold() for name in names}) == len(names)
    assert not any(set(name) & set("[]:*?/\\") for name in names)


@pytest.mark.parametrize(("name", "delimiter"), [("csv", ","), ("tsv", "\t")])
def test_delimited_files_hold_every_gene_guarded(result, name, delimiter):
    text = FORMATS[name].write(result).decode("utf-8-sig")
    header, *rest = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    lines, about = rest[: rest.index([])], rest[rest.index([]) + 1 :]

    assert tuple(header) == HEADERS
    assert len(lines) == len(result.entities)
    assert ["# Format", "panelmerge/1"] in about
    assert all(line[0].startswith("# ") for line in about)
    assert not any(cell[:1] in "=+-@\t\r\uff1d" for line in lines for cell in line if cell)
    notes = {unguarded(line[header.index("Notes")]) for line in lines}
    assert notes == set(RUNNING)


def test_json_carries_hash_recipe_and_every_origin(result):
    content = json.loads(FORMATS["json"].write(result))

    records = [{key: one[key] for key in GENE_KEYS} for one in content["genes"]]
    assert content["format"] == "panelmerge/1"
    assert content["content_hash"] == content_hash(records)
    assert content["recipe"]["inputs"][1]["panel_id"] == 2
    assert sum(len(one["origins"]) for one in content["genes"]) == len(RUNNING) + 1


def test_terms_of_each_source_stand_in_the_file():
    """BG-16."""
    one = listed(gene(1))
    terms = "May not be passed on."

    result = merge([replace(one, genes=replace(one.genes, terms=terms))])

    assert ["Terms of input 1", terms] in sheets(FORMATS["xlsx"].write(result))["About"]
    assert terms in json.loads(FORMATS["json"].write(result))["terms"].values()


@given(st.text())
def test_a_guarded_cell_comes_back_as_it_was(text):
    assert unguarded(guarded(text)) == text


@pytest.mark.skipif(not shutil.which("soffice"), reason="there is no LibreOffice here")
def test_libreoffice_opens_the_workbook_and_evaluates_nothing(result, tmp_path):
    """F-22: what LibreOffice shows is the text that went in."""
    (tmp_path / "list.xlsx").write_bytes(FORMATS["xlsx"].write(result))

    subprocess.run(
        [
            "soffice",
            "--headless",
            f"-env:UserInstallation=file://{tmp_path}/profile",
            "--convert-to",
            "csv",
            "list.xlsx",
        ],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        timeout=120,
    )

    shown = (tmp_path / "list.csv").read_bytes().decode()
    header, *lines = csv.reader(io.StringIO(shown, newline=""))
    assert tuple(header) == HEADERS
    assert {"=1+1", "+1", "-1", "@SUM(A1)"} <= {line[header.index("Notes")] for line in lines}


@pytest.mark.skipif(not shutil.which("soffice"), reason="there is no LibreOffice here")
def test_libreoffice_reads_the_csv_as_one_table(result, tmp_path):
    """F-22: what stands behind the table does not disturb it."""
    (tmp_path / "list.csv").write_bytes(FORMATS["csv"].write(result))

    subprocess.run(
        [
            "soffice",
            "--headless",
            f"-env:UserInstallation=file://{tmp_path}/profile",
            # Comma, quotation mark, UTF-8: what its window asks a person.
            "--infilter=CSV:44,34,76",
            "--convert-to",
            "xlsx",
            "list.csv",
        ],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        timeout=120,
    )

    [(_, rows)] = sheets((tmp_path / "list.xlsx").read_bytes()).items()
    assert tuple(rows[0]) == HEADERS
    assert [row[0] for row in rows[1 : len(result.entities) + 1]] == sorted(
        merged.entity.name for merged in result.entities
    )
    assert ["# Format", "panelmerge/1"] in [row[:2] for row in rows]
