"""BED files: the fourth column names the gene, ours as ``SYMBOL|HGNC:n``."""

from __future__ import annotations

import re

from panelmerge.lib.errors import Refusal, TooLarge
from panels.formats.reading import MAX_CELL, MAX_ROWS, Sheet, Table
from panels.formats.reading.delimited import plain_text

_NOT_PLACES = ("#", "track", "browser")


def read(content: bytes, name: str, delimiter: str = "") -> Table:
    """One column of names, by HGNC id where the file has it; rows are the lines of the file.

    Places are not read. Genes without one are remarks in our own files: a note
    says how many lines were left out.
    """
    text, encoding = plain_text(content, name)
    rows: list[list[str]] = []
    remarks = 0
    for number, line in enumerate(text.splitlines(), start=1):
        if number > MAX_ROWS:
            raise TooLarge(f"{name} has more than {MAX_ROWS:,} lines.")
        if not line.strip() or line.startswith(_NOT_PLACES):
            remarks += bool(line.strip())
            rows.append([])
            continue
        cells = line.split("\t") if "\t" in line else line.split()
        if len(cells) < 4 or not (cells[1].isdecimal() and cells[2].isdecimal()):
            raise Refusal(f"{name}, line {number}: a place has a chromosome, a start, an end and a name.", code="bed")
        if len(cells[3]) > MAX_CELL:
            raise TooLarge(f"{name}, line {number}: a name has more than {MAX_CELL:,} characters.")
        by_id = re.search(r"\|(HGNC:\d+)", cells[3])
        rows.append([by_id[1] if by_id else cells[3].strip()])
    if not any(rows):
        raise Refusal(f"{name} has no places.", code="empty")
    notes = [f"Remarks were left out ({remarks} lines); genes without a place may stand among them."] if remarks else []
    return Table([Sheet("", rows)], notes, encoding)
