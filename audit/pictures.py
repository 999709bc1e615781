"""Activity by day and by kind as the page draws it: whole numbers, in pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

STEP, WIDE, HIGH = 20, 16, 90
LINE, LABEL, LONGEST, KINDS = 22, 190, 300, 12


@dataclass(frozen=True, slots=True)
class Day:
    """``top`` and ``height`` of the bar of all events; ``failed_top`` and ``failed_height`` of those that failed."""

    day: date
    events: int
    failed: int
    x: int
    top: int
    height: int
    failed_top: int
    failed_height: int


@dataclass(frozen=True, slots=True)
class Days:
    bars: list[Day]
    width: int
    height: int = HIGH
    bar: int = WIDE


def days_drawn(days: Sequence[tuple[date, int, int]]) -> Days:
    """[(day, events, failed)] drawn from left to right; the highest bar fills the height."""
    most = max((events for _, events, _ in days), default=0) or 1

    def high(number: int) -> int:
        return -(-number * HIGH // most)

    bars = [
        Day(day, events, failed, place * STEP, HIGH - high(events), high(events), HIGH - high(failed), high(failed))
        for place, (day, events, failed) in enumerate(days)
    ]
    return Days(bars, len(bars) * STEP)


@dataclass(frozen=True, slots=True)
class Kind:
    """``text`` is where the words of the line stand, ``number`` where its number begins."""

    kind: str
    events: int
    y: int
    text: int
    width: int
    number: int


@dataclass(frozen=True, slots=True)
class Kinds:
    bars: list[Kind]
    height: int
    left: int = LABEL
    bar: int = LINE - 6
    width: int = LABEL + LONGEST + 70


def kinds_drawn(kinds: Sequence[tuple[str, int]]) -> Kinds:
    """[(kind, events)], most first, drawn from above; the first dozen, the longest bar as wide as there is room."""
    most = max((events for _, events in kinds), default=0) or 1
    bars = []
    for place, (kind, events) in enumerate(kinds[:KINDS]):
        wide = -(-events * LONGEST // most)
        bars.append(Kind(kind, events, place * LINE, place * LINE + 12, wide, LABEL + wide + 6))
    return Kinds(bars, len(bars) * LINE)
