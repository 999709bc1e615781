"""The upgrade from end to end, for the command and for whoever proves it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection

from audit import genesis
from audit.events import Action
from panelmerge.releases import afterwards, recording, store
from panelmerge.releases.applying import take
from panelmerge.releases.backups.making import make_backup
from panelmerge.releases.current import current_release
from panelmerge.releases.loading import load
from panelmerge.releases.lock import Lease
from panelmerge.releases.manifest import ABOUT, NEWEST
from panelmerge.releases.planning import Plan, Step
from panelmerge.releases.progress import Progress, reached
from panelmerge.releases.rollback_file import RollbackFile, Unusable


@dataclass(slots=True)
class Upgraded:
    """``backup``: where it is, None where none was made."""

    release: str | None
    backup: Path | None = None
    notes: list[str] = field(default_factory=list)


def upgrade(
    plan: Plan,
    *,
    lease: Lease,
    progress: Progress,
    backup: bool = True,
    scratch: Mapping[str, Any] | None = None,
    show: Callable[[str], None] | None = None,
    file: RollbackFile | None = None,
) -> Upgraded:
    """Take the plan's steps, behind a proven backup. The preflight was clean and the lock is held by who calls.

    People read on where the database fits their code; whoever would write is
    answered 503. ``file``: what a rollback took out, loaded in the step that
    brings its release again. Raises Refusal with what to do next; the database is
    then at a named release.
    """
    if file and file.start not in [step.release for step in plan.steps]:
        raise Unusable(
            f"The file was made by going back from {file.start}; this upgrade does not pass by that release, so there "
            "is nowhere to load it. Nothing was changed."
        )
    done = Upgraded(plan.start.database)
    with lease.maintenance():
        if backup and plan.start.made_by != "empty":
            done.backup, _ = make_backup(scratch=scratch, progress=progress)
            done.notes.append(f"The backup, proven by restoring it: {done.backup}")
        if plan.steps:
            zones = _zones_to_set(plan)
            take(
                plan.steps,
                lease=lease,
                progress=progress,
                migrated=_loading(file, done) if file else None,
                after_step=_last_step(plan, done),
                show=show,
            )
            if zones is not None:
                done.notes.append(f"Time zones: {zones} people set to UTC")
        reached("before statistics")
        if connection.vendor == "postgresql":
            with progress.step("Refreshing statistics"), connection.cursor() as cursor:
                cursor.execute("ANALYZE")
        with progress.step("Old sessions, uploads, cached answers"):
            done.notes += [afterwards.clear_old_sessions(), afterwards.tighten_uploads(), afterwards.renew_cache()]
    done.release = current_release()
    return done


def _loading(file: RollbackFile, done: Upgraded) -> Callable[[Step], None]:
    def bring_back(step: Step) -> None:
        if step.release != file.start:
            return
        loaded = load(file)
        done.notes.append(f"Loaded again: {loaded.rows:,} rows and {loaded.values:,} values of the rollback's file")
        for table, number in sorted((loaded.left or {}).items()):
            done.notes.append(
                f"Left out: {number:,} rows of {table}, because what they belong to is not there any more"
            )
        if step.release == NEWEST:
            genesis.go_on(sha256=file.sha256)

    return bring_back


def _last_step(plan: Plan, done: Upgraded) -> Callable[[Step], None]:
    """What is part of the last step: who may go on serving, and the record of what was done."""

    def finish(step: Step) -> None:
        if step is not plan.steps[-1]:
            return
        store.forget([number for number, _, _ in store.all_of(store.SERVES)])
        store.add(store.SERVES, release=step.release, also=list(ABOUT[step.release].also_serves))
        recording.note(
            Action.SYSTEM_SECURITY,
            kind="upgrade",
            description=f"Upgraded from {plan.start.database or plan.start.made_by} to {step.release}",
            details={"steps": [one.release for one in plan.steps], "backup": str(done.backup) if done.backup else None},
        )
        if step.release == NEWEST:
            recording.enter()

    return finish


def _zones_to_set(plan: Plan) -> int | None:
    """How many people release 1.4.1 gives a time zone; None where it is not among the steps."""
    if "1.4.1" not in [step.release for step in plan.steps]:
        return None
    return plan.rows.get("user", 0)
