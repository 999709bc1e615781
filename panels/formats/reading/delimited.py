"""Delimited text (.csv, .tsv), bare lists (.txt) and what was pasted."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from io import StringIO
from itertools import islice

from panelmerge.lib.errors import Refusal, TooLarge, WrongType
from panels.engine.columns import HEADING_ROWS, find_layout, heading_key
from panels.formats.cells import unguarded
from panels.formats.reading import MAX_CELL, MAX_COLUMNS, MAX_FILLED_CELLS, MAX_ROWS, Sheet, Table
from panels.formats.reading.about import FORMAT, REMARK, about_remarks, about_rows, begins
from panels.formats.reading.safety import kind_of

DELIMITERS = ("\t", ";", ",")
_IN_WORDS = {"\t": "tabulators", ";": "semicolons", ",": "commas"}
_ID_WITH_SPACE = re.compile(r"(?i)\b(hgnc):\s+(?=\d)")
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def read(content: bytes, name: str, delimiter: str = "") -> Table:
    """One sheet. Without a ``delimiter`` it is guessed among TAB, semicolon and comma.

    Text without a byte order mark is UTF-8 when all of it is, and Windows-1252
    otherwise. A text without delimited rows is a bare list: genes between
    commas, semicolons, spaces and line ends. What a file of ours says of itself
    behind its table or list is no row of it.
    """
    text, encoding = plain_text(content, name)
    table = Table(sheets=[], encoding=encoding)
    if encoding == "Windows-1252":
        table.notes.append("The text is not UTF-8; it was read as Windows-1252.")
    rows = _read_rows(text, name, delimiter, table)
    if not any(rows):
        raise Refusal(f"{name} has no text.", code="empty")
    table.sheets.append(Sheet("", rows))
    return table


def plain_text(content: bytes, name: str) -> tuple[str, str]:
    """The text of a file and its encoding; refused when it is empty, no text, or holds a NUL."""
    if not content.strip():
        raise Refusal(f"{name} is empty.", code="empty")
    if kind := kind_of(content):
        raise WrongType(f"{name} is not a text file: it is {kind}.")
    text, encoding = _decode(content, name)
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise Refusal(f"{name}, line {line}: there is a NUL character; this is not plain text.", code="nul")
    return text, encoding


def _decode(content: bytes, name: str) -> tuple[str, str]:
    for mark, codec in _BOMS:
        if content.startswith(mark):
            try:
                return content.decode(codec), "UTF-8" if codec == "utf-8-sig" else "UTF-16"
            except UnicodeDecodeError as error:
                raise _undecodable(content, name, error) from error
    try:
        return content.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        try:
            return content.decode("cp1252"), "Windows-1252"
        except UnicodeDecodeError as error:
            raise _undecodable(content, name, error) from error


def _undecodable(content: bytes, name: str, error: UnicodeDecodeError) -> Refusal:
    line = content[: error.start].count(b"\n") + 1
    told = f"{name}, line {line}: the text is in no encoding that is read here. Save it as UTF-8."
    return Refusal(told, code="encoding")


def _read_rows(text: str, name: str, delimiter: str, table: Table) -> list[list[str]]:
    if not delimiter:
        text, delimiter = _declared(text)
    chosen = delimiter or _guess(text[: begins(text)], name.lower())
    if not chosen:
        return _read_list(text, name, table)
    table.delimiter = chosen
    rows = _read_table(text, name, chosen, table)
    filled = [row for row in rows if row]
    if not delimiter and len(filled) == 1 and find_layout(rows).heading is None and chosen != "\t":
        table.delimiter = ""
        return _read_list(text, name, table)
    return rows


def _declared(text: str) -> tuple[str, str]:
    """Excel's own first line ``sep=;``. It becomes an empty row, so that the numbers of the others stay."""
    found = re.match(r"sep=([,;\t])\r?(?=\n)", text)
    return (text[found.end() :], found[1]) if found else (text, "")


def _guess(text: str, name: str) -> str:
    if name.endswith(".tsv"):
        return "\t"
    scores = [(_score(text, sign), -place, sign) for place, sign in enumerate(DELIMITERS)]
    (has_headings, rows, width), _, sign = max(scores)
    if name.endswith(".csv"):
        return sign if width > 1 else ","
    # In bare text a comma may stand between two columns or between two genes: headings tell, and so does a TAB.
    return sign if width > 1 and (has_headings or (sign == "\t" and rows)) else ""


def _score(text: str, delimiter: str) -> tuple[bool, int, int]:
    """Whether there are headings, how many of the first rows have the commonest width, and that width."""
    try:
        rows = list(islice(csv.reader(StringIO(text, newline=""), delimiter=delimiter), HEADING_ROWS * 3))
    except csv.Error:
        return (False, 0, 0)
    rows = [row for row in rows if any(map(str.strip, row)) and not row[0].startswith("##")]
    widths = Counter(len(row) for row in rows if len(row) > 1)
    width, times = max(widths.items(), key=lambda pair: (pair[1], pair[0]), default=(0, 0))
    layout = find_layout(rows)
    headed = layout.heading is not None and len(rows[layout.heading]) > 1
    return (headed, times, width)


