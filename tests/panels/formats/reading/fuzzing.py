"""Files to be afraid of, any number of them and always the same: ``case(".xlsx", 7)``."""

from __future__ import annotations

import io
import os
import random
import zipfile
from functools import cache
from pathlib import Path

from panels.engine.genes import Unresolved
from panels.engine.merge import merge
from panels.formats.writing import FORMATS
from tests.panels.engine.lists import AD, gene, listed
from tests.panels.formats.reading.building import with_part, workbook
from tests.panels.formats.reading.test_safety import CASES, LAUGHS, XXE

ROWS = [["Gene", "Level", "MOI"], ["BRCA1", "green", "AD"], ["TP53", "", 'X-linked, "both"; other'], [44441, 1.5, True]]
ENDINGS = (".xlsx", ".xls", ".csv", ".tsv", ".txt", ".json", ".bed", ".gmt")
PIECES = (
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
    b"\xed\xa0\x80",
    b"\\ud800",
    b"[" * 3000,
    b"x" * 40_000,
    b"-9223372036854775809",
    b"\n" * 60_000,
)
# Text as no program of today writes it, as some do all the same, and as two programs after one another do.
CODECS = ("utf-16-le", "utf-16-be", "utf-16", "utf-32", "utf-8-sig", "cp1252", "cp437", "utf-7", "shift_jis", "gb18030")
CODECS += ("cp037", "koi8_r", "iso2022_jp", "hz", "latin-1")
REAL = {
    ".tsv": ("panelapp_tsv/import_panel_data.tsv", "panelapp_tsv/import_gene_data.tsv"),
    ".csv": ("scout/panel_1.csv", "scout/scout-3-panel-file-example.csv"),
    ".txt": ("scout/panel_1.txt",),
    ".json": ("panelapp_au/au_panel_3149.json",),
}


@cache
def seeds(ending: str) -> tuple[bytes, ...]:
    """Sound files: by hand, as we write them, and real ones where there are any."""
    result = merge([listed(gene(1100, inheritance=AD), gene(7551, "red", note="=1+1"), unresolved=(LOST,))])
    written = {f".{name}": FORMATS[name].write(result) for name in ("xlsx", "csv", "tsv", "json", "bed", "gmt")}
    found = [written[ending]] if ending in written else []
    by_hand = {
        ".xlsx": workbook({"S": ROWS, "T": [["x"]]}),
        ".xls": (Path(__file__).parent / "files" / "genes.xls").read_bytes(),
        ".csv": 'Gene,Level\nBRCA1,"gr\nen"\nTP53,ä\n'.encode(),
        ".tsv": "Gene\tLevel\nBRCA1\tgreen\n".encode("utf-16"),
        ".txt": "BRCA1, TP53; GBA\nHGNC: 1100\n# ä\n".encode(),
        ".json": b'{"genes": [{"gene_symbol": "BRCA1", "hgnc_id": "HGNC:1100"}], "strs": []}',
        ".bed": b"chr17\t43044294\t43125482\tBRCA1|HGNC:1100\n# none\n",
        ".gmt": b"green\tx\tBRCA1\tTP53\n",
    }
    folder = os.environ.get("PANELMERGE_REAL_DATA")
    real = [(Path(folder) / name).read_bytes()[:200_000] for name in REAL.get(ending, ())] if folder else []
    return (by_hand[ending], *found, *real)


@cache
def _large(ending: str) -> bytes:
    """Some megabytes near the limits of rows and cells; what damages it seldom reaches its zip's directory."""
    if ending == ".xlsx":
        rows = [["Gene", *map(str, range(19))], *([f"G{n}", *(f"{n} {c}" for c in range(19))] for n in range(45_000))]
        return workbook({"S": rows})
    lines = {
        ".json": (b'["', b'%d",\n"', b'x"]'),
        ".bed": (b"", b"chr1\t5\t9\tG%d\n", b""),
        ".gmt": (b"", b"s%d\td\tBRCA1\n", b""),
        ".txt": (b"", b"G%d\n", b""),
    }
    if ending == ".xls":
        return seeds(ending)[0] + bytes(9_000_000)
    before, line, after = lines.get(ending, (b"Gene,Note,MOI\n", b"G%d,green," + b"x" * 150 + b"\n", b""))
    return before + b"".join(line % number for number in range(45_000)) + after


