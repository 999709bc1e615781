"""Starts the child that reads a file, waits for it, and ends it when it takes too long."""

from __future__ import annotations

import importlib.util
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

from panelmerge.lib.errors import Refusal, TooLarge, Unavailable, WrongType
from panels.formats.reading import Table

log = logging.getLogger(__name__)

WALL_SECONDS = 20
# Each may take a quarter of a gigabyte and a whole processor.
CHILDREN_AT_ONCE = 2
_places = threading.BoundedSemaphore(CHILDREN_AT_ONCE)

_ROOT = Path(__file__).resolve().parents[3]
_START = "import sys; sys.path[:0] = sys.argv[1:]; from panels.formats.reading.child import main; main()"
_REFUSALS = {kind.status: kind for kind in (Refusal, TooLarge, WrongType)}


@dataclass(frozen=True, slots=True)
class Reading:
    """A table and what it cost: the child's largest resident memory in KiB, its processor time in seconds."""

    table: Table
    peak_kib: int
    cpu_seconds: float


def run(content: bytes, *, name: str, ending: str, delimiter: str = "") -> Reading:
    """Read ``content`` in a child of its own.

    The child gets the file as its input, an empty environment (none of our
    secrets), limits on memory, time and files, and a process group that is
    ended as a whole. Whatever way it dies, the person gets a Refusal.
    """
    task = {"name": name, "ending": ending, "delimiter": delimiter}
    if not _places.acquire(timeout=WALL_SECONDS):
        raise Unavailable("Too many files are being read just now. Try again in a minute.", code="busy")
    try:
        with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as answer, tempfile.TemporaryFile() as said:
            # The name goes with the content: everyone on the machine may see the arguments of a process.
            given.write(json.dumps(task).encode() + b"\n" + content)
            given.seek(0)
            code = _wait(_spawn(given, answer, said), name)
            answer.seek(0)
            said.seek(0)
            return _understand(code, answer.read(), said.read(4000), name)
    except OSError as error:
        raise Unavailable(f"{name} cannot be read just now: {error.strerror}.") from error
    finally:
        _places.release()


def import_paths() -> list[str]:
    """All that a child imports from: this project, and the folder that the reader of workbooks is installed in."""
    origin = importlib.util.find_spec("python_calamine").origin
    return [str(_ROOT), str(Path(origin).resolve().parents[1])]


def _spawn(given, answer, said) -> subprocess.Popen:
    # -I and -S: nothing from the environment, the working directory or site hooks is imported.
    return subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _START, *import_paths()],
        stdin=given,
        stdout=answer,
        stderr=said,
        env={"LC_ALL": "C.UTF-8"},
        cwd="/",
        start_new_session=True,
    )


def _wait(child: subprocess.Popen, name: str) -> int:
    try:
        return child.wait(timeout=WALL_SECONDS)
    except subprocess.TimeoutExpired:
        raise TooLarge(f"{name}: reading took longer than {WALL_SECONDS} seconds and was ended.") from None
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def _understand(code: int, answer: bytes, said: bytes, name: str) -> Reading:
    if code == 0:
        found = json.loads(answer)
        if "refusal" in found:
            told = found["refusal"]
            raise _REFUSALS[told["status"]](told["detail"], code=told["code"])
        return Reading(Table.from_json(found["table"]), found["peak_kib"], found["cpu_seconds"])
    log.warning("the reader of an upload ended with %s: %s", code, said[-400:].decode(errors="backslashreplace"))
    if -code in (signal.SIGXCPU, signal.SIGKILL):
        raise TooLarge(f"{name}: reading took more processor time than a list of genes needs, and was ended.")
    if -code == signal.SIGXFSZ or b"memory allocation" in said:
        raise TooLarge(f"{name}: reading takes more memory than a list of genes needs.")
    raise Refusal(f"{name}: the file is damaged and cannot be read.", code="unreadable")
