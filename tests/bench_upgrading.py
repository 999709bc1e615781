"""The row of ``make bench`` about upgrading: a database of 1.5.1 in use, against the engine's own copy of it.

``python -m tests.bench_upgrading`` runs it alone; ``BENCH_UPGRADE_EVENTS`` and ``BENCH_UPGRADE_PANELS`` make it
smaller.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from tests.bench import ratio_row, run_rows  # sets Django up

from django.conf import settings
from django.core.management.color import no_style
from django.db import connection, transaction

from panelmerge.lib.crypto import keyring
from panelmerge.releases import postgresql
from panelmerge.releases.current import current_release
from panelmerge.releases.legacy.copying import write
from panelmerge.releases.lock import running
from panelmerge.releases.manifest import NEWEST
from panelmerge.releases.planning import plan_upgrade
from panelmerge.releases.progress import Progress, silent
from panelmerge.releases.snapshots import copy_sqlite, sqlite_connection
from panelmerge.releases.upgrading import upgrade
from tests.releases.installing import Databases, default_is, go_to

EVENTS = int(os.environ.get("BENCH_UPGRADE_EVENTS", "200000"))
PANELS = int(os.environ.get("BENCH_UPGRADE_PANELS", "2000"))
PEOPLE, GENES = 200, 50
# Every row is read, checked, signed, chained and written anew; the copy moves pages.
LIMIT = None
THEN = datetime(2025, 9, 1, 8, 0, tzinfo=UTC)


def bench_upgrading() -> None:
    with tempfile.TemporaryDirectory() as name, _places(Path(name)) as databases:
        at = databases.empty(Path(name))
        with default_is(databases.settings(at)):
            _fill(go_to("1.5.1"))
            bare = _timed(_copied(databases, Path(name)))
            progress = silent()
            whole = _timed(lambda: _upgraded(progress))
            assert current_release() == NEWEST
            with connection.cursor() as cursor:
                cursor.execute("SELECT COUNT(*) FROM audit_log WHERE row_mac IS NOT NULL")
                assert cursor.fetchone()[0] >= EVENTS
    steps = ", ".join(f"{title} {seconds:.1f} s" for title, seconds in progress.steps if seconds >= 0.5)
    ratio_row(
        f"upgrade 1.5.1 to {NEWEST} of {EVENTS:,} events and {PANELS:,} panels ({whole:.0f} s: {steps}) / "
        "copying that database with the engine's own tool",
        whole,
        bare,
        LIMIT,
    )


def _upgraded(progress: Progress) -> None:
    with running("upgrade") as lease:
        upgrade(plan_upgrade(), lease=lease, progress=progress)


def _timed(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


@contextmanager
def _places(folder: Path) -> Iterator[Databases]:
    kept = {name: getattr(settings, name) for name in ("VAR_DIR", "BACKUP_ROOT", "MEDIA_ROOT", "ENV_FILE")}
    for name in kept:
        setattr(settings, name, folder / name.lower())
    databases = Databases(folder)
    try:
        yield databases
    finally:
        databases.drop_all() if databases.made else None
        for setting, value in kept.items():
            setattr(settings, setting, value)


def _copied(databases: Databases, folder: Path) -> Callable[[], None]:
    """SQLite: its online backup. PostgreSQL: pg_dump into pg_restore, as long as they take without ours around them."""
    given = connection.settings_dict
    if connection.vendor == "sqlite":

        def copy() -> None:
            with closing(sqlite_connection(Path(given["NAME"]))) as raw:
                copy_sqlite(raw, folder / "bare.sqlite3")

        return copy
    target = databases.settings(databases.empty(folder))

    def dumped() -> None:
        source, env = postgresql.environment(given)
        with closing(postgresql.connect(given)) as raw:
            major = postgresql.server_major(raw)
        file = str(folder / "bare.dump")
        subprocess.run(
            [postgresql.tool("pg_dump", at_least=major), "-Fc", "-f", file, "-d", source], env=env, check=True
        )
        into, env = postgresql.environment(target)
        restore = [postgresql.tool("pg_restore", at_least=major), "--no-owner", "-d", into, file]
        subprocess.run(restore, env=env, check=True)

    return dumped


@transaction.atomic
def _fill(apps) -> None:
    """Everybody has ten panels of fifty genes with two versions, and a thousand entries in the record."""
    cipher = [keyring().encrypt(f"Name {n}".encode(), "user.first_name_encrypted") for n in range(20)]
    write(
        "user",
        ["id", "username", "email", "password_hash", "role", "first_name_encrypted"],
        ((pk, f"p{pk}", f"p{pk}@example.org", "scrypt$x", "USER", cipher[pk % 20]) for pk in range(1, PEOPLE + 1)),
    )
    panels = range(1, PANELS + 1)
    write(
        "saved_panels",
        ["id", "name", "owner_id", "gene_count", "version_count"],
        ((pk, f"Panel {pk}", pk % PEOPLE + 1, GENES, 2) for pk in panels),
    )
    write(
        "panel_versions",
        ["id", "panel_id", "version_number", "created_by_id", "gene_count"],
        ((2 * pk - 2 + n, pk, n, pk % PEOPLE + 1, GENES) for pk in panels for n in (1, 2)),
    )
    write(
        "panel_genes",
        ["id", "panel_id", "gene_symbol", "confidence_level", "mode_of_inheritance"],
        (
            (GENES * (pk - 1) + n + 1, pk, f"GENE{(pk * 7 + n) % 5000}", "3", "BIALLELIC")
            for pk in panels
            for n in range(GENES)
        ),
    )
    write(
        "audit_log",
        ["id", "user_id", "username", "action_type", "action_description", "ip_address", "timestamp"],
        ((pk, pk % PEOPLE + 1, "p", "LOGIN", f"Signed in {pk}", "192.0.2.1", THEN) for pk in range(1, EVENTS + 1)),
    )
    with connection.cursor() as cursor:
        cursor.execute("UPDATE saved_panels SET current_version_id = 2 * id")
        models = [model for app in ("accounts", "audit", "panels") for model in apps.get_app_config(app).get_models()]
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)


if __name__ == "__main__":
    sys.exit(run_rows(bench_upgrading))
