"""The file of a rollback loaded again, when the database is back at the release that the rollback left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.management.color import no_style
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Exists, OuterRef

from panelmerge.releases.checking.schema import managed
from panelmerge.releases.looking import look
from panelmerge.releases.planning import state_after
from panelmerge.releases.rollback_file import Part, RollbackFile

AT_ONCE = 200
Model = type[models.Model]
Row = dict[str, Any]


@dataclass(slots=True)
class Loaded:
    """``left``: {table: rows that belong to nobody any more}."""

    rows: int = 0
    values: int = 0
    left: dict[str, int] | None = None


@transaction.atomic
def load(file: RollbackFile) -> Loaded:
    """Bring back every row and value of the file whose owner is still there.

    Rows come with their numbers. Where a release has made rows of its own in
    such a table meanwhile, they stay unless they say the same.
    """
    known = {model._meta.db_table: model for model in managed(state_after(set(look(connection).applied)))}
    done, whole = Loaded(left={}), _whole_rows(file.parts, known)
    if connection.vendor == "postgresql":
        # A migration may have left them to be checked at once; rows come in any order.
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    dropped = {table for part in file.parts for table in part.dropped}
    for table, rows in whole.items():
        done.rows += _insert(known[table], rows, dropped=table in dropped)
    done.values += _set_values(file.parts, known, whole)
    for part in reversed(file.parts):
        for table, key, column, triples in part.changed:
            if table in known:
                done.values += _set_back(table, key, column, triples)
    _remove_orphans([known[table] for table in whole], done)
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [known[table] for table in whole]):
            cursor.execute(statement)
    return done


def _whole_rows(parts: list[Part], known: dict[str, Model]) -> dict[str, dict[Any, Row]]:
    """{table: {key: row}} of rows that went whole, with the values that later releases had added to them."""
    found: dict[str, dict[Any, Row]] = {}
    for part in reversed(parts):
        for table, key, columns, rows in part.rows:
            if table in known:
                into = found.setdefault(table, {})
                for row in rows:
                    named = dict(zip(columns, row, strict=True))
                    into[named[key]] = named
        for table, _, column, triples in part.changed:
            for key, before, after in triples:
                if found.get(table, {}).get(key, {}).get(column) == after:
                    found[table][key][column] = before
        for table, _, column, pairs in part.values:
            for key, value in pairs:
                if key in found.get(table, {}):
                    found[table][key][column] = value
    return found


def _insert(model: Model, rows: dict[Any, Row], *, dropped: bool) -> int:
    """Insert rows under their numbers. In a table that had been dropped, what a release has put into it gives way, and
    comes back after where it still can; in one that stayed, a row whose number is taken gets a new one."""
    table, key = model._meta.db_table, model._meta.pk.column
    columns = [column.column for column in model._meta.local_concrete_fields]
    numbered = isinstance(model._meta.pk, models.AutoField)
    owners = [one.column for one in model._meta.local_concrete_fields if one.remote_field and not one.null]
    present = [
        row
        for row in (_taken_out(table, columns) if dropped else [])
        # The same number, and of nobody else: it stood in for the one that comes back.
        if not (row[key] in rows and all(row[owner] == rows[row[key]].get(owner) for owner in owners))
    ]
    taken = set() if dropped else set(model._base_manager.values_list("pk", flat=True))
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows.values():
        named = tuple(column for column in columns if column in row and not (column == key and row[key] in taken))
        groups.setdefault(named, []).append(row)
    with connection.cursor() as cursor:
        # Rows with a number first, so that the new numbers come behind them.
        for named, some in sorted(groups.items(), key=lambda group: key not in group[0]):
            if key not in named:
                _after_the_highest(model)
            for start in range(0, len(some), AT_ONCE):
                _insert_some(cursor, table, named, some[start : start + AT_ONCE])
    if numbered:
        _after_the_highest(model)
    for row in present:
        kept = tuple(column for column in columns if not (numbered and column == key))
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                _insert_some(cursor, table, kept, [row])
        except IntegrityError:
            # It says again what the file says.
            continue
    return len(rows)


def _taken_out(table: str, columns: list[str]) -> list[Row]:
    quoted = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(map(quoted, columns))} FROM {quoted(table)}")
        present = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
        cursor.execute(f"DELETE FROM {quoted(table)}")
    return present


def _insert_some(cursor: Any, table: str, columns: tuple[str, ...], rows: list[Row]) -> None:
    quoted = connection.ops.quote_name
    marks = ", ".join(["%s"] * len(columns))
    cursor.executemany(
        f"INSERT INTO {quoted(table)} ({', '.join(map(quoted, columns))}) VALUES ({marks})",
        [[row[column] for column in columns] for row in rows],
    )


def _after_the_highest(model: Model) -> None:
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [model]):
            cursor.execute(statement)


def _set_values(parts: list[Part], known: dict[str, Model], whole: dict[str, dict[Any, Row]]) -> int:
    """Set columns again in rows that stayed; all columns of a row at once."""
    rows: dict[tuple[str, str], dict[Any, Row]] = {}
    for part in reversed(parts):
        for table, key, column, pairs in part.values:
            if table in known:
                into = rows.setdefault((table, key), {})
                for row, value in pairs:
                    if row not in whole.get(table, {}):
                        into.setdefault(row, {})[column] = value
    return sum(_set(table, key, found) for (table, key), found in rows.items())


def _set(table: str, key: str, rows: dict[Any, Row]) -> int:
    quoted, number = connection.ops.quote_name, 0
    groups: dict[tuple[str, ...], list[list]] = {}
    for row, values in rows.items():
        groups.setdefault(tuple(values), []).append([*values.values(), row])
    with connection.cursor() as cursor:
        for columns, some in groups.items():
            named = ", ".join(f"{quoted(column)} = %s" for column in columns)
            cursor.executemany(f"UPDATE {quoted(table)} SET {named} WHERE {quoted(key)} = %s", some)
            number += max(cursor.rowcount, 0) * len(columns)
    return number


def _set_back(table: str, key: str, column: str, triples: list[tuple]) -> int:
    """Only where it still is what going back made of it."""
    quoted = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {quoted(table)} SET {quoted(column)} = %s WHERE {quoted(key)} = %s AND {quoted(column)} = %s",
            [(before, row, after) for row, before, after in triples],
        )
        return max(cursor.rowcount, 0)


def _remove_orphans(loaded: list[Model], done: Loaded) -> None:
    """Rows whose person or panel is not there any more go again, and what hangs on them; keys that may be empty are."""
    while True:
        removed = 0
        for model in loaded:
            for column in model._meta.local_concrete_fields:
                if not column.remote_field or not getattr(column, "db_constraint", False):
                    continue
                target = column.target_field
                there = target.model._base_manager.filter(**{target.attname: OuterRef(column.attname)})
                rows = model._base_manager.exclude(**{column.attname: None}).filter(~Exists(there))
                if column.null:
                    rows.update(**{column.attname: None})
                    continue
                keys = list(rows.values_list("pk", flat=True))
                if keys:
                    removed += len(keys)
                    model._base_manager.filter(pk__in=keys)._raw_delete(connection.alias)
                    done.left[model._meta.db_table] = done.left.get(model._meta.db_table, 0) + len(keys)
        if not removed:
            return
