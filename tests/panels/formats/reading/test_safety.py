"""A-16 and A-17: what is sent to harm the reader is refused, quickly and without memory."""

from __future__ import annotations

import io
import stat
import time
import zipfile

import pytest

from panelmerge.lib.errors import Refusal
from panels.formats.reading import read_file
from panels.formats.reading.safety import check_workbook
from tests.panels.formats.reading.building import CONTENT_TYPES, with_part, workbook, zipped

GOOD = workbook({"S": [["Gene"], ["BRCA1"]]})
RELS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId9" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" '
    'Target="http://127.0.0.1:9/x" TargetMode="External"/></Relationships>'
)
SHEET_RELS = "xl/worksheets/_rels/sheet1.xml.rels"
BOMB = zipped([("[Content_Types].xml", CONTENT_TYPES), ("xl/workbook.xml", b"\0" * 64_000_000)])
LAUGHS = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><l>&b;</l>'
XXE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'


def lying(content: bytes, part: str, size: int) -> bytes:
    """The same zip, whose directory says another unpacked size for one part."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        true = archive.getinfo(part).file_size.to_bytes(4, "little")
    start = content.index(b"PK\x01\x02")
    place = content.index(true, content.rindex(b"PK\x01\x02", start, content.index(part.encode(), start)))
    return content[:place] + size.to_bytes(4, "little") + content[place + 4 :]


def link() -> bytes:
    part = zipfile.ZipInfo("xl/link")
    part.external_attr = (stat.S_IFLNK | 0o777) << 16
    out = io.BytesIO(GOOD)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(part, b"/etc/passwd")
    return out.getvalue()


def twice() -> bytes:
    return zipped([("[Content_Types].xml", CONTENT_TYPES), ("xl/a.xml", b"<a/>"), ("XL/A.xml", b"<a/>")])


def overlapping() -> bytes:
    """Two entries of the directory that point at the same bytes."""
    content = zipped([("xl/aa", b"a" * 50), ("xl/bb", b"a" * 50)])
    second = content.rindex(b"PK\x01\x02")
    return content[: second + 42] + (0).to_bytes(4, "little") + content[second + 46 :]


def encrypted() -> bytes:
    content = bytearray(GOOD)
    place = content.index(b"PK\x01\x02")
    content[place + 8] |= 1
    return bytes(content)


CASES = {
    "bomb": (BOMB, "archive_too_large"),
    "middling parts": (zipped([(f"p{n}", b"\0" * 1_000_000) for n in range(150)]), "archive_too_large"),
    "many entries": (zipped([(f"p{n}", b"") for n in range(100_000)]), "archive_too_large"),
    "size over the sum": (lying(GOOD, "xl/workbook.xml", 4_000_000_000), "archive_too_large"),
    "size too small": (lying(GOOD, "xl/workbook.xml", 10), "unsafe_content"),
    "nested": (with_part(GOOD, "xl/inner.bin", zipped([("a", b"a")])), "unsafe_content"),
    "document inside": (with_part(GOOD, "xl/inner.bin", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest"), "unsafe_content"),
    "absolute": (with_part(GOOD, "/etc/passwd", b"x"), "unsafe_content"),
    "upwards": (with_part(GOOD, "xl/../../x", b"x"), "unsafe_content"),
    "backwards slashes": (with_part(GOOD, "xl\\..\\..\\x", b"x"), "unsafe_content"),
    "link": (link(), "unsafe_content"),
    "twice": (twice(), "unsafe_content"),
    "overlapping": (overlapping(), "unsafe_content"),
    "password": (encrypted(), "unsafe_content"),
    "entity": (with_part(GOOD, "xl/sharedStrings.xml", LAUGHS), "unsafe_content"),
    "external entity": (with_part(GOOD, "xl/worksheets/sheet1.xml", XXE), "unsafe_content"),
    "utf-16 entity": (with_part(GOOD, "xl/styles.xml", XXE.decode().encode("utf-16")), "unsafe_content"),
    "entity in a relationship": (with_part(GOOD, "_rels/.rels", XXE), "unsafe_content"),
    "external": (with_part(GOOD, SHEET_RELS, RELS.format(kind="oleObject").encode()), "unsafe_content"),
    "external workbook": (with_part(GOOD, SHEET_RELS, RELS.format(kind="externalLinkPath").encode()), "unsafe_content"),
    "macros": (with_part(GOOD, "xl/vbaProject.bin", b"x"), "unsafe_content"),
    "macros renamed": (
        with_part(GOOD, SHEET_RELS, RELS.format(kind="vbaProject").replace("External", "Internal").encode()),
        "unsafe_content",
    ),
    "no workbook": (zipped([("readme.txt", b"hello")]), "unsupported_media_type"),
    "unknown encoding": (with_part(GOOD, "xl/styles.xml", b'<?xml version="1.0" encoding="UT-8"?><a/>'), "unreadable"),
    "wide encoding": (with_part(GOOD, "_rels/.rels", b'<?xml version="1.0" encoding="big5"?><a/>'), "unreadable"),
    "cut off": (GOOD[:-30], "unreadable"),
    "only the beginning": (b"PK\x03\x04", "unreadable"),
}


@pytest.mark.parametrize("case", CASES)
def test_check_workbook_refuses_what_is_unsafe_within_a_second(case):
    """UP-01: A-16 and A-17 of the threat model."""
    content, code = CASES[case]

    began = time.process_time()
    with pytest.raises(Refusal) as refused:
        check_workbook(content, "genes.xlsx")

    assert refused.value.code == code
    assert time.process_time() - began < 1


@pytest.mark.parametrize("case", ["bomb", "many entries", "size too small", "external entity", "macros"])
def test_read_file_hands_the_refusal_of_the_child_on(case):
    content, code = CASES[case]

    with pytest.raises(Refusal) as refused:
        read_file(content, "genes.xlsx")

    assert (refused.value.code, refused.value.detail.startswith("genes.xlsx")) == (code, True)


def test_check_workbook_lets_a_link_in_a_cell_pass():
    """Laboratories link gene names to HGNC; such a link is text to us and is never followed."""
    linked = with_part(GOOD, SHEET_RELS, RELS.format(kind="hyperlink").encode())

    table = read_file(linked, "genes.xlsx")

    assert table.sheets[0].rows == [["Gene"], ["BRCA1"]]


def test_check_workbook_refuses_macros_in_an_old_workbook():
    content = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "_VBA_PROJECT_CUR".encode("utf-16-le")

    with pytest.raises(Refusal, match="macros"):
        check_workbook(content, "genes.xls")
