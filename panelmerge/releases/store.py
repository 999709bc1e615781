"""The table ``panelmerge_release``: what our commands remember in the database itself, at any release.

It is no model, because it is there before the first migration and after the
last one back. Three kinds of rows: ``journal`` (what was done), ``event``
(waits for the record to be there again), ``serves`` (which code may go on).
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from panelmerge.releases.looking import OWN_TABLE

JOURNAL, EVENT, SERVES = "journal", "event", "serves"


def _make() -> None:
    number = (
        "INTEGER PRIMARY KEY AUTOINCREMENT"
        if connection.vendor == "sqlite"
        else "INTEGER PRIMARY KEY GENERATED ALWAYS AS IDENTITY"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TABLE IF NOT EXISTS {OWN_TABLE} "
            f"(id {number}, kind VARCHAR(20) NOT NULL, at VARCHAR(40) NOT NULL, body TEXT NOT NULL)"
        )


def is_there() -> bool:
    with connection.cursor() as cursor:
        return OWN_TABLE in connection.introspection.table_names(cursor)


@transaction.atomic
def add(kind: str, /, **body: Any) -> None:
    """Remember this. Its values are JSON."""
    _make()
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {OWN_TABLE} (kind, at, body) VALUES (%s, %s, %s)",
            [kind, datetime.now(UTC).isoformat(timespec="microseconds"), json.dumps(body, ensure_ascii=False)],
        )


def all_of(kind: str) -> list[tuple[int, str, dict[str, Any]]]:
    """(number, moment, body), the oldest first."""
    if not is_there():
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, at, body FROM {OWN_TABLE} WHERE kind = %s ORDER BY id", [kind])
        return [(number, at, json.loads(body)) for number, at, body in cursor.fetchall()]


def forget(numbers: list[int]) -> None:
    if not numbers:
        return
    with connection.cursor() as cursor:
        cursor.executemany(f"DELETE FROM {OWN_TABLE} WHERE id = %s", [[number] for number in numbers])
