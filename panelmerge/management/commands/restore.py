"""Bring a backup back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from audit.events import Action
from panelmerge.releases.acting import ReleaseCommand
from panelmerge.releases.backups.restoring import restore
from panelmerge.releases.current import standing
from panelmerge.releases.lock import running
from panelmerge.releases.recording import last_checkpoint, note


class Command(ReleaseCommand):
    help = (
        "Bring a backup back: check every hash, restore into a new database, compare every table, then exchange it for "
        "the present one, which stays beside it under another name. Uploads and .env return too. A damaged backup is "
        "refused and nothing changes. Exit code 0 done, 1 refused, 75 another command is running."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="A folder that backup or upgrade made, e.g. backups/latest.")
        parser.add_argument("--yes", action="store_true", help="Do not ask.")

    def act(self, *, folder: Path, yes: bool, **options: Any) -> None:
        if not self.asks(f"Replace the present database with {folder}?", yes=yes):
            self.stdout.write("Nothing was changed.")
            return
        until = last_checkpoint()
        with running(f"restore {folder}") as lease:
            done = restore(folder, lease=lease, progress=self.progress)
        manifest = done.manifest
        note(
            Action.SYSTEM_SECURITY,
            kind="restore",
            description=f"Restored the backup of {manifest.made_at}",
            details={"rows": manifest.rows, "release": manifest.release, "excused_until": until},
        )
        for line in done.notes:
            self.progress.note(line)
        self.progress.note(
            f"Restored {manifest.rows:,} rows of {len(manifest.tables)} tables as of {manifest.made_at}."
        )
        if done.aside:
            self.progress.note(f"The database that was there is now {done.aside}; remove it when you are sure.")
        found = standing()
        self.progress.note(f"The database is at {found.database or 'no release'}. Next: {found.next or 'nothing'}")
