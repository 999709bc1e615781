"""What is looked at before anything changes, with numbers: found, needed, and how to mend what is missing.

Reads only. RL-08, RL-09, TR-06
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import redis
from django.conf import settings
from django.core import checks
from django.db import connection

from panelmerge.lib.crypto import SCHEME, Undecryptable, keyring
from panelmerge.lib.errors import Refusal
from panelmerge.lib.sqlite3 import doorway
from panelmerge.releases import postgresql
from panelmerge.releases.elsewhere import database_file
from panelmerge.releases.handmade import judge
from panelmerge.releases.looking import Look, look
from panelmerge.releases.manifest import NEWEST
from panelmerge.releases.planning import Plan, state_after
from panelmerge.releases.scanning import scan

OK, WARN, STOP = "ok", "warn", "STOP"
PYTHON, POSTGRESQL, SQLITE, REDIS = (3, 11), 14, (3, 37), 6
MEMORY_MIB, SPARE_MIB = 2048, 256
SAMPLES = 50
# Seconds after which an open transaction is in the way, and by which clocks may differ.
LONG, SKEW = 60, 60


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that was looked at. ``state`` is ok, warn or STOP; ``hint`` says what to do."""

    state: str
    title: str
    found: str
    hint: str = ""

    def __str__(self) -> str:
        found = self.found.rstrip(".")
        return f"{self.state:<5}{self.title}: {found}" + (f". {self.hint}" if self.hint else "")


def preflight(plan: Plan, *, backup: bool, scratch: bool = False) -> list[Point]:
    """Every point, also behind one that stops. ``backup``: one will be made, and is to be proven in a database that
    is made for it unless ``scratch``."""
    seen = look()
    looked = [
        lambda: _path(plan),
        _configuration,
        _python,
        lambda: _server(seen),
        _redis,
        _memory,
        lambda: _disk(backup),
        lambda: _rights(backup and not scratch),
        lambda: _keys(seen),
        lambda: _audit(plan),
        lambda: _constraints(plan, seen),
        _in_the_way,
        _clock,
    ]
    return [point for one in looked for point in _told(one)]


def _told(one: Callable[[], Iterator[Point]]) -> list[Point]:
    try:
        return list(one())
    except Refusal as refusal:
        return [Point(STOP, "Preflight", refusal.detail)]


def _path(plan: Plan) -> Iterator[Point]:
    start = plan.start.database or ("empty" if plan.start.made_by == "empty" else "between two releases")
    yield Point(OK, "Path", f"{start} → {plan.target}, steps: {len(plan.steps)}; the code is {NEWEST}")


def _configuration() -> Iterator[Point]:
    wrong = [message for message in checks.run_checks() if message.is_serious() and not message.is_silenced()]
    for message in wrong:
        yield Point(STOP, "Configuration", f"{message.id}: {message.msg}", message.hint or "Run: manage.py configure")
    if not wrong:
        yield Point(OK, "Configuration", "complete")


def _python() -> Iterator[Point]:
    found = ".".join(map(str, sys.version_info[:3]))
    enough = sys.version_info >= PYTHON
    yield Point(OK if enough else STOP, "Python", f"{found}, 3.11 or newer needed")


def _server(seen: Look) -> Iterator[Point]:
    if seen.vendor == "postgresql":
        major = connection.pg_version // 10000
        state = OK if major >= POSTGRESQL else STOP
        yield Point(state, "Database", f"PostgreSQL {seen.server}, {POSTGRESQL} or newer needed")
        return
    state = OK if sqlite3.sqlite_version_info >= SQLITE else STOP
    yield Point(state, "Database", f"SQLite {sqlite3.sqlite_version}, 3.37 or newer needed")


def _redis() -> Iterator[Point]:
    if not settings.REDIS_URL:
        yield Point(OK, "Redis", "not configured")
        return
    try:
        with closing(redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)) as client:
            found = client.info("server")["redis_version"]
    except redis.RedisError as error:
        yield Point(WARN, "Redis", f"cannot be reached ({type(error).__name__})", "Nothing is lost without it")
        return
    state = OK if int(found.split(".")[0]) >= REDIS else WARN
    yield Point(state, "Redis", f"{found}, {REDIS} or newer recommended")


def _memory() -> Iterator[Point]:
    with suppress(OSError, ValueError):
        mib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
        yield Point(OK if mib >= MEMORY_MIB * 0.9 else WARN, "Memory", f"{mib:,} MiB, {MEMORY_MIB:,} MiB recommended")


def _disk(backup: bool) -> Iterator[Point]:
    """Room for the dump, its proof and, on SQLite, the copy that is worked on."""
    if connection.vendor == "sqlite":
        path = database_file()
        size = sum(beside.stat().st_size for beside in path.parent.glob(f"{path.name}*") if beside.is_file())
        places = {path.parent: 1 + 2 * backup}
    else:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            size = cursor.fetchone()[0]
        places = {}
    if backup:
        root = next(one for one in (Path(settings.BACKUP_ROOT), Path(settings.BASE_DIR)) if one.is_dir())
        places[root] = max(places.get(root, 0), 2)
    for place, times in places.items():
        needed = times * size // 2**20 + SPARE_MIB
        free = shutil.disk_usage(place).free // 2**20
        hint = "" if free >= needed else f"Free some space below {place}"
        yield Point(OK if free >= needed else STOP, "Disk", f"{free:,} MiB free at {place}, {needed:,} needed", hint)


