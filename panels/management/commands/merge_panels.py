"""The main job without a browser."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from panelmerge.lib.errors import Refusal
from panels.actions.exporting import export_merge
from panels.actions.merging import SavedRecipe, merge_lists, read_recipe
from panels.actions.uploads import read_list
from panels.engine.coordinates import BUILDS
from panels.engine.genes import Confidence
from panels.engine.merge import RESOLUTIONS, RULES, MergeResult, Rule
from panels.engine.request import MergeRequest, PanelChoice, PanelSpec, SavedChoice
from panels.engine.values import summary_value
from panels.formats.writing import FORMATS, options_of
from panels.formats.writing.about import hash_of
from panels.models import SavedPanel

# The last part of a name says what a file is, as far as one format alone has it.
ENDINGS = {one.suffix: one.name for one in FORMATS.values() if one.suffix.count(".") == 1}
SPEC = re.compile(r"(?P<source>uk|aus):(?P<panel_id>\d{1,9})(?:@(?P<version>\d+\.\d+))?(?:@(?P<levels>[a-z,]+))?\Z")
SAVED = re.compile(r"saved:(?P<panel_id>\d{1,9})(?:@v(?P<version>\d{1,9}))?(?:@(?P<levels>[a-z,]+))?\Z")


def panel_choice(text: str) -> PanelChoice | SavedChoice:
    """``uk:245``, ``uk:245@green,amber``, ``aus:3149@3.5@green``, ``saved:12``, ``saved:12@v3``."""
    found = SPEC.match(text) or SAVED.match(text)
    if not found:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no panel; write uk:245, uk:245@green,amber, aus:3149@3.5, aus:3149@3.5@green, saved:12 or "
            "saved:12@v3"
        )
    levels = None
    if found["levels"]:
        levels = frozenset(found["levels"].split(","))
        strange = levels - set(Confidence)
        if strange:
            raise argparse.ArgumentTypeError(
                f"{text!r}: {', '.join(sorted(strange))} is no confidence level; there are {', '.join(Confidence)}"
            )
    if text.startswith("saved:"):
        return SavedChoice(int(found["panel_id"]), int(found["version"]) if found["version"] else None, levels)
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
            help="uk:245, uk:245@green,amber, aus:3149@3.5@green, saved:12, saved:12@v3",
        )
        parser.add_argument("--upload", action="append", default=[], type=Path, metavar="FILE", help="A list of yours.")
        parser.add_argument("--rule", type=rule_of, metavar="R", help=rule_of.__doc__)
        parser.add_argument("--confidence", choices=RESOLUTIONS, help="When confidence levels differ (ask).")
        parser.add_argument("--inheritance", choices=RESOLUTIONS, help="When inheritance differs (ask).")
        parser.add_argument(
            "--recipe",
            type=Path,
            metavar="FILE",
            help="Make the list of our json, workbook or recipe again. Exit code 1 when its content is another now.",
        )
        parser.add_argument("--format", choices=list(FORMATS), help="What OUT is, if its ending does not say.")
        parser.add_argument("--build", default="", metavar="|".join(BUILDS), help="For BED; GRCh38 if not given.")
        parser.add_argument("--padding", default="", metavar="BASES", help="For BED: added on both sides.")
        parser.add_argument("--chr-prefix", action="store_true", help="For BED: chr1 and chrM for 1 and MT.")
        parser.add_argument(
            "-o",
            "--output",
            required=True,
            type=Path,
            metavar="OUT",
            help="Ends in " + ", ".join(ENDINGS),
        )

    def handle(self, *args, **options):
        output: Path = options["output"]
        format = options["format"] or ENDINGS.get(output.suffix.lower())
        if format is None:
            raise CommandError(f"{output}: a file ends in one of {', '.join(ENDINGS)}, or --format says what it is.")
        try:
            chosen = options_of(
                build=options["build"], padding=options["padding"], chr_prefix="yes" if options["chr_prefix"] else ""
            )
            saved = self._saved(options)
            # Who works at the server's own terminal sees every panel; that they read one is recorded.
            result = merge_lists(
                request=saved.request if saved else self._request(options), among=SavedPanel.objects.living()
            )
            export = export_merge(result=result, format=format, options=chosen)
            output.write_bytes(export.content)
        except Refusal as refusal:
            raise CommandError(refusal.detail) from refusal
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {error}") from error
        summary = summary_value(result)
        conflicts, dropped = len(result.in_conflict()), len(result.dropped)
        self.stdout.write(
            f"{output}: {summary['genes']} genes, {summary['strs']} STRs, {summary['regions']} regions; "
            f"{conflicts} with conflicts ({summary['undecided']} undecided); {self._dropped(dropped, format)}."
        )
        if export.left_out:
            where = f"have no place in {chosen.build}" if format == "bed" else f"cannot be held by {format}"
            self.stdout.write(f"{len(export.left_out)} {where}: {', '.join(export.left_out)}.")
        if saved is not None:
            self._compare(saved, result, output)

    @staticmethod
    def _dropped(number: int, format: str) -> str:
        """Only workbook and json list what was dropped."""
        listed = format in ("xlsx", "json") or not number
        return f"{number} dropped" + (", listed in the file" if listed else "; an .xlsx or .json lists them")

    def _compare(self, saved: SavedRecipe, result: MergeResult, output: Path) -> None:
        why = saved.why_different(result, hash_of(result))
        if why:
            raise CommandError(f"{output} was written, but it is not the same list. {why}")
        if saved.content_hash:
            self.stdout.write(f"The same list as before: content hash {saved.content_hash}.")

    def _saved(self, options: dict[str, Any]) -> SavedRecipe | None:
        path = options["recipe"]
        if path is None:
            return None
        others = [name for name in ("panels", "upload", "rule", "confidence", "inheritance") if options[name]]
        if others:
            raise CommandError(f"--recipe says all there is to say: leave out {', '.join(others)}.")
        return read_recipe(name=path.name, content=self._content(path))

    def _request(self, options: dict[str, Any]) -> MergeRequest:
        lists = [read_list(name=path.name, content=self._content(path)) for path in options["upload"]]
        resolve = {"confidence_level": options["confidence"], "mode_of_inheritance": options["inheritance"]}
        return MergeRequest(
            inputs=[*options["panels"], *lists],
            rule=options["rule"] or Rule(),
            resolve={name: resolution or "ask" for name, resolution in resolve.items()},
        )

    @staticmethod
    def _content(path: Path) -> bytes:
        try:
            return path.read_bytes()
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error}") from error
