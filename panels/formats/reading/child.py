"""What runs in the child process: take one file from stdin, read it within limits, answer JSON on stdout.

Kept to few imports: every upload waits for this start.
"""

from __future__ import annotations

import codecs
import json
import resource
import sys
from collections.abc import Callable
from importlib import import_module
from io import FileIO
from typing import Any

from panelmerge.lib.errors import Refusal, TooLarge
from panels.formats.reading import READERS, Table

Reader = Callable[[bytes, str, str], Table]
CODECS = ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "cp437")
MIB = 1024 * 1024
LIMITS = (
    # The whole address space, interpreter, libraries and stack with it (some 20 MiB). What is resident lies within it,
    # so no file can make the child hold more: an allocation beyond fails, and that is a refusal.
    (resource.RLIMIT_AS, 256 * MIB),
    (resource.RLIMIT_CPU, 10),
    (resource.RLIMIT_FSIZE, 64 * MIB),
    (resource.RLIMIT_CORE, 0),
    # stdin, stdout and stderr are open already: no further file, and no socket, can be.
    (resource.RLIMIT_NOFILE, 3),
)


def main() -> None:
    """Answer {"table", "peak_kib", "cpu_seconds"} or {"refusal": {status, detail, code}}."""
    task = json.loads(sys.stdin.buffer.readline())
    read, status = prepared(task["ending"])
    confine()
    sys.stdout.buffer.write(answer(read, sys.stdin.buffer.read, task["name"], task["delimiter"], status))
    sys.stdout.buffer.flush()


def prepared(ending: str) -> tuple[Reader, FileIO | None]:
    """The reader, and where the memory used is told. Both now: no file can be opened when they are needed."""
    read = import_module(f"panels.formats.reading.{READERS[ending]}").read
    for codec in CODECS:
        codecs.lookup(codec)
    return read, FileIO("/proc/self/status") if sys.platform == "linux" else None


def confine() -> None:
    for limit, most in LIMITS:
        resource.setrlimit(limit, (most, most))


def answer(read: Reader, content: Callable[[], bytes], name: str, delimiter: str, status: FileIO | None) -> bytes:
    """What the child says of one file."""
    try:
        return _told(read(content(), name, delimiter), status)
    except MemoryError:
        return _refused(TooLarge(f"{name}: reading takes more memory than a list of genes needs."))
    except Refusal as refusal:
        return _refused(refusal)


def _told(table: Table, status: FileIO | None) -> bytes:
    found = json.dumps(table.as_json()).encode()
    # After all that is large was made, or the figure would leave the answer itself out.
    used = resource.getrusage(resource.RUSAGE_SELF)
    cost = {"peak_kib": peak_kib(status), "cpu_seconds": used.ru_utime + used.ru_stime}
    return b'{"table": ' + found + b", " + json.dumps(cost).encode()[1:]


def peak_kib(status: FileIO | None) -> int:
    """The largest resident memory so far. Linux's ru_maxrss will not do: it begins with that of the parent."""
    if status is None:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    status.seek(0)
    lines = status.read(4096).decode().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


def _refused(refusal: Refusal) -> bytes:
    told: dict[str, Any] = {"status": refusal.status, "detail": refusal.detail, "code": refusal.code}
    return json.dumps({"refusal": told}).encode()
