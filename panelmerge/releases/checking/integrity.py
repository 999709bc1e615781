"""What the rows say of each other: keys, counts, hashes, ciphertext, the record. VE-09"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterator
from functools import partial

import orjson
from django.db import connection
from django.db.migrations.state import ProjectState

from panelmerge.lib.crypto import SCHEME, Undecryptable, keyring
from panelmerge.releases.checking.findings import Finding
from panelmerge.releases.checking.schema import managed
from panelmerge.releases.current import release_of
from panelmerge.releases.looking import Look
from panelmerge.releases.manifest import NEWEST
from panelmerge.releases.scanning import orphans
from panelmerge.rotation import encrypted_columns

AT_ONCE = 500
MOST_NAMED = 20
GENES = "SELECT COUNT(*) FROM panel_genes g WHERE g.panel_id = saved_panels.id AND g.is_active"
VERSIONS = "SELECT COUNT(*) FROM panel_versions v WHERE v.panel_id = saved_panels.id"
NEWEST_VERSION = (
    "SELECT v.id FROM panel_versions v WHERE v.panel_id = saved_panels.id ORDER BY v.version_number DESC LIMIT 1"
)
COUNTERS = (("gene_count", GENES), ("version_count", VERSIONS), ("current_version_id", NEWEST_VERSION))


def integrity(state: ProjectState, look: Look) -> Iterator[tuple[str, list[Finding]]]:
    """(what was looked at, in numbers; what is wrong) for each kind of thing."""
    yield _orphans(state, look)
    yield _counters(look)
    yield _versions(look)
    yield _hashes("panel_snapshots", "sha256", "body", lambda body: hashlib.sha256(zlib.decompress(body)), look)
    yield _hashes("panels_catalogueversion", "body_sha256", "body", _content_of_body, look)
    yield encrypted_values(look)
    yield _record(look)


def _content_of_body(body: bytes) -> hashlib._Hash:
    """As the mirror names it: the order of keys does not count."""
    return hashlib.sha256(orjson.dumps(orjson.loads(zlib.decompress(body)), option=orjson.OPT_SORT_KEYS))


def _orphans(state: ProjectState, look: Look) -> tuple[str, list[Finding]]:
    found = [
        Finding("orphans", one.where, one.sentence)
        for model in managed(state)
        if look.has(model._meta.db_table)
        for one in orphans(model)
    ]
    return "Keys: every row that another points at is there" if not found else "Keys", found


def _counters(look: Look) -> tuple[str, list[Finding]]:
    if not look.has("saved_panels"):
        return "Counts of saved panels: there are none at this release", []
    found, panels = [], 0
    differs = "IS DISTINCT FROM" if connection.vendor == "postgresql" else "IS NOT"
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM saved_panels")
        panels = cursor.fetchone()[0]
        for column, truth in COUNTERS:
            cursor.execute(
                f"SELECT saved_panels.id, {column}, ({truth}) FROM saved_panels WHERE {column} {differs} ({truth}) "
                "ORDER BY saved_panels.id"
            )
            for panel, says, is_so in cursor.fetchmany(MOST_NAMED):
                mend = partial(_set_counter, column, truth)
                found.append(
                    Finding("counter", f"saved_panels.{column}", f"panel {panel} says {says}, it is {is_so}", mend)
                )
    return f"Counts of {panels:,} saved panels", found


def _set_counter(column: str, truth: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE saved_panels SET {column} = ({truth})")


def _versions(look: Look) -> tuple[str, list[Finding]]:
    """No number of a panel's versions stands twice."""
    if not look.has("panel_versions"):
        return "Versions: there are none at this release", []
    found = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT panel_id, COUNT(*) FROM panel_versions GROUP BY panel_id "
            "HAVING COUNT(DISTINCT version_number) <> COUNT(*)"
        )
        for panel, number in cursor.fetchmany(MOST_NAMED):
            found.append(Finding("versions", "panel_versions", f"panel {panel} has a number twice among {number}"))
        cursor.execute("SELECT COUNT(*) FROM panel_versions")
        total = cursor.fetchone()[0]
    return f"{total:,} versions of panels", found


def _hashes(
    table: str, hash_column: str, body: str, digest: Callable[[bytes], hashlib._Hash], look: Look
) -> tuple[str, list[Finding]]:
    """Every body has the hash that stands beside it."""
    if not look.has(table, hash_column):
        return f"{table}: not at this release", []
    found, number, key = [], 0, "id" if look.has(table, "id") else hash_column
    quoted = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {quoted(key)} FROM {quoted(table)} ORDER BY 1")
        keys = [row[0] for row in cursor.fetchall()]
        for start in range(0, len(keys), AT_ONCE):
            some = keys[start : start + AT_ONCE]
            marks = ", ".join(["%s"] * len(some))
            cursor.execute(
                f"SELECT {quoted(key)}, {quoted(hash_column)}, {quoted(body)} FROM {quoted(table)} "
                f"WHERE {quoted(key)} IN ({marks})",
                some,
            )
            for row, told, content in cursor.fetchall():
                number += 1
                try:
                    same = digest(bytes(content)).hexdigest() == told
                except (zlib.error, orjson.JSONDecodeError):
                    same = False
                if not same:
                    found.append(Finding("hash", f"{table}.{body}", f"row {row} does not have the hash {told}"))
    return f"{table}: {number:,} hashes", found[:MOST_NAMED]


def encrypted_values(look: Look) -> tuple[str, list[Finding]]:
    """Every encrypted value can be read."""
    found, number = [], 0
    quoted = connection.ops.quote_name
    for column in encrypted_columns():
        table, name = column.name
        if not look.has(table, name):
            continue
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT id, {quoted(name)} FROM {quoted(table)} WHERE {quoted(name)} LIKE '{SCHEME}:%%'")
            while rows := cursor.fetchmany(AT_ONCE):
                for row, stored in rows:
                    number += 1
                    try:
                        keyring().decrypt(stored, column.field.place)
                    except Undecryptable as error:
                        found.append(Finding("unreadable", f"{table}.{name}", f"row {row}: {error}"))
    return f"{number:,} encrypted values", found[:MOST_NAMED]


def _record(look: Look) -> tuple[str, list[Finding]]:
    if release_of(look.applied) != NEWEST:
        return "The record: its proof begins with 2.0.0", []
    from audit.verifying import verify

    verdict = verify()
    found = [
        Finding("record", one.kind, one.sentence)
        for one in verdict.findings
        # The servers seal it within a moment.
        if one.kind != "unsealed"
    ]
    return f"The record: {verdict.entries:,} entries, {verdict.seals:,} seals", found
