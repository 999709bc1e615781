"""What runs in the child process: take one file from stdin, read it within limits, answer JSON on stdout.

Kept to few imports: every upload waits for this start.
"""

from __future__ import annotations

import codecs
import json
import resource
import sys
from importlib import import_module
from io import FileIO
from typing import Any

from panelmerge.lib.errors import Refusal, TooLarge
from panels.formats.reading import READERS, Table

CODECS = ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "cp437")
MIB = 1024 * 1024
RESIDENT_MIB = 256
LIMITS = (
    (resource.RLIMIT_AS, 512 * MIB),
    # What the process allocates for itself. The rest of a resident 256 MiB is the interpreter and its libraries.
    (resource.RLIMIT_DATA, 224 * MIB),
    (resource.RLIMIT_CPU, 10),
    (resource.RLIMIT_FSIZE, 64 * MIB),
    (resource.RLIMIT_CORE, 0),
    # stdin, stdout and stderr are open already: no further file, and no socket, can be.
    (resource.RLIMIT_NOFILE, 3),
)


def main() -> None:
    """Answer {"table", "peak_kib", "cpu_seconds"} or {"refusal": {status, detail, code}}."""
    task = json.loads(sys.stdin.buffer.readline())
    read = import_module(f"panels.formats.reading.{READERS[task['ending']]}").read
    # Both now, since no file can be opened any more when they are needed.
    for codec in CODECS:
        codecs.lookup(codec)
    status = FileIO("/proc/self/status") if sys.platform == "linux" else None
    for limit, most in LIMITS:
        resource.setrlimit(limit, (most, most))
    try:
        answer = _answer(read(sys.stdin.buffer.read(), task["name"], task["delimiter"]), status)
    except MemoryError:
        answer = _refused(TooLarge(f"{task['name']}: reading takes more memory than a list of genes needs."))
    except Refusal as refusal:
        answer = _refused(refusal)
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()


def _answer(table: Table, status: FileIO | None) -> bytes:
    used = resource.getrusage(resource.RUSAGE_SELF)
    peak = _peak_kib(status)
    if peak > RESIDENT_MIB * 1024:
        raise TooLarge(f"Reading took {peak // 1024} MiB of memory; a list of genes needs less than {RESIDENT_MIB}.")
    found = {"table": table.as_json(), "peak_kib": peak, "cpu_seconds": used.ru_utime + used.ru_stime}
    return json.dumps(found).encode()


def _peak_kib(status: FileIO | None) -> int:
    """The largest resident memory so far. Linux's ru_maxrss will not do: it begins with that of the parent."""
    if status is None:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    lines = status.read(4096).decode().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


def _refused(refusal: Refusal) -> bytes:
    told: dict[str, Any] = {"status": refusal.status, "detail": refusal.detail, "code": refusal.code}
    return json.dumps({"refusal": told}).encode()
