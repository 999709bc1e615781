"""Rows that a constraint to come would refuse: counted before it is made, with how to mend them. TR-06"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from django.core.exceptions import FieldDoesNotExist, FieldError
from django.db import connection, models
from django.db.migrations.state import ProjectState
from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import Length

from panelmerge.releases.looking import Look
from panelmerge.releases.planning import Plan, state_after

MOST_NAMED = 5
# What a data step mends by itself before the constraint is made: (table, columns or the constraint's name).
MENDED = {
    ("user", ("email",)),
    ("user", "check_user_role"),
    ("user", "check_user_time_format"),
    ("admin_message", "check_admin_message_type"),
    ("audit_log", "check_audit_log_action_type"),
}
Model = type[models.Model]


@dataclass(frozen=True, slots=True)
class Trouble:
    """``where`` is a table and a column or constraint; ``hint`` says how to mend it."""

    where: str
    sentence: str
    hint: str


def scan(plan: Plan, seen: Look, before: ProjectState) -> list[Trouble]:
    """What stands in the way of the plan's constraints, and keys that are broken already."""
    moved = {(migration.app_label, migration.name) for step in plan.steps for migration, _ in step.plan}
    after = state_after(set(seen.applied) | moved)
    now = {model._meta.db_table: model for model in before.apps.get_models(include_auto_created=True)}
    found: list[Trouble] = []
    for coming in after.apps.get_models(include_auto_created=True):
        present = now.get(coming._meta.db_table)
        if present is not None and seen.has(present._meta.db_table):
            found += chain(
                orphans(present), _doubles(present, coming), _refused(present, coming), _long(present, coming)
            )
    return found


def orphans(model: Model) -> Iterator[Trouble]:
    """Rows whose key points at nothing. PostgreSQL never has them, SQLite may."""
    for field in model._meta.local_concrete_fields:
        if not field.remote_field or not getattr(field, "db_constraint", False):
            continue
        there = field.target_field.model._base_manager.filter(**{field.target_field.attname: OuterRef(field.attname)})
        rows = model._base_manager.exclude(**{field.attname: None}).filter(~Exists(there))
        number = rows.count()
        if number:
            yield Trouble(
                f"{model._meta.db_table}.{field.column}",
                f"{number} rows point at nothing in {field.target_field.model._meta.db_table}{_which(rows)}",
                "Bring the missing rows back from a backup, or remove these",
            )


def _doubles(present: Model, coming: Model) -> Iterator[Trouble]:
    table = present._meta.db_table
    for columns in _unique(coming) - _unique(present):
        names = [_field(present, column) for column in columns]
        if None in names or (table, columns) in MENDED:
            continue
        rows = present._base_manager.all()
        for name in names:
            rows = rows.exclude(**{name: None})
        doubled = rows.order_by().values(*names).annotate(n=Count("pk")).filter(n__gt=1)
        groups = doubled.count()
        if groups:
            same = present._base_manager.filter(**{name: doubled[0][name] for name in names})
            yield Trouble(
                f"{table}.{', '.join(columns)}",
                f"{groups} values are there more than once{_which(same)}",
                "Change all but one of each",
            )


def _refused(present: Model, coming: Model) -> Iterator[Trouble]:
    """Rows that a new check is not true for."""
    table = present._meta.db_table
    known = list(present._meta.constraints)
    for constraint in coming._meta.constraints:
        if (
            not isinstance(constraint, models.CheckConstraint)
            or constraint in known
            or (table, constraint.name) in MENDED
        ):
            continue
        try:
            rows = present._base_manager.filter(~Q(constraint.condition))
            number = rows.count()
        except (FieldError, FieldDoesNotExist):
            # It is about a column that is not there yet.
            continue
        if number:
            yield Trouble(
                f"{table}.{constraint.name}",
                f"{number} rows hold what it does not allow{_which(rows)}",
                "Change them to a value that it allows",
            )


def _long(present: Model, coming: Model) -> Iterator[Trouble]:
    """Texts that do not fit a narrower column."""
    for field in coming._meta.local_concrete_fields:
        name = _field(present, field.column)
        if name is None or field.max_length is None or not isinstance(field, models.CharField):
            continue
        before = present._meta.get_field(name)
        if before.max_length is not None and before.max_length <= field.max_length:
            continue
        rows = present._base_manager.annotate(length=Length(name)).filter(length__gt=field.max_length)
        number = rows.count()
        if number:
            yield Trouble(
                f"{present._meta.db_table}.{field.column}",
                f"{number} values are longer than {field.max_length} characters{_which(rows)}",
                "Shorten them",
            )


def _unique(model: Model) -> set[tuple[str, ...]]:
    """Columns that are unique together, over all rows."""
    found = {(field.column,) for field in model._meta.local_concrete_fields if field.unique}
    found |= {tuple(model._meta.get_field(name).column for name in names) for names in model._meta.unique_together}
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and constraint.condition is None and constraint.fields:
            found.add(tuple(model._meta.get_field(name).column for name in constraint.fields))
    return found


def _field(model: Model, column: str) -> str | None:
    return next((field.attname for field in model._meta.local_concrete_fields if field.column == column), None)


def _which(rows: models.QuerySet) -> str:
    ids = list(rows.order_by("pk").values_list("pk", flat=True)[:MOST_NAMED])
    return f" ({connection.ops.quote_name(rows.model._meta.pk.column)} {', '.join(map(str, ids))})"
