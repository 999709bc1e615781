"""What going back a release would lose: counted in rows and people, and moved into the file of the rollback."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, models
from django.db.migrations.state import ProjectState
from django.db.models.expressions import Value

from panelmerge.releases.checking.schema import managed
from panelmerge.releases.looking import look
from panelmerge.releases.planning import BOOKKEEPING, Plan, Step, state_after
from panelmerge.releases.rollback_file import CHANGED, ROWS, VALUES, Writer

AT_ONCE = 500
# Made again by whoever serves; nobody misses them.
REBUILT = ("django_session", "rate_window", "security_signal", "django_content_type", "auth_permission")
Model = type[models.Model]


@dataclass(frozen=True, slots=True)
class Loss:
    """``what`` is a table or a column; ``people`` the numbers of those whose it is, None where it is nobody's."""

    what: str
    rows: int
    people: frozenset[int] | None
    sentence: str

    def __str__(self) -> str:
        of = f" of {counted(len(self.people), 'user')}" if self.people is not None else ""
        return f"{self.what}: {counted(self.rows, 'row')}{of}; {self.sentence}"


def in_all(found: list[Loss]) -> str:
    """Rows and users of every loss together."""
    people = {one for loss in found for one in loss.people or ()}
    return f"{counted(sum(loss.rows for loss in found), 'row')} of {counted(len(people), 'user')}"


def counted(number: int, noun: str) -> str:
    """1 row, 2 rows."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


@dataclass(slots=True)
class Leaving:
    """What one step takes away: whole tables, columns of tables that stay, and values too long for what stays."""

    tables: list[Model] = field(default_factory=list)
    columns: list[tuple[Model, models.Field]] = field(default_factory=list)
    too_long: list[tuple[Model, models.Field, int]] = field(default_factory=list)
    # Words that no longer may stand in a column.
    words: list[tuple[Model, models.Field, list[str]]] = field(default_factory=list)


def losses(plan: Plan) -> list[Loss]:
    """Everything that the plan's steps back would lose, before the first is taken."""
    seen, found = look(connection), []
    applied, counted = set(seen.applied), set()
    for step in plan.steps:
        # Counted in the database as it is now: what an earlier step drops is dropped with it.
        leaving, applied = leaving_with(step, applied)
        now = {model._meta.db_table: model for model in managed(state_after(set(seen.applied)))}
        for model in leaving.tables:
            table = model._meta.db_table
            if table in now and table not in counted and table not in REBUILT:
                counted.add(table)
                found += _lost_rows(now[table]._base_manager.all(), table, "the table goes")
        for model, column in leaving.columns:
            table = model._meta.db_table
            if (table, column.column) not in counted and table not in REBUILT:
                counted.add((table, column.column))
                rows = _with_a_value(now[table], now[table]._meta.get_field(column.name))
                found += _lost_rows(rows, f"{table}.{column.column}", "the column goes")
        for model, column, width in leaving.too_long:
            rows = _longer(now[model._meta.db_table], column.name, width)
            what = f"{model._meta.db_table}.{column.column}"
            found += _lost_rows(rows, what, f"longer than the {width} characters of {step.release}")
        for model, column, words in leaving.words:
            table = model._meta.db_table
            if (table, column.column) in step.about.put_aside:
                rows = now[table]._base_manager.filter(**{f"{column.name}__in": words})
                for other, condition, _ in step.about.too_much:
                    # These go as a whole, and are counted below.
                    rows = rows.exclude(pk__in=_where(now[table], condition)) if other == table else rows
                told = f"words that {step.release} does not know; kept before the description"
                found += _lost_rows(rows, f"{table}.{column.column}", told)
        for table, condition, why in step.about.too_much:
            found += _lost_rows(_where(now[table], condition), table, why)
        found += _changed(step, now)
    return [loss for loss in found if loss.rows]


