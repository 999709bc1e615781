"""Looking at a database without changing a byte of it: tables, columns, enumerations, applied migrations."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.db import connection

from panelmerge.releases import postgresql
from panelmerge.releases.manifest import APPS

# The table that our own commands make at any release; it says nothing about what made the rest.
OWN_TABLE = "panelmerge_release"


@dataclass(frozen=True, slots=True)
class Column:
    """``type`` as the database writes it, in small letters."""

    type: str
    nullable: bool
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What is there. ``labels`` maps PostgreSQL's enum types to their labels; ``revision`` is what the older
    application's own bookkeeping says, which proves nothing."""

    vendor: str
    server: str
    tables: dict[str, dict[str, Column]] = field(default_factory=dict)
    labels: dict[str, list[str]] = field(default_factory=dict)
    applied: frozenset[tuple[str, str]] = frozenset()
    revision: str | None = None

    @property
    def ours(self) -> frozenset[tuple[str, str]]:
        """Applied migrations of our own apps."""
        return frozenset(key for key in self.applied if key[0] in APPS)

    def has(self, table: str, column: str | None = None) -> bool:
        return table in self.tables and (column is None or column in self.tables[table])


def look(using: Any = None) -> Look:
    """Look at the database of the settings through a connection of its own that cannot write.

    A database that only this process can see (in memory), or one that is given
    as ``using``, is looked at through Django's connection.
    """
    if using is not None or (connection.vendor == "sqlite" and connection.is_in_memory_db()):
        django = using or connection
        django.ensure_connection()
        return seen(django.connection, django.vendor)
    settings = connection.settings_dict
    if str(settings["NAME"]).startswith("file:"):
        return look(connection)
    if connection.vendor == "sqlite":
        path = Path(settings["NAME"])
        with sqlite_reading(path) as raw:
            return seen(raw, "sqlite")
    with closing(postgresql.connect(settings, reading=True)) as raw:
        return seen(raw, "postgresql")


@contextmanager
def sqlite_reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that leaves the file and what lies beside it as they are."""
    with sqlite_address(path) as address, closing(_open(address)) as raw:
        yield raw


@contextmanager
def sqlite_address(path: Path) -> Iterator[str]:
    """The address under which SQLite reads the file and changes nothing, not even beside it.

    SQLite's read-only mode alone would leave -wal and -shm behind: without a
    log beside it the file is read as one that nobody changes; with one, its
    shared memory is read only too. A log that a crash left without shared
    memory is read in a copy.
    """
    log = path.with_name(path.name + "-wal")
    if not path.is_file():
        yield ":memory:"
        return
    if not log.is_file() or log.stat().st_size == 0:
        yield _address(path, "mode=ro&immutable=1")
        return
    shared = _address(path, "mode=ro&readonly_shm=1")
    if path.with_name(path.name + "-shm").is_file() and _can_be_read(shared):
        yield shared
        return
    with tempfile.TemporaryDirectory(prefix="panelmerge-") as folder:
        copy = Path(folder) / path.name
        shutil.copyfile(path, copy)
        shutil.copyfile(log, copy.with_name(copy.name + "-wal"))
        yield _address(copy, "mode=rw")


def _can_be_read(address: str) -> bool:
    with closing(_open(address)) as raw:
        try:
            raw.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
        except sqlite3.OperationalError:
            return False
    return True


def _address(path: Path, how: str) -> str:
    return f"file:{quote(str(path))}?{how}"


def _open(address: str) -> sqlite3.Connection:
    return sqlite3.connect(address, uri=True, timeout=20)


def seen(raw: Any, vendor: str) -> Look:
    tables = _postgresql_tables(raw) if vendor == "postgresql" else _sqlite_tables(raw)
    labels: dict[str, list[str]] = {}
    if vendor == "postgresql":
        for kind, label in raw.execute(
            "SELECT t.typname, e.enumlabel FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid "
            "WHERE pg_type_is_visible(t.oid) ORDER BY e.enumsortorder"
        ).fetchall():
            labels.setdefault(kind, []).append(label)
        server = raw.execute("SHOW server_version").fetchone()[0]
    else:
        server = sqlite3.sqlite_version
    applied = frozenset()
    if "django_migrations" in tables:
        applied = frozenset((app, name) for app, name in raw.execute("SELECT app, name FROM django_migrations"))
    revision = None
    if "alembic_version" in tables:
        found = raw.execute("SELECT version_num FROM alembic_version").fetchone()
        revision = found[0] if found else None
    return Look(vendor, server, tables, labels, applied, revision)


def _sqlite_tables(raw: Any) -> dict[str, dict[str, Column]]:
    found: dict[str, dict[str, Column]] = {}
    names = raw.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'")
    for (table,) in names.fetchall():
        quoted = table.replace('"', '""')
        columns = raw.execute(f'PRAGMA table_info("{quoted}")').fetchall()
        found[table] = {
            name: Column(kind.lower(), not (required or key), default)
            for _, name, kind, required, default, key in columns
        }
    return found


def _postgresql_tables(raw: Any) -> dict[str, dict[str, Column]]:
    found: dict[str, dict[str, Column]] = {}
    for table, name, kind, required, default in raw.execute(
        "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, "
        "pg_get_expr(d.adbin, d.adrelid) "
        "FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
        "LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum "
        "WHERE c.relkind IN ('r', 'p') AND c.relnamespace = current_schema()::regnamespace "
        "AND a.attnum > 0 AND NOT a.attisdropped ORDER BY c.relname, a.attnum"
    ).fetchall():
        found.setdefault(table, {})[name] = Column(kind.lower(), not required, default)
    return found
