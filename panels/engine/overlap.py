"""How lists overlap: sizes, what exactly which of them share, and who gives which confidence.

Counted is what is taken from each input, before the rule of a merge drops any of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from panels.engine.genes import Confidence
from panels.engine.merge import MergeInput, confidence_rank

SHOWN = 12
OTHER = "other"
# In the order of a picture. OTHER is a word of a list's own, or no level at all.
LEVELS = (*(level.value for level in Confidence), OTHER)


@dataclass(frozen=True, slots=True)
class Intersection:
    """How many entities stand in exactly these inputs (positions, from 0) and in no other."""

    inputs: tuple[int, ...]
    entities: int


@dataclass(frozen=True, slots=True)
class Spoken:
    """Entities that the panels of one source, or all lists of one's own, name: by the highest level given there."""

    source: str
    levels: Mapping[str, int]

    @property
    def entities(self) -> int:
        return sum(self.levels.values())


@dataclass(frozen=True, slots=True)
class Overlap:
    """``sizes`` run in the order of the inputs. ``shown`` are the largest intersections.

    ``rest`` entities stand in ``rest_of`` smaller ones. No entity is in two of
    them, so that ``shown`` and ``rest`` sum to ``union``.
    """

    sizes: tuple[int, ...]
    shown: tuple[Intersection, ...]
    rest: int
    rest_of: int
    union: int
    confidence: tuple[Spoken, ...]


def overlap(inputs: Sequence[MergeInput], *, shown: int = SHOWN) -> Overlap:
    """Sizes and intersections of what is taken from the inputs, the largest first; ties in the inputs' order."""
    held: dict[tuple[str, str], set[int]] = {}
    best: dict[str, dict[tuple[str, str], str]] = {}
    for position, one in enumerate(inputs):
        source = one.genes.source if one.genes.source in ("uk", "aus") else "list"
        levels = best.setdefault(source, {})
        for row in one.genes.rows:
            level = row.origin.level
            if one.takes(level):
                key = row.entity.identity
                held.setdefault(key, set()).add(position)
                if key not in levels or confidence_rank(level) > confidence_rank(levels[key]):
                    levels[key] = level
    parts = Counter(tuple(sorted(positions)) for positions in held.values())
    found = sorted((Intersection(*part) for part in parts.items()), key=lambda one: (-one.entities, one.inputs))
    sizes = Counter(position for positions in held.values() for position in positions)
    return Overlap(
        sizes=tuple(sizes[position] for position in range(len(inputs))),
        shown=tuple(found[:shown]),
        rest=sum(one.entities for one in found[shown:]),
        rest_of=len(found[shown:]),
        union=len(held),
        confidence=tuple(Spoken(source, _by_level(best[source])) for source in ("uk", "aus", "list") if source in best),
    )


def _by_level(levels: Mapping[tuple[str, str], str]) -> dict[str, int]:
    counted = Counter(level if level in LEVELS else OTHER for level in levels.values())
    return {level: counted[level] for level in LEVELS}
