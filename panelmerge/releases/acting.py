"""What the commands of releases have in common: a voice, a report, exit codes that mean the same everywhere."""

from __future__ import annotations

import sqlite3
import sys
from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from panelmerge.lib.errors import Refusal
from panelmerge.releases import files
from panelmerge.releases.progress import Progress, stamp

FINDINGS, RUNNING = 1, 75


class Running(Refusal):
    """Another command holds the lock of this database."""

    code = "already_running"
    status = 409


class ReleaseCommand(BaseCommand):
    """Exit codes: 0 done or clean, 1 findings or refused, 75 another one is running.

    They mend what the checks complain of, so they do not stop at them.
    """

    requires_system_checks = ()
    # Whether what was done is kept in a file of var/reports.
    reports = True

    def handle(self, *args: Any, **options: Any) -> None:
        name = type(self).__module__.rpartition(".")[2]
        report = files.unused(settings.VAR_DIR / "reports" / f"{name}-{stamp()}.txt") if self.reports else None
        self.progress = Progress(self.stdout.write if options["verbosity"] else _nothing, report)
        try:
            self.act(**options)
        except Running as refusal:
            raise CommandError(refusal.detail, returncode=RUNNING) from refusal
        except Refusal as refusal:
            raise CommandError(refusal.detail, returncode=FINDINGS) from refusal
        except (DatabaseError, psycopg.Error, sqlite3.Error, OSError) as error:
            where = f" in the step “{self.progress.at}”" if self.progress.at else ""
            raise CommandError(
                f"It failed{where}: {error}. The database is at a named release, as manage.py release says; when the "
                "cause is mended, run the same command again.",
                returncode=FINDINGS,
            ) from error

    def act(self, **options: Any) -> None:
        raise NotImplementedError

    def asks(self, question: str, *, yes: bool) -> bool:
        """Whether to go on: ``--yes`` and a run without a terminal answer for the person."""
        if yes or not sys.stdin.isatty():
            return True
        return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")


def _nothing(line: str) -> None:
    """--verbosity 0."""
