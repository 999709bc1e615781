"""F-22: no text of anybody's becomes a formula, in any file of ours, in LibreOffice as in our own reader."""

from __future__ import annotations

import csv
import io
import itertools
import os
import random
import re
import shutil
import subprocess
import zipfile
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from panels.engine.columns import find_layout, own_columns, own_record
from panels.engine.content import content_record
from panels.engine.diff import Comparison, diff
from panels.engine.genes import Entity, EntityType, GeneList, Origin, Row, Unresolved
from panels.engine.matrix import AskedGene, Filters, MatrixPanel, Statement, gene_matrix
from panels.engine.merge import Decision, MergeInput, MergeResult, merge
from panels.formats.reading import READERS, delimited
from panels.formats.writing import FORMATS, matrix
from panels.formats.writing.columns import in_reading_order
from panels.formats.writing.comparison import write_csv

STRINGS = 5_000 if os.environ.get("PANELMERGE_PROOF") else 150
# What a formula gives that was run: 21 times 2001. No cell may hold it.
ANSWER = "42021"
FIRST = (
    *("=", "+", "-", "@", "\t", "\r", "\n", "'", '"', "{", "(", "|", "%", "#", ";", ",", "<", "&", "_x003D_", ""),
    # Look-alikes: full width, small, superscript, the mathematical minus, dashes.
    *("\uff1d", "\uff0b", "\uff0d", "\uff20", "\ufe66", "\ufe62", "\ufe63", "\ufe6b", "\u207c", "\u207a", "\u2212"),
    *("\u2010", "\u2013", "\u2014", "\ua78a", "\u02c9"),
    # What is not seen before it: spaces, a mark of order, directions, joiners.
    *(
        " ",
        "\u00a0",
        "\u3000",
        "\u200b",
        "\ufeff",
        "\u200e",
        "\u202e",
        "\u2060",
        "\x0b",
        "\x0c",
        "\x1f",
        "\x7f",
        "\x85",
    ),
)
PAYLOADS = (
    *("21*2001", "=21*2001", "SUM(21*2001)", '=HYPERLINK("http://127.0.0.1:9/x","21*2001")', "cmd|' /C calc'!A0"),
    *(
        'WEBSERVICE("http://127.0.0.1:9/")',
        "=1+1\n=21*2001",
        "2001*21;=21*2001",
        '","=21*2001',
        "'=21*2001",
        "of:=21*2001",
    ),
    *("ROW()", "{=21*2001}", "DDE(1;2;3)", "\t=21*2001", "\r\n=21*2001", "ä€\U0001f9ec", "x" * 300, "a; b", "", "1"),
)


@cache
def strings() -> tuple[str, ...]:
    """Every first sign with every payload, then two signs at random, each once."""
    draw = random.Random(22)
    every = dict.fromkeys(first + payload for first, payload in itertools.product(FIRST, PAYLOADS))
    while len(every) < 5_000:
        every["".join(draw.choices(FIRST, k=draw.randint(2, 4))) + draw.choice(PAYLOADS) + str(len(every))] = None
    found = [text for text in every if text.strip()]
    return tuple(found if len(found) <= STRINGS else draw.sample(found, STRINGS))


def _row(text: str, number: int) -> Row:
    """A region of PanelApp's with the text in every place that a source fills."""
    said = dict.fromkeys(("mode_of_inheritance", "note", "given", "custom_confidence", "child_panel_name"), text)
    said |= dict.fromkeys(("phenotypes", "evidence", "tags", "publications"), (text,))
    entity = Entity(EntityType.REGION, f"{text}{number}", "", text, grch37="1:5-9", grch38="1:5-9")
    return Row(entity, Origin("uk", "1", "=Panel", "1.0", "green", **said))


@cache
def result() -> MergeResult:
    """A result in which these texts stand wherever a source or a person may put one."""
    rows = [_row(text, number) for number, text in enumerate(strings())]
    mine = [
        Row(row.entity, Origin("list", "", "@mine", confidence_level=text))
        for row, text in zip(rows, strings(), strict=True)
    ]
    lost = tuple(Unresolved(text, text, 1) for text in strings())
    panel = GeneList("uk", "1", "=Panel", "1.0", tuple(rows), lost, "=terms")
    decisions = {row.entity.key: Decision(text, "amber") for row, text in zip(rows, strings(), strict=True)}
    inputs = [MergeInput(panel), MergeInput(GeneList("list", "", "@mine", "", tuple(mine)))]
    return merge(inputs, decisions=decisions, gene_names="=names")


@cache
def files() -> dict[str, bytes]:
    """Every file that we write, by its name."""
    whole = result()
    written = {f"list{one.suffix}": one.write(whole) for one in FORMATS.values()}
    panels = [MatrixPanel("uk:1", "uk", "1", "=Panel", "1.0", 3, "=terms")]
    panels += [MatrixPanel(f"upload:{n}", "upload", str(n), text) for n, text in enumerate(strings()[:50])]
    asked = [AskedGene(text, text, "", "", (text, f"={text}")) for text in strings()]
    said = [Statement(text, "uk:1", text if n % 2 else "green", text) for n, text in enumerate(strings())]
    levels = Filters(levels=frozenset({"green", *strings()}))
    made = gene_matrix(asked, panels, said, levels, unresolved=whole.inputs[0].genes.unresolved, gene_names="=names")
    written |= {f"matrix.{name}": one.write(made) for name, one in matrix.FORMATS.items()}
    first, second = (one.genes for one in whole.inputs)
    written["compare.csv"] = write_csv(Comparison(first, second, diff(first, second), "=names"))
    return written


