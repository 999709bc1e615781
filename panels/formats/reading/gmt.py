"""GMT files: a line is a set, with its name, a description and its genes between tabulators."""

from __future__ import annotations

from panelmerge.lib.errors import Refusal, TooLarge
from panels.formats.reading import MAX_CELL, MAX_ROWS, Sheet, Table
from panels.formats.reading.delimited import plain_text


def read(content: bytes, name: str, delimiter: str = "") -> Table:
    """The genes of all sets in one column; rows count the genes."""
    text, encoding = plain_text(content, name)
    rows: list[list[str]] = []
    sets = 0
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        cells = line.split("\t")
        if len(cells) < 3:
            raise Refusal(f"{name}, line {number}: a set has a name, a description and genes.", code="gmt")
        sets += 1
        rows.extend([gene.strip()] for gene in cells[2:] if gene.strip())
        if len(rows) > MAX_ROWS or any(len(gene) > MAX_CELL for gene in cells):
            raise TooLarge(f"{name}, line {number}: at most {MAX_ROWS:,} genes of {MAX_CELL:,} characters are read.")
    notes = ["Row numbers count the genes, not the lines."]
    if sets > 1:
        notes.append(f"The file has {sets} sets; their genes were put together.")
    return Table([Sheet("", rows)], notes, encoding)