def _read_table(text: str, name: str, delimiter: str, table: Table) -> list[list[str]]:
    try:
        rows = _records(text, name, delimiter, quoted=True)
    except csv.Error as error:
        if delimiter != "\t":
            raise Refusal(f"{name}: {error}", code="quotes") from error
        table.notes.append("Quotation marks do not come in pairs; they were read as part of the text.")
        rows = _records(text, name, delimiter, quoted=False)
    if begins(text) < len(text):
        rows = _own_table(rows, table)
        if table.about:
            # Nothing above the remarks that end it is one, whatever a name begins with.
            return rows
    elif _ours_for_others(rows):
        rows = [[unguarded(cell) for cell in row] for row in rows]
    remarks = 0
    for number, row in enumerate(rows):
        if row and row[0].startswith("##"):
            rows[number], remarks = [], remarks + 1
    if remarks:
        table.notes.append(f"Lines that begin with ## are remarks and were left out ({remarks}).")
    return rows


def _ours_for_others(rows: list[list[str]]) -> bool:
    """Whether we wrote this table for Scout or PanelApp, and so put guards on its cells."""
    written = (f"##format={FORMAT}", f"Format: {FORMAT}")
    return any(cell.startswith(written) for row in rows[:HEADING_ROWS] for cell in row)


def _own_table(rows: list[list[str]], table: Table) -> list[list[str]]:
    """The rows with their guards taken off, and without those that say what file it is.

    Whatever somebody wrote below those stays.
    """
    first = next((n for n, row in enumerate(rows) if row and row[0] == f"{REMARK}Format"), len(rows))
    remarks = [n for n in range(first, len(rows)) if rows[n] and rows[n][0].startswith(REMARK)]
    table.about = about_rows([rows[n] for n in remarks])
    if not table.about:
        return rows
    for n in remarks:
        rows[n] = []
    while rows and not rows[-1]:
        rows.pop()
    return [[unguarded(cell) for cell in row] for row in rows]


def _records(text: str, name: str, delimiter: str, *, quoted: bool) -> list[list[str]]:
    csv.field_size_limit(MAX_CELL)
    quoting = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, quoting=quoting, strict=True)
    rows: list[list[str]] = []
    filled = 0
    while True:
        number = len(rows) + 1
        try:
            row = next(reader, None)
        except csv.Error as error:
            if "field larger" in str(error):
                raise TooLarge(f"{name}, row {number}: a cell has more than {MAX_CELL:,} characters.") from error
            raise csv.Error(f"row {number}: a quotation mark is not closed, or stands inside a quoted cell.") from error
        if row is None:
            break
        while row and not row[-1].strip():
            row.pop()
        rows.append(row)
        filled += len(row)
        if len(row) > MAX_COLUMNS:
            raise TooLarge(f"{name}, row {number}: there are {len(row):,} columns; at most {MAX_COLUMNS} are read.")
        if number > MAX_ROWS or filled > MAX_FILLED_CELLS:
            raise TooLarge(f"{name} has more than {MAX_ROWS:,} rows or {MAX_FILLED_CELLS:,} cells.")
    while rows and not rows[-1]:
        rows.pop()
    return rows


def _read_list(text: str, name: str, table: Table) -> list[list[str]]:
    lines = text.splitlines()
    rows: list[list[str]] = []
    remarks = 0
    several = begun = False
    table.about = about_remarks(text[begins(text) :].splitlines())
    for line in _ID_WITH_SPACE.sub(r"\1:", text).splitlines() if lines else []:
        if line.startswith(REMARK) or (line.startswith("#") and find_layout([[line]]).heading is None):
            remarks, genes = remarks + 1, []
        elif not begun and find_layout([[line]]).heading is not None and heading_key(line):
            genes = [line.strip()]
        else:
            genes = [gene.strip("\"'") for gene in re.split(r"[,;\s]+", line) if gene.strip("\"'")]
        several, begun = several or len(genes) > 1, begun or bool(genes)
        rows.extend([gene] for gene in genes)
        if not genes:
            rows.append([])
        if len(rows) > MAX_ROWS:
            raise TooLarge(f"{name} has more than {MAX_ROWS:,} entries.")
    if any(len(cell) > MAX_CELL for row in rows for cell in row):
        raise TooLarge(f"{name}: an entry has more than {MAX_CELL:,} characters.")
    if several:
        rows = [row for row in rows if row]
        table.notes.append("Several genes stand on one line: row numbers count the genes, not the lines.")
    if remarks:
        table.notes.append(f"Lines that begin with # are remarks and were left out ({remarks}).")
    while rows and not rows[-1]:
        rows.pop()
    return rows
