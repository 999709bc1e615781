from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from audit.events import Action
from audit.exporting import FORMATS, export_lines
from audit.record import record
from panelmerge.lib.moments import BEYOND, is_beyond


class Command(BaseCommand):
    help = "Write the record to a file, CSV or JSON lines by its suffix, signed in its last line."

    def add_arguments(self, parser) -> None:
        parser.add_argument("-o", "--output", type=Path, required=True, help="FILE.csv or FILE.jsonl; must not exist.")
        parser.add_argument("--since", help="First day or time, e.g. 2026-01-31 or 2026-01-31T12:00+00:00.")
        parser.add_argument("--until", help="Day or time before which entries are taken.")

    def handle(self, *args, output: Path, since: str | None, until: str | None, **options) -> None:
        format_name = output.suffix.removeprefix(".")
        if format_name not in FORMATS:
            raise CommandError(f"--output {output}: the name ends in .csv or .jsonl")
        lines = export_lines(format_name, since=_moment("--since", since), until=_moment("--until", until))
        try:
            descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise CommandError(f"--output {output} cannot be made: {error.strerror}") from error
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            number = sum(file.write(line) > 0 for line in lines)
        entries = number - (2 if format_name == "csv" else 1)
        with transaction.atomic():
            record(
                Action.DATA_EXPORT, resource_type="audit_log", description=f"Exported {entries} entries of the record"
            )
        self.stdout.write(f"Wrote {entries} entries to {output}.")


def _moment(option: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = parse_datetime(text) if "T" in text else None
        day = parse_date(text)
    except ValueError as error:
        raise CommandError(f"{option} {text}: {error}") from error
    if found is None and day is None:
        raise CommandError(f"{option} {text} is no day and no time; write e.g. 2026-01-31")
    if is_beyond(found or day):
        raise CommandError(f"{option} {text}: {BEYOND}")
    found = found or datetime(day.year, day.month, day.day)
    return (timezone.make_aware(found) if timezone.is_naive(found) else found).astimezone(UTC)
