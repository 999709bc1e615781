"""The older application's tables, put aside so that ours can be made under their names, all in one transaction.

On SQLite this happens in a copy of the file. PostgreSQL undoes everything when
anything fails.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, connection

from panelmerge.lib.errors import Refusal
from panelmerge.releases.content import quoted
from panelmerge.releases.legacy.values import FIRST_SHOWN, LAST_SHOWN, Clock
from panelmerge.releases.looking import Look

# Ours by the same name, in an order in which each comes after those it points at.
TABLES = (
    *("user", "panel_download", "audit_log", "admin_message"),
    *("saved_panels", "panel_versions", "panel_genes", "panel_shares", "panel_changes"),
)
UTC_FUNCTION = "panelmerge_utc"


def aside(table: str) -> str:
    return f"aside_{table}"


def _shown(column: str) -> str:
    """PostgreSQL: the naive time, or the last or first that every zone can show."""
    name = quoted(column)
    return (
        f"(CASE WHEN {name} > '{LAST_SHOWN}' THEN TIMESTAMP '{LAST_SHOWN}' "
        f"WHEN {name} < '{FIRST_SHOWN}' THEN TIMESTAMP '{FIRST_SHOWN}' ELSE {name} END)"
    )


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A key of a table that is left alone, which points at one of ours."""

    table: str
    name: str
    definition: str


