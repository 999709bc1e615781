"""Bring the mirror up to date from the services."""

import sys

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from panelmerge.lib.errors import Refusal
from panels.actions.catalogue import sync_catalogue
from panels.panelapp.client import PanelAppClient
from panels.panelapp.sources import SOURCES


class Command(BaseCommand):
    help = (
        "Mirror what PanelApp lists now, asking only for versions that are not here yet. Each source is taken over "
        "whole or not at all; one that fails leaves its own mirror as it was, and the other is still tried."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--source", choices=list(SOURCES), help="one of the two; both when left out")
        parser.add_argument("--dry-run", action="store_true", help="ask for the listing only, and write nothing")

    def handle(self, *args, source: str | None, dry_run: bool, **options) -> None:
        failures = []
        for one in [source] if source else SOURCES:
            try:
                self._sync(one, dry_run)
            except Refusal as refusal:
                failures.append(refusal.detail)
        if failures:
            raise CommandError("\n".join(failures))

    def _sync(self, source: str, dry_run: bool) -> None:
        service = settings.PANELAPP[source]
        client = PanelAppClient(source, service["url"], service["token"], contact=settings.SITE_URL)
        with tqdm(unit="panels", desc=SOURCES[source].name, leave=False, disable=not sys.stderr.isatty()) as bar:

            def progress(done: int, total: int, name: str) -> None:
                bar.total = total
                bar.update(done - bar.n)

            published = sync_catalogue(source=source, client=client, progress=progress, dry_run=dry_run)
        if dry_run:
            self.stdout.write(
                f"{SOURCES[source].name}: {published.panels_seen} panels listed, {published.versions_added} to fetch. "
                "Nothing was written."
            )
        else:
            self.stdout.write("\n".join(published.sentences()))
