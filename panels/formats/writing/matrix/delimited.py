"""csv: the matrix as one table, level and inheritance in one cell."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from panels.engine.matrix import Matrix
from panels.formats.cells import guarded
from panels.formats.writing.matrix.table import (
    HEADERS,
    about_lines,
    heading,
    inheritance_in_words,
    level_in_words,
    lines_of,
    totals,
)


def write(matrix: Matrix) -> bytes:
    """One table; below it, each line begun with a #, what was not resolved and what the file says of itself."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")

    def add(row: Iterable[str]) -> None:
        writer.writerow([guarded(cell) for cell in row])

    add((*HEADERS, *map(heading, matrix.panels)))
    nothing = [""] * len(matrix.panels)
    for line in lines_of(matrix):
        row = [*map(guarded, line.gene), *nothing]
        for column, cell in line.cells:
            row[column] = guarded(" | ".join(filter(None, (level_in_words(cell), inheritance_in_words(cell)))))
        writer.writerow(row)
    add(totals(matrix))
    for one in matrix.unresolved:
        add(("# Not resolved", one.query, one.reason, "" if one.row is None else f"row {one.row}"))
    for what, line in about_lines(matrix):
        add((f"# {what}", line))
    # The mark lets Excel read UTF-8 as UTF-8.
    return b"\xef\xbb\xbf" + text.getvalue().encode()
