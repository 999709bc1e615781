"""Does the database fit the code, and is somebody changing it just now? Asked at every request, so it costs little.

What was found is remembered for a moment: a node that is started too early
serves within a second of the upgrade, and one that serves notices a rollback
within two. Whoever is about to write always asks anew.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import psycopg
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from panelmerge.lib.sqlite3 import maintenance
from panelmerge.releases.current import release_of, shipped
from panelmerge.releases.lock import MAINTENANCE, holder, holder_on_postgresql
from panelmerge.releases.looking import OWN_TABLE
from panelmerge.releases.manifest import APPS, NEWEST
from panelmerge.releases.store import SERVES

SECONDS_WHEN_IT_FITS, SECONDS_WHEN_NOT = 2.0, 0.5
RETRY_SOON, RETRY_LATER = 10, 60


@dataclass(frozen=True, slots=True)
class Fit:
    """``fits`` is None where the database cannot be asked. ``changing``: who changes it just now. ``why``: a sentence
    for people, with the next command for an administrator."""

    fits: bool | None
    changing: str | None = None
    why: str = ""

    @property
    def retry_after(self) -> int:
        """Seconds."""
        return RETRY_SOON if self.changing else RETRY_LATER


_known: tuple[float, Fit] | None = None


def fit(*, anew: bool = False) -> Fit:
    """How it stands now, or stood a moment ago unless ``anew``."""
    global _known
    if settings.WITHOUT_DB:
        return Fit(True)
    now = time.monotonic()
    if _known and not anew and now < _known[0]:
        return _known[1]
    found = _ask()
    _known = (now + (SECONDS_WHEN_IT_FITS if found.fits and not found.changing else SECONDS_WHEN_NOT), found)
    return found


def forget() -> None:
    """The next one asks anew."""
    global _known
    _known = None


def _ask() -> Fit:
    try:
        connection.ensure_connection()
        if connection.connection is not None and not connection.in_atomic_block:
            connection.close_if_health_check_failed()
            connection.ensure_connection()
        # The driver's own connection: this is no query of the page.
        raw = connection.connection
        who = _changing(raw)
        if not who and getattr(connection, "reads_only", False) and not connection.in_atomic_block:
            # Opened a moment ago while it was being changed: what comes may write again.
            connection.close()
            connection.ensure_connection()
            raw = connection.connection
        applied = _applied(raw)
        fits, why = _judged(raw, applied)
    except (DatabaseError, InterfaceError, psycopg.Error, connection.Database.Error):
        return Fit(None, why="The database cannot be reached just now. Try again shortly.")
    if who:
        why = "The database is being changed to another release just now. It will be back in a moment."
    return Fit(fits, who, why)


def _changing(raw: Any) -> str | None:
    if connection.vendor == "postgresql":
        found = holder_on_postgresql(raw, MAINTENANCE)
        return str(found) if found else None
    path = str(connection.settings_dict["NAME"])
    if connection.is_in_memory_db() or not maintenance.is_on_elsewhere(path):
        return None
    return str(holder() or "another command")


def _applied(raw: Any) -> frozenset[tuple[str, str]]:
    return frozenset((app, name) for app, name in _rows(raw, "SELECT app, name FROM django_migrations"))


def _rows(raw: Any, statement: str) -> list[tuple]:
    """None where the table is not there yet."""
    try:
        return raw.execute(statement).fetchall()
    except (psycopg.errors.UndefinedTable, connection.Database.OperationalError) as error:
        if connection.vendor == "sqlite" and "no such table" not in str(error):
            raise
        return []


def _judged(raw: Any, applied: frozenset[tuple[str, str]]) -> tuple[bool, str]:
    everything = shipped()[0]
    unknown = {key for key in applied if key[0] in APPS} - everything
    if everything <= applied and (not unknown or NEWEST in _also_served(raw)):
        return True, ""
    if unknown:
        return False, (
            "The database is at a newer release than this program. An administrator restarts it from the newer code."
        )
    at = release_of(applied) or ("between two releases" if applied else "empty")
    return False, (
        f"The database is {'at ' if at[0].isdigit() else ''}{at}, and this program needs {NEWEST}. "
        "An administrator runs: python manage.py upgrade"
    )


def _also_served(raw: Any) -> Iterable[str]:
    """Releases of the code that may go on, as the newer code wrote down."""
    found = _rows(raw, f"SELECT body FROM {OWN_TABLE} WHERE kind = '{SERVES}' ORDER BY id DESC LIMIT 1")
    return json.loads(found[0][0])["also"] if found else ()
