"""The main job without a browser."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from panelmerge.lib.errors import Refusal
from panels.actions.exporting import export_merge
from panels.actions.merging import merge_lists
from panels.actions.uploads import read_list
from panels.engine.genes import Confidence
from panels.engine.merge import RESOLUTIONS, RULES, Rule
from panels.engine.request import ListChoice, MergeRequest, PanelChoice, PanelSpec
from panels.engine.values import summary_value
from panels.formats.writing import FORMATS

SPEC = re.compile(r"(?P<source>uk|aus):(?P<panel_id>\d{1,9})(?:@(?P<version>\d+\.\d+))?(?:@(?P<levels>[a-z,]+))?\Z")


def panel_choice(text: str) -> PanelChoice:
    """``uk:245``, ``uk:245@green,amber``, ``aus:3149@3.5@green``."""
    found = SPEC.match(text)
    if not found:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no panel; write uk:245, uk:245@green,amber, aus:3149@3.5 or aus:3149@3.5@green"
        )
    levels = None
    if found["levels"]:
        levels = frozenset(found["levels"].split(","))
        strange = levels - set(Confidence)
        if strange:
            raise argparse.ArgumentTypeError(
                f"{text!r}: {', '.join(sorted(strange))} is no confidence level; there are {', '.join(Confidence)}"
            )
    return PanelChoice(PanelSpec(found["source"], int(found["panel_id"]), found["version"] or ""), levels)


def rule_of(text: str) -> Rule:
    """``union``, ``intersection``, ``at_least=2`` or ``subtract=1`` (inputs count from 0)."""
    kind, _, number = text.partition("=")
    wants_number = kind in ("at_least", "subtract")
    if kind not in RULES or wants_number != number.isdigit() or (number and not wants_number):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no rule; write union, intersection, at_least=2 or subtract=1 (inputs count from 0)"
        )
    return Rule(kind, int(number or 0))


class Command(BaseCommand):
    help = (
        "Merge panels of the mirror and your own lists into one file. Exit codes: 0 written, 1 refused with the reason."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "panels",
            nargs="*",
            type=panel_choice,
            metavar="SPEC",
            help="uk:245, uk:245@green,amber, aus:3149@3.5@green",
        )
        parser.add_argument("--upload", action="append", default=[], type=Path, metavar="FILE", help="A list of yours.")
        parser.add_argument("--rule", type=rule_of, default=Rule(), metavar="R", help=rule_of.__doc__)
        parser.add_argument("--confidence", choices=RESOLUTIONS, default="ask", help="When confidence levels differ.")
        parser.add_argument("--inheritance", choices=RESOLUTIONS, default="ask", help="When inheritance differs.")
        parser.add_argument(
            "-o",
            "--output",
            required=True,
            type=Path,
            metavar="OUT",
            help="Ends in " + ", ".join(f".{n}" for n in FORMATS),
        )

    def handle(self, *args, **options):
        output: Path = options["output"]
        format = output.suffix.lstrip(".").lower()
        if format not in FORMATS:
            raise CommandError(f"{output}: a file ends in one of {', '.join(f'.{name}' for name in FORMATS)}.")
        try:
            lists = [self._list(path) for path in options["upload"]]
            request = MergeRequest(
                inputs=[*options["panels"], *lists],
                rule=options["rule"],
                resolve={"confidence_level": options["confidence"], "mode_of_inheritance": options["inheritance"]},
            )
            result = merge_lists(request=request)
            export = export_merge(result=result, format=format)
            output.write_bytes(export.content)
        except Refusal as refusal:
            raise CommandError(refusal.detail) from refusal
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {error}") from error
        summary = summary_value(result)
        conflicts, dropped = len(result.in_conflict()), len(result.dropped)
        self.stdout.write(
            f"{output}: {summary['genes']} genes, {summary['strs']} STRs, {summary['regions']} regions; "
            f"{conflicts} with conflicts ({summary['undecided']} undecided); {dropped} dropped, listed in the file."
        )

    @staticmethod
    def _list(path: Path) -> ListChoice:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error}") from error
        return read_list(name=path.name, content=content)
