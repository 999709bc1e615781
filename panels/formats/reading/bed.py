"""BED files: the fourth column names the gene, ours as ``SYMBOL|HGNC:n``."""

from __future__ import annotations

import re

from panelmerge.lib.errors import Refusal, TooLarge
from panels.formats.reading import MAX_CELL, MAX_ROWS, Sheet, Table
from panels.formats.reading.about import about_remarks, begins
from panels.formats.reading.delimited import plain_text

_NOT_PLACES = ("#", "track", "browser")
_NOT_A_GENE = re.compile(r"# Not a gene: (str|region) (\S+)")
_NO_PLACE = re.compile(r"# No place in GRCh3[78]: (gene|str|region) (\S+)")


def read(content: bytes, name: str, delimiter: str = "") -> Table:
    """A column of names, by HGNC id where the file has it; rows are the lines of the file.

    Places are not read. The remarks of our own files name the entities without
    a place and those that are no genes: both are read, and a second column says
    the type. Of other files a note says how many lines were left out.
    """
    text, encoding = plain_text(content, name)
    lines = text.splitlines()
    ours = begins(text) == 0
    types = {found[2]: found[1] for line in lines if ours and (found := _NOT_A_GENE.fullmatch(line))}
    rows: list[list[str]] = []
    named: set[str] = set()
    remarks = 0
    for number, line in enumerate(lines, start=1):
        if number > MAX_ROWS:
            raise TooLarge(f"{name} has more than {MAX_ROWS:,} lines.")
        found = _NO_PLACE.fullmatch(line) if ours else None
        if found is None and (not line.strip() or line.startswith(_NOT_PLACES)):
            remarks += bool(line.strip())
            rows.append([])
            continue
        called = found[2] if found else _name(line, f"{name}, line {number}")
        # An entity at several places has several lines, and is one.
        rows.append([] if ours and called in named else _row(called, types.get(called, "")))
        named.add(called)
    if not any(rows):
        raise Refusal(f"{name} has no places.", code="empty")
    if ours:
        # Our first line is a remark, so the headings take the place of none.
        rows[0] = ["Gene", "Entity type"]
        return Table([Sheet("", rows)], [], encoding, about=about_remarks(lines))
    notes = [f"Remarks were left out ({remarks} lines); genes without a place may stand among them."] if remarks else []
    return Table([Sheet("", rows)], notes, encoding)


def _name(line: str, place: str) -> str:
    cells = line.split("\t") if "\t" in line else line.split()
    if len(cells) < 4 or not (cells[1].isdecimal() and cells[2].isdecimal()):
        raise Refusal(f"{place}: a place has a chromosome, a start, an end and a name.", code="bed")
    if len(cells[3]) > MAX_CELL:
        raise TooLarge(f"{place}: a name has more than {MAX_CELL:,} characters.")
    return cells[3].strip()


def _row(called: str, entity_type: str) -> list[str]:
    by_id = re.search(r"\|(HGNC:\d+)", called)
    return [by_id[1] if by_id and not entity_type else called, *([entity_type] if entity_type else [])]
