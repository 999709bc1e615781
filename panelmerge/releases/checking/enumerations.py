"""Words that a column may hold, in the code and in the database, with the use of each. AU-04, SP-06, SP-07"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from django.db import connection, models
from django.db.migrations.state import ProjectState

from panelmerge.releases.checking.findings import Finding
from panelmerge.releases.checking.schema import managed
from panelmerge.releases.looking import Look

_WORD = re.compile(r"'((?:[^']|'')*)'")


@dataclass(frozen=True, slots=True)
class Enumeration:
    """``used``: {word: rows}, also of words that are nowhere allowed. ``in_database`` is empty where the check is
    missing."""

    table: str
    column: str
    constraint: str
    in_code: tuple[str, ...]
    in_database: tuple[str, ...]
    used: dict[str, int]

    def __str__(self) -> str:
        words = ", ".join(f"{word} {self.used.get(word, 0):,}" for word in self.in_code)
        return f"{self.table}.{self.column}: {words}"


def enumerations(state: ProjectState, look: Look) -> Iterator[tuple[Enumeration, list[Finding]]]:
    """Every column of the models whose words a named check lists, and in what the two sides differ."""
    for model in managed(state):
        for constraint in model._meta.constraints:
            found = _words_of(constraint)
            if found is None or not look.has(model._meta.db_table):
                continue
            column = model._meta.get_field(found[0]).column
            if not look.has(model._meta.db_table, column):
                continue
            one = Enumeration(
                model._meta.db_table,
                column,
                constraint.name,
                tuple(sorted(found[1])),
                tuple(sorted(_words_in_database(model._meta.db_table, constraint.name))),
                _use(model._meta.db_table, column),
            )
            yield one, list(_findings(one, model, constraint))


def _words_of(constraint: models.BaseConstraint) -> tuple[str, list[str]] | None:
    """(field, words) of a check that is nothing but a list of words."""
    if not isinstance(constraint, models.CheckConstraint) or len(constraint.condition.children) != 1:
        return None
    [only] = constraint.condition.children
    if constraint.condition.negated or not isinstance(only, tuple) or not only[0].endswith("__in"):
        return None
    return only[0].removesuffix("__in"), [str(word) for word in only[1]]


def _words_in_database(table: str, name: str) -> list[str]:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s AND conrelid = to_regclass(%s)",
                [name, connection.ops.quote_name(table)],
            )
        else:
            cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = %s", [table])
        found = cursor.fetchone()
    text = found[0] if found else ""
    if connection.vendor == "sqlite":
        text = _check_named(text, name)
    return [word.replace("''", "'") for word in _WORD.findall(text)]


def _check_named(sql: str, name: str) -> str:
    """What stands between the brackets of a named check of SQLite."""
    start = sql.find(f'CONSTRAINT "{name}" CHECK (')
    if start < 0:
        return ""
    depth, begin = 0, sql.index("(", start)
    for place in range(begin, len(sql)):
        depth += {"(": 1, ")": -1}.get(sql[place], 0)
        if not depth:
            return sql[begin : place + 1]
    return ""


def _use(table: str, column: str) -> dict[str, int]:
    quoted = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {quoted(column)}, COUNT(*) FROM {quoted(table)} GROUP BY 1")
        return {str(word): number for word, number in cursor.fetchall() if word is not None}


def _findings(one: Enumeration, model: type[models.Model], constraint: models.CheckConstraint) -> Iterator[Finding]:
    where = f"{one.table}.{one.column}"
    strange = sorted(one.used.keys() - set(one.in_code))
    for word in strange:
        yield Finding("word", where, f"{one.used[word]:,} rows hold {word!r}, which {one.constraint} does not know")
    if one.in_database and one.in_database != one.in_code:
        lacking = sorted(set(one.in_code) - set(one.in_database))
        extra = sorted(set(one.in_database) - set(one.in_code))
        said = "; ".join(
            part
            for part in (f"lacks {', '.join(lacking)}" * bool(lacking), f"also allows {', '.join(extra)}" * bool(extra))
            if part
        )
        mend = None if strange else partial(_make_again, model, constraint)
        yield Finding("enumeration", where, f"{one.constraint} {said}", mend)


def _make_again(model: type[models.Model], constraint: models.CheckConstraint) -> None:
    with connection.schema_editor() as editor:
        if connection.vendor == "sqlite":
            # The table is made anew with the checks that the model has.
            editor._remake_table(model)
        else:
            editor.remove_constraint(model, constraint)
            editor.add_constraint(model, constraint)
