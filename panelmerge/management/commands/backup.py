"""Back everything up, and prove it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from audit.events import Action
from panelmerge.lib.env import address
from panelmerge.releases.acting import ReleaseCommand
from panelmerge.releases.backups.making import make_backup
from panelmerge.releases.recording import note


class Command(ReleaseCommand):
    help = (
        "Back up the database, .env, uploads and logs into a folder, with counts and hashes of everything, and prove "
        "it by restoring the database into a scratch database. People may go on working. Exit code 0 done, 1 refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "folder", nargs="?", type=Path, help="A new folder; by default backups/v<release>-<UTC time>."
        )
        parser.add_argument("--without-keys", action="store_true", help="Leave the secrets of .env out.")
        parser.add_argument(
            "--scratch-url", help="An empty database to prove it in, where the role may not create one."
        )
        parser.add_argument("--no-proof", action="store_true", help="Do not restore it; the manifest says so.")

    def act(self, *, folder: Path | None, without_keys: bool, scratch_url: str, no_proof: bool, **options: Any) -> None:
        made, manifest = make_backup(
            folder,
            with_keys=not without_keys,
            proof=not no_proof,
            scratch=address("--scratch-url", scratch_url) if scratch_url else None,
            progress=self.progress,
        )
        if manifest.made_by == "panelmerge":
            note(
                Action.DATA_EXPORT,
                kind="backup",
                description=f"Backed up into {made.name}" + ("" if manifest.proven else ", not proven"),
                details={"rows": manifest.rows, "env": manifest.env, "proof": manifest.proof},
            )
        proof = "proven by restoring it" if manifest.proven else "NOT proven (--no-proof)"
        self.progress.note(
            f"Backed up {manifest.rows:,} rows of {len(manifest.tables)} tables and {len(manifest.files)} files into "
            f"{made}, {proof}; .env {manifest.env}."
        )
