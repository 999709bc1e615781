"""Load gene names."""

import sys

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from panelmerge.lib.errors import Refusal
from panels.actions.symbols import load_gene_names, read_gene_names
from panels.engine.symbols import APPROVED
from panels.hgnc import GeneFiles


class Command(BaseCommand):
    help = (
        "Replace the gene names by HGNC's lists (complete set, withdrawn list, custom download, in any of their "
        "layouts; all files together are one new generation), or by the shipped names when no file is given."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="*", metavar="PATH", help="files of HGNC, .gz too")
        parser.add_argument("--allow-small", action="store_true", help="accept fewer than 1,000 approved genes")
        parser.add_argument("--dry-run", action="store_true", help="read the files and say what would be loaded")

    def handle(self, *args, paths: list[str], allow_small: bool, dry_run: bool, **options) -> None:
        try:
            if dry_run:
                self._say(read_gene_names(paths=paths or None, allow_small=allow_small))
                return
            with tqdm(unit="genes", leave=False, disable=not sys.stderr.isatty()) as bar:

                def progress(done: int, total: int) -> None:
                    bar.total = total
                    bar.update(done - bar.n)

                release = load_gene_names(paths=paths or None, allow_small=allow_small, progress=progress)
        except Refusal as refusal:
            raise CommandError(refusal.detail) from refusal
        sources = ", ".join(release.sources)
        self.stdout.write(f"Loaded {release.gene_count} gene names as of {release.dated} from {sources}.")

    def _say(self, names: GeneFiles) -> None:
        for problem in names.problems:
            self.stdout.write(problem)
        approved = sum(gene.status == APPROVED for gene in names.records)
        placed = sum(bool(gene.grch38) for gene in names.records)
        self.stdout.write(
            f"Would load {approved} approved and {len(names.records) - approved} withdrawn entries "
            f"as of {names.dated}, {placed} with a position in GRCh38. Nothing was written."
        )
