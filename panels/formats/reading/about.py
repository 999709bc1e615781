"""What a file of ours says of itself, found again: as rows, as remarks, or as a sheet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from panels.formats.cells import unguarded

FORMAT = "panelmerge/1"
CONTENT_HASH, GENE_NAMES, RECIPE = "Content hash", "Gene names", "Recipe"
REMARK = "# "
# Behind a table: the row that says whose file it is. Before it the rows are the table's.
_BEGINS = re.compile(rf'^"?# Format"?[,;:\t ]+"?{re.escape(FORMAT)}\b', re.MULTILINE)


def begins(text: str) -> int:
    """Where our remarks begin in a text, its length when there are none."""
    found = _BEGINS.search(text)
    return found.start() if found else len(text)


def about(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The pairs of a file of ours, a recipe in parts put together; empty unless they name our format."""
    said: dict[str, str] = {}
    for heading, text in pairs:
        key = RECIPE if heading.startswith(f"{RECIPE}, part ") else heading
        said[key] = said.get(key, "") + text
    return said if said.get("Format") == FORMAT else {}


def about_rows(rows: Sequence[Sequence[str]]) -> dict[str, str]:
    """From the rows of a sheet, or of a table whose headings begin with ``# ``; guards are taken off."""
    cells = [[unguarded(cell) for cell in row[:2]] for row in rows if row]
    return about((row[0].removeprefix(REMARK), row[1] if len(row) > 1 else "") for row in cells)


def about_remarks(lines: Iterable[str]) -> dict[str, str]:
    """From lines ``# Heading: text``."""
    return about(line.removeprefix(REMARK).partition(": ")[::2] for line in lines if line.startswith(REMARK))
