"""F-5: whatever is sent, a reader answers with a table or a refusal."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from panelmerge.lib.errors import Refusal
from panels.formats.reading import Table, read_file
from tests.panels.formats.reading.building import with_part, workbook

# In all, over all endings. Each costs a child; make proof asks for more.
CASES = int(os.environ.get("PANELMERGE_FUZZ_CASES", "2500" if os.environ.get("PANELMERGE_PROOF") else "150"))
ROWS = [["Gene", "Level", "MOI"], ["BRCA1", "green", "AD"], ["TP53", "", 'X-linked, "both"; other'], [44441, 1.5, True]]
SEEDS = {
    "a.xlsx": workbook({"S": ROWS, "T": [["x"]]}),
    "a.xls": (Path(__file__).parent / "files" / "genes.xls").read_bytes(),
    "a.csv": 'Gene,Level\nBRCA1,"gr\nen"\nTP53,ä\n'.encode(),
    "a.json": b'{"genes": [{"gene_symbol": "BRCA1", "hgnc_id": "HGNC:1100"}], "strs": []}',
    "a.bed": b"chr17\t43044294\t43125482\tBRCA1|HGNC:1100\n# none\n",
    "a.gmt": b"green\tx\tBRCA1\tTP53\n",
    "a.tsv": "Gene\tLevel\nBRCA1\tgreen\n".encode("utf-16"),
}
PIECES = [
    b"\0",
    b"\xff\xfe",
    b'"',
    b"PK\x01\x02",
    b"\r",
    b"<!DOCTYPE",
    b"\xf0\x9f\x92\xa9",
    b"," * 120,
    b"\x7f" * 9,
    b"1e999",
]


def damaged(content: bytes, draw: random.Random) -> bytes:
    """A copy with a few bytes changed, taken out, doubled or put in."""
    found = bytearray(content)
    for _ in range(draw.randint(1, 8)):
        at = draw.randrange(len(found) + 1)
        length = draw.choice((1, 1, 2, 8, 64))
        change = draw.randrange(4)
        if change == 0:
            found[at : at + length] = draw.randbytes(len(found[at : at + length]))
        elif change == 1 and len(found) > length + 1:
            del found[at : at + length]
        elif change == 2:
            found[at:at] = found[at : at + length]
        else:
            found[at:at] = draw.choice(PIECES)
    return bytes(found)


def with_damaged_sheet(draw: random.Random) -> bytes:
    """A sound zip around a damaged sheet: what the parser of cells gets to see."""
    sheet = (
        b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="str"><v>x</v></c></row>'
        b'<row r="2"><c r="A2" s="1"><v>44441</v></c><c r="B2" t="b"><v>1</v></c></row></sheetData></worksheet>'
    )
    return with_part(SEEDS["a.xlsx"], "xl/worksheets/sheet1.xml", damaged(sheet, draw))


@pytest.mark.parametrize("name", SEEDS)
def test_read_file_of_anything_ends_in_a_table_or_a_refusal(name, caplog):
    draw = random.Random(f"{name} 5")
    outcomes = []

    for number in range(max(CASES // len(SEEDS), 1)):
        inside = name == "a.xlsx" and number % 2
        content = with_damaged_sheet(draw) if inside else damaged(SEEDS[name], draw)
        try:
            outcomes.append(read_file(content, name))
        except Refusal as refusal:
            outcomes.append(refusal)
            assert 400 <= refusal.status < 500
            assert refusal.detail.startswith(name)

    assert {isinstance(outcome, Table | Refusal) for outcome in outcomes} == {True}
    # A module that the child loads too late would look like a damaged file.
    assert "Too many open files" not in caplog.text
