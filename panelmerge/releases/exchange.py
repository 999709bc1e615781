"""A finished database takes the place of the present one, which stays beside it under another name."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from django.db import connection, connections

from panelmerge.lib.errors import Refusal
from panelmerge.lib.sqlite3 import doorway
from panelmerge.releases import files, postgresql
from panelmerge.releases.lock import Lease
from panelmerge.releases.progress import reached, stamp
from panelmerge.releases.snapshots import Ice, sqlite_connection

# Seconds that requests which are being answered get to end.
PATIENCE = 30.0


class StillOpen(Refusal):
    """Somebody has the database open and would go on writing into the one that is put aside."""

    code = "still_open"
    status = 409


def aside_name(name: str, why: str) -> str:
    """Where the present database stays: ``panelmerge_before_restore_20260101-120000``."""
    if connection.vendor == "sqlite":
        return str(files.unused(Path(f"{name}_before_{why}_{stamp()}")))
    # PostgreSQL cuts names after 63 characters.
    name = f"{name[:30]}_before_{why}_{stamp()}"
    found, number = name, 1
    with closing(postgresql.beside(connection.settings_dict)) as raw:
        while postgresql.exists(raw, found):
            number += 1
            found = f"{name}-{number}"
    return found


def exchange(replacement: str, *, aside: str | None, lease: Lease, patience: float = PATIENCE) -> None:
    """Put the database ``replacement`` into the place of the default one; the old one is called ``aside``, or is gone
    where that is None (SQLite only). At every instant there is one whole database of that name.

    SQLite: raises StillOpen, and nothing has changed, when another process keeps
    the file open. PostgreSQL: connections to either database are ended.
    """
    reached("exchange")
    if connection.vendor == "postgresql":
        name = connection.settings_dict["NAME"]
        with closing(postgresql.beside(connection.settings_dict)) as raw:
            connections["default"].close()
            lease.let_go()
            postgresql.exchange(raw, current=name, aside=aside, replacement=replacement)
        return
    path = Path(connection.settings_dict["NAME"])
    connections["default"].close()
    with doorway.shut(str(path), wait=patience) as alone:
        if not alone:
            raise StillOpen(_who(path))
        exchange_files(path, Path(replacement), aside=Path(aside) if aside else None)


def swap_frozen(path: Path, copy: Path, ice: Ice, *, patience: float = PATIENCE) -> None:
    """Exchange a frozen SQLite file for its migrated copy. Raises StillOpen, and nothing has changed."""
    connections["default"].close()
    files.like(path, copy)
    with doorway.shut(str(path), wait=patience) as alone:
        if not alone:
            raise StillOpen(_who(path))
        reached("door shut")
        files.flush(copy)
        try:
            ice.thaw()
        except sqlite3.OperationalError as error:
            raise StillOpen(_who(path)) from error
        reached("log closed")
        files.rename(copy, path)
        reached("exchanged")


def exchange_files(path: Path, replacement: Path, *, aside: Path | None) -> None:
    """Inside of a shut door: nobody of ours has the file open. Raises StillOpen when somebody else has."""
    files.flush(replacement)
    files.like(path, replacement)
    if path.exists():
        _close_log(path)
        reached("log closed")
        if aside:
            _keep(path, aside)
    reached("put aside")
    files.rename(replacement, path)
    reached("exchanged")


def _close_log(path: Path) -> None:
    """Have everything in the file itself. SQLite does it only where no other connection is open, whoever's it is."""
    try:
        with closing(sqlite_connection(path)) as raw:
            raw.execute("PRAGMA busy_timeout = 2000")
            [(mode,)] = raw.execute("PRAGMA journal_mode = DELETE").fetchall()
    except sqlite3.OperationalError as error:
        if "locked" not in str(error):
            raise
        raise StillOpen(_who(path)) from error
    except sqlite3.DatabaseError:
        # It is damaged, which may be why it is exchanged: its log goes aside with it.
        if doorway.others_inside(path):
            raise StillOpen(_who(path)) from None
        return
    if mode != "delete":
        raise StillOpen(_who(path))


def _keep(path: Path, aside: Path) -> None:
    """The old file under a second name, with what lies beside it."""
    try:
        os.link(path, aside)
    except OSError:
        # A file system without second names.
        shutil.copyfile(path, aside)
        files.flush(aside)
    for end in ("-wal", "-shm"):
        beside = path.with_name(path.name + end)
        if beside.exists():
            os.replace(beside, aside.with_name(aside.name + end))
    files.flush(path.parent)


def _who(path: Path) -> str:
    inside = doorway.others_inside(path)
    named = "; ".join(f"process {pid} ({command})" for pid, command in sorted(inside.items())[:10])
    return (
        f"The database {path} is still open in {named or 'another process'}. Nothing was changed. Stop it (systemctl "
        "stop panelmerge) and run this again."
    )
