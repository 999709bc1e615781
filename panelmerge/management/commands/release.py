"""Which release the database is at."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from panelmerge import __version__
from panelmerge.releases.current import Standing, standing
from panelmerge.releases.manifest import ABOUT


class Command(BaseCommand):
    help = (
        "Say which release the database is at, which the code is, what is missing and what to do next. Also for a "
        "database that the older Flask application made. Changes nothing."
    )
    # It is asked when something is wrong.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="{database, code, made_by, missing, next}")

    def handle(self, *args: Any, **options: Any) -> None:
        found = standing()
        self.stdout.write(json.dumps(found.as_json()) if options["json"] else "\n".join(_lines(found)))


def _lines(found: Standing) -> list[str]:
    if found.made_by == "empty":
        lines = ["Database: empty"]
    else:
        made = " (made by the older Flask application)" if found.made_by == "flask" else ""
        title = f", {ABOUT[found.database].title}" if found.database else ""
        lines = [f"Database: {found.database or 'between two releases'}{title}{made}"]
    lines.append(f"Code:     {found.code} (PanelMerge {__version__})")
    if found.missing and found.made_by == "flask":
        lines.append(f"Missing:  {', '.join(found.missing)}")
    elif found.missing:
        named = ", ".join(found.missing[:6]) + (", …" if len(found.missing) > 6 else "")
        lines.append(f"Missing:  {len(found.missing)} migrations: {named}")
    lines += [f"Unknown:  {name}" for name in found.unknown]
    lines += [f"Note:     {note}" for note in found.notes]
    step = "see the note" if found.unknown else found.next or "nothing, the database fits the code"
    lines.append(f"Next:     {step}")
    return lines
