"""What was written since a backup was made: it would be lost by going back to it, so it is counted and kept first."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from panelmerge.releases.content import canonical_rows
from panelmerge.releases.losing import REBUILT, Loss
from panelmerge.releases.planning import BOOKKEEPING
from panelmerge.releases.rollback_file import ROWS, Writer
from panelmerge.releases.snapshots import Snapshot, snapshot

AT_ONCE = 500
LEFT_OUT = {*BOOKKEEPING, *REBUILT, "audit_chain", "audit_seal"}
# Whose a row is, the first that a table has.
OWNERS = ("user_id", "owner_id", "created_by_id", "shared_by_id", "changed_by_id", "added_by_id")


def changes_since(now: Mapping[str, Any], then: Mapping[str, Any], writer: Writer | None = None) -> list[Loss]:
    """Rows of the database ``now`` that the database ``then`` does not hold in the same words; into the file.

    Columns that only one of the two has say nothing here: they came or go with
    their release.
    """
    found = []
    with snapshot(now) as present, snapshot(then) as past:
        for table in sorted(present.look.tables.keys() - LEFT_OUT):
            columns = sorted(
                present.look.tables[table].keys() & past.look.tables.get(table, present.look.tables[table])
            )
            rows = _only_in(present, past, table, columns)
            if rows:
                found.append(Loss(table, len(rows), _people(table, columns, rows), "written since the backup"))
            if writer:
                for start in range(0, len(rows), AT_ONCE):
                    some = rows[start : start + AT_ONCE]
                    writer.add(ROWS, table=table, key="id", columns=columns, rows=some, dropped=False)
    return found


def _only_in(present: Snapshot, past: Snapshot, table: str, columns: list[str]) -> list[list]:
    there = set()
    if past.look.has(table):
        there = {hashlib.sha256(line).digest() for line in canonical_rows(past.raw, past.look, table, columns)}
    lines = canonical_rows(present.raw, present.look, table, columns)
    return [json.loads(line) for line in lines if hashlib.sha256(line).digest() not in there]


def _people(table: str, columns: list[str], rows: list[list]) -> frozenset[int] | None:
    owner = "id" if table == "user" else next((name for name in OWNERS if name in columns), None)
    if owner is None:
        return None
    place = columns.index(owner)
    return frozenset(row[place] for row in rows if row[place] is not None)
