from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from panelmerge.lib.errors import Refusal
from panels.actions.catalogue import clear_cached
from panels.panelapp.sources import SOURCES


class Command(BaseCommand):
    help = (
        "Forget what was worked out from the mirrored panels (the index of genes, the counts by confidence) and work "
        "it out anew. The mirror itself stays, and nobody is signed out."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--source", choices=list(SOURCES), help="Of one source alone.")
        parser.add_argument("--dry-run", action="store_true", help="Only say how much there is.")

    def handle(self, *args: Any, source: str | None, dry_run: bool, **options: Any) -> None:
        try:
            panels, entries = clear_cached(source=source, dry_run=dry_run)
        except Refusal as refusal:
            raise CommandError(refusal.detail) from refusal
        done = "would be worked out anew" if dry_run else "worked out anew from the mirror"
        self.stdout.write(f"{panels} panels, {entries} entries of the index of genes: {done}.")
