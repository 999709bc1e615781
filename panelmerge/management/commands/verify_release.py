"""Does everything work?"""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import CommandError, CommandParser

from panelmerge.releases.acting import FINDINGS, ReleaseCommand
from panelmerge.releases.current import standing
from panelmerge.releases.planning import NotPossible
from panelmerge.releases.verifying import verify_release


class Command(ReleaseCommand):
    help = (
        "Do each thing once and say whether it works: a real entry of the record, a value encrypted and read, an "
        "announcement written and undone, Redis, time zones, the API, every table. Says everything that is wrong. "
        "Exit code 0 all is well, 1 findings."
    )
    reports = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="[{title, is_well, says}]")

    def act(self, **options: Any) -> None:
        found = standing()
        if found.made_by != "panelmerge":
            raise NotPossible(f"There is nothing to verify: the database is {found.made_by}. Next: {found.next}")
        results = []
        for result in verify_release():
            results.append(result)
            if not options["json"]:
                self.stdout.write(str(result))
        if options["json"]:
            told = [{"title": one.title, "is_well": one.is_well, "says": one.says} for one in results]
            self.stdout.write(json.dumps(told))
        wrong = [one for one in results if one.is_well is False]
        if wrong:
            raise CommandError(f"{len(wrong)} findings: {', '.join(one.title for one in wrong)}.", returncode=FINDINGS)
