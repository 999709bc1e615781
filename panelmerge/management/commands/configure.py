"""Complete ``.env``, or check it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from panelmerge.configuring import configure, settings_seen, wrong

ROOT = Path(__file__).resolve().parents[3]


class Command(BaseCommand):
    help = (
        "Write every setting that is missing into .env: keys are made, the others get their default. The file as it "
        "was stays as .env.backup.<UTC time>; nothing is doubled or overwritten, and a second run changes nothing. "
        "--check only looks. Exit code 0 done or clean, 1 findings of --check."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="Name everything that is wrong; write nothing.")
        parser.add_argument("--strict", action="store_true", help="With --check: demand the guide's whole list.")

    def handle(self, *args: Any, check: bool, strict: bool, **options: Any) -> None:
        env_file = Path(os.environ.get("ENV_FILE", ROOT / ".env"))
        environment = _own_environment()
        if check:
            for line in settings_seen(env_file, environment):
                self.stdout.write(f"{line.name:<29} {line.source:<12} {line.shown}")
        else:
            done = configure(env_file, environment)
            if done.kept:
                self.stdout.write(f"The file as it was: {done.kept.name}")
            if done.added:
                self.stdout.write(f"Added to {env_file.name}: {', '.join(done.added)}")
            else:
                self.stdout.write(f"Nothing is missing in {env_file.name}.")
        found = wrong(env_file, environment, strict=strict)
        if not found:
            self.stdout.write("The configuration is sound.")
            return
        self.stdout.write("To be mended by you:")
        for sentence in found:
            self.stdout.write(f"  {sentence}")
        if check:
            raise CommandError(f"{len(found)} findings in the configuration.", returncode=1)


def _own_environment() -> dict[str, str]:
    """What the process was given, without what was read from the file since."""
    try:
        return dict(line.split("=", 1) for line in Path("/proc/self/environ").read_text().split("\0") if "=" in line)
    except OSError:
        return dict(os.environ)
