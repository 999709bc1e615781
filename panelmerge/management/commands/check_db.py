"""Is the database what the code takes it for?"""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import CommandError, CommandParser

from audit.events import Action
from panelmerge.releases import recording
from panelmerge.releases.acting import FINDINGS, ReleaseCommand
from panelmerge.releases.checking.everything import check
from panelmerge.releases.checking.findings import Finding
from panelmerge.releases.elsewhere import reading_only
from panelmerge.releases.lock import running


class Command(ReleaseCommand):
    help = (
        "Compare tables, columns, keys, constraints, indexes, triggers and enumerations with the code, as it was at "
        "the database's release. --verify-integrity also looks at what the rows say of each other. Changes nothing "
        "without --repair, which makes again what can be made again without losing anything. Exit code 0 clean, 1 "
        "findings, 75 another command is running."
    )
    reports = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--verify-integrity",
            action="store_true",
            help="Orphans, counts, hashes of versions, every encrypted value, the record.",
        )
        parser.add_argument("--repair", action="store_true", help="Show what can be mended, then mend it.")
        parser.add_argument("--yes", action="store_true", help="Do not ask.")
        parser.add_argument("--json", action="store_true", help="{release, findings, remarks}")

    def act(self, *, verify_integrity: bool, repair: bool, yes: bool, **options: Any) -> None:
        say = _nothing if options["json"] or not options["verbosity"] else self.stdout.write
        with reading_only():
            done = check(say, with_integrity=verify_integrity or repair)
        if options["json"]:
            told = [{"kind": one.kind, "where": one.where, "says": one.sentence} for one in done.findings]
            self.stdout.write(json.dumps({"release": done.release, "findings": told, "remarks": done.remarks}))
        if not done.findings:
            say("Clean.")
            return
        mendable = [one for one in done.findings if one.mend]
        if not repair or not mendable:
            raise CommandError(f"{len(done.findings)} findings.", returncode=FINDINGS)
        if not self.asks(f"Mend {len(mendable)} of {len(done.findings)} findings?", yes=yes):
            raise CommandError("Nothing was changed.", returncode=FINDINGS)
        self._mend(verify_integrity)

    def _mend(self, verify_integrity: bool) -> None:
        """Each by itself: what cannot be mended after all leaves the others mended."""
        with running("check_db --repair") as lease, lease.maintenance():
            # The models that a reading connection showed are those of this one too.
            found = check(_nothing, with_integrity=True).findings
            mended = [one for one in found if one.mend and self._done(one)]
            if mended:
                recording.note(
                    Action.SYSTEM_SECURITY,
                    kind="repair",
                    description=f"Mended {len(mended)} findings in the database",
                    details={"mended": list(map(str, mended))},
                )
            left = check(_nothing, with_integrity=verify_integrity).findings
        if left:
            raise CommandError(f"{len(mended)} mended, {len(left)} findings are left.", returncode=FINDINGS)
        self.stdout.write(f"{len(mended)} mended; clean.")

    def _done(self, one: Finding) -> bool:
        try:
            one.mend()
        except Exception as error:
            self.stderr.write(f"Not mended: {one}: {error}")
            return False
        self.stdout.write(f"Mended: {one.kind}: {one.where}")
        return True


def _nothing(line: str) -> None:
    """Nobody asked."""
