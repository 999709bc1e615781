"""What somebody made by hand from the guide before the release that brings it: taken when it fits, named when not.

The guide's own SQL makes tables, columns and indexes of later releases. Where
such a one is equal to ours, or one of the guide's tables in the guide's own
types, its rows are put aside, the release makes its own, and the rows come
back. RL-15
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.management.color import no_style
from django.db import connection, models
from django.db.migrations.state import ProjectState

from panelmerge.releases.checking.schema import managed, type_of
from panelmerge.releases.looking import Column, Look, look
from panelmerge.releases.planning import Plan, Step, state_after
from panelmerge.releases.scanning import Trouble

ASIDE = "__by_hand"
HINT = "Change it to what the release makes (manage.py sqlmigrate APP NAME), or drop it"
_SQLITE_WORDS = {"boolean": "bool", "timestamp": "datetime", "serial": "integer", "int": "integer"}
Model = type[models.Model]


@dataclass(frozen=True, slots=True)
class HandMade:
    """Tables, columns and indexes that are there before the step that makes them."""

    tables: tuple[Model, ...]
    columns: tuple[tuple[Model, models.Field], ...]
    indexes: tuple[tuple[str, str], ...]

    def __bool__(self) -> bool:
        return bool(self.tables or self.columns or self.indexes)


def judge(plan: Plan, seen: Look) -> list[Trouble]:
    """What is there too early and is not what its release makes."""
    found: list[Trouble] = []
    applied = set(seen.applied)
    for step in plan.steps:
        before, after = _states(step, applied)
        made = _found(before, after, seen)
        for model in made.tables:
            found += _differences(model, seen)
        for model, field in made.columns:
            found += _difference(model, field, seen.tables[model._meta.db_table][field.column], seen)
        applied |= {(migration.app_label, migration.name) for migration, _ in step.plan}
    return found


@contextmanager
def put_aside(step: Step) -> Iterator[None]:
    """What was made by hand is out of the step's way while the block lasts, then its rows are in what the step made."""
    seen = look(connection)
    made = _found(*_states(step, set(seen.applied)), seen) if step.forward else HandMade((), (), ())
    if not made:
        yield
        return
    quoted = connection.ops.quote_name
    with _keys_unchecked(), connection.cursor() as cursor:
        for model in made.tables:
            table = model._meta.db_table
            cursor.execute(f"CREATE TABLE {quoted(table + ASIDE)} AS SELECT * FROM {quoted(table)}")
        cascade = " CASCADE" if connection.vendor == "postgresql" else ""
        for model in made.tables:
            cursor.execute(f"DROP TABLE {quoted(model._meta.db_table)}{cascade}")
        for model, field in made.columns:
            table, column, key = model._meta.db_table, field.column, model._meta.pk.column
            kept = quoted(f"{table}_{column}{ASIDE}")
            cursor.execute(f"CREATE TABLE {kept} AS SELECT {quoted(key)}, {quoted(column)} FROM {quoted(table)}")
            cursor.execute(f"ALTER TABLE {quoted(table)} DROP COLUMN {quoted(column)}")
        for table, name in made.indexes:
            cursor.execute(_drop_index(table, name))
    yield
    with _keys_unchecked(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # A migration may have left them to be checked at once; the tables point at each other.
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for model in made.tables:
            _bring_rows_back(cursor, model, seen)
        for model, field in made.columns:
            table, column, key = model._meta.db_table, field.column, model._meta.pk.column
            kept = quoted(f"{table}_{column}{ASIDE}")
            value = _converted(f"{kept}.{quoted(column)}", seen.tables[table][column], field)
            cursor.execute(
                f"UPDATE {quoted(table)} SET {quoted(column)} = (SELECT {value} FROM {kept} "
                f"WHERE {kept}.{quoted(key)} = {quoted(table)}.{quoted(key)})"
            )
            cursor.execute(f"DROP TABLE {kept}")
        _drop_enum_types(cursor, made, seen)


def _bring_rows_back(cursor, model: Model, seen: Look) -> None:
    quoted = connection.ops.quote_name
    table = model._meta.db_table
    present = seen.tables[table]
    fields = [field for field in model._meta.local_concrete_fields if field.column in present]
    names = ", ".join(quoted(field.column) for field in fields)
    values = ", ".join(_converted(quoted(field.column), present[field.column], field) for field in fields)
    cursor.execute(f"INSERT INTO {quoted(table)} ({names}) SELECT {values} FROM {quoted(table + ASIDE)}")
    cursor.execute(f"DROP TABLE {quoted(table + ASIDE)}")
    for statement in connection.ops.sequence_reset_sql(no_style(), [model]):
        cursor.execute(statement)


def _converted(value: str, column: Column, field: models.Field) -> str:
    """An enumeration as text, a time without a zone as UTC."""
    if connection.vendor == "postgresql":
        if column.type == "timestamp without time zone":
            return f"{value} AT TIME ZONE 'UTC'"
        if type_of(field).startswith("character varying"):
            return f"{value}::text"
    return value


@contextmanager
def _keys_unchecked() -> Iterator[None]:
    """SQLite would delete a table's rows, and complain, before it drops the table."""
    off = connection.vendor == "sqlite" and not connection.in_atomic_block and connection.disable_constraint_checking()
    try:
        yield
    finally:
        if off:
            connection.enable_constraint_checking()


def _drop_index(table: str, name: str) -> str:
    quoted = connection.ops.quote_name
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            named = [name, quoted(table)]
            cursor.execute("SELECT 1 FROM pg_constraint WHERE conname = %s AND conrelid = to_regclass(%s)", named)
            if cursor.fetchone():
                return f"ALTER TABLE {quoted(table)} DROP CONSTRAINT {quoted(name)}"
    return f"DROP INDEX {quoted(name)}"


def _drop_enum_types(cursor, made: HandMade, seen: Look) -> None:
    """Types of the guide that nothing uses any more."""
    used = {column.type for model in made.tables for column in seen.tables[model._meta.db_table].values()}
    for kind in sorted(used & seen.labels.keys()):
        cursor.execute(f"DROP TYPE IF EXISTS {connection.ops.quote_name(kind)}")


# --- What is there too early -------------------------------------------------------------------------


def _states(step: Step, applied: set) -> tuple[ProjectState, ProjectState]:
    moved = {(migration.app_label, migration.name) for migration, _ in step.plan}
    return state_after(applied), state_after(applied | moved)


def _found(before: ProjectState, after: ProjectState, seen: Look) -> HandMade:
    known = {model._meta.db_table: model for model in managed(before)}
    tables, columns, indexes = [], [], []
    with connection.cursor() as cursor:
        for model in managed(after):
            table = model._meta.db_table
            if not seen.has(table):
                continue
            if table not in known:
                tables.append(model)
                continue
            had = {field.column for field in known[table]._meta.local_concrete_fields}
            columns += [
                (model, field)
                for field in model._meta.local_concrete_fields
                if field.column not in had and seen.has(table, field.column)
            ]
            present = connection.introspection.get_constraints(cursor, table)
            coming = {one.name for one in (*model._meta.indexes, *model._meta.constraints)}
            coming -= {one.name for one in (*known[table]._meta.indexes, *known[table]._meta.constraints)}
            indexes += [(table, name) for name in sorted(coming & present.keys())]
    return HandMade(tuple(tables), tuple(columns), tuple(indexes))


def _differences(model: Model, seen: Look) -> Iterator[Trouble]:
    """In what a table is neither ours nor the guide's."""
    table, present = model._meta.db_table, seen.tables[model._meta.db_table]
    fields = {field.column: field for field in model._meta.local_concrete_fields}
    for name in sorted(present.keys() - fields.keys()):
        yield Trouble(f"{table}.{name}", "was made by hand and is no column of the release", HINT)
    for name, field in fields.items():
        if name in present:
            yield from _difference(model, field, present[name], seen)
        elif not field.null and not field.has_db_default():
            yield Trouble(f"{table}.{name}", "is missing in the table that was made by hand", HINT)


def _difference(model: Model, field: models.Field, present: Column, seen: Look) -> Iterator[Trouble]:
    expected = type_of(field)
    if not _fits(present.type, expected, seen):
        where = f"{model._meta.db_table}.{field.column}"
        yield Trouble(where, f"was made by hand as {present.type}, the release makes {expected}", HINT)


def _fits(present: str, expected: str, seen: Look) -> bool:
    if present == expected or (present in seen.labels and expected.startswith("character varying")):
        return True
    if present == "timestamp without time zone" and expected == "timestamp with time zone":
        return True
    if seen.vendor == "sqlite":
        word = present.partition("(")[0]
        # SQLite takes any word as a type; the guide's enumerations are words.
        is_word = expected.startswith("varchar") and word.startswith(("panel", "share", "change"))
        if is_word or _SQLITE_WORDS.get(word, word) == expected:
            return True
    narrow, wide = (re.fullmatch(r"(.+)\((\d+)\)", kind) for kind in (present, expected))
    return bool(narrow and wide) and narrow[1] == wide[1] and int(narrow[2]) <= int(wide[2])
