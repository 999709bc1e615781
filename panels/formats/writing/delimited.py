"""csv and tsv: the combined list as one table."""

from __future__ import annotations

import csv
import io

from panels.engine.merge import MergeResult
from panels.formats.cells import guarded
from panels.formats.writing.columns import HEADERS, cells_of, in_reading_order


def _write(result: MergeResult, delimiter: str) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(HEADERS)
    for merged in in_reading_order(result):
        writer.writerow([guarded(cell) for cell in cells_of(merged, result)])
    # The mark lets Excel read UTF-8 as UTF-8.
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def write_csv(result: MergeResult) -> bytes:
    return _write(result, ",")


def write_tsv(result: MergeResult) -> bytes:
    return _write(result, "\t")
