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


class Ice:
    """A SQLite database that nobody can write to, and whether anybody did all the same."""

    def __init__(self, path: Path, raw: sqlite3.Connection | None) -> None:
        self.path, self.raw = path, raw
        self._version = self._data_version()

    def copy_to(self, target: Path) -> None:
        if self.raw is None:
            target.touch(mode=0o600)
            return
        # SQLite copies through no connection that could write; nobody else writes, so this one sees the same.
        with closing(sqlite_connection(self.path)) as reader:
            copy_sqlite(reader, target)

    def thaw(self) -> None:
        """Let go of the file, behind a shut door. Raises sqlite3.OperationalError where somebody wrote to it."""
        if self.raw is None:
            return
        self.raw.execute("ROLLBACK")
        [(mode,)] = self.raw.execute("PRAGMA journal_mode = DELETE").fetchall()
        if mode != "delete":
            raise sqlite3.OperationalError("database is locked")
        if self._data_version() != self._version:
            raise sqlite3.OperationalError("the database was written to by another program meanwhile")
        self.raw.close()

    def _data_version(self) -> int:
        return self.raw.execute("PRAGMA data_version").fetchone()[0] if self.raw else 0


@contextmanager
def frozen(path: Path, *, patience: float = 30.0) -> Iterator[Ice]:
    """Hold the one lock for writers of a SQLite file: people read on, and no write can be lost. A file that is not
    there is empty ice."""
    if not path.is_file():
        yield Ice(path, None)
        return
    with closing(sqlite_connection(path)) as raw:
        raw.execute(f"PRAGMA busy_timeout = {int(patience * 1000)}")
        raw.execute("BEGIN IMMEDIATE")
        yield Ice(path, raw)
