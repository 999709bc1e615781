"""The database's tables against the models, as they are at its release. VE-08, TR-07"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from django.db import connection, models
from django.db.migrations.state import ProjectState

from panelmerge.releases.checking.findings import Finding
from panelmerge.releases.looking import Column, Look

Model = type[models.Model]
_NOW = ("now()", "statement_timestamp()", "current_timestamp")


def compare(state: ProjectState, look: Look) -> list[Finding]:
    """Everything in which the database differs from the models of the state. Tables of nobody are left alone."""
    found: list[Finding] = []
    with connection.cursor() as cursor:
        for model in managed(state):
            table = model._meta.db_table
            if table not in look.tables:
                found.append(Finding("table", table, "is missing; run manage.py upgrade or restore a backup"))
                continue
            found += _columns(model, look.tables[table])
            found += _constraints(model, connection.introspection.get_constraints(cursor, table), look)
    return found


def managed(state: ProjectState) -> list[Model]:
    """Models with a table of their own, tables between two models too, by the table's name."""
    every = state.apps.get_models(include_auto_created=True)
    return sorted(
        (model for model in every if model._meta.managed and not model._meta.proxy), key=lambda one: one._meta.db_table
    )


# --- Columns --------------------------------------------------------------------------------------


def _columns(model: Model, present: dict[str, Column]) -> Iterator[Finding]:
    table = model._meta.db_table
    fields = {field.column: field for field in model._meta.local_concrete_fields}
    for name, field in fields.items():
        where = f"{table}.{name}"
        if name not in present:
            mend = partial(_add_column, model, field) if field.null or field.has_db_default() else None
            yield Finding("column", where, "is missing", mend)
            continue
        column = present[name]
        expected = type_of(field)
        if column.type != expected:
            yield Finding("type", where, f"is {column.type} instead of {expected}")
        if column.nullable != field.null and not field.primary_key:
            said = ("may be NULL", "may not be NULL") if column.nullable else ("may not be NULL", "may be NULL")
            yield Finding("null", where, f"{said[0]}; it {said[1].replace('may', 'should', 1)}")
        if field.has_db_default() and not _same_default(field, column.default):
            mend = partial(_set_default, model, field)
            yield Finding("default", where, f"has the server default {column.default or 'none'}", mend)
    for name in sorted(present.keys() - fields.keys()):
        yield Finding("extra column", f"{table}.{name}", "is not known to this release; it is left alone")


def type_of(field: models.Field) -> str:
    """The type of a column as the database itself writes it."""
    made = (field.db_type(connection) or "").lower()
    if connection.vendor == "postgresql":
        return re.sub(r"^varchar\b", "character varying", made)
    return made


def _same_default(field: models.Field, present: str | None) -> bool:
    if present is None:
        return False
    # Not entered: SQLite's would look at every key of the database when it is left.
    expected, params = connection.schema_editor(collect_sql=True).db_default_sql(field)
    for value in params:
        expected = expected.replace("%s", str(value), 1)
    return _plain(expected) == _plain(present)


def _plain(default: str) -> str:
    """A default without the database's own spelling: casts, quotes, brackets, words for the present moment."""
    text = re.sub(r"::[a-z ]+(\(\d+\))?", "", default.lower()).strip("() ")
    text = text.strip("'")
    if any(word.strip("()") in text for word in _NOW):
        return "now"
    return {"true": "1", "false": "0", "t": "1", "f": "0"}.get(text, text)


# --- Keys, constraints, indexes -------------------------------------------------------------------


def _constraints(model: Model, present: dict[str, dict[str, Any]], look: Look) -> Iterator[Finding]:
    table = model._meta.db_table
    unique = {tuple(one["columns"]) for one in present.values() if one["unique"] or one["primary_key"]}
    indexed = unique | {tuple(one["columns"]) for one in present.values() if one["index"]}
    keys = {(one["columns"][0], *one["foreign_key"]) for one in present.values() if one["foreign_key"]}
    for field in model._meta.local_concrete_fields:
        where = f"{table}.{field.column}"
        if field.unique and (field.column,) not in unique:
            yield Finding("unique", where, "is not unique", partial(_alter_unique, model, field))
        elif getattr(field, "db_index", False) and not field.unique and (field.column,) not in indexed:
            yield Finding("index", where, "has no index", partial(_add_field_index, model, field))
        if field.remote_field and getattr(field, "db_constraint", False):
            target = field.target_field
            if (field.column, target.model._meta.db_table, target.column) not in keys:
                said = f"has no foreign key to {target.model._meta.db_table}.{target.column}"
                yield Finding("foreign key", where, said, partial(_add_foreign_key, model, field))
    for together in model._meta.unique_together:
        columns = tuple(model._meta.get_field(name).column for name in together)
        if columns not in unique:
            yield Finding("unique", table, f"({', '.join(columns)}) is not unique")
    for constraint in model._meta.constraints:
        if constraint.name not in present:
            mend = partial(_add_constraint, model, constraint)
            yield Finding("constraint", f"{table}.{constraint.name}", "is missing", mend)
    for index in model._meta.indexes:
        columns = [model._meta.get_field(name.lstrip("-")).column for name in index.fields]
        if index.name not in present:
            yield Finding("index", f"{table}.{index.name}", "is missing", partial(_add_index, model, index))
        elif columns and present[index.name]["columns"] != columns:
            yield Finding("index", f"{table}.{index.name}", f"is on {', '.join(present[index.name]['columns'])}")


# --- Mending ----------------------------------------------------------------------------------------


def _add_column(model: Model, field: models.Field) -> None:
    with connection.schema_editor() as editor:
        editor.add_field(model, field)


def _set_default(model: Model, field: models.Field) -> None:
    """Django alters a default only where it sees a difference: the old field is shown without one."""
    without = field.clone()
    without.set_attributes_from_name(field.name)
    without.model = model
    without.db_default = models.NOT_PROVIDED
    with connection.schema_editor() as editor:
        editor.alter_field(model, without, field, strict=False)


def _alter_unique(model: Model, field: models.Field) -> None:
    with connection.schema_editor() as editor:
        editor.execute(editor._create_unique_sql(model, [field]))


def _add_field_index(model: Model, field: models.Field) -> None:
    with connection.schema_editor() as editor:
        editor.execute(editor._create_index_sql(model, fields=[field]))


def _add_foreign_key(model: Model, field: models.Field) -> None:
    with connection.schema_editor() as editor:
        if connection.vendor == "sqlite":
            # A table of SQLite gets a key by being made anew.
            editor._remake_table(model)
        else:
            editor.execute(editor._create_fk_sql(model, field, "_fk_%(to_table)s_%(to_column)s"))


def _add_constraint(model: Model, constraint: models.BaseConstraint) -> None:
    with connection.schema_editor() as editor:
        editor.add_constraint(model, constraint)


def _add_index(model: Model, index: models.Index) -> None:
    with connection.schema_editor() as editor:
        editor.add_index(model, index)
