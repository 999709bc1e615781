"""Load saved answers of PanelApp into the mirror."""

import sys

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from panelmerge.lib.errors import Refusal
from panels.actions.catalogue import load_catalogue
from panels.panelapp.sources import SOURCES


class Command(BaseCommand):
    help = (
        "Mirror panels from answers of PanelApp's API that were saved as files: panels and pages of the listing, "
        "as JSON or JSON Lines, also gzipped, in one file or in a folder. All of it is loaded, or nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", metavar="PATH", help="a file, or a folder of files")
        parser.add_argument("--source", choices=list(SOURCES), help="needed only where the files do not tell")
        parser.add_argument("--dry-run", action="store_true", help="do everything, say what it would bring, undo it")

    def handle(self, *args, path: str, source: str | None, dry_run: bool, **options) -> None:
        try:
            with tqdm(unit="files", leave=False, disable=not sys.stderr.isatty()) as bar:

                def progress(done: int, total: int, name: str) -> None:
                    bar.total = total
                    bar.update(done - bar.n)

                published = load_catalogue(path=path, source=source, progress=progress, dry_run=dry_run)
        except Refusal as refusal:
            raise CommandError(refusal.detail) from refusal
        for one in published:
            self.stdout.write("\n".join(one.sentences()))
        if dry_run:
            self.stdout.write("This was a dry run: nothing was written.")
