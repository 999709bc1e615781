from __future__ import annotations

import dataclasses
import json
from contextlib import nullcontext
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from audit.verifying import Verdict, verify


class Command(BaseCommand):
    help = (
        "Check that the record is whole: every entry's MAC, the chain, the seals, and with --anchor that the database "
        "was not set back. Exit code 0 whole, 1 findings such as a seal that waits, 2 tampered."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("--from", dest="first", type=int, default=1, help="First place in the chain.")
        parser.add_argument("--to", dest="last", type=int, help="Last place in the chain.")
        parser.add_argument("--anchor", type=Path, help="The checkpoint file, best a copy from elsewhere.")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args, first: int, last: int | None, anchor: Path | None, json: bool, **options) -> None:
        try:
            with anchor.open() if anchor else nullcontext() as lines:
                verdict = verify(first=first, last=last, anchor=lines)
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"--anchor {anchor} cannot be read: {error}") from error
        self.stdout.write(_as_json(verdict) if json else _as_text(verdict))
        if not verdict.whole:
            raise SystemExit(1 if set(verdict.kinds) <= {"unsealed", "unknown_key"} else 2)


def _as_json(verdict: Verdict) -> str:
    return json.dumps({"whole": verdict.whole, **dataclasses.asdict(verdict), "kinds": dict(verdict.kinds)})


def _as_text(verdict: Verdict) -> str:
    looked = (
        f"{verdict.entries} entries, {verdict.seals} seals, {verdict.unsealed} waiting for a seal, "
        f"{verdict.pruned} pruned, {verdict.erased} of erased people"
    )
    if verdict.checkpoints:
        looked += f", {verdict.checkpoints} checkpoints"
    if verdict.whole:
        return f"The record is whole: {looked}."
    lines = [f"The record is NOT whole. Looked at {looked}."]
    lines += [f"{finding.kind}: {finding.sentence}" for finding in verdict.findings]
    return "\n".join([*lines, ", ".join(f"{kind} {number}" for kind, number in verdict.kinds.items())])
