"""Whether another process is changing the release of a SQLite file, asked of a lock that dies with that process."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from panelmerge.lib.sqlite3.doorway import opened

_mine: set[str] = set()


def lock_file(path: str | Path) -> str:
    return f"{path}-maintenance"


def is_on_elsewhere(path: str) -> bool:
    """Whether somebody else holds it; three calls of the system."""
    if path in _mine:
        return False
    try:
        descriptor = os.open(lock_file(path), os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


@contextmanager
def held(path: str) -> Iterator[None]:
    """Hold it while the block lasts. Whoever just asks lets go at once."""
    descriptor = opened(lock_file(path), path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        _mine.add(path)
        yield
    finally:
        _mine.discard(path)
        os.close(descriptor)


os.register_at_fork(after_in_child=_mine.clear)
