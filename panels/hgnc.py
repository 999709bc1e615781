"""Reading HGNC's lists of genes, in any of the layouts they have had, by the names in the header."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from panelmerge.lib.errors import Refusal
from panels.engine.symbols import APPROVED, WITHDRAWN, GeneRecord

# What HGNC's bulk files, its JSON, its custom downloads, its withdrawn list and our shipped file call a column.
_COLUMNS = {
    "hgnc_id": "hgnc_id",
    "hgnc id": "hgnc_id",
    "symbol": "symbol",
    "approved symbol": "symbol",
    "withdrawn_symbol": "symbol",
    "name": "name",
    "approved name": "name",
    "status": "status",
    "locus_type": "locus_type",
    "locus type": "locus_type",
    "prev_symbol": "previous_symbols",
    "previous symbol": "previous_symbols",
    "previous symbols": "previous_symbols",
    "previous_symbols": "previous_symbols",
    "alias_symbol": "alias_symbols",
    "alias symbol": "alias_symbols",
    "alias symbols": "alias_symbols",
    "alias_symbols": "alias_symbols",
    "merged_into": "merged_into",
    "merged_into_report(s) (i.e hgnc_id|symbol|status)": "merged_into",
    "ensembl_gene_id": "ensembl_id",
    "ensembl gene id": "ensembl_id",
    "ensembl_id": "ensembl_id",
    "date_modified": "modified",
    "date modified": "modified",
    "grch37": "grch37",
    "grch38": "grch38",
}
_LONGEST = {"symbol": 100, "name": 500, "locus_type": 100}
_DAY = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})[-_]?(0[1-9]|1[0-2])[-_]?(0[1-9]|[12][0-9]|3[01])(?![0-9])")
_HGNC_ID = re.compile(r"(?:HGNC:\s*)?([1-9][0-9]{0,8})", re.IGNORECASE)
_POSITION = re.compile(r"[0-9A-Za-z.]{1,12}:[0-9]{1,12}-[0-9]{1,12}")

Cells = dict[str, str | list[str]]


class GeneFiles(NamedTuple):
    """One generation of gene names: what the files together say, and what in them could not be used."""

    records: tuple[GeneRecord, ...]
    dated: date
    problems: tuple[str, ...]


class _Row(NamedTuple):
    where: str
    cells: Cells

    def text(self, field: str) -> str:
        cell = self.cells.get(field, "")
        return (cell[0] if cell else "") if isinstance(cell, list) else cell


class _Table(NamedTuple):
    path: Path
    # "list" has symbols, "names" only adds to a list, "withdrawn" is HGNC's list of what is no more
    kind: str
    rows: list[_Row]
    dated: date | None


def read_genes(paths: Iterable[str | Path]) -> GeneFiles:
    """Read all files as one generation. Gzip is seen by its content.

    Complete set (TSV of any year, JSON), custom download, a custom download with
    names only, withdrawn list, and our own shipped file. A file that is none of
    these, damaged or cut short, or an HGNC id that stands twice, is a Refusal
    with file and line; a small thing such as an unreadable date is a problem.
    The day is the newest that the files tell: in a ``# dated:`` line, in a
    file's name or in the column of changes.
    """
    problems: list[str] = []
    tables = [_read(Path(path), problems) for path in paths]
    entries: dict[str, dict] = {}
    seen: dict[tuple[str, str], str] = {}
    for table in sorted(tables, key=lambda table: ("list", "withdrawn", "names").index(table.kind)):
        strangers = 0
        for row in table.rows:
            hgnc_id = _hgnc_id(row)
            kind = table.kind
            if (kind, hgnc_id) in seen:
                raise Refusal(f"{hgnc_id} stands twice: {seen[kind, hgnc_id]}, and {row.where}.")
            seen[kind, hgnc_id] = row.where
            if kind != "names":
                _check_statuses(entries.get(hgnc_id), row)
                entries[hgnc_id] = entries.get(hgnc_id, {}) | _entry(row, problems)
            elif hgnc_id in entries:
                _add_names(entries[hgnc_id], row, problems)
            else:
                strangers += 1
        if strangers:
            problems.append(f"{table.path.name}: {strangers} rows name genes that no list given with it has.")
    if not entries:
        names = ", ".join(str(table.path.name) for table in tables) or "nothing"
        raise Refusal(f"No gene symbols were read from {names}: give HGNC's complete set, or a list with symbols.")
    return GeneFiles(tuple(_records(entries, problems)), _dated(tables, problems), tuple(problems))


def _read(path: Path, problems: list[str]) -> _Table:
    text = _text(path)
    if text.lstrip()[:1] in ("{", "["):
        return _table(path, *_documents(path, text), problems)
    return _table(path, *_lines(path, text, problems), problems)


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise Refusal(f"{path.name} is a damaged or incomplete gzip file ({error}); fetch it again.") from error
    except OSError as error:
        raise Refusal(f"{path} cannot be read: {error.strerror or error}.") from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Refusal(f"{path.name}, line {line}: not UTF-8 text, so this is no list of HGNC.") from error
    if "\0" in text:
        raise Refusal(f"{path.name}, line {text[: text.index(chr(0))].count(chr(10)) + 1}: not a text file.")
    if not text.strip():
        raise Refusal(f"{path.name} is empty.")
    return text


def _documents(path: Path, text: str) -> tuple[list[str], list[_Row], date | None]:
    """The JSON layout: {"response": {"docs": [...]}} or the list of documents alone."""
    try:
        body = json.loads(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise Refusal(f"{path.name}, {place}: broken or incomplete JSON ({error.msg}).") from error
    except RecursionError as error:
        raise Refusal(f"{path.name}: JSON nested too deeply to be a list of HGNC.") from error
    response = body.get("response") if isinstance(body, dict) else None
    documents = response.get("docs") if isinstance(response, dict) else body
    if not isinstance(documents, list) or not all(isinstance(document, dict) for document in documents):
        raise Refusal(f"{path.name} is JSON but has no list of genes under response, docs.")
    rows = [
        _Row(
            f"{path.name}, document {number}",
            {_COLUMNS[key]: _cell(value) for key, value in document.items() if key in _COLUMNS},
        )
        for number, document in enumerate(documents, start=1)
    ]
    return list(dict.fromkeys(chain.from_iterable(documents))), rows, None


def _cell(value: object) -> str | list[str]:
    if isinstance(value, list):
        return [str(part).strip() for part in value]
    return "" if value is None else str(value).strip()


def _lines(path: Path, text: str, problems: list[str]) -> tuple[list[str], list[_Row], date | None]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    dated = None
    header: list[str] = []
    fields: list[str] = []
    rows = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        if not header:
            if line.startswith("#"):
                dated = dated or (_day(line) if "dated" in line else None)
                continue
            header = [_unquoted(cell) for cell in line.split("\t")]
            fields = [_COLUMNS.get(cell.casefold(), "") for cell in header]
            between = ", " if {"approved symbol", "approved name"} & {cell.casefold() for cell in header} else "|"
            continue
        cells = [_unquoted(cell) for cell in line.split("\t")]
        where = f"{path.name}, line {number}"
        if len(cells) > len(header):
            # Lists put together from several years have such rows; what the header names is in its place.
            problems.append(f"{where}: {len(cells)} columns, but the header has {len(header)}; the rest is left out.")
        if number == len(lines) and len(cells) < len(header):
            raise Refusal(f"{where}: the last line breaks off, so the file is incomplete; fetch it again.")
        rows.append(_Row(where, _cells_of(fields, cells, between)))
    return header, rows, dated


def _cells_of(fields: list[str], cells: list[str], between: str) -> Cells:
    found: Cells = {}
    for field, cell in zip(fields, cells, strict=False):
        if field in ("previous_symbols", "alias_symbols"):
            found[field] = [_unquoted(part) for part in cell.split(between)]
        elif field:
            found[field] = cell
    return found


def _unquoted(cell: str) -> str:
    cell = cell.strip()
    return cell[1:-1].replace('""', '"').strip() if len(cell) > 1 and cell[0] == cell[-1] == '"' else cell


def _table(path: Path, header: list[str], rows: list[_Row], dated: date | None, problems: list[str]) -> _Table:
    names = {name.casefold() for name in header}
    fields = [_COLUMNS[name] for name in names if name in _COLUMNS]
    twice = sorted({field for field in fields if fields.count(field) > 1})
    if twice:
        raise Refusal(f"{path.name}: more than one column is a {', '.join(twice)}.")
    if "hgnc_id" not in fields or not {"symbol", "name"} & set(fields):
        found = ", ".join(header[:8]) or "nothing"
        raise Refusal(f"{path.name}: no header with an HGNC id and a symbol; found {found[:200]}.")
    if not rows:
        raise Refusal(f"{path.name} has a header but no genes.")
    kind = "withdrawn" if "withdrawn_symbol" in names else "list" if "symbol" in fields else "names"
    days = [dated, _day(path.name)]
    for row in rows:
        if modified := row.text("modified"):
            days.append(day := _day(modified))
            if day is None:
                problems.append(f"{row.where}: the date {modified!r} cannot be read.")
    return _Table(path, kind, rows, max((day for day in days if day), default=None))


def _day(text: str) -> date | None:
    """The first day that stands in the text, unless it is still to come or no day at all."""
    found = _DAY.search(text)
    if found is None:
        return None
    year, month, day = (int(part) for part in found.groups())
    try:
        read = date(year, month, day)
    except ValueError:
        return None
    return read if read <= datetime.now(UTC).date() else None


def _dated(tables: list[_Table], problems: list[str]) -> date:
    if days := [table.dated for table in tables if table.dated]:
        return max(days)
    newest = max(tables, key=lambda table: table.path.stat().st_mtime).path
    day = datetime.fromtimestamp(newest.stat().st_mtime, UTC).date()
    problems.append(f"No file says of which day it is; {day}, when {newest.name} was written, is taken.")
    return day


def _hgnc_id(row: _Row) -> str:
    found = _HGNC_ID.fullmatch(row.text("hgnc_id"))
    if found is None:
        raise Refusal(f"{row.where}, column HGNC id: {row.text('hgnc_id')[:50]!r} is not an HGNC id.")
    return f"HGNC:{found[1]}"


def _check_statuses(entry: dict | None, row: _Row) -> None:
    if entry is not None and entry["said"] == APPROVED and _said(row) == WITHDRAWN:
        hgnc_id = row.text("hgnc_id")
        raise Refusal(
            f"{row.where}: {hgnc_id} is withdrawn here but approved in {entry['where']}; take files of one day."
        )


def _said(row: _Row) -> str:
    """The status that the row itself states, or ""."""
    word = row.text("status").casefold()
    if word in ("", "approved"):
        return word and APPROVED
    if "withdrawn" in word or word == "merged/split":
        return WITHDRAWN
    raise Refusal(f"{row.where}, column status: {row.text('status')[:50]!r} is none of HGNC's words.")


def _entry(row: _Row, problems: list[str]) -> dict:
    symbol = row.text("symbol").removesuffix("~withdrawn")
    if not symbol:
        raise Refusal(f"{row.where}, column symbol: empty.")
    marked = _said(row) == WITHDRAWN or row.text("symbol").endswith("~withdrawn")
    entry = {
        "where": row.where,
        "said": _said(row),
        "symbol": symbol,
        "status": WITHDRAWN if marked else APPROVED,
        "previous_symbols": _names(row, "previous_symbols", symbol),
        "alias_symbols": _names(row, "alias_symbols", symbol),
        "merged_into": [f"HGNC:{number}" for number in re.findall(r"HGNC:\s*([0-9]+)", row.text("merged_into"))],
    }
    for build in ("grch37", "grch38"):
        position = row.text(build)
        entry[build] = position if _POSITION.fullmatch(position) else ""
        if position and not entry[build]:
            problems.append(f"{row.where}, column {build}: {position[:50]!r} is not chromosome:start-end.")
    _add_names(entry, row, problems)
    return entry


def _names(row: _Row, field: str, symbol: str) -> tuple[str, ...]:
    cell = row.cells.get(field, [])
    parts = [cell] if isinstance(cell, str) else cell
    if any(len(part) > _LONGEST["symbol"] for part in parts):
        raise Refusal(f"{row.where}, column {field}: a symbol of more than {_LONGEST['symbol']} characters.")
    return tuple(dict.fromkeys(part for part in parts if part and part != symbol))


def _add_names(entry: dict, row: _Row, problems: list[str]) -> None:
    """Name, locus type and Ensembl id; and what a name such as "symbol withdrawn, see [HGNC:n]" tells."""
    for field, longest in _LONGEST.items():
        if len(row.text(field)) > longest:
            raise Refusal(f"{row.where}, column {field}: more than {longest} characters.")
    name = row.text("name")
    if re.match(r"(symbol|entry) withdrawn\b", name, re.IGNORECASE):
        if entry["said"] == APPROVED:
            raise Refusal(f"{row.where}: the name says {name[:60]!r}, but {entry['where']} says approved.")
        entry["status"] = WITHDRAWN
        ids = [f"HGNC:{number}" for number in re.findall(r"HGNC:\s*([0-9]+)", name)]
        seen = re.split(r",\s*|\s+and\s+", name.partition(" see ")[2]) if not ids else []
        entry["merged_into"] = entry["merged_into"] or ids
        entry["see"] = [symbol.strip(" .") for symbol in seen if symbol.strip(" .")]
        name = ""
    found = re.search(r"ENSG[0-9]{11}", row.text("ensembl_id"))
    if row.text("ensembl_id") and found is None:
        problems.append(f"{row.where}, column Ensembl: {row.text('ensembl_id')[:50]!r} is not an Ensembl gene.")
    added = {"name": name, "locus_type": row.text("locus_type"), "ensembl_id": found[0] if found else ""}
    entry.update({field: value or entry.get(field, "") for field, value in added.items()})


def _records(entries: dict[str, dict], problems: list[str]) -> Iterator[GeneRecord]:
    approved = {entry["symbol"]: hgnc_id for hgnc_id, entry in entries.items() if entry["status"] == APPROVED}
    for hgnc_id, entry in entries.items():
        merged = list(entry["merged_into"])
        for symbol in () if merged else entry.get("see", ()):
            if symbol in approved:
                merged.append(approved[symbol])
            else:
                problems.append(f"{entry['where']}: {entry['symbol']} went into {symbol}, which is no approved symbol.")
        withdrawn = entry["status"] == WITHDRAWN
        if not withdrawn and approved[entry["symbol"]] != hgnc_id:
            problems.append(f"{entry['where']}: {entry['symbol']} is also the symbol of {approved[entry['symbol']]}.")
        yield GeneRecord(
            hgnc_id=hgnc_id,
            symbol=entry["symbol"],
            name=entry["name"],
            status=entry["status"],
            locus_type=entry["locus_type"],
            previous_symbols=entry["previous_symbols"],
            alias_symbols=entry["alias_symbols"],
            merged_into=tuple(dict.fromkeys(merged)) if withdrawn else (),
            ensembl_id=entry["ensembl_id"],
            grch37=entry["grch37"],
            grch38=entry["grch38"],
        )