def _rights(proof: bool) -> Iterator[Point]:
    if connection.vendor == "sqlite":
        path = database_file()
        writable = os.access(path.parent, os.W_OK) and (not path.exists() or os.access(path, os.W_OK))
        yield Point(OK if writable else STOP, "Rights", f"{path.parent} is {'' if writable else 'not '}writable")
        return
    with closing(postgresql.connect(connection.settings_dict, reading=True)) as raw:
        if not raw.execute("SELECT has_schema_privilege(current_schema(), 'CREATE')").fetchone()[0]:
            yield Point(STOP, "Rights", "the role may not create tables", "Run this as the owner of the tables")
        owners = raw.execute(
            "SELECT COUNT(*) FROM pg_class WHERE relkind IN ('r', 'p') "
            "AND relnamespace = current_schema()::regnamespace AND NOT pg_has_role(relowner, 'USAGE')"
        ).fetchone()[0]
        if owners:
            yield Point(STOP, "Rights", f"{owners} tables belong to another role", "Run this as their owner")
        if proof and not postgresql.may_create_databases(raw):
            yield Point(
                STOP,
                "Rights",
                "the role may not create a database to prove the backup in",
                "ALTER ROLE … CREATEDB, or name an empty one with --scratch-url, or --no-backup",
            )
        if not owners:
            yield Point(OK, "Rights", "the role owns the tables")


def _keys(seen: Look) -> Iterator[Point]:
    """A sample of every encrypted column is readable."""
    from panelmerge.rotation import encrypted_columns

    read, wrong = 0, []
    for column in encrypted_columns():
        table, name = column.name
        if not seen.has(table, name):
            continue
        quoted = connection.ops.quote_name
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {quoted(name)} FROM {quoted(table)} WHERE {quoted(name)} LIKE '{SCHEME}:%%' LIMIT {SAMPLES}"
            )
            values = [value for (value,) in cursor.fetchall()]
        for value in values:
            try:
                keyring().decrypt(value, column.field.place)
                read += 1
            except Undecryptable as error:
                wrong.append(str(error))
                break
    for sentence in wrong:
        yield Point(
            STOP, "Keys", sentence, "Write the key that it was encrypted under into ENCRYPTION_KEY, after the first"
        )
    if not wrong:
        yield Point(OK, "Keys", f"{read} encrypted values read, a sample of every column")


def _audit(plan: Plan) -> Iterator[Point]:
    if plan.start.database != NEWEST:
        yield Point(OK, "Record", "its proof begins with 2.0.0")
        return
    from audit.verifying import verify

    verdict = verify()
    kinds = {kind: number for kind, number in verdict.kinds.items() if kind != "unsealed"}
    if kinds:
        said = ", ".join(f"{kind} {number}" for kind, number in kinds.items())
        yield Point(STOP, "Record", f"not whole: {said}", "Run: manage.py verify_audit")
    else:
        yield Point(OK, "Record", f"{verdict.entries} entries are whole")


def _constraints(plan: Plan, seen: Look) -> Iterator[Point]:
    """Rows that a new key, uniqueness or check would refuse, before it is there."""
    found = [*judge(plan, seen), *scan(plan, seen, state_after(set(seen.applied)))]
    for one in found:
        yield Point(STOP, "Rows", f"{one.where}: {one.sentence}", one.hint)
    if not found:
        yield Point(OK, "Rows", "no orphans, no doubles, nothing that a new constraint would refuse")


def _in_the_way() -> Iterator[Point]:
    if connection.vendor == "sqlite":
        inside = doorway.others_inside(database_file())
        for pid, command in sorted(inside.items()):
            yield Point(WARN, "Open", f"process {pid} ({command}) has the database open", "Stop it, or let it end")
        if not inside:
            yield Point(OK, "Open", "no other process has the database open")
        return
    with closing(postgresql.connect(connection.settings_dict, reading=True)) as raw:
        long = raw.execute(
            "SELECT pid, application_name, extract(epoch FROM now() - xact_start)::int FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND xact_start < now() - make_interval(secs => %s)",
            (LONG,),
        ).fetchall()
    for pid, name, seconds in long:
        yield Point(
            WARN, "Open", f"a transaction of {name or 'somebody'} (process {pid}) is open for {seconds} s", "End it"
        )
    if not long:
        yield Point(OK, "Open", f"no transaction is open for more than {LONG} s")


def _clock() -> Iterator[Point]:
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        before = time.time()
        cursor.execute("SELECT clock_timestamp()")
        server = cursor.fetchone()[0]
    apart = abs((server - datetime.fromtimestamp(before, UTC)).total_seconds())
    yield Point(OK if apart < SKEW else WARN, "Clock", f"{apart:.0f} s apart from the database's")
