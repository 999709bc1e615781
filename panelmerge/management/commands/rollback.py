"""Take the database back to an older release, or to a backup."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from panelmerge.lib.env import address
from panelmerge.releases.acting import FINDINGS, ReleaseCommand
from panelmerge.releases.back_to_backup import go_back_to_backup
from panelmerge.releases.lock import running
from panelmerge.releases.losing import Loss, in_all, losses
from panelmerge.releases.manifest import NEWEST, named
from panelmerge.releases.planning import plan_rollback
from panelmerge.releases.rollback_file import REMOVED, ROWS, shown
from panelmerge.releases.rolling_back import roll_back
from panelmerge.releases.since import Changes
from panelmerge.releases.telling import plan_lines


class Command(ReleaseCommand):
    help = (
        "Take the database back to an older release. Says what would be lost, in rows and users, and does nothing "
        "without --accept-loss; what goes is written to an encrypted file first, and upgrade --load brings it back. "
        "With --from-backup the backup is restored beside the database, compared, and exchanged for it; the one that "
        "was there is kept. Exit code 0 done, 1 refused, 75 another command is running."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--to", metavar="R", help="1.4.1, v1.4.1, 1.4.x.")
        what.add_argument(
            "--show", type=Path, metavar="FILE", help="Only print what the encrypted file of a rollback holds, as JSON."
        )
        parser.add_argument("--accept-loss", action="store_true", help="Go on although rows are lost.")
        parser.add_argument("--from-backup", type=Path, metavar="DIR", help="A backup of that release.")
        parser.add_argument("--no-backup", action="store_true", help="Make no backup first.")
        parser.add_argument("--scratch-url", help="An empty database to prove the backup in.")
        parser.add_argument("--yes", action="store_true", help="Do not ask.")
        parser.add_argument("--json", action="store_true", help="What was done, as JSON.")

    def act(self, *, to: str, accept_loss: bool, from_backup: Path | None, yes: bool, **options: Any) -> None:
        if options["show"]:
            self._show(options["show"])
            return
        target = named(to)
        say = self.progress.say
        if options["json"]:
            self.progress.say = _nothing
        if target != NEWEST:
            self.progress.note(
                f"This code serves only {NEWEST}: after this, every node answers 503 until the database is upgraded "
                f"again, or the code of {target} runs."
            )
        with running(f"rollback --to {target}") as lease:
            if from_backup:
                told = self._from_backup(target, from_backup, accept_loss, yes, lease)
            else:
                told = self._step_by_step(target, accept_loss, yes, lease, options)
        self.progress.note(f"The database is at {told['release']}. The report is {self.progress.report}.")
        if options["json"]:
            say(json.dumps(told))

    def _step_by_step(self, target: str, accept_loss: bool, yes: bool, lease: Any, options: dict) -> dict[str, Any]:
        plan = plan_rollback(target)
        for line in plan_lines(plan):
            self.progress.note(line)
        self._lost(losses(plan), target, accept_loss)
        self._asked(target, yes)
        scratch = address("--scratch-url", options["scratch_url"]) if options["scratch_url"] else None
        done = roll_back(
            plan,
            lease=lease,
            progress=self.progress,
            backup=not options["no_backup"],
            scratch=scratch,
            show=self.stdout.write if options["verbosity"] > 1 and not options["json"] else None,
        )
        for note in done.notes:
            self.progress.note(note)
        return {"release": done.release, "file": str(done.file), "backup": str(done.backup) if done.backup else None}

    def _from_backup(self, target: str, folder: Path, accept_loss: bool, yes: bool, lease: Any) -> dict[str, Any]:
        def agree(found: Changes) -> None:
            self._lost(found.lost, target, accept_loss, lines=found.lines())
            self._asked(target, yes)

        done = go_back_to_backup(folder, target, lease=lease, progress=self.progress, agree=agree)
        for note in done.notes:
            self.progress.note(note)
        self.progress.note(f"What was written since the backup, encrypted: {done.kept[0]}")
        self.progress.note(f"To read it: manage.py rollback --show {done.kept[0]}")
        self.progress.note(f"The database that was there is now {done.aside}; remove it when you are sure.")
        code = done.manifest.code
        self.progress.note(f"The backup was made by PanelMerge {code['version']}, commit {code['commit']}; run that.")
        return {"release": done.release, "file": str(done.kept[0]), "aside": done.aside}

    def _show(self, path: Path) -> None:
        """Each row in a line of its own. Not in the report, which is readable."""
        for found in shown(path):
            kind, table = found["kind"], found["table"]
            for row in found.get("rows", found.get("keys")):
                if kind == ROWS:
                    told = {"row": dict(zip(found["columns"], row, strict=True))}
                elif kind == REMOVED:
                    told = {found["key"]: row}
                else:
                    told = {found["key"]: row[0], found["column"]: row[1:]}
                self.stdout.write(json.dumps({"table": table, "kind": kind, **told}, ensure_ascii=False, default=str))

    def _lost(self, found: list[Loss], target: str, accepted: bool, lines: Iterable[str] | None = None) -> None:
        self.progress.note(f"Going back to {target} loses {in_all(found)}:" if found else "Nothing is lost.")
        for line in lines or map(str, found):
            self.progress.note(f"  {line}")
        if not found:
            return
        if not accepted:
            raise CommandError(
                f"Nothing was changed. Say --accept-loss to lose {in_all(found)}; they are written to an encrypted "
                "file first.",
                returncode=FINDINGS,
            )

    def _asked(self, target: str, yes: bool) -> None:
        if not self.asks(f"Go back to {target}?", yes=yes):
            raise CommandError("Nothing was changed.", returncode=FINDINGS)


def _nothing(line: str) -> None:
    """Standard output is the JSON alone."""
