"""What a database holds, as figures that can be compared: rows of each table, and a hash of them.

A row is written as canonical JSON, the same on SQLite and on PostgreSQL: times
in UTC, true and false, JSON with sorted keys, numbers of objects without
dashes. The hash of a table is the sum of its rows' SHA-256, so that no order
and no collation is in it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from psycopg.types.string import TextLoader

from panelmerge.releases.looking import Look

AT_ONCE = 2000
_OPTIONS = orjson.OPT_NAIVE_UTC | orjson.OPT_PASSTHROUGH_SUBCLASS
_MODULUS = 1 << 256
_JSON_CHECK = re.compile(r'JSON_VALID\("([^"]+)"\)', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Content:
    rows: int
    sha256: str

    def as_json(self) -> dict[str, Any]:
        return {"rows": self.rows, "sha256": self.sha256}


def contents(
    raw: Any,
    look: Look,
    *,
    columns: Mapping[str, Iterable[str]] | None = None,
    told: Callable[[str], None] | None = None,
) -> dict[str, Content]:
    """{table: its content}, read through a driver's own connection in its transaction.

    ``columns`` restricts to these columns of these tables. ``told`` is called
    with each table's name before it is read.
    """
    wanted = {table: sorted(look.tables[table]) for table in look.tables} if columns is None else columns
    found = {}
    for table in sorted(wanted):
        if told:
            told(table)
        total = rows = 0
        for line in canonical_rows(raw, look, table, sorted(wanted[table])):
            total += int.from_bytes(hashlib.sha256(line).digest(), "big")
            rows += 1
        found[table] = Content(rows, f"{total % _MODULUS:064x}")
    return found


def canonical_rows(raw: Any, look: Look, table: str, columns: list[str]) -> Iterator[bytes]:
    """Each row of the table as a line of canonical JSON, without order."""
    if not columns:
        return
    named = ", ".join(map(quoted, columns))
    written = [_writer(look, table, column, _json_columns(raw, look, table)) for column in columns]
    plain = [place for place, write in enumerate(written) if write is None]
    odd = [(place, write) for place, write in enumerate(written) if write is not None]
    with _rows(raw, look.vendor, f"SELECT {named} FROM {quoted(table)}") as rows:
        for row in rows:
            values = list(row)
            for place, write in odd:
                if values[place] is not None:
                    values[place] = write(values[place])
            try:
                yield orjson.dumps(values, option=_OPTIONS)
            except orjson.JSONEncodeError:
                for place in plain:
                    values[place] = _any(values[place])
                yield json.dumps(values, ensure_ascii=True, separators=(",", ":"), default=str).encode()


def quoted(name: str) -> str:
    """A name of a table or column; both databases quote alike."""
    return '"' + name.replace('"', '""') + '"'


@contextmanager
def _rows(raw: Any, vendor: str, statement: str) -> Iterator[Iterable[tuple]]:
    if vendor == "sqlite":
        before, raw.text_factory = raw.text_factory, lambda text: text.decode("utf-8", "surrogateescape")
        try:
            yield raw.execute(statement)
        finally:
            raw.text_factory = before
        return
    # A cursor on the server: a table may be larger than the memory.
    with raw.cursor(name="panelmerge_content") as cursor:
        cursor.itersize = AT_ONCE
        for kind in ("json", "jsonb"):
            cursor.adapters.register_loader(kind, TextLoader)
        cursor.execute(statement)
        yield cursor


def _json_columns(raw: Any, look: Look, table: str) -> set[str]:
    if look.vendor == "postgresql":
        return {name for name, column in look.tables[table].items() if column.type in ("json", "jsonb")}
    [(text,)] = raw.execute("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)).fetchall()
    return set(_JSON_CHECK.findall(text or ""))


def _writer(look: Look, table: str, column: str, json_columns: set[str]) -> Callable[[Any], Any] | None:
    """What makes a column's values alike on both databases; None where they are already."""
    kind = look.tables[table][column].type
    if column in json_columns:
        return _json
    if kind in ("bytea", "blob"):
        return lambda value: bytes(value).hex()
    if look.vendor == "postgresql":
        if kind == "uuid":
            return lambda value: value.hex
        return str if kind in ("inet", "cidr", "interval") or kind.startswith("numeric") else None
    if kind.startswith(("datetime", "timestamp")):
        return _time
    return _truth if kind.startswith("bool") else None


def _json(value: Any) -> Any:
    return json.dumps(json.loads(value), ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _time(value: Any) -> Any:
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return value


def _truth(value: Any) -> Any:
    return bool(value) if value in (0, 1) else value


def _any(value: Any) -> Any:
    if isinstance(value, datetime):
        return orjson.loads(orjson.dumps(value, option=_OPTIONS))
    return value
