"""Delimited files and pasted text: no row lost, no row number moved."""

from __future__ import annotations

import csv
import io
import random

import pytest

from panelmerge.lib.errors import Refusal, TooLarge
from panels.formats.reading import read_file, read_text
from panels.formats.reading.delimited import read


def rows_of(text: str | bytes, name: str = "a.csv") -> list[list[str]]:
    return read(text if isinstance(text, bytes) else text.encode(), name).sheets[0].rows


@pytest.mark.parametrize(
    ("text", "name", "delimiter"),
    [
        ("Gene,Level\nBRCA1,green\n", "a.csv", ","),
        ("Gene;Level\nBRCA1;green\n", "a.csv", ";"),
        ("Gene\tLevel\nBRCA1\tgreen\n", "a.tsv", "\t"),
        ("Gene\tLevel\nBRCA1\tgreen\n", "a.csv", "\t"),
        ("Gene;Score\nBRCA1;1,5\nTP53;2,5\n", "a.csv", ";"),
        ("Gene\tLevel\r\nBRCA1\tgreen\r\n", "a.txt", "\t"),
        ("Gene,Level\nBRCA1,green\n", "a.txt", ","),
    ],
)
def test_read_finds_what_stands_between_the_cells(text, name, delimiter):
    table = read(text.encode(), name)

    assert table.delimiter == delimiter
    assert [len(row) for row in table.sheets[0].rows] == [2] * len(table.sheets[0].rows)


def test_read_keeps_the_numbers_of_rows_after_blank_ones():
    """UP-01: a problem in row 5 stands in row 5 of the spreadsheet."""
    assert rows_of("Gene,Level\n\n,,\nBRCA1,green\nTP53,\n\n") == [
        ["Gene", "Level"],
        [],
        [],
        ["BRCA1", "green"],
        ["TP53"],
    ]


def test_read_a_cell_of_two_lines_is_one_row():
    assert rows_of('Gene,Note\nBRCA1,"two\nlines"\nTP53,x\n')[2] == ["TP53", "x"]


def test_read_an_unclosed_quotation_mark_is_refused_and_swallows_nothing():
    with pytest.raises(Refusal, match="row 2: a quotation mark is not closed"):
        rows_of('Gene,Note\n"BRCA1,x\nTP53,y\nKRAS,z\n')


def test_read_tabulated_text_takes_lonely_quotation_marks_as_text():
    table = read(b'Gene\tNote\n"BRCA1\tx\nTP53\ty\n', "a.tsv")

    assert table.sheets[0].rows == [["Gene", "Note"], ['"BRCA1', "x"], ["TP53", "y"]]
    assert len(table.notes) == 1


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("Gene,Note\nBRCA1,Müller\n".encode(), "UTF-8"),
        ("Gene,Note\nBRCA1,Müller\n".encode("utf-8-sig"), "UTF-8"),
        ("Gene,Note\nBRCA1,Müller\n".encode("utf-16"), "UTF-16"),
        (b"\xfe\xff" + "Gene,Note\nBRCA1,Müller\n".encode("utf-16-be"), "UTF-16"),
        ("Gene,Note\nBRCA1,Müller\n".encode("cp1252"), "Windows-1252"),
    ],
)
def test_read_says_which_encoding_was_used(content, encoding):
    table = read(content, "a.csv")

    assert table.encoding == encoding
    assert table.sheets[0].rows == [["Gene", "Note"], ["BRCA1", "Müller"]]


def test_read_in_the_child_knows_every_encoding():
    """The child can open no file, so a codec it has not loaded would end it."""
    text = "Gene,Note\nBRCA1,Müller\n"

    read_as = [read_file(text.encode(codec), "a.csv").encoding for codec in ("utf-8-sig", "utf-16", "cp1252")]

    assert read_as == ["UTF-8", "UTF-16", "Windows-1252"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"Gene\nBRCA1\nTP\x0053\n", "line 3: there is a NUL"),
        (b"Gene\nBRCA1\n\x81\x8d\xff\n", "line 3: the text is in no encoding"),
        (b"\xff\xfeG\x00e\x00\x00\xd8x", "in no encoding"),
        (b"", "is empty"),
        (b" \n\n\t \n", "is empty"),
        (b",,,\n,,\n", "has no text"),
    ],
)
def test_read_what_is_no_text_is_refused_with_its_line(content, sentence):
    with pytest.raises(Refusal, match=sentence):
        read(content, "a.csv")


@pytest.mark.parametrize(
    ("text", "genes"),
    [
        ("BRCA1, TP53;KRAS PTEN\nMLH1", ["BRCA1", "TP53", "KRAS", "PTEN", "MLH1"]),
        ("BRCA1\nTP53\r\nKRAS", ["BRCA1", "TP53", "KRAS"]),
        ("HGNC: 1100, HGNC:11998", ["HGNC:1100", "HGNC:11998"]),
        ('"BRCA1", "TP53"', ["BRCA1", "TP53"]),
        ("Gene Symbol\nBRCA1\nTP53", ["Gene Symbol", "BRCA1", "TP53"]),
        ("BRCA1\n\nTP53", ["BRCA1", None, "TP53"]),
        ("# for Anna\nBRCA1", [None, "BRCA1"]),
    ],
)
def test_read_text_takes_genes_between_any_of_the_usual_signs(text, genes):
    assert [row[0] if row else None for row in rows_of(text, "Pasted list")] == genes


def test_read_text_in_the_child():
    table = read_text("BRCA1, TP53")

    assert (table.sheets[0].rows, table.delimiter) == ([["BRCA1"], ["TP53"]], "")


def test_read_a_csv_of_one_line_is_a_list():
    assert rows_of("BRCA1,TP53,KRAS\n") == [["BRCA1"], ["TP53"], ["KRAS"]]


def test_read_remarks_of_a_scout_file_keep_their_rows():
    rows = rows_of("##panel_id=x\n##version=1.0\n#hgnc_id\thgnc_symbol\n1100\tBRCA1\n", "panel.txt")

    assert rows == [[], [], ["#hgnc_id", "hgnc_symbol"], ["1100", "BRCA1"]]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (",".join(["x"] * 200), "row 1: there are 200 columns"),
        ("x,y\n" * 60_000, "50,000 rows"),
        ("x,y\n1,2\n3," + "z" * 33_000, "row 3: a cell has more than 32,767"),
    ],
)
def test_read_over_a_limit_is_refused_with_the_place(content, sentence):
    with pytest.raises(TooLarge, match=sentence):
        read(content.encode(), "a.csv")


def test_read_free_text_comes_back_sign_by_sign():
    """F-27: quotes, SQL words, markup, directions, emoji and combining marks are text like any other."""
    draw = random.Random(27)
    pieces = [
        "O'Neil",
        '"x"',
        "DROP TABLE",
        "<script>",
        "../",
        "\u202e",
        "🧬",
        "e\u0301",
        "שלום",
        "--",
        "%00",
        "a,b;c\td",
    ]
    rows = [["Gene", "Note"]] + [["BRCA1", "".join(draw.sample(pieces, 5))] for _ in range(500)]
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)

    assert rows_of(out.getvalue()) == rows
