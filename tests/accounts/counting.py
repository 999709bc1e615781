"""Counts as a worker does, in a process of its own: ``python -m tests.accounts.counting GO TRIES LIMIT``.

Waits for the file GO, then asks TRIES times for the same budgets, and says how
often it was let in. Stops between when Redis is to be killed: see ``test_counters``.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import django


def main(go: str, tries: int, limit: int) -> None:
    django.setup()
    from accounts.counters import count
    from panelmerge.lib.budgets import Budget

    budgets = [Budget("somebody:minute", "minute", limit), Budget("somebody:hour", "hour", limit * 10)]
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while not Path(go).exists():
        time.sleep(0.005)
    verdicts = [count(budgets, brief=False) for _ in range(tries)]
    sys.stdout.write(f"{sum(verdict.admitted for verdict in verdicts)}\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
