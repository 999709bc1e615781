"""The door to a SQLite file: whoever has a connection holds it open, whoever exchanges the file shuts it.

A connection that was open when the file was exchanged would go on writing into
the file that was moved away, and nobody would notice. So every process holds a
shared lock beside the file while it has a connection, and the exchange takes
the lock for itself or does not happen. In front of the door is a turnstile:
whoever wants to shut the door holds it still for some seconds, so that the next
ones wait outside until those who are inside have gone. Else there would be no
instant without a reader on a busy server.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# A shut door opens again in less than a second; whoever comes meanwhile waits a little.
WAIT = 10.0
PAUSE = 0.02
# The turnstile stands still for so long, less than anybody waits before it, and turns for so long between.
STILL, TURNING = 5.0, 1.0
_guard = threading.Lock()
# {path: [descriptor of the shared lock, connections of this process]}
_open: dict[str, list[int]] = {}
# Doors that this process has shut: it goes in and out itself.
_shut: set[str] = set()


def lock_file(path: str | Path) -> str:
    return f"{path}-lock"


def opened(lock: str, path: str | Path) -> int:
    """The descriptor of a file to lock beside the database, which whoever may use the database may open."""
    try:
        return os.open(lock, os.O_RDWR)
    except FileNotFoundError:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        with suppress(OSError):
            model = os.stat(path if os.path.exists(path) else os.path.dirname(os.path.abspath(path)))
            os.fchmod(descriptor, model.st_mode & 0o666)
            os.fchown(descriptor, model.st_uid, model.st_gid)
        return descriptor


def turnstile_file(path: str | Path) -> str:
    return f"{path}-turnstile"


def enter(path: str, *, wait: float = WAIT) -> None:
    """Hold the door open for one more connection. Raises sqlite3.OperationalError where it stays shut."""
    if path not in _shut and not _through_the_turnstile(path, wait):
        raise sqlite3.OperationalError(f"{path} is about to be exchanged for another database; try again in a moment")
    with _guard:
        if path in _shut:
            return
        if path in _open:
            _open[path][1] += 1
            return
        try:
            descriptor = opened(lock_file(path), path)
        except OSError as error:
            # A folder that is gone or shut is a database that is away.
            raise sqlite3.OperationalError(f"unable to open database file: {error}") from error
        if not _locked(descriptor, fcntl.LOCK_SH, wait):
            os.close(descriptor)
            raise sqlite3.OperationalError(f"{path} is being exchanged for another database; try again in a moment")
        _open[path] = [descriptor, 1]


def leave(path: str) -> None:
    with _guard:
        if path not in _open:
            return
        _open[path][1] -= 1
        if not _open[path][1]:
            os.close(_open.pop(path)[0])


@contextmanager
def shut(path: str, *, wait: float) -> Iterator[bool]:
    """Keep everybody else out while the block lasts; False when somebody stayed inside for ``wait`` seconds."""
    descriptor = opened(lock_file(path), path)
    try:
        alone = _alone(path, descriptor, wait)
        if alone:
            _shut.add(path)
        yield alone
    finally:
        _shut.discard(path)
        os.close(descriptor)


def _through_the_turnstile(path: str, wait: float) -> bool:
    try:
        descriptor = os.open(turnstile_file(path), os.O_RDONLY)
    except OSError:
        # Nobody ever wanted to shut the door; whether the database is there is seen next.
        return True
    try:
        return _locked(descriptor, fcntl.LOCK_SH, wait)
    finally:
        os.close(descriptor)


def _alone(path: str, descriptor: int, wait: float) -> bool:
    """Whether everybody has left, and nobody can come in again."""
    until = time.monotonic() + wait
    while True:
        left = until - time.monotonic()
        turnstile = opened(turnstile_file(path), path)
        try:
            if _locked(turnstile, fcntl.LOCK_EX, min(STILL, max(left, 0))) and _nobody_inside(path, descriptor, left):
                return True
        finally:
            os.close(turnstile)
        if left <= 0:
            return False
        time.sleep(min(TURNING, left))


def _nobody_inside(path: str, descriptor: int, left: float) -> bool:
    until = time.monotonic() + min(STILL, max(left, 0))
    while path in _open:
        # Another thread of this very process.
        if time.monotonic() >= until:
            return False
        time.sleep(PAUSE)
    return _locked(descriptor, fcntl.LOCK_EX, max(until - time.monotonic(), 0))


def others_inside(path: str | Path) -> dict[int, str]:
    """{pid: its command} of other processes that have the file open, as far as this system tells."""
    found = {}
    name = os.path.realpath(path)
    for process in Path("/proc").glob("[0-9]*"):
        if int(process.name) == os.getpid():
            continue
        try:
            if any(os.readlink(one) == name for one in (process / "fd").iterdir()):
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
                found[int(process.name)] = command[:100]
        except OSError:
            # It ended meanwhile, or belongs to somebody else.
            continue
    return found


def _locked(descriptor: int, how: int, wait: float) -> bool:
    until = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(descriptor, how | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(PAUSE)


def _forget_after_fork() -> None:
    """A child has none of its parent's connections; closing its copies of the locks leaves the parent's alone."""
    global _guard
    _guard = threading.Lock()
    for descriptor, _ in _open.values():
        os.close(descriptor)
    _open.clear()
    _shut.clear()


os.register_at_fork(after_in_child=_forget_after_fork)
