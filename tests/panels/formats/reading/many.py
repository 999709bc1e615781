"""Many files through one child: the reader and the limits of the real one, without a start for each file.

``python -c "from tests.panels.formats.reading.many import main; main()" .xlsx`` takes files from stdin, each after its
length, and answers as the real child does. A file that ends the real child ends this one.
"""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from typing import BinaryIO

from panels.formats.reading import supervise
from panels.formats.reading.child import LIMITS, answer, peak_kib, prepared

PER_CHILD = 500
CPU_SECONDS = dict(LIMITS)[resource.RLIMIT_CPU]


def main() -> None:
    name = f"a{sys.argv[1]}"
    read, status = prepared(sys.argv[1])
    for limit, most in LIMITS:
        # The processor time is counted anew for each file, below.
        if limit != resource.RLIMIT_CPU:
            resource.setrlimit(limit, (most, most))
    while content := _taken(sys.stdin.buffer):
        signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
        said = answer(read, lambda content=content: content[1:], name, "", status)
        signal.setitimer(signal.ITIMER_PROF, 0)
        _give(sys.stdout.buffer, json.dumps({"peak_kib": peak_kib(status)}).encode() + b"\n" + said)


def _give(stream: BinaryIO, content: bytes) -> None:
    stream.write(len(content).to_bytes(8, "little") + content)
    stream.flush()


def _taken(stream: BinaryIO) -> bytes:
    length = int.from_bytes(stream.read(8), "little")
    found = stream.read(length)
    return found if len(found) == length else b""


@dataclass
class Readers:
    """Children one after another, each for PER_CHILD files; to be used with ``with``.

    ``peak_kib`` is the largest resident memory of any, ``ended`` why some died.
    """

    ending: str
    peak_kib: int = 0
    ended: list[str] = field(default_factory=list)
    _child: subprocess.Popen | None = None
    _said: BinaryIO = field(default_factory=tempfile.TemporaryFile)
    _files: int = 0

    def read(self, content: bytes) -> dict | None:
        """What the child answers, None when it died of this file."""
        if self._child is None or self._files >= PER_CHILD:
            self._start()
        self._files += 1
        try:
            # A first byte of our own, so that an empty file is not the end.
            _give(self._child.stdin, b"+" + content)
            found = _taken(self._child.stdout)
        except BrokenPipeError:
            found = b""
        if not found:
            self._child.wait()
            self._said.seek(0)
            self.ended.append(self._said.read()[-300:].decode(errors="replace").strip() or str(self._child.returncode))
            self._end()
            return None
        cost, _, said = found.partition(b"\n")
        self.peak_kib = max(self.peak_kib, json.loads(cost)["peak_kib"])
        return json.loads(said)

    def _start(self) -> None:
        self._end()
        start = "import sys; sys.path[:0] = sys.argv[2:]; from tests.panels.formats.reading.many import main; main()"
        self._child = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", start, self.ending, *supervise.import_paths()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            env={"LC_ALL": "C.UTF-8"},
        )

    def _end(self) -> None:
        """The child that is left, if any, and what it said."""
        if self._child is not None:
            with suppress(BrokenPipeError):
                self._child.stdin.close()
            self._child.stdout.close()
            self._child.wait()
            self._child = None
        self._files = 0
        self._said.seek(0)
        self._said.truncate()

    def __enter__(self) -> Readers:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()
        self._said.close()
