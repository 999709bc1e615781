"""Two acts at the same moment, on PostgreSQL: one stands still until the other waits for it or is done."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from django.db import connection

BEHIND_US = """
SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))
"""
LONGEST = 30

needs_two_writers = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")


class Halfway:
    """``halt`` is what the first act calls in its middle; ``run`` answers what both returned."""

    def __init__(self) -> None:
        self.reached, self.other_is_done = Event(), Event()

    def halt(self) -> None:
        self.reached.set()
        last = time.monotonic() + LONGEST
        while not self.other_is_done.is_set() and time.monotonic() < last:
            with connection.cursor() as cursor:
                cursor.execute(BEHIND_US)
                if cursor.fetchone()[0]:
                    return
            time.sleep(0.01)

    def run(self, first: Callable[[], Any], other: Callable[[], Any]) -> tuple[Any, Any]:
        def later() -> Any:
            assert self.reached.wait(LONGEST), "the first act never came to its middle"
            try:
                return other()
            finally:
                self.other_is_done.set()

        with ThreadPoolExecutor(2) as pool:
            running = [pool.submit(_closing, act) for act in (first, later)]
            return running[0].result(), running[1].result()


def _closing(act: Callable[[], Any]) -> Any:
    try:
        return act()
    finally:
        connection.close()
