"""What was written since a backup was made: it would be lost by going back to it, so it is counted and kept first."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from panelmerge.releases.checking.schema import managed
from panelmerge.releases.content import canonical_rows
from panelmerge.releases.current import release_of
from panelmerge.releases.losing import REBUILT, Loss, counted
from panelmerge.releases.manifest import ABOUT, RELEASES, between
from panelmerge.releases.planning import BOOKKEEPING, state_after
from panelmerge.releases.rollback_file import REMOVED, ROWS, Writer
from panelmerge.releases.snapshots import Snapshot, snapshot

AT_ONCE = 500
LEFT_OUT = {*BOOKKEEPING, *REBUILT, "audit_chain", "audit_seal"}
# Whose a row is, the first that a table has.
OWNERS = ("user_id", "owner_id", "created_by_id", "shared_by_id", "changed_by_id", "added_by_id")


@dataclass(slots=True)
class Changes:
    """``lost``: rows that the backup does not hold in the same words; ``back``: {table: rows that were removed since
    and come back with it}; ``digests`` of the rows that were found."""

    lost: list[Loss] = field(default_factory=list)
    back: dict[str, int] = field(default_factory=dict)
    digests: set[bytes] = field(default_factory=set)

    def lines(self) -> Iterator[str]:
        yield from map(str, self.lost)
        for table, number in self.back.items():
            yield f"{table}: {counted(number, 'row')} removed since the backup; back again with it"


@dataclass(frozen=True, slots=True)
class _Table:
    """``rows`` of the present that the past does not hold, ``gone``: keys of the past that the present does not."""

    rows: list[tuple[bytes, list]]
    gone: list[Any]


def changes_since(
    now: Mapping[str, Any], then: Mapping[str, Any], writer: Writer | None = None, known: frozenset[bytes] = frozenset()
) -> Changes:
    """Compare the database ``now`` with the database ``then``, row by row; what is found goes into the file, too.

    Columns that only one of the two has say nothing here: they came or go with
    their release. ``known``: digests of rows that are not told again.
    """
    found = Changes()
    with snapshot(now) as present, snapshot(then) as past:
        keys = {
            model._meta.db_table: model._meta.pk.column for model in managed(state_after(set(present.look.applied)))
        }
        why = _reasons(present, past)
        for table in sorted(present.look.tables.keys() - LEFT_OUT):
            columns = sorted(
                present.look.tables[table].keys() & past.look.tables.get(table, present.look.tables[table])
            )
            key = keys.get(table, "id")
            compared = _compared(present, past, table, columns, key)
            rows = [row for digest, row in compared.rows if digest not in known]
            found.digests.update(digest for digest, _ in compared.rows)
            if rows:
                found.lost.append(Loss(table, len(rows), _people(table, columns, rows), why(table)))
            if compared.gone:
                found.back[table] = len(compared.gone)
            if writer:
                for some in _batches(rows):
                    writer.add(ROWS, table=table, key=key, columns=columns, rows=some)
                for some in _batches(compared.gone):
                    writer.add(REMOVED, table=table, key=key, keys=some)
    return found


def _compared(present: Snapshot, past: Snapshot, table: str, columns: list[str], key: str) -> _Table:
    there, keys = set(), set()
    place = columns.index(key) if key in columns else None
    if past.look.has(table):
        for line in canonical_rows(past.raw, past.look, table, columns):
            there.add(_digest(table, line))
            if place is not None:
                keys.add(json.loads(line)[place])
    rows = []
    for line in canonical_rows(present.raw, present.look, table, columns):
        digest = _digest(table, line)
        if digest in there and not keys:
            continue
        row = json.loads(line)
        if place is not None:
            keys.discard(row[place])
        if digest not in there:
            rows.append((digest, row))
    return _Table(rows, sorted(keys))


def _digest(table: str, line: bytes) -> bytes:
    return hashlib.sha256(table.encode() + b"\n" + line).digest()


def _reasons(present: Snapshot, past: Snapshot) -> Callable[[str], str]:
    """Why a table's rows differ, as far as it can be told: an upgrade since has written some of them itself."""
    start, end = release_of(past.look.applied), release_of(present.look.applied)
    passed = between(start, end) if start in RELEASES and end in RELEASES else []
    rewritten = {table for release in passed for table, _ in ABOUT[release].rewrites}

    def why(table: str) -> str:
        if not past.look.has(table):
            return f"the table came with the upgrade from {start}"
        return "written since the backup" + (", or by the upgrade since" if table in rewritten else "")

    return why


def _batches(some: list) -> Iterator[list]:
    for start in range(0, len(some), AT_ONCE):
        yield some[start : start + AT_ONCE]


def _people(table: str, columns: list[str], rows: list[list]) -> frozenset[int] | None:
    owner = "id" if table == "user" else next((name for name in OWNERS if name in columns), None)
    if owner is None:
        return None
    place = columns.index(owner)
    return frozenset(row[place] for row in rows if row[place] is not None)
