"""One moment of a database: everything read through it is of that moment, while people go on working."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from panelmerge.releases import postgresql
from panelmerge.releases.looking import Look, seen


@dataclass(frozen=True, slots=True)
class Snapshot:
    """``raw``: the driver's connection. ``name``: what pg_dump calls the moment, "" on SQLite."""

    raw: Any
    look: Look
    name: str = ""


@contextmanager
def snapshot(settings: Mapping[str, Any]) -> Iterator[Snapshot]:
    if settings["ENGINE"].endswith("postgresql"):
        with closing(postgresql.connect(settings)) as raw:
            # Times are compared as text, and the numbers of real ones to the last bit.
            raw.execute("SET TIME ZONE 'UTC'")
            raw.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            [(name,)] = raw.execute("SELECT pg_export_snapshot()").fetchall()
            yield Snapshot(raw, seen(raw, "postgresql"), name)
        return
    with closing(sqlite_connection(Path(settings["NAME"]))) as raw:
        raw.execute("BEGIN")
        yield Snapshot(raw, seen(raw, "sqlite"))


def sqlite_connection(path: Path, *, create: bool = False) -> sqlite3.Connection:
    """A driver's connection in which each statement stands for itself. A file that is not there is an error."""
    how = "rwc" if create else "rw"
    return sqlite3.connect(f"file:{quote(str(path))}?mode={how}", uri=True, timeout=20, isolation_level=None)


def copy_sqlite(raw: sqlite3.Connection, target: Path) -> None:
    """A whole and private copy of the moment that ``raw`` reads, by SQLite's own means."""
    target.touch(mode=0o600)
    with closing(sqlite_connection(target)) as copy:
        raw.backup(copy)
        # In one file: a log beside it would be forgotten when it is carried elsewhere.
        copy.execute("PRAGMA journal_mode=DELETE")
