"""The command that goes back, and the files that it leaves, for the tests of it."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command


def rollback(*arguments, **options) -> str:
    out = StringIO()
    call_command("rollback", *arguments, stdout=out, **options)
    return out.getvalue()


def refused(*arguments) -> tuple[str, CommandError]:
    out = StringIO()
    with pytest.raises(CommandError) as error:
        call_command("rollback", *arguments, stdout=out)
    return out.getvalue(), error.value


def the_file() -> Path:
    [found] = settings.BACKUP_ROOT.glob("rollback-*.file")
    return found


def the_changes() -> Path:
    [found] = settings.BACKUP_ROOT.glob("changes-since-*.file")
    return found


def show(path: Path) -> list[dict]:
    """What the operator reads of such a file."""
    return [json.loads(line) for line in rollback("--show", path).splitlines()]
