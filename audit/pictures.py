"""Activity by day as the page draws it: whole numbers, in pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

STEP, WIDE, HIGH = 20, 16, 90


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
