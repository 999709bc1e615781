"""Take a database of the older Flask application over, in place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from panelmerge.releases.acting import ReleaseCommand
from panelmerge.releases.current import standing
from panelmerge.releases.legacy.adopting import adopt, survey, zone_of
from panelmerge.releases.legacy.keys import keys_found
from panelmerge.releases.legacy.retrying import retry


class Command(ReleaseCommand):
    help = (
        "Take over the database of DATABASE_URL that the older Flask application made, at any of its releases: people "
        "sign in with their old passwords, and every panel, version, share, change, record, message and download is "
        "there. A proven backup comes first; it is the only way back to the older application, so stop that one "
        "before. --dry-run says what would be done and changes nothing. Exit code 0 done, 1 refused, 75 another "
        "command is running."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Say what would be done; change nothing.")
        parser.add_argument(
            "--legacy-timezone",
            default="UTC",
            metavar="TZ",
            help="The old server's zone, e.g. Europe/Helsinki: from 1.4.1 on it wrote local times. Default UTC.",
        )
        parser.add_argument(
            "--encryption-key",
            action="append",
            default=[],
            metavar="K",
            help="A key of the older application, as --encryption-key=K; may be given several times.",
        )
        parser.add_argument(
            "--encryption-key-file",
            action="append",
            default=[],
            type=Path,
            metavar="F",
            help="Its instance/.encryption_key, or its .env with ENCRYPTION_MASTER_KEY; may be given several times.",
        )
        parser.add_argument("--retry", action="store_true", help="Try another key on values that none has opened yet.")
        parser.add_argument("--json", action="store_true", help="Print the report as JSON.")
        parser.add_argument("--yes", action="store_true", help="Do not ask.")

    def act(
        self,
        *,
        dry_run: bool,
        legacy_timezone: str,
        encryption_key: list[str],
        encryption_key_file: list[Path],
        yes: bool,
        **options: Any,
    ) -> None:
        as_json = options["json"]
        if as_json:
            self.progress.say = lambda line: None
        keys = keys_found(given=encryption_key, files=encryption_key_file)
        if options["retry"]:
            self.progress.note(retry(keys, progress=self.progress, dry_run=dry_run))
            return
        zone = zone_of(legacy_timezone)
        if dry_run:
            report, path = survey(keys=keys, zone=zone, progress=self.progress), None
        elif not self.asks("Take this database over from the older application?", yes=yes):
            self.stdout.write("Nothing was changed.")
            return
        else:
            report, path = adopt(keys=keys, zone=zone, progress=self.progress)
        if as_json:
            self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False))
            return
        for line in report.lines():
            self.progress.note(line)
        if path is None:
            self.progress.note("Nothing was changed. Run it without --dry-run to do this.")
            return
        found = standing()
        self.progress.note(f"The report is {path}; the backup of the older application is {report.backup}.")
        self.progress.note(f"The database is at {found.database}. Next: {found.next}")
