"""Cells that a spreadsheet would run, kept as text, and taken back unharmed."""

from __future__ import annotations

import re

# What a spreadsheet's cell holds, and how a text ends that had to be cut to it.
CELL_LIMIT = 32_767
CUT = " … (cut here; the json export has the whole text)"

# What starts a formula in some spreadsheet, full-width look-alikes included.
_RUNS = re.compile(r"'*[=+\-@\t\r\n\0\uff1d\uff0b\uff0d\uff20]")


def guarded(text: str) -> str:
    """With one apostrophe before it when a spreadsheet would otherwise run it."""
    return f"'{text}" if _RUNS.match(text) else text


def unguarded(text: str) -> str:
    """What ``guarded`` was given: exactly one apostrophe less, where one was put."""
    return text[1:] if text.startswith("'") and _RUNS.match(text[1:]) else text