LOST = Unresolved("nosuch", "unknown", 3)


def case(ending: str, number: int) -> bytes:
    """The file of this number, the same on every machine that has the same real data."""
    draw = random.Random(f"{ending} {number}")
    seed = draw.choice(seeds(ending))
    if number % 500 == 333:
        return damaged(_large(ending), draw)
    if ending == ".xlsx":
        return (damaged, _damaged_inside, _hostile, _damaged_inside)[number % 4](seed, draw)
    if ending == ".xls":
        return _hostile(seed, draw) if number % 10 == 9 else damaged(seed, draw)
    return (damaged, damaged, _in_another_encoding, _hostile_text)[number % 4](seed, draw)


def damaged(content: bytes, draw: random.Random) -> bytes:
    """A copy with a few bytes changed, taken out, doubled or put in."""
    found = bytearray(content)
    for _ in range(draw.randint(1, 8)):
        at = draw.randrange(len(found) + 1)
        length = draw.choice((1, 1, 2, 8, 64, 512))
        change = draw.randrange(5)
        if change == 0:
            found[at : at + length] = draw.randbytes(len(found[at : at + length]))
        elif change == 1 and len(found) > length + 1:
            del found[at : at + length]
        elif change == 2:
            found[at:at] = found[at : at + length] * draw.choice((1, 1, 2, 50))
        elif change == 3 and found:
            # Sizes, counts and places in binary files are small numbers with large ones within reach.
            at = draw.randrange(len(found))
            found[at : at + 4] = draw.choice((0, 1, 255, 65_535, 2**31 - 1, 2**32 - 1)).to_bytes(4, "little")
        else:
            found[at:at] = draw.choice(PIECES)
    return bytes(found)


def _damaged_inside(content: bytes, draw: random.Random) -> bytes:
    """A sound zip around a damaged part: what the parser of cells gets to see."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        part = draw.choice([name for name in archive.namelist() if name.endswith((".xml", ".rels"))])
        body = archive.read(part)
    return with_part(content, part, damaged(body, draw))


def _hostile(content: bytes, draw: random.Random) -> bytes:
    """A known attack, whole or damaged: bombs, entities in any part and encoding, parts that lie or lead outside."""
    kind = draw.randrange(4)
    if kind == 0:
        return _ATTACKS[draw.choice(list(_ATTACKS))]
    if kind == 1:
        return damaged(_ATTACKS[draw.choice(list(_ATTACKS))], draw)
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return content[: draw.randrange(len(content))]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        part = draw.choice(archive.namelist())
    if kind == 2:
        entity = draw.choice((LAUGHS, XXE)).decode()
        return with_part(content, part, draw.choice(("", " \n", "\ufeff")).encode() + _encoded(entity, draw))
    # A bomb within the limits of the zip, for the parser behind them.
    return with_part(content, part, draw.choice(_REPEATED) * draw.choice((10, 1_000, 20_000)))


# The larger ones are in test_safety, once; ten thousand times they would be a test of the disk.
_ATTACKS = {name: content for name, (content, _) in CASES.items() if len(content) < 300_000}
_REPEATED = (b"<row>", b"<c r='A1'>", b"<a " + b"x='1' " * 9 + b">", b"&amp;", b"<si><t>x</t></si>", b"\0")


def _encoded(text: str, draw: random.Random) -> bytes:
    return text.encode(draw.choice(CODECS), "replace")


def _in_another_encoding(content: bytes, draw: random.Random) -> bytes:
    found = _encoded(content.decode("utf-8", "replace"), draw)
    return damaged(found, draw) if draw.randrange(2) else found


def _hostile_text(content: bytes, draw: random.Random) -> bytes:
    """Signs that mean something to a reader, in any number and order."""
    signs = (
        *"\t,;\"'\n\r\0#=+-@|:[]{}\\ ",
        "\r\n",
        "BRCA1",
        "HGNC:1100",
        "##",
        "sep=;",
        "\u2028",
        "\ufeff",
        "ä",
        "44441",
    )
    text = "".join(draw.choice(signs) for _ in range(draw.choice((3, 30, 300, 3_000))))
    return content[: draw.randrange(len(content) + 1)] + text.encode()
