"""Taking steps: each release whole or not at all, and verified before it counts.

PostgreSQL takes a release in one transaction. SQLite takes all of them in a
copy, which is exchanged for the database at the end. Whoever is killed at any
instant leaves a database at a named release.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.core.management.sql import emit_post_migrate_signal, emit_pre_migrate_signal
from django.db import DatabaseError, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState

from audit.sealing import left_to_others
from panelmerge.lib.errors import Refusal
from panelmerge.releases import store
from panelmerge.releases.checking.schema import compare
from panelmerge.releases.content import Content, contents
from panelmerge.releases.current import current_release
from panelmerge.releases.elsewhere import default_is, named
from panelmerge.releases.exchange import swap_frozen
from panelmerge.releases.handmade import put_aside
from panelmerge.releases.lock import Lease
from panelmerge.releases.looking import look
from panelmerge.releases.manifest import NEWEST
from panelmerge.releases.planning import BOOKKEEPING, Step, state_after, tables_of
from panelmerge.releases.progress import Progress, reached
from panelmerge.releases.snapshots import frozen
from panelmerge.releases.transactions import one_transaction

# Somebody may hold a table for a moment; waiting longer would make everybody else wait behind us.
LOCK_TIMEOUT = "2s"
ATTEMPTS = 15
Act = Callable[[Step], None]


class StepFailed(Refusal):
    """A step could not be taken. The database is at the release before it."""

    code = "step_failed"
    status = 503


class NotVerified(Refusal):
    """After a step something is not as the step says. It was taken back."""

    code = "not_verified"
    status = 503


def take(
    steps: list[Step],
    *,
    lease: Lease,
    progress: Progress,
    before_step: Act | None = None,
    migrated: Act | None = None,
    after_step: Act | None = None,
    show: Callable[[str], None] | None = None,
) -> None:
    """Take every step. ``before_step``, ``migrated`` (before the record is guarded again) and ``after_step`` are part
    of the step: done with it or not at all.

    ``show`` is given each statement. Raises StepFailed with the statement that
    failed, or NotVerified; the steps before it stand on PostgreSQL, on SQLite
    nothing has changed.
    """
    around = (before_step, migrated, after_step)
    if connection.vendor == "sqlite":
        _in_a_copy(steps, lease, progress, around, show)
        return
    for step in steps:
        lease.check()
        with progress.step(step.title):
            _in_one_transaction(step, progress, around, show)


def _in_one_transaction(step: Step, progress: Progress, around: tuple, show: Any) -> None:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with one_transaction():
                with connection.cursor() as cursor:
                    cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
                _take(step, progress, around, show)
                reached("before commit")
            reached("after commit")
            return
        except StepFailed as error:
            if not isinstance(error.__cause__, OperationalError) or not _was_locked(error.__cause__):
                raise
            if attempt == ATTEMPTS:
                raise StepFailed(
                    f"{step.title}: a table is held by {_who_holds()}. End that and run this again."
                ) from error
            progress.keep(f"{step.title}: a table is held by {_who_holds()}; trying again ({attempt} of {ATTEMPTS})")
            time.sleep(min(attempt, 5) * 0.2)


def _in_a_copy(steps: list[Step], lease: Lease, progress: Progress, around: tuple, show: Any) -> None:
    path = Path(connection.settings_dict["NAME"])
    copy = path.with_name(f"{path.name}-upgrading")
    for end in ("", "-wal", "-shm", "-journal"):
        copy.with_name(copy.name + end).unlink(missing_ok=True)
    try:
        with left_to_others(), frozen(path) as ice:
            with progress.step("Copying the database to work on"):
                ice.copy_to(copy)
            with default_is(named(str(copy))):
                for step in steps:
                    lease.check()
                    with progress.step(step.title):
                        _take(step, progress, around, show)
                _finish_copy()
            with progress.step("Exchanging the database for the copy"):
                swap_frozen(path, copy, ice)
    finally:
        for end in ("", "-wal", "-shm", "-journal", "-lock"):
            copy.with_name(copy.name + end).unlink(missing_ok=True)


def _finish_copy() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute("PRAGMA foreign_key_check")
        if orphans := cursor.fetchall():
            tables = sorted({row[0] for row in orphans})
            raise NotVerified(f"{len(orphans)} rows point at rows that are not there, in {', '.join(tables)}.")
        cursor.execute("PRAGMA integrity_check")
        if (said := cursor.fetchone()[0]) != "ok":
            raise NotVerified(f"SQLite finds the migrated copy damaged: {said}")
        cursor.execute("PRAGMA journal_mode = DELETE")


# --- One step ---------------------------------------------------------------------------------------


def _take(step: Step, progress: Progress, around: tuple, show: Any) -> None:
    """The step in the default database, as part of the caller's transaction or copy."""
    before, migrated, after = around
    last = _Statements(show)
    began = time.monotonic()
    try:
        with connection.execute_wrapper(last):
            if before:
                before(step)
            seen, kept = look(connection), _kept(step)
            told = contents(connection.connection, seen, columns=kept)
            reached("before migrations")
            with _signals(step):
                with put_aside(step):
                    _migrate(step, progress)
                # Before Django's own afterwards, with which the record begins its proof by an entry.
                _verify(step, kept, told)
                if migrated:
                    migrated(step)
            if after:
                after(step)
            store.add(store.JOURNAL, step=step.title, seconds=round(time.monotonic() - began, 2))
    except Refusal:
        raise
    except (DatabaseError, RuntimeError, ValueError, OSError) as error:
        said = str(error).strip().rstrip(".")
        command = "upgrade" if step.forward else "rollback"
        raise StepFailed(
            f"{step.title} failed{last.place}: {said}. Nothing of this step was kept. When the cause is mended, run "
            f"the same command again; manage.py {command} -v 2 shows every statement.{last.said}"
        ) from error