@pytest.mark.parametrize("name", ["json", "xlsx", "csv", "tsv"])
def test_read_of_what_was_written_gives_every_text_back(name):
    """F-22, CO-01: letter for letter, under every key of a gene."""
    reader = import_module(f"panels.formats.reading.{READERS[f'.{name}']}")

    table = reader.read(FORMATS[name].write(result()), f"list.{name}")

    rows = table.sheets[0].rows
    layout = find_layout(rows)
    read = [own_record(row, own_columns(rows, layout)) for row in rows[layout.first_row :] if row]
    written = [content_record(one) for one in in_reading_order(result())]
    assert len(read) == len(written) == len(strings())
    pairs = zip(written, read, strict=True)
    assert [one["gene_symbol"] for one, other in pairs if one != {key: other[key] for key in one}] == []


@pytest.mark.parametrize("name", ["list.csv", "list.tsv", "list.panelapp.tsv", "matrix.csv", "compare.csv"])
def test_no_cell_of_a_table_of_ours_begins_like_a_formula(name):
    """F-22"""
    delimiter = "\t" if name.endswith(".tsv") else ","
    # All 5,000 texts as the filter of the matrix make one long cell.
    csv.field_size_limit(10_000_000)

    rows = csv.reader(io.StringIO(files()[name].decode("utf-8-sig"), newline=""), delimiter=delimiter)

    cells = [cell for row in rows for cell in row]
    assert not [cell for cell in cells if cell and cell[0] in "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"]
    assert len(cells) > len(strings())


@pytest.mark.skipif(not shutil.which("soffice"), reason="there is no LibreOffice here")
@pytest.mark.parametrize(("ending", "sign"), [(".xlsx", ""), (".csv", "44"), (".tsv", "9")])
def test_libreoffice_runs_nothing_of_any_file(tmp_path, ending, sign):
    """F-22: opened by LibreOffice and saved as its own workbook, no cell is a formula and none holds an answer."""
    given = {name: content for name, content in files().items() if name.endswith(ending)}
    # Such a cell unguarded is run: or this test could not fail.
    given[f"control{ending}"] = _control(sign)
    for name, content in given.items():
        (tmp_path / name).write_bytes(content)

    _convert(tmp_path, list(given), sign)

    found = {name: _seen(tmp_path / "out" / Path(name).with_suffix(".xlsx").name) for name in given}
    assert found.pop(f"control{ending}")[:2] == (1, 1)
    assert {name: seen[:2] for name, seen in found.items()} == dict.fromkeys(found, (0, 0))
    assert min(cells for _, _, cells in found.values()) > len(strings())


def _control(sign: str) -> bytes:
    if sign:
        return chr(int(sign)).join(("Gene", "Note", "BRCA1\n=21*2001")).encode()
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.add_worksheet().write_formula(0, 0, "=21*2001", None, int(ANSWER))
    book.close()
    return out.getvalue()


def _convert(folder: Path, names: list[str], sign: str) -> None:
    """Open files as somebody does who says yes to everything that LibreOffice's window offers, and save workbooks."""
    # Delimiter, quotation mark, UTF-8, from line 1, …, detect special numbers, …, and the last: evaluate formulas.
    options = [f"--infilter=CSV:{sign},34,76,1,,0,false,true,false,false,false,-1,true"] if sign else []
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = ["soffice", "--headless", profile, *options, "--convert-to", "xlsx", "--outdir", "out", *names]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=900)


def _seen(path: Path) -> tuple[int, int, int]:
    """How many formulas a workbook holds, how many answers of them, and how many filled cells."""
    with zipfile.ZipFile(path) as archive:
        parts = [archive.read(part) for part in archive.namelist() if part.startswith("xl/worksheets/sheet")]
    book = CalamineWorkbook.from_path(path)
    rows = [row for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python()]
    cells = [str(cell).strip() for row in rows for cell in row if cell != ""]
    answers = sum(cell in (ANSWER, f"{ANSWER}.0") for cell in cells)
    return sum(len(re.findall(rb"<f[ />]", part)) for part in parts), answers, len(cells)


@pytest.mark.parametrize("name", FORMATS)
def test_a_carriage_return_in_a_name_begins_no_row(name):
    """F-22: a spreadsheet would take what follows it for a cell of its own, and run it."""
    entity = Entity(EntityType.REGION, "a\r=1+1", "", "b\r=2+2", grch38="1:5-9")
    list_of_one = GeneList("list", "", "mine", rows=(Row(entity, Origin("list", "", "mine", note="c\r=3+3")),))

    content = FORMATS[name].write(merge([MergeInput(list_of_one)]))

    unquoted = re.sub(rb'"(?:[^"]|"")*"', b"", content)
    assert name in ("xlsx", "json") or not re.search(rb"\r(?!\n)", unquoted)


@pytest.mark.parametrize("name", ["csv", "tsv"])
def test_read_of_a_name_that_begins_like_a_remark_is_not_lost(name):
    """CO-01: in the files of others ## begins a remark, in ours nothing above the last lines does."""
    rows = (Row(Entity(EntityType.REGION, "##1p36", "", "deletion"), Origin("list", "", "mine")),)
    content = FORMATS[name].write(merge([MergeInput(GeneList("list", "", "mine", rows=rows))]))

    table = delimited.read(content, f"list.{name}")

    assert [row[0] for row in table.sheets[0].rows] == ["GeneSymbol", "##1p36"]
    assert table.notes == []
