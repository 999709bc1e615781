"""All the checks of the database, one after the other, each with what it looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import connection

from panelmerge.releases.checking.enumerations import enumerations
from panelmerge.releases.checking.findings import Finding
from panelmerge.releases.checking.indexes import remarks
from panelmerge.releases.checking.integrity import integrity
from panelmerge.releases.checking.schema import compare, managed
from panelmerge.releases.checking.triggers import missing_triggers
from panelmerge.releases.current import standing
from panelmerge.releases.looking import look
from panelmerge.releases.planning import NotPossible, state_after

Say = Callable[[str], None]
# Columns that somebody added for themselves are no fault.
HARMLESS = ("extra column",)


@dataclass(slots=True)
class Checked:
    release: str | None
    findings: list[Finding] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def check(say: Say, *, with_integrity: bool = False) -> Checked:
    """Compare the database with the code as it was at the database's release; ``say`` gets a line for each thing.

    Reads only. Raises NotPossible for an empty database and one of the older
    application.
    """
    seen = look(connection)
    found = standing(seen)
    if found.made_by != "panelmerge":
        raise NotPossible(f"There is nothing to check: the database is {found.made_by}. Next: {found.next}")
    state, done = state_after(set(seen.applied)), Checked(found.database)
    say(f"Database at {found.database or 'no named release: ' + '; '.join(found.notes)}")
    different = compare(state, seen)
    for model in managed(state):
        table = model._meta.db_table
        wrong = [one for one in different if one.where.split(".")[0] == table]
        if seen.has(table):
            parts = _parts(table, len(seen.tables[table]))
            say(f"{'ok     ' if all(one.kind in HARMLESS for one in wrong) else 'WRONG  '}{table}: {parts}")
        _tell(say, done, wrong)
    if seen.has("saved_panels", "current_version_id"):
        there = not any(one.where == "saved_panels.current_version_id" for one in different)
        say(f"{'ok     ' if there else 'WRONG  '}circular key: saved_panels.current_version_id → panel_versions.id")
    for one, wrong in enumerations(state, seen):
        say(f"{'ok     ' if not wrong else 'WRONG  '}{one}")
        _tell(say, done, wrong)
    wrong = list(missing_triggers(seen))
    say(f"{'ok     ' if not wrong else 'WRONG  '}triggers of the record and of versions")
    _tell(say, done, wrong)
    if with_integrity:
        for what, wrong in integrity(state, seen):
            say(f"{'ok     ' if not wrong else 'WRONG  '}{what}")
            _tell(say, done, wrong)
    done.remarks = list(remarks(state, seen))
    for remark in done.remarks:
        say(f"note   {remark}")
    return done


def _tell(say: Say, done: Checked, found: list[Finding]) -> None:
    for one in found:
        say(f"         {one}" + (" (can be mended: --repair)" if one.mend else ""))
    done.findings += [one for one in found if one.kind not in HARMLESS]


def _parts(table: str, columns: int) -> str:
    with connection.cursor() as cursor:
        present = connection.introspection.get_constraints(cursor, table).values()
    kinds = {
        "keys": sum(bool(one["foreign_key"]) for one in present),
        "indexes": sum(one["index"] for one in present),
        "checks": sum(one["check"] for one in present),
    }
    return ", ".join([f"{columns} columns", *(f"{number} {kind}" for kind, number in kinds.items() if number)])
