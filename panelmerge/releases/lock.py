"""One command at a time changes a database, and says so: a lock that dies with the process that holds it.

PostgreSQL keeps it as a session's advisory lock, SQLite as a lock on a file
beside the database. Maintenance is a second lock of the same kind, held while
writers are turned away: a command that is killed leaves nobody at 503.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection

from panelmerge.lib.errors import Refusal
from panelmerge.lib.sqlite3 import maintenance
from panelmerge.lib.sqlite3.doorway import opened
from panelmerge.releases import postgresql
from panelmerge.releases.acting import Running

# Any two fixed numbers; the second says which of the two locks.
KIND = 0x706D7265
RUNNING, MAINTENANCE = 1, 2
TRIES = 5


class LostLock(Refusal):
    """The connection that held the lock is gone: somebody else may be working on the database now."""

    code = "lost_lock"
    status = 503


@dataclass(frozen=True, slots=True)
class Holder:
    """``who`` names the command, process and machine; ``since`` is a moment in words."""

    who: str
    since: str

    def __str__(self) -> str:
        return f"{self.who}, since {self.since}"


class Lease:
    """What the holder of the lock has: a way to turn writers away, and to see that the lock is still there."""

    def __init__(self, raw: psycopg.Connection | None, path: str | None) -> None:
        self._raw, self._path = raw, path

    @contextmanager
    def maintenance(self) -> Iterator[None]:
        """Writers are answered 503 while the block lasts."""
        if self._raw is not None:
            self._raw.execute("SELECT pg_advisory_lock(%s, %s)", (KIND, MAINTENANCE))
            yield
            if not self._raw.closed:
                self._raw.execute("SELECT pg_advisory_unlock(%s, %s)", (KIND, MAINTENANCE))
        elif self._path is not None:
            with maintenance.held(self._path):
                yield
        else:
            yield

    def check(self) -> None:
        """Raises LostLock when the lock went with its connection."""
        if self._raw is not None:
            try:
                self._raw.execute("SELECT 1")
            except psycopg.Error as error:
                raise LostLock("The connection that held the lock of this database was lost. Run it again.") from error

    def let_go(self) -> None:
        """Just before a database is renamed: no connection may be left. The lock ends here."""
        if self._raw is not None:
            self._raw.close()


@contextmanager
def running(command: str) -> Iterator[Lease]:
    """Hold the lock of the default database. Raises Running, saying who holds it, where somebody else does."""
    with ExitStack() as stack:
        if connection.vendor == "postgresql":
            yield stack.enter_context(_on_postgresql(command))
        elif connection.is_in_memory_db():
            yield Lease(None, None)
        else:
            yield stack.enter_context(_beside_sqlite(command))


@contextmanager
def _on_postgresql(command: str) -> Iterator[Lease]:
    me = f"panelmerge {command} {os.getpid()}@{socket.gethostname()}"[:63]
    with closing(_own_connection(me)) as raw:
        if not raw.execute("SELECT pg_try_advisory_lock(%s, %s)", (KIND, RUNNING)).fetchone()[0]:
            raise Running(f"Already running: {holder() or 'another command, which just ended'}. Nothing was changed.")
        yield Lease(raw, None)


def _own_connection(me: str) -> psycopg.Connection:
    try:
        return postgresql.connect(connection.settings_dict, application_name=me)
    except psycopg.OperationalError as error:
        if "does not exist" not in str(error):
            raise
        # Gone, and to be restored: the lock is then that of the database where one looks after others.
        return postgresql.beside(connection.settings_dict)


@contextmanager
def _beside_sqlite(command: str) -> Iterator[Lease]:
    path = str(connection.settings_dict["NAME"])
    descriptor = opened(_file(path), path)
    with os.fdopen(descriptor, "r+") as file:
        for attempt in range(TRIES):
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if attempt == TRIES - 1:
                    raise Running(f"Already running: {_told(file)}. Nothing was changed.") from None
                # Somebody may be only asking who runs.
                time.sleep(0.05)
        me = {"who": f"{command} {os.getpid()}@{socket.gethostname()}", "since": _now()}
        file.seek(0)
        file.truncate()
        json.dump(me, file)
        file.flush()
        yield Lease(None, path)
        file.seek(0)
        file.truncate()


def holder() -> Holder | None:
    """Who holds the lock of the default database now."""
    if connection.vendor == "sqlite":
        path = Path(_file(str(connection.settings_dict["NAME"])))
        if connection.is_in_memory_db() or not path.is_file():
            return None
        with path.open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return _told(file)
        return None
    with closing(postgresql.connect(connection.settings_dict, reading=True)) as raw:
        return holder_on_postgresql(raw, RUNNING)


def holder_on_postgresql(raw: Any, which: int) -> Holder | None:
    found = raw.execute(
        "SELECT a.application_name, a.backend_start FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid "
        "WHERE l.locktype = 'advisory' AND l.granted AND l.classid::bigint = %s AND l.objid::bigint = %s "
        "AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        (KIND, which),
    ).fetchone()
    if found is None:
        return None
    return Holder(found[0].removeprefix("panelmerge "), f"{found[1].astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC")


def _file(path: str) -> str:
    return f"{path}-release"


def _told(file: Any) -> Holder:
    file.seek(0)
    try:
        return Holder(**json.load(file))
    except (ValueError, TypeError):
        return Holder("another command", "a moment ago")


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
