"""From the tables that were put aside into ours: every row under its own number, every secret encrypted anew."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from accounts.models import User
from audit.models import AuditLog
from panelmerge.lib.crypto import keyring
from panelmerge.releases.content import quoted
from panelmerge.releases.legacy.aside import Asides, aside
from panelmerge.releases.legacy.keys import Reader, Unreadable
from panelmerge.releases.legacy.report import Report
from panelmerge.releases.legacy.values import hash_of, role_of

BATCH = 500
UNREADABLE = "legacy_unreadable"
NAMES = ("first_name", "last_name", "organization")
VALUES = ("old_values", "new_values", "details")
_VALUES_AT = [(name, f"{name}_encrypted") for name in VALUES]
CHANGES = ("old_value", "new_value")
# What a plain column is called that the older application's scripts left beside the encrypted one.
LEFTOVERS = {"user": NAMES, "audit_log": VALUES}
Row = dict[str, Any]


class Copying:
    def __init__(self, asides: Asides, reader: Reader, report: Report, told: Callable[[str, int], None]) -> None:
        """``told`` hears (table, rows copied so far)."""
        self.asides, self.reader, self.report, self.told = asides, reader, report, told
        self._kept_aside: list[tuple[str, str, int, str]] = []
        self._words = words_of_release(report.release)

    def copy(self, table: str) -> None:
        """All rows of one table."""
        columns = self._columns(table)
        change = {"user": self._person, "audit_log": self._event, "panel_changes": self._change}.get(table)
        if change is None:
            self._copy_as_they_are(table, columns)
            return
        number = 0
        for rows in self._batches(table):
            write(table, list(columns), ([done[name] for name in columns] for done in map(change, rows)))
            number += len(rows)
            self.told(table, number)
        self._keep_unreadable()

    def _columns(self, table: str) -> dict[str, tuple[bool, str | None]]:
        """{column of ours that is filled: (whether it may be NULL, the database's default)}"""
        with connection.cursor() as cursor:
            described = connection.introspection.get_table_description(cursor, table)
        old = self.asides.look.tables[table]
        computed = {
            "user": {"role", "email", *(f"{name}_encrypted" for name in NAMES)},
            "audit_log": {f"{name}_encrypted" for name in VALUES},
        }.get(table, set())
        return {
            one.name: (bool(one.null_ok), one.default)
            for one in described
            if one.name in old or one.name in computed or (not one.null_ok and one.default is None)
        }

    def _copy_as_they_are(self, table: str, columns: dict[str, tuple[bool, str | None]]) -> None:
        old = self.asides.look.tables[table]
        values = []
        for name, (may_be_null, default) in columns.items():
            value = self.asides.moment(table, name, is_aside=True) if name in old else "NULL"
            if name in old and old[name].type in ("integer", "smallint", "bigint") and self._is_truth(table, name):
                value = f"({value} <> 0)" if self.asides.is_postgresql else value
            if not may_be_null:
                value = self._filled(table, name, value, default)
            values.append(value)
        named = ", ".join(map(quoted, columns))
        self.asides.execute(
            f"INSERT INTO {quoted(table)} ({named}) SELECT {', '.join(values)} FROM {aside(table)} ORDER BY id"
        )

    def _is_truth(self, table: str, column: str) -> bool:
        return self.asides.is_postgresql and bool(
            self.asides.execute(
                "SELECT 1 FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = %s "
                "AND column_name = %s AND data_type = 'boolean'",
                [table, column],
            )
        )

    def _filled(self, table: str, column: str, value: str, default: str | None) -> str:
        """The value, or what our column would say itself, where the older one was empty."""
        if column not in self.asides.look.tables[table]:
            return default or "''"
        [(empty,)] = self.asides.execute(f"SELECT COUNT(*) FROM {aside(table)} WHERE {quoted(column)} IS NULL")
        if not empty:
            return value
        instead = default or "''"
        self.report.mend(f"{table}.{column} was empty in {empty} rows; it is {instead} now")
        return f"COALESCE({value}, {instead})"

    def _batches(self, table: str) -> Iterator[list[Row]]:
        last = -(2**63)
        while True:
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT * FROM {aside(table)} WHERE id > %s ORDER BY id LIMIT {BATCH}", [last])
                names = [one[0] for one in cursor.description]
                rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
            if not rows:
                return
            yield rows
            last = rows[-1]["id"]

    # --- rows with secrets ---

    def _person(self, row: Row) -> Row:
        clock = self.asides.clock
        role, is_known = role_of(row.get("role"))
        if "role" in row and not is_known:
            self.report.mend(f"user {row['id']} had the role {row['role']!r}; it is {role} now")
        for name in NAMES:
            row[f"{name}_encrypted"] = self._text("user", name, row)
        return row | {
            "password_hash": hash_of(row["password_hash"] or ""),
            "role": role,
            # The older application let nobody in whose state was empty.
            "is_active": bool(row.get("is_active", True)),
            "is_verified": bool(row.get("is_verified", False)),
            "created_at": clock.utc(row.get("created_at")) or clock.now,
            "last_login": clock.utc(row.get("last_login")),
            "locked_until": clock.past(row.get("locked_until")),
            "login_count": row.get("login_count") or 0,
            "failed_login_attempts": row.get("failed_login_attempts") or 0,
        }

    def _event(self, row: Row) -> Row:
        clock = self.asides.clock
        for name, column in _VALUES_AT:
            there = row.get(column) is not None or row.get(name) is not None
            row[column] = self._value("audit_log", name, row) if there else None
        word, description = str(row["action_type"]), row["action_description"] or ""
        if word not in self._words:
            # As going back to an older release does, and the way up undoes.
            description, word = f"[{word}] {description}"[:500], "ADMIN_ACTION"
        row["action_type"], row["action_description"] = word, description
        row["ip_address"], row["success"] = row["ip_address"] or "", bool(row["success"])
        row["timestamp"] = clock.utc(row["timestamp"]) or clock.now
        return row

    def _change(self, row: Row) -> Row:
        for name in CHANGES:
            row[f"{name}_encrypted"] = self._text("panel_changes", name, row)
        return row | {"changed_at": self.asides.clock.utc(row["changed_at"]) or self.asides.clock.now}

    def _text(self, table: str, name: str, row: Row) -> str | None:
        column = f"{name}_encrypted"
        stored, plain = row.get(column), row.get(name)
        if stored is None:
            if plain is None:
                return None
            self.report.plain[f"{table}.{name}"] += 1
            text = plain
        else:
            try:
                text = self.reader.text(stored)
                self.report.plain[f"{table}.{column}"] += not self.reader.is_encrypted(stored)
            except Unreadable:
                self._unreadable(table, column, row["id"], stored)
                return None
        if table == "user":
            return self._encrypted(User._meta.get_field(name).get_prep_value(text), table, column)
        return self._encrypted(keyring().encrypt(text.encode(), f"{table}.{column}"), table, column)

    def _value(self, table: str, name: str, row: Row) -> str | None:
        column = f"{name}_encrypted"
        stored, plain = row.get(column), row.get(name)
        try:
            value = self.reader.value(stored) if stored is not None else _plain_value(plain)
        except Unreadable:
            self._unreadable(table, column, row["id"], stored)
            return None
        if stored is None or not self.reader.is_encrypted(stored):
            self.report.plain[f"{table}.{name if stored is None else column}"] += 1
        return self._encrypted(AuditLog._meta.get_field(name).get_prep_value(value), table, column)

    def _encrypted(self, stored: str, table: str, column: str) -> str:
        self.report.encrypted[f"{table}.{column}"] += 1
        return stored

    def _unreadable(self, table: str, column: str, pk: int, stored: str) -> None:
        self.report.unreadable.setdefault(f"{table}.{column}", []).append(pk)
        self._kept_aside.append((table, column, pk, stored))

    def _keep_unreadable(self) -> None:
        """What no key opens, as it is, so that another key can be tried some day."""
        if not self._kept_aside:
            return
        self.asides.execute(
            f"CREATE TABLE IF NOT EXISTS {UNREADABLE} (table_name VARCHAR(63) NOT NULL, "
            "column_name VARCHAR(63) NOT NULL, row_id INTEGER NOT NULL, stored TEXT NOT NULL)"
        )
        write(UNREADABLE, ["table_name", "column_name", "row_id", "stored"], self._kept_aside)
        self._kept_aside = []


def _plain_value(text: str) -> Any:
    """JSON that was never encrypted; other text is a value, too."""
    return Reader([]).value(text) if text.lstrip()[:1] in ("{", "[", '"') else text


def words_of_release(release: str) -> set[str]:
    from audit.events import Action

    words = list(Action)
    at_1_4, at_1_5 = words.index(Action.SYSTEM_SECURITY) + 1, words.index(Action.PANEL_LIST) + 1
    return {str(word) for word in words[: at_1_5 if release >= "1.5.0" else at_1_4]}


def _moment_for_sqlite(moment: datetime) -> str:
    """As Django's backend writes it, which takes longer."""
    if moment.tzinfo is not UTC:
        return connection.ops.adapt_datetimefield_value(moment)
    return str(moment.replace(tzinfo=None))


def write(table: str, columns: list[str], rows: Iterable[Iterable[Any]]) -> None:
    """Insert many rows in the quickest way that the database has."""
    named = ", ".join(map(quoted, columns))
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor, cursor.copy(f"COPY {quoted(table)} ({named}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row([*row])
        return
    adapt = _moment_for_sqlite
    places = ", ".join(["%s"] * len(columns))
    # Each row would be a transaction of its own.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {quoted(table)} ({named}) VALUES ({places})",
            [[adapt(cell) if type(cell) is datetime else cell for cell in row] for row in rows],
        )
