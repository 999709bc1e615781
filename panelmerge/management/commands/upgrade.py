"""Bring the database to the release of the code."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from panelmerge.lib.env import address
from panelmerge.releases.acting import FINDINGS, ReleaseCommand
from panelmerge.releases.elsewhere import reading_only
from panelmerge.releases.lock import running
from panelmerge.releases.manifest import NEWEST, named
from panelmerge.releases.planning import Plan, plan_upgrade
from panelmerge.releases.preflight import STOP, Point, preflight
from panelmerge.releases.rollback_file import read
from panelmerge.releases.telling import plan_as_json, plan_lines
from panelmerge.releases.upgrading import upgrade


class Command(ReleaseCommand):
    help = (
        "Bring the database to the release of the code, from an empty one too: look at everything first, back up and "
        "prove the backup, then release by release, each verified. Killed at any instant, the database is at a named "
        "release and the same command finishes. Exit code 0 done, 1 findings or refused, 75 another one is running."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", default=NEWEST, metavar="R", help="1.4.1, v1.4.1, 1.4.x; by default the newest.")
        parser.add_argument("--plan", action="store_true", help="Only say what would be done. Changes nothing.")
        parser.add_argument("--no-backup", action="store_true", help="Make no backup.")
        parser.add_argument(
            "--load", type=Path, metavar="FILE", help="The file of a rollback, to bring back what went."
        )
        parser.add_argument("--scratch-url", help="An empty database to prove the backup in.")
        parser.add_argument("--yes", action="store_true", help="Do not ask.")
        parser.add_argument("--json", action="store_true", help="The plan, or what was done, as JSON.")

    def act(self, *, to: str, plan: bool, no_backup: bool, scratch_url: str, yes: bool, **options: Any) -> None:
        file = read(options["load"]) if options["load"] else None
        target, backup, as_json = named(to), not no_backup, options["json"]
        scratch = address("--scratch-url", scratch_url) if scratch_url else None
        if plan:
            self.progress.report = None
            with reading_only():
                planned = plan_upgrade(target)
                points = preflight(planned, backup=backup, scratch=bool(scratch))
            self._say(planned, points, as_json)
            self._stop_at(points)
            return
        if as_json:
            self.progress.say = sys.stderr.write if options["verbosity"] > 1 else _nothing
        with running(f"upgrade --to {target}") as lease:
            planned = plan_upgrade(target)
            if not planned.steps and planned.start.database:
                self.progress.note(f"The database is at {planned.start.database}; there is nothing to do.")
            points = preflight(planned, backup=backup, scratch=bool(scratch))
            if not as_json:
                self._say(planned, points, as_json=False)
            self._stop_at(points)
            if planned.steps and not self.asks("Go on?", yes=yes):
                self.stdout.write("Nothing was changed.")
                return
            show = self.stdout.write if options["verbosity"] > 1 and not as_json else None
            done = upgrade(
                planned,
                lease=lease,
                progress=self.progress,
                backup=backup and bool(planned.steps),
                scratch=scratch,
                show=show,
                file=file,
            )
        for note in done.notes:
            self.progress.note(note)
        self.progress.note(f"The database is at {done.release}. The report is {self.progress.report}.")
        if as_json:
            told = {"release": done.release, "backup": str(done.backup) if done.backup else None, "notes": done.notes}
            self.stdout.write(json.dumps(told | {"steps": dict(self.progress.steps)}))

    def _say(self, planned: Plan, points: list[Point], as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(plan_as_json(planned, points)))
            return
        for line in [*map(str, points), "", *plan_lines(planned), ""]:
            self.progress.note(line)

    @staticmethod
    def _stop_at(points: list[Point]) -> None:
        stops = [point for point in points if point.state == STOP]
        if stops:
            named = "; ".join(f"{point.title}: {point.found}" for point in stops[:5])
            raise CommandError(f"Stopped, nothing was changed. {named}.", returncode=FINDINGS)


def _nothing(line: str) -> None:
    """Standard output is the JSON alone."""
