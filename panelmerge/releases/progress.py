"""What a long command does, step by step: said as it goes, kept in a file that outlives a crash, and in the log."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from panelmerge.releases import files

log = logging.getLogger("panelmerge.releases")
Say = Callable[[str], None]


# Told at every boundary; empty but where a proof stops, fails or kills there.
watchers: list[Callable[[str], None]] = []


def reached(step: str) -> None:
    """A boundary between two steps."""
    for watcher in watchers:
        watcher(step)


def stamp(moment: datetime | None = None) -> str:
    """A moment in UTC as part of a file's name."""
    return (moment or datetime.now(UTC)).strftime("%Y%m%d-%H%M%S")


class Progress:
    """``say`` gets each line; ``report`` is the file they are kept in, each on the disk before the next step begins."""

    def __init__(self, say: Say, report: Path | None = None) -> None:
        self.say, self.report = say, report
        self.steps: list[tuple[str, float]] = []
        self.at = ""
        if report:
            files.make_folder(report.parent)

    def note(self, line: str) -> None:
        self.say(line)
        self.keep(line)

    def keep(self, line: str) -> None:
        """Into the report and the log, not said."""
        log.info("%s", line)
        if self.report:
            descriptor = os.open(self.report, os.O_WRONLY | os.O_CREAT | os.O_APPEND, files.PRIVATE_FILE)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} {line}\n")
                file.flush()
                os.fsync(file.fileno())

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """A step with its duration. What goes wrong in it leaves its name in the report."""
        self.at = title
        self.keep(f"{title} …")
        reached(title)
        began = time.monotonic()
        try:
            yield
        except BaseException as error:
            self.keep(f"{title}: failed after {time.monotonic() - began:.1f} s: {error}")
            raise
        took = time.monotonic() - began
        self.steps.append((title, took))
        self.note(f"{title}: {took:.1f} s")


def silent() -> Progress:
    return Progress(lambda line: None)