class Asides:
    """Puts aside, copies, and takes away again what was put aside."""

    def __init__(self, look: Look, clock: Clock) -> None:
        self.look, self.clock = look, clock
        self.is_postgresql = connection.vendor == "postgresql"
        if not self.is_postgresql:
            connection.ensure_connection()
            connection.connection.create_function(UTC_FUNCTION, 1, self._utc_text)

    def _utc_text(self, value: Any) -> str | None:
        moment = self.clock.past(value)
        return str(moment.replace(tzinfo=None)) if moment else None

    def execute(self, statement: str, parameters: Iterable[Any] = ()) -> list[tuple]:
        with connection.cursor() as cursor:
            # Without parameters a per cent sign is one.
            cursor.execute(statement, list(parameters) or None)
            return cursor.fetchall() if cursor.description else []

    # --- before ours are made ---

    def put_aside(self, tables: Iterable[str]) -> None:
        """Every row of these tables under ``aside_<table>``, enumerations as text."""
        for table in tables:
            columns = ", ".join(self._plain(table, column) for column in self.look.tables[table])
            self._count_beyond(table)
            kind = "TEMPORARY TABLE" if self.is_postgresql else "TABLE"
            self.execute(f"CREATE {kind} {aside(table)} AS SELECT {columns} FROM {quoted(table)}")
            self.execute(f"CREATE UNIQUE INDEX {aside(table)}_id ON {aside(table)} (id)")
            if self.is_postgresql:
                self.execute(f"ANALYZE {aside(table)}")

    def _plain(self, table: str, column: str) -> str:
        kind = self.look.tables[table][column].type
        if kind in self.look.labels:
            return f"{quoted(column)}::text AS {quoted(column)}"
        return f"{_shown(column)} AS {quoted(column)}" if self._is_naive(kind) else quoted(column)

    def _is_naive(self, kind: str) -> bool:
        """Whether PostgreSQL keeps such times without their zone."""
        return self.is_postgresql and (kind == "timestamp without time zone" or kind.startswith("timestamp("))

    def _count_beyond(self, table: str) -> None:
        """Times that no zone can show, infinity among them."""
        for column, found in self.look.tables[table].items():
            if self._is_naive(found.type):
                [(number,)] = self.execute(
                    f"SELECT COUNT(*) FROM {quoted(table)} WHERE {quoted(column)} <> {_shown(column)}"
                )
                self.clock.beyond += number

    def move(self, table: str, target: str, columns: Iterable[str] | None = None, source: str | None = None) -> int:
        """A table without keys and enumerations, its times in UTC, that our releases do not touch; its rows."""
        chosen = list(columns or self.look.tables[table])
        is_aside = source == aside(table)
        of = quoted(source or table)
        values = ", ".join(f"{self.moment(table, column, is_aside=is_aside)} AS {quoted(column)}" for column in chosen)
        if self.is_postgresql:
            self.execute(f"CREATE TABLE {quoted(target)} AS SELECT {values} FROM {of}")
        else:
            typed = ", ".join(f"{quoted(column)} {self.look.tables[table][column].type}" for column in chosen)
            self.execute(f"CREATE TABLE {quoted(target)} ({typed})")
            self.execute(f"INSERT INTO {quoted(target)} SELECT {values} FROM {of}")
        [(number,)] = self.execute(f"SELECT COUNT(*) FROM {quoted(target)}")
        return number

    def moment(self, table: str, column: str, *, is_aside: bool = False) -> str:
        """The column as it is copied: naive times become moments, enumerations text."""
        kind = self.look.tables[table][column].type
        if self.is_postgresql:
            if self._is_naive(kind):
                return f"({quoted(column) if is_aside else _shown(column)} AT TIME ZONE '{self.clock.zone.key}')"
            return quoted(column) if is_aside else self._plain(table, column).partition(" AS ")[0]
        return f"{UTC_FUNCTION}({quoted(column)})" if kind.startswith(("datetime", "timestamp")) else quoted(column)

    def drop(self, tables: Iterable[str]) -> list[ForeignKey]:
        """Drop them, and the keys by which tables that are left alone point at them; those keys."""
        going = list(tables)
        keys = self._keys_into(going) if self.is_postgresql else []
        for key in keys:
            self.execute(f"ALTER TABLE {quoted(key.table)} DROP CONSTRAINT {quoted(key.name)}")
        for table in going:
            try:
                self.execute(f"DROP TABLE {quoted(table)}")
            except DatabaseError as error:
                raise Refusal(
                    f"{table} cannot be exchanged, because something that is not the older application's depends on "
                    f"it: {error}".strip(),
                    code="depended_on",
                ) from error
        return [key for key in keys if key.table not in going]

    def _keys_into(self, tables: list[str]) -> list[ForeignKey]:
        found = self.execute(
            "SELECT c.relname, k.conname, pg_get_constraintdef(k.oid) FROM pg_constraint k "
            "JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class t ON t.oid = k.confrelid "
            "WHERE k.contype = 'f' AND t.relnamespace = current_schema()::regnamespace AND t.relname = ANY(%s)",
            [tables],
        )
        return [ForeignKey(*one) for one in found]

    def drop_enumerations(self) -> None:
        """Types that no table uses any more."""
        for kind in self.look.labels:
            used = self.execute(
                "SELECT 1 FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE a.atttypid = to_regtype(%s) "
                "AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm')",
                [quoted(kind)],
            )
            if not used:
                self.execute(f"DROP TYPE IF EXISTS {quoted(kind)}")

    def put_by(self, tables: Iterable[str]) -> list[tuple[str, str]]:
        """SQLite checks the keys of every table whenever one is made, so those that are left alone stand aside
        meanwhile; (table, statement) by which each comes back."""
        if self.is_postgresql:
            return []
        back = []
        for table in tables:
            made = self.execute(
                "SELECT sql FROM sqlite_master WHERE tbl_name = %s AND sql IS NOT NULL AND type <> 'view' "
                "ORDER BY CASE type WHEN 'table' THEN 0 ELSE 1 END",
                [table],
            )
            back += [(table, statement) for (statement,) in made]
            self.execute(f"CREATE TABLE {quoted(aside(table))} AS SELECT * FROM {quoted(table)}")
            self.execute(f"DROP TABLE {quoted(table)}")
        return back

    def put_back(self, statements: Iterable[tuple[str, str]]) -> None:
        filled = set()
        for table, statement in statements:
            self.execute(statement)
            if table not in filled:
                filled.add(table)
                self.execute(f"INSERT INTO {quoted(table)} SELECT * FROM {quoted(aside(table))}")
        for table in filled:
            self.execute(f"DROP TABLE {quoted(aside(table))}")

    # --- after ---

    def restore(self, keys: Iterable[ForeignKey]) -> None:
        for key in keys:
            self.execute(f"ALTER TABLE {quoted(key.table)} ADD CONSTRAINT {quoted(key.name)} {key.definition}")

    def take_away(self, tables: Iterable[str]) -> None:
        for table in tables:
            self.execute(f"DROP TABLE {quoted(aside(table))}")

    def count_on(self, tables: Iterable[str]) -> None:
        """The next number of each table comes behind those it was given."""
        if self.is_postgresql:
            for table in tables:
                self.execute(
                    f"SELECT setval(pg_get_serial_sequence('{quoted(table)}', 'id'), "
                    f"GREATEST((SELECT MAX(id) FROM {quoted(table)}), 1), EXISTS (SELECT 1 FROM {quoted(table)}))"
                )