def leaving_with(step: Step, applied: set) -> tuple[Leaving, set]:
    """(What the step takes away, the migrations that are applied after it)."""
    gone = {(migration.app_label, migration.name) for migration, _ in step.plan}
    before, after = state_after(applied), state_after(applied - gone)
    return _difference(before, after), applied - gone


def move_out(step: Step, writer: Writer) -> dict[str, int]:
    """Write what the step takes away into the file, and take out what would stop the step. {table: rows that went}."""
    leaving, _ = leaving_with(step, set(look(connection).applied))
    for model in leaving.tables:
        if model._meta.db_table not in REBUILT:
            _write_rows(writer, model, model._base_manager.order_by("pk"), dropped=True)
    for model, column in leaving.columns:
        if model._meta.db_table not in REBUILT:
            every = (model._meta.db_table, column.column) in step.about.refilled
            rows = model._base_manager.all() if every else _with_a_value(model, column)
            _write_values(writer, model, column, rows.order_by("pk"))
    removed: dict[str, int] = {}
    known = {model._meta.db_table: model for model in managed(state_after(set(look(connection).applied)))}
    for table, condition, _ in step.about.too_much:
        rows = _where(known[table], condition)
        _write_rows(writer, known[table], rows.order_by("pk"))
        removed[table] = known[table]._base_manager.filter(pk__in=list(rows.values_list("pk", flat=True))).delete()[0]
    for model, column, width in leaving.too_long:
        rows = _longer(model, column.name, width)
        if column.null:
            _write_values(writer, model, column, rows.order_by("pk"))
            rows.update(**{column.name: None})
        else:
            _write_rows(writer, model, rows.order_by("pk"))
            removed[model._meta.db_table] = removed.get(model._meta.db_table, 0) + rows.delete()[0]
    return removed


def changing_with(plan: Plan, step: Step) -> frozenset[tuple[str, str]]:
    """Columns whose values the step changes and that nothing gives back by itself: the way forward does, but not in
    tables that a later step of the plan drops, with the values as they are by then."""
    applied, goes = set(look(connection).applied), set()
    for one in plan.steps[plan.steps.index(step) :]:
        leaving, applied = leaving_with(one, applied)
        goes |= {model._meta.db_table for model in leaving.tables}
    return step.about.changed_back | {(table, column) for table, column in step.about.rewrites_back if table in goes}


def values_now(columns: frozenset[tuple[str, str]]) -> dict[tuple[str, str], dict[Any, Any]]:
    """{(table, column): {key: value}}; a column that is not there is left out."""
    found = {}
    known = {model._meta.db_table: model for model in managed(state_after(set(look(connection).applied)))}
    for table, column in sorted(columns):
        if table in known:
            name = next(one.name for one in known[table]._meta.local_concrete_fields if one.column == column)
            found[(table, column)] = dict(known[table]._base_manager.values_list("pk", name))
    return found


def write_changes(writer: Writer, before: dict[tuple[str, str], dict[Any, Any]], after: dict) -> None:
    """What a step made of values that it changed, so that only what nobody touched since is set back."""
    for (table, column), values in before.items():
        present = after.get((table, column), {})
        rows = [(key, was, present[key]) for key, was in values.items() if key in present and present[key] != was]
        if rows:
            writer.add(CHANGED, table=table, key="id", column=column, rows=rows)


# --- What leaves ---------------------------------------------------------------------------------------


def _difference(before: ProjectState, after: ProjectState) -> Leaving:
    stays = {model._meta.db_table: model for model in managed(after)}
    leaving = Leaving()
    for model in managed(before):
        table = model._meta.db_table
        if table in BOOKKEEPING:
            continue
        if table not in stays:
            leaving.tables.append(model)
            continue
        kept = {column.column: column for column in stays[table]._meta.local_concrete_fields}
        for column in model._meta.local_concrete_fields:
            if column.column not in kept:
                leaving.columns.append((model, column))
                continue
            words = _words(model, column.column) - _words(stays[table], column.column)
            if words:
                leaving.words.append((model, column, sorted(words)))
            width = kept[column.column].max_length if isinstance(kept[column.column], models.CharField) else None
            if width is not None and (column.max_length is None or column.max_length > width):
                leaving.too_long.append((model, column, width))
    return leaving


