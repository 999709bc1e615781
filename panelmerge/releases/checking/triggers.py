"""Triggers and keys that no model knows: those that keep the record and the versions of panels."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType

from django.db import connection

from audit import guards
from panelmerge.releases.checking.findings import Finding
from panelmerge.releases.looking import Look

# The file of migrations that puts them on, and can do it again.
LIBRARY = ("panels", "0017_release_2_0_0_library_guards")


def missing_triggers(look: Look) -> Iterator[Finding]:
    if set(guards.TABLES) <= look.tables.keys():
        for name in sorted(guards.names(connection.vendor) - guards.present()):
            yield Finding("trigger", name, "is missing: the record can be altered", guards.set_up)
    if LIBRARY in look.applied:
        module = import_module(f"{LIBRARY[0]}.migrations.{LIBRARY[1]}")
        for name in sorted(_expected(module) - _present()):
            yield Finding("trigger", name, "is missing: versions of panels can be altered", lambda: _put_on(module))


def _expected(module: ModuleType) -> set[str]:
    if connection.vendor == "sqlite":
        return set(module.SQLITE)
    return {found[1] for statement in module.POSTGRESQL if (found := re.match(r"CREATE TRIGGER (\w+)", statement))} | {
        module.KEY
    }


def _present() -> set[str]:
    statement = (
        "SELECT tgname FROM pg_trigger WHERE tgenabled <> 'D' UNION SELECT conname FROM pg_constraint"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return {name for (name,) in cursor.fetchall()}


def _put_on(module: ModuleType) -> None:
    with connection.schema_editor() as editor:
        module.put_on(None, editor)
