"""Going back to a backup: restored beside, compared, what was written since kept in a file, then exchanged."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import DatabaseError, connection

from audit.events import Action
from panelmerge.lib.errors import Refusal
from panelmerge.releases import files, recording
from panelmerge.releases.backups.manifest import Manifest, read
from panelmerge.releases.backups.restoring import Restored, restore
from panelmerge.releases.current import current_release
from panelmerge.releases.elsewhere import named
from panelmerge.releases.lock import Lease
from panelmerge.releases.losing import in_all
from panelmerge.releases.planning import NotPossible
from panelmerge.releases.progress import Progress, stamp
from panelmerge.releases.rollback_file import CHANGES, Writer
from panelmerge.releases.since import Changes, changes_since


class CannotCompare(Refusal):
    """The present database cannot be read, so nobody can say what would be lost."""

    code = "cannot_compare"
    status = 503


@dataclass(slots=True)
class WentBack:
    """``kept``: the files of what was written since the backup; the second, where somebody wrote to the very end."""

    manifest: Manifest
    release: str | None
    aside: str | None
    kept: list[Path] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def go_back_to_backup(
    folder: Path, target: str, *, lease: Lease, progress: Progress, agree: Callable[[Changes], None]
) -> WentBack:
    """Put the backup of release ``target`` into the place of the present database, which is kept under another name.

    ``agree`` is told what was written since, and raises where that is not to be
    lost; nothing has changed then. The lock is held by who calls.
    """
    manifest = read(folder)
    if manifest.release != target:
        raise NotPossible(f"{folder} is a backup of {manifest.release or manifest.made_by}, not of {target}.")
    keeper = _Keeper(target)

    def ask(restored: dict[str, Any]) -> None:
        with progress.step("Counting what was written since the backup"):
            found = keeper.compare(restored)
        agree(found)

    until = recording.last_checkpoint()
    done = restore(
        folder, lease=lease, progress=progress, why="rollback", before_exchange=ask, around_exchange=keeper.keeping
    )
    with progress.step("Looking once more at the database that was put aside"):
        late = keeper.keep_what_came_late(done)
    recording.note(
        Action.SYSTEM_SECURITY,
        kind="restore",
        description=f"Went back to the backup of {manifest.made_at}",
        details={
            "file": keeper.kept[0].name,
            "sha256": files.sha256(keeper.kept[0]),
            "files": {kept.name: files.sha256(kept) for kept in keeper.kept},
            "excused_until": until,
        },
    )
    return WentBack(manifest, current_release(), done.aside, keeper.kept, [*done.notes, *late])


class _Keeper:
    """Writes down what the present database holds and the restored one does not."""

    def __init__(self, target: str) -> None:
        self.target, self.start = target, current_release() or ""
        self.kept: list[Path] = []
        self.told: frozenset[bytes] = frozenset()

    def compare(self, restored: Mapping[str, Any]) -> Changes:
        try:
            return changes_since(connection.settings_dict, restored)
        except (DatabaseError, psycopg.Error, sqlite3.Error) as error:
            raise CannotCompare(
                f"The present database cannot be read ({str(error).strip()}), so what was written since the backup "
                "cannot be counted. Nothing was changed. manage.py restore brings the backup back all the same, and "
                "keeps the present database under another name."
            ) from error

    @contextmanager
    def keeping(self, restored: Mapping[str, Any]) -> Iterator[None]:
        """Nothing has gone where there was no exchange, so nothing is kept then."""
        try:
            self.told = frozenset(self._write(connection.settings_dict, restored).digests)
            yield
        except BaseException:
            for kept in self.kept:
                kept.unlink()
            raise

    def keep_what_came_late(self, done: Restored) -> list[str]:
        """Whoever was writing when writers were turned away has finished by now. Notes for the operator."""
        aside, present = named(str(done.aside)), connection.settings_dict
        late = changes_since(aside, present, known=self.told)
        if not late.lost:
            return []
        self._write(aside, present, known=self.told)
        return [f"Written while this ran, and kept in a file of its own: {in_all(late.lost)}: {self.kept[-1]}"]

    def _write(self, now: Mapping[str, Any], then: Mapping[str, Any], known: frozenset[bytes] = frozenset()) -> Changes:
        path = files.unused(Path(settings.BACKUP_ROOT) / f"changes-since-{self.target}-{stamp()}.file")
        writer = Writer(path, start=self.start, target=self.target, format=CHANGES)
        self.kept.append(path)
        try:
            found = changes_since(now, then, writer, known)
            writer.end(self.target)
        finally:
            writer.close()
        return found
