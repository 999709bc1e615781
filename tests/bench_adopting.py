"""The row of ``make bench`` about adopting: a made-up database of the older application, as large as they come.

``python -m tests.bench_adopting`` runs it alone; ``BENCH_PEOPLE`` and ``BENCH_OLD_EVENTS`` make it smaller.
"""

from __future__ import annotations

import base64
import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.bench import ratio_row, run_rows  # sets Django up

from cryptography.fernet import Fernet
from django.conf import settings
from django.db import connection

from panelmerge.releases.elsewhere import default_is
from panelmerge.releases.legacy.adopting import adopt
from panelmerge.releases.legacy.copying import write
from panelmerge.releases.progress import silent
from tests.releases.installing import Databases
from tests.releases.legacy.making import KEY, SCRYPT, encrypted, make

PEOPLE = int(os.environ.get("BENCH_PEOPLE", "100000"))
EVENTS = int(os.environ.get("BENCH_OLD_EVENTS", "1000000"))
PERSON = ("id", "username", "email", "password_hash", "first_name_encrypted", "last_name_encrypted", "role")
EVENT = ("id", "user_id", "action_type", "action_description", "ip_address", "details_encrypted", "timestamp")


def bench_adopting() -> None:
    with tempfile.TemporaryDirectory() as folder:
        kept = {name: getattr(settings, name) for name in ("VAR_DIR", "BACKUP_ROOT", "MEDIA_ROOT", "ENV_FILE")}
        for name in kept:
            setattr(settings, name, Path(folder) / name.lower())
        databases = Databases(Path(folder))
        name = databases.empty(Path(folder))
        try:
            with default_is(databases.settings(name)):
                make("1.5.1")
                values = _fill()
                before = _memory()
                start = time.perf_counter()
                report, _ = adopt(keys=[KEY], zone=ZoneInfo("UTC"), progress=silent(), proof=False)
                seconds = time.perf_counter() - start
                assert report.after["audit_log"] == EVENTS + 1, report.after
                bare = _bare(values)
        finally:
            databases.drop_all() if databases.made else None
            for setting, value in kept.items():
                setattr(settings, setting, value)
    ratio_row(
        f"adopt {PEOPLE:,} people and {EVENTS:,} events ({seconds:.0f} s with its backup, {_memory() - before} MiB "
        f"more, peak {_memory()} MiB) / decrypting and encrypting the same values bare",
        seconds,
        bare,
        4,
    )


def _fill() -> list[str]:
    """The encrypted values, each as often as it stands in the database. A few different ones: making them is slow."""
    names = [encrypted(f"Name {number}") for number in range(50)]
    details = [encrypted({"panel_ids": f"{number},2", "comment": "x" * 60}, times=2) for number in range(50)]
    _copy(
        '"user"',
        (*PERSON, "is_active", "is_verified", "created_at"),
        (
            (
                *(pk, f"person{pk}", f"person{pk}@example.org", SCRYPT, names[pk % 50], names[(pk + 7) % 50], "USER"),
                *(True, True, "2025-09-01 08:00:00"),
            )
            for pk in range(100, 100 + PEOPLE)
        ),
    )
    _copy(
        "audit_log",
        (*EVENT, "success"),
        (
            (
                *(pk, 100 + pk % PEOPLE, "LOGIN", "Signed in", "192.0.2.1", details[pk % 50], "2025-09-01 08:00:00"),
                True,
            )
            for pk in range(100, 100 + EVENTS)
        ),
    )
    return [names[number % 50] for number in range(2 * PEOPLE)] + [details[number % 50] for number in range(EVENTS)]


def _copy(table: str, columns: tuple[str, ...], rows) -> None:
    write(table.strip('"'), list(columns), rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _bare(values: list[str]) -> float:
    old, new = Fernet(KEY), Fernet(Fernet.generate_key())
    start = time.perf_counter()
    for value in values:
        new.encrypt(old.decrypt(base64.urlsafe_b64decode(value)))
    return time.perf_counter() - start


def _memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    sys.exit(run_rows(bench_adopting))
