"""What we write is read back: JSON, BED and GMT."""

from __future__ import annotations

import json
from importlib import import_module

import pytest

from panelmerge.lib.errors import Refusal
from panels.engine.columns import find_layout
from panels.formats.reading import read_file


def rows_of(name: str, content: bytes) -> list[list[str]]:
    reader = import_module(f"panels.formats.reading.{name.rpartition('.')[2]}")
    return reader.read(content, name).sheets[0].rows


def test_read_json_keeps_id_level_and_kind_of_each_entity():
    content = {
        "genes": [{"gene_symbol": "BRCA1", "hgnc_id": "HGNC:1100", "confidence_level": "green", "origins": []}],
        "strs": [{"gene_symbol": "DMPK_CTG", "entity_type": "str", "phenotype": None}],
    }

    rows = rows_of("list.json", json.dumps(content).encode())

    layout = find_layout(rows)
    assert (layout.gene, layout.hgnc_id, layout.entity_type, layout.level) == (0, 1, 2, 3)
    assert [row[:4] for row in rows[1:]] == [["BRCA1", "HGNC:1100", "", "green"], ["DMPK_CTG", "", "str"]]


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        "{}",
        '{"genes": 5}',
        "[5]",
        '[{"gene_symbol": 5}]',
        '["\\ud800"]',
        '["\\u0000"]',
        "[" * 100_000,
        "NaN",
    ],
)
def test_read_json_of_another_shape_is_refused(content):
    with pytest.raises(Refusal, match=r"^list\.json"):
        rows_of("list.json", content.encode())


def test_read_bed_takes_the_id_and_tells_of_remarks():
    content = b"#gzip\nchr17\t43044294\t43125482\tBRCA1|HGNC:1100\n\nchr17\t7668402\t7687550\tTP53\n# no place: XIST\n"

    assert rows_of("list.bed", content) == [[], ["HGNC:1100"], [], ["TP53"], []]


@pytest.mark.parametrize("content", [b"chr1\t5\n", b"chr1\tx\ty\tBRCA1\n", b"# nothing\n"])
def test_read_bed_of_another_shape_is_refused(content):
    with pytest.raises(Refusal, match=r"^list\.bed"):
        rows_of("list.bed", content)


def test_read_gmt_puts_the_sets_together():
    assert rows_of("list.gmt", b"green\tx\tBRCA1\tTP53\nred\ty\tMLH1\n") == [["BRCA1"], ["TP53"], ["MLH1"]]


def test_read_gmt_of_another_shape_is_refused():
    with pytest.raises(Refusal, match="line 1: a set has a name"):
        rows_of("list.gmt", b"BRCA1\nTP53\n")


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.json", b'["BRCA1"]'), ("a.bed", b"1\t1\t2\tBRCA1\n"), ("a.gmt", b"s\td\tBRCA1\n")],
)
def test_read_file_reads_them_in_the_child(name, content):
    assert read_file(content, name).sheets[0].rows[-1][0] == "BRCA1"
