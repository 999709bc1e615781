"""An upgrade or a rollback that is killed, fails or runs out of disk, and whether the database is whole afterwards."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import time
import traceback
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from django.core.management import call_command
from django.db import connection, connections

from panelmerge.releases import progress
from panelmerge.releases.checking.schema import compare
from panelmerge.releases.content import contents
from panelmerge.releases.current import current_release
from panelmerge.releases.looking import look
from panelmerge.releases.manifest import ABOUT, RELEASES
from panelmerge.releases.planning import BOOKKEEPING, state_after
from panelmerge.releases.snapshots import snapshot
from tests.releases.installing import ON_POSTGRESQL

Watcher = Callable[[str], None]


def kept_columns() -> dict[str, list[str]]:
    """Columns of the present database whose values no step may change."""
    rewritten = {pair for about in ABOUT.values() for pair in about.rewrites | about.rewrites_back}
    seen = look()
    return {
        table: sorted(column for column in columns if (table, column) not in rewritten)
        for table, columns in seen.tables.items()
        if table not in BOOKKEEPING and table not in ("audit_log", "sqlite_sequence")
    }


def content_of(columns: dict[str, list[str]]) -> dict:
    with snapshot(connection.settings_dict) as moment:
        there = {table: names for table, names in columns.items() if table in moment.look.tables}
        return contents(moment.raw, moment.look, columns=there)


def asserted_whole(columns: dict[str, list[str]], before: dict) -> str:
    """The release the database is at: a named one, with the tables of that release and every row it had."""
    connections["default"].close()
    release = current_release()
    assert release in RELEASES, release
    seen = look()
    assert [str(one) for one in compare(state_after(set(seen.applied)), seen)] == []
    after = content_of(columns)
    assert after == {table: before[table] for table in after}
    if not ON_POSTGRESQL:
        with closing(sqlite3.connect(connection.settings_dict["NAME"])) as raw:
            assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert raw.execute("PRAGMA foreign_key_check").fetchall() == []
    connections["default"].close()
    return release


def forked(work: Callable[[], None], log: Path) -> int:
    """The process id of a child that does the work; what went wrong in it stands in the log."""
    connections.close_all()
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        work()
        code = 0
    except BaseException:
        log.write_text(traceback.format_exc())
    finally:
        os._exit(code)


def boundaries(work: Callable[[], None]) -> list[str]:
    """Every boundary that the work passes, in order; it is done then."""
    passed: list[str] = []
    progress.watchers.append(passed.append)
    try:
        work()
    finally:
        progress.watchers.remove(passed.append)
    return passed


def killed_at(number: int, work: Callable[[], None], log: Path) -> bool:
    """Run the work in a child that kills itself at the n-th boundary. Whether it came that far."""

    def run() -> None:
        left = [number]

        def watch(step: str) -> None:
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)

        progress.watchers.append(watch)
        work()

    return os.WIFSIGNALED(os.waitpid(forked(run, log), 0)[1])


def killed_after(seconds: float, work: Callable[[], None], log: Path) -> bool:
    """Run the work in a child and kill it after so long. Whether it was still at work."""
    child = forked(work, log)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def upgrade(*arguments: str) -> Callable[[], None]:
    return lambda: call_command("upgrade", *arguments, verbosity=0)


def rollback(target: str) -> Callable[[], None]:
    return lambda: call_command("rollback", "--to", target, "--accept-loss", "--no-backup", verbosity=0)


def sampled(number: int, of: int, seed: int) -> list[int]:
    """So many places from 1 to ``of``, the first and the last among them, the same every time."""
    if number >= of:
        return list(range(1, of + 1))
    return sorted({1, of, *random.Random(seed).sample(range(2, of), number - 2)})
