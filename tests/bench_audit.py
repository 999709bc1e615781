"""The rows of ``make bench`` about the record: checking a million events, reading them, and what a record costs.

``python -m tests.bench_audit`` runs these alone; ``BENCH_EVENTS`` makes the record smaller.
"""

from __future__ import annotations

import contextlib
import hashlib
import multiprocessing
import os
import random
import re
import sys
import time
from datetime import timedelta
from multiprocessing.pool import AsyncResult
from pathlib import Path
from unittest import mock

from tests.bench import ratio_row, run_rows  # sets Django up

from django.conf import settings
from django.db import connection, connections, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from audit import guards, sealing
from audit.events import Action
from audit.models import AuditLog, ChainLink, Seal
from audit.rows import proven
from audit.verifying import verify
from panelmerge.lib.crypto import keyring

EVENTS = int(os.environ.get("BENCH_EVENTS", "1000000"))
BATCH, SEALED = 5000, 100
WRITERS, SECONDS = 8, 8
PATCH = "/api/v1/users/me/"


def bench_audit() -> None:
    with guards.lifted():
        for table in (AuditLog, ChainLink, Seal):
            table.objects.all().delete()
    tenth = _filled(EVENTS // 10)
    seconds_at_a_tenth, queries_at_a_tenth = _page()
    _filled(EVENTS - tenth)
    seconds, queries = _page()
    assert queries == queries_at_a_tenth, f"{queries_at_a_tenth} queries became {queries}"
    ratio_row(
        f"audit page of {EVENTS:,} events / the same page at a tenth of them",
        seconds,
        seconds_at_a_tenth,
        2,
    )
    before = _memory("VmRSS")
    # The highest so far is forgotten, so that what filled the record is not counted.
    Path("/proc/self/clear_refs").write_text("5")
    start = time.perf_counter()
    verdict = verify()
    seconds, grown = time.perf_counter() - start, _memory("VmHWM") - before
    assert verdict.whole, verdict.findings[:3]
    assert verdict.entries == EVENTS
    start = time.perf_counter()
    _hashed_bare()
    bare = time.perf_counter() - start
    ratio_row(
        f"verify_audit over {EVENTS:,} events, {verdict.seals:,} seals ({seconds:.0f} s) / "
        "reading, decrypting and hashing the same bytes bare",
        seconds,
        bare,
        6,
    )
    ratio_row(f"memory that verify_audit takes, {grown} MiB / 200 MiB", grown, 200, 1)
    if connection.vendor == "postgresql":
        bench_writers()


def bench_writers() -> None:
    """By turns, so that what else the machine does falls on both."""
    plain, audited, lags = [], [], []
    for _ in range(3):
        plain.append(_changes_a_second(recorded=False)[0])
        changes, waited = _changes_a_second(recorded=True)
        audited.append(changes)
        lags += waited
    bare, ours = sorted(plain)[1], sorted(audited)[1]
    ratio_row(
        f"changes a second by {WRITERS} writers without a record / with it ({bare:.0f} and {ours:.0f})",
        bare,
        ours,
        1.25,
    )
    longest = sorted(lags)[int(0.99 * (len(lags) - 1))]
    ratio_row(f"an entry's wait for its seal meanwhile, as /readyz says ({longest:.2f} s) / 2 s", longest, 2, 1)


def _filled(number: int) -> int:
    """So many more events, as ``record`` writes them, chained and sealed."""
    chance = random.Random(number)
    actions = [Action.LOGIN, Action.VIEW, Action.PANEL_DOWNLOAD, Action.PANEL_UPDATE]
    now = timezone.now()
    for first in range(0, number, BATCH):
        rows = [
            AuditLog(
                **proven(
                    {
                        "user_id": position % 50,
                        "username": f"person{position % 50}",
                        "action_type": str(actions[position % 4]),
                        "action_description": f"Changed panel {position % 700}: 3 genes added, 1 removed",
                        "ip_address": "192.0.2.17",
                        "user_agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome",
                        "session_id": "b" * 64,
                        "resource_type": "savedpanel",
                        "resource_id": str(position % 700),
                        "old_values": None,
                        "new_values": None,
                        "details": {"version": position, "genes": chance.randrange(4000), "comment": "x" * 60},
                        # Over the year that entries are kept.
                        "timestamp": now - timedelta(days=365) * ((number - position) / number),
                        "success": True,
                        "request_id": f"{position:032x}",
                    }
                )
            )
            for position in range(first, min(first + BATCH, number))
        ]
        with transaction.atomic():
            AuditLog.objects.bulk_create(rows, batch_size=500)
            ids = list(AuditLog.objects.order_by("-pk").values_list("pk", flat=True)[: len(rows)])[::-1]
            entries = [(pk, one.row_mac) for pk, one in zip(ids, rows, strict=True)]
            for begin in range(0, len(entries), SEALED):
                sealing._link(entries[begin : begin + SEALED])
                sealing._seal(None)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return number


def _page() -> tuple[float, int]:
    """(seconds of the page in the middle of the record, its queries), the median of five."""
    client = Client()
    client.force_login(_administrator())
    middle = AuditLog.objects.order_by("pk").values_list("pk", flat=True)[AuditLog.objects.count() // 2]
    address, times = f"/admin/audit/auditlog/?before={middle}", []
    for _ in range(6):
        start = time.perf_counter()
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(address)
        times.append(time.perf_counter() - start)
        assert answer.status_code == 200, answer.status_code
    return sorted(times[1:])[2], len(asked)


def _administrator() -> User:
    return User.objects.filter(username="bench").first() or User.objects.create_superuser(
        "bench", "bench@example.org", "a long enough password", is_verified=True
    )


def _hashed_bare() -> None:
    """Every column of every row, streamed and hashed once; what is encrypted is decrypted first."""
    ring, digest = keyring(), hashlib.sha256()
    fields = [field.column for field in AuditLog._meta.concrete_fields]
    encrypted = fields.index("details_encrypted")
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(fields)} FROM audit_log ORDER BY id")
        while rows := cursor.fetchmany(2000):
            for one in rows:
                cells = list(one)
                cells[encrypted] = ring.decrypt(cells[encrypted], "audit_log.details_encrypted")
                digest.update(repr(cells).encode())


def _memory(which: str) -> int:
    """MiB of this process as Linux counts them: ``VmRSS`` now, ``VmHWM`` at the most."""
    return int(re.search(rf"{which}:\s+(\d+) kB", Path("/proc/self/status").read_text())[1]) // 1024


def _changes_a_second(*, recorded: bool) -> tuple[float, list[float]]:
    """Signed-in changes through the API by as many processes, each its own person; with and without their record.

    And what ``/readyz`` said meanwhile of the oldest entry's wait for its seal.
    """
    people = [
        User.objects.get_or_create(username=f"writer{number}", defaults={"email": f"writer{number}@example.org"})[0].pk
        for number in range(WRITERS)
    ]
    while sealing.seal_now().seal:
        continue
    connections.close_all()
    context = multiprocessing.get_context("fork")
    with context.Pool(WRITERS) as pool:
        done = pool.map_async(_keep_changing, [(pk, recorded) for pk in people])
        lags = _waits_until(done)
        return sum(done.get()) / SECONDS, lags


def _waits_until(done: AsyncResult) -> list[float]:
    client, lags = Client(), []
    while not done.ready():
        lags.append(client.get("/readyz").json()["seal_waits_seconds"])
        done.wait(0.1)
    return lags


def _keep_changing(given: tuple[int, bool]) -> int:
    person, recorded = given
    connections.close_all()
    settings.AUDIT_SEAL_SOON = True
    client = Client()
    client.force_login(User.objects.get(pk=person))
    changes, until = 0, time.monotonic() + SECONDS
    with contextlib.nullcontext() if recorded else mock.patch("accounts.actions.profile.record"):
        while time.monotonic() < until:
            answer = client.patch(PATCH, {"organization": f"Hospital {changes}"}, content_type="application/json")
            assert answer.status_code == 200, answer.content
            changes += 1
    return changes


if __name__ == "__main__":
    sys.exit(run_rows(bench_audit))
