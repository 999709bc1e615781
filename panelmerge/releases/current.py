"""Which release the database is at, asked of the database."""

from __future__ import annotations

from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from panelmerge.releases.manifest import APPS, RELEASES


def current_release(using=connection) -> str | None:
    """The newest release whose migrations are all applied and nothing beyond them; None in between or when empty."""
    applied = {key for key in MigrationRecorder(using).applied_migrations() if key[0] in APPS}
    newest_of = {app: max((name for label, name in applied if label == app), default=None, key=str) for app in APPS}
    for release in reversed(RELEASES):
        if RELEASES[release] == newest_of:
            return release
    return None