def _migrate(step: Step, progress: Progress) -> None:
    def told(action: str, migration: Any = None, fake: bool = False) -> None:
        if action in ("apply_start", "unapply_start"):
            reached(f"{action} {migration}")
            if connection.vendor == "postgresql":
                # Rows that wait for a check of their keys would stop the next change of a table.
                with connection.cursor() as cursor:
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                    cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        if action in ("apply_success", "unapply_success"):
            progress.keep(f"  {migration}")

    MigrationExecutor(connection, told).migrate(step.goals, plan=step.plan)


@contextmanager
def _signals(step: Step) -> Iterator[None]:
    """Django's own before and after: the record's triggers are lifted, and set again; types and rights are made."""
    from audit import guards

    with connection.cursor() as cursor:
        guarded = set(guards.TABLES) <= set(connection.introspection.table_names(cursor))
    if guarded:
        emit_pre_migrate_signal(verbosity=0, interactive=False, db="default")
    yield
    if step.forward and current_release() == NEWEST:
        reached("before post_migrate")
        emit_post_migrate_signal(verbosity=0, interactive=False, db="default")


def _state(step: Step) -> ProjectState:
    applied = set(look(connection).applied)
    moved = {(migration.app_label, migration.name) for migration, _ in step.plan}
    return state_after(applied | moved if step.forward else applied - moved)


def _kept(step: Step) -> dict[str, list[str]]:
    """{table: columns} whose values the step must leave as they are."""
    rewritten = step.about.rewrites if step.forward else step.about.rewrites_back
    present, coming = look(connection).tables, tables_of(_state(step))
    return {
        table: sorted(column for column in present[table].keys() & coming[table] if (table, column) not in rewritten)
        for table in present.keys() & coming.keys()
        if table not in BOOKKEEPING
    }


def _verify(step: Step, kept: dict[str, list[str]], told: dict[str, Content]) -> None:
    """The tables are those of the release, and no row or value is lost or altered but those the step is for."""
    seen = look(connection)
    wrong = [str(one) for one in compare(state_after(set(seen.applied)), seen) if one.kind != "extra column"]
    after = contents(connection.connection, seen, columns=kept)
    for table, content in told.items():
        if after[table].rows != content.rows:
            wrong.append(f"{table} has {after[table].rows} rows instead of {content.rows}")
        elif after[table] != content:
            wrong.append(f"{table} holds other values than before in columns that the step does not change")
    if wrong:
        raise NotVerified(f"{step.title} was taken back, because of what came of it: {'; '.join(wrong[:10])}.")
    reached("verified")


class _Statements:
    """Remembers the statement that is being executed, for the one that fails."""

    def __init__(self, show: Callable[[str], None] | None) -> None:
        self.show, self.failed = show, ""

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if self.show:
            self.show(str(sql))
        try:
            return execute(sql, params, many, context)
        except DatabaseError:
            self.failed = " ".join(str(sql).split())[:300]
            raise

    @property
    def place(self) -> str:
        return " in the database" if self.failed else ""

    @property
    def said(self) -> str:
        return f" The statement was: {self.failed}" if self.failed else ""


def _was_locked(error: BaseException) -> bool:
    return isinstance(error.__cause__, psycopg.errors.LockNotAvailable | psycopg.errors.DeadlockDetected)


def _who_holds() -> str:
    """Other connections with a transaction open, the longest first."""
    with ExitStack() as stack:
        cursor = stack.enter_context(connection.cursor())
        cursor.execute(
            "SELECT pid, application_name, extract(epoch FROM now() - xact_start)::int FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL "
            "ORDER BY xact_start LIMIT 3"
        )
        found = [f"process {pid} of the server ({name or 'unnamed'}, {age} s)" for pid, name, age in cursor.fetchall()]
    return ", ".join(found) or "somebody who has just let go"