def _words(model: Model, column: str) -> set[str]:
    """Those that the table's CHECK lets into the column."""
    checks = [one.condition for one in model._meta.constraints if isinstance(one, models.CheckConstraint)]
    return {word for check in checks for name, words in _plain(check) if name == f"{column}__in" for word in words}


def _plain(check: models.Q) -> list[tuple]:
    return [one for one in check.children if isinstance(one, tuple)]


def _with_a_value(model: Model, column: models.Field) -> models.QuerySet:
    """Rows in which the column says something: not NULL, and not what it says by itself."""
    rows = model._base_manager.exclude(**{column.attname: None})
    default = column.db_default.value if isinstance(getattr(column, "db_default", None), Value) else column.default
    if default is not models.NOT_PROVIDED and not callable(default) and not hasattr(default, "resolve_expression"):
        rows = rows.exclude(**{column.attname: default})
    return rows


def _where(model: Model, condition: str) -> models.QuerySet:
    """Rows for which a condition of the manifest is true; it is text of ours, nobody else's."""
    return model._base_manager.extra(where=[condition])  # noqa: S610


def _longer(model: Model, name: str, width: int) -> models.QuerySet:
    return model._base_manager.annotate(length_of_it=models.functions.Length(name)).filter(length_of_it__gt=width)


def _changed(step: Step, now: dict[str, Model]) -> Iterator[Loss]:
    for table, column in sorted(step.about.changed_back):
        if (table, column) == ("user", "role") and table in now:
            rows = now[table]._base_manager.filter(role="AUDITOR")
            yield from _lost_rows(rows, "user.role", "auditors become viewers")


def _lost_rows(rows: models.QuerySet, what: str, sentence: str) -> Iterator[Loss]:
    number = rows.count()
    if number:
        yield Loss(what, number, _people(rows), sentence)


def _people(rows: models.QuerySet) -> frozenset[int] | None:
    """Whose the rows are: by the first key that points at a person."""
    if rows.model._meta.db_table == "user":
        return frozenset(rows.values_list("pk", flat=True))
    for column in rows.model._meta.local_concrete_fields:
        if column.remote_field and column.remote_field.model._meta.db_table == "user":
            whose = rows.exclude(**{column.attname: None}).order_by()
            return frozenset(whose.values_list(column.attname, flat=True).distinct())
    return None


# --- Into the file ---------------------------------------------------------------------------------------


def _write_rows(writer: Writer, model: Model, rows: models.QuerySet, *, dropped: bool = False) -> None:
    names, table = [column.column for column in model._meta.local_concrete_fields], model._meta.db_table
    for batch in _batches(model, names, rows):
        writer.add(ROWS, table=table, key=model._meta.pk.column, columns=names, rows=batch, dropped=dropped)


def _write_values(writer: Writer, model: Model, column: models.Field, rows: models.QuerySet) -> None:
    key = model._meta.pk.column
    for batch in _batches(model, [key, column.column], rows):
        writer.add(VALUES, table=model._meta.db_table, key=key, column=column.column, rows=batch)


def _batches(model: Model, columns: list[str], rows: models.QuerySet) -> Iterator[list[list]]:
    """The columns as the database holds them, not as a field reads them."""
    quoted = connection.ops.quote_name
    named = ", ".join(map(quoted, columns))
    keys = list(rows.values_list("pk", flat=True))
    for start in range(0, len(keys), AT_ONCE):
        some = keys[start : start + AT_ONCE]
        marks = ", ".join(["%s"] * len(some))
        with connection.cursor() as cursor:
            prepared = [model._meta.pk.get_db_prep_value(key, connection) for key in some]
            key = quoted(model._meta.pk.column)
            cursor.execute(f"SELECT {named} FROM {quoted(model._meta.db_table)} WHERE {key} IN ({marks})", prepared)
            yield [list(row) for row in cursor.fetchall()]
