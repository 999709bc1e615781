"""Going back from end to end: what would be lost is counted and written away first, then step by step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from audit.events import Action
from panelmerge.releases import files, recording, store
from panelmerge.releases.applying import take
from panelmerge.releases.backups.making import make_backup
from panelmerge.releases.current import current_release
from panelmerge.releases.lock import Lease
from panelmerge.releases.losing import changing_with, move_out, values_now, write_changes
from panelmerge.releases.manifest import ABOUT
from panelmerge.releases.planning import Plan, Step
from panelmerge.releases.progress import Progress, stamp
from panelmerge.releases.rollback_file import Writer


@dataclass(slots=True)
class RolledBack:
    release: str | None
    file: Path | None = None
    backup: Path | None = None
    notes: list[str] = field(default_factory=list)


def roll_back(
    plan: Plan,
    *,
    lease: Lease,
    progress: Progress,
    backup: bool = True,
    scratch: Mapping[str, Any] | None = None,
    show: Callable[[str], None] | None = None,
) -> RolledBack:
    """Take the plan's steps back. What the older releases cannot hold is in an encrypted file before it goes.

    The losses were accepted and the lock is held by who calls.
    """
    done = RolledBack(plan.start.database)
    with lease.maintenance():
        if backup:
            done.backup, _ = make_backup(scratch=scratch, progress=progress)
            done.notes.append(f"The backup, proven by restoring it: {done.backup}")
        done.file = files.unused(
            Path(settings.BACKUP_ROOT) / f"rollback-{plan.start.database}-to-{plan.target}-{stamp()}.file"
        )
        writer = Writer(done.file, start=plan.start.database or "", target=plan.target)
        try:
            _Steps(plan, writer, done, progress).take(lease, show)
        finally:
            writer.close()
            if current_release() == plan.start.database:
                # Nothing has gone, so nothing is kept.
                done.file.unlink()
        if connection.vendor == "postgresql":
            with progress.step("Refreshing statistics"), connection.cursor() as cursor:
                cursor.execute("ANALYZE")
    done.release = current_release()
    done.notes.append(f"What was taken out, encrypted: {done.file}")
    done.notes.append(f"Its SHA-256: {files.sha256(done.file)}")
    return done


class _Steps:
    """Around every step: written away before, written down after, all in the step's transaction or copy."""

    def __init__(self, plan: Plan, writer: Writer, done: RolledBack, progress: Progress) -> None:
        self.plan, self.writer, self.done, self.progress = plan, writer, done, progress
        self.columns: frozenset = frozenset()
        self.before: dict = {}

    def take(self, lease: Lease, show: Callable[[str], None] | None) -> None:
        take(
            self.plan.steps,
            lease=lease,
            progress=self.progress,
            before_step=self._write_away,
            after_step=self._write_down,
            show=show,
        )

    def _write_away(self, step: Step) -> None:
        from audit import guards

        # The record's rows are changed by the step itself, and its triggers know nobody.
        guards.lift()
        self.columns = changing_with(self.plan, step)
        self.before = values_now(self.columns)
        for table, number in move_out(step, self.writer).items():
            self.progress.keep(f"  {table}: {number} rows moved into the file")

    def _write_down(self, step: Step) -> None:
        write_changes(self.writer, self.before, values_now(self.columns))
        self.writer.end(step.of)
        store.forget([number for number, _, _ in store.all_of(store.SERVES)])
        store.add(store.SERVES, release=step.release, also=list(ABOUT[step.release].also_serves))
        if step is self.plan.steps[-1]:
            recording.note(
                Action.SYSTEM_SECURITY,
                kind="rollback",
                description=f"Went back from {self.plan.start.database} to {step.release}",
                details={
                    "file": self.done.file.name if self.done.file else None,
                    "sha256": files.sha256(self.writer.path),
                    "backup": str(self.done.backup) if self.done.backup else None,
                    "excused_until": recording.last_checkpoint(),
                },
            )
