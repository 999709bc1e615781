"""csv and tsv: the combined list as one table; behind it, after an empty line, what list it is.

Those last rows have ``# `` before their heading in the first cell and the text
in the second. To another program they are rows of two cells; a program that is
told that # begins a remark (pandas: ``comment="#"``) does not see them.
"""

from __future__ import annotations

import csv
import io

from panels.engine.merge import MergeResult
from panels.formats.cells import guarded
from panels.formats.reading.about import REMARK
from panels.formats.writing.about import RECIPE, about_lines, flat
from panels.formats.writing.columns import headers_of, lines_of
from panels.formats.writing.options import NOTHING_CHOSEN, Options


def _write(result: MergeResult, delimiter: str, options: Options) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(headers_of(options))
    for line in lines_of(result, options):
        writer.writerow([guarded(cell) for cell in line])
    text.write("\r\n")
    for heading, line in about_lines(result):
        writer.writerow([f"{REMARK}{heading}", guarded(line if heading.startswith(RECIPE) else flat(line))])
    # The mark lets Excel read UTF-8 as UTF-8.
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def write_csv(result: MergeResult, options: Options = NOTHING_CHOSEN) -> bytes:
    return _write(result, ",", options)


def write_tsv(result: MergeResult, options: Options = NOTHING_CHOSEN) -> bytes:
    return _write(result, "\t", options)
