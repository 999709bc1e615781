"""Versions along a line, with tags as flags: whole numbers, in pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from panels.models import PanelVersion

STEP, LEFT, BASE, TALLEST = 34, 20, 96, 60
MOST = 30


@dataclass(frozen=True, slots=True)
class Point:
    """``top`` and ``height`` of the bar that says how many genes it has. ``flags``: names of its tags."""

    version: PanelVersion
    x: int
    top: int
    height: int
    flags: tuple[str, ...]
    is_current: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    points: list[Point]
    width: int
    height: int = BASE + 24
    base: int = BASE


def timeline(versions: Sequence[PanelVersion], current: int) -> Timeline | None:
    """The newest versions, the oldest left; None where there is nothing to compare."""
    shown = list(versions)[:MOST][::-1]
    if len(shown) < 2:
        return None
    most = max((one.gene_count or 0 for one in shown), default=0) or 1
    points = []
    for place, one in enumerate(shown):
        height = max(2, (one.gene_count or 0) * TALLEST // most)
        flags = tuple(tag.tag_name for tag in one.tags.all())
        points.append(Point(one, LEFT + place * STEP, BASE - height, height, flags, one.version_number == current))
    return Timeline(points, LEFT * 2 + (len(points) - 1) * STEP + 20)
