"""Where entities lie on the genome, from the notation of our sources to intervals that other programs take.

Sources write ``chromosome:start-end``, 1-based with both ends in it: Ensembl
does for genes; for STRs and regions PanelApp does not say, and it is assumed.
BED counts from 0 and leaves its end out, so only the start moves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from panels.engine.genes import Entity
from panels.engine.merge import MergedEntity, MergeResult

BUILDS = ("GRCh37", "GRCh38")
# No chromosome of ours has half as many bases; beyond it a number is no position.
LARGEST_POSITION = 1_000_000_000

_PLACE = re.compile(r"(?:chr)?([0-9A-Za-z_.]+):(\d{1,10})-(\d{1,10})")
_ORDER = {name: number for number, name in enumerate([*map(str, range(1, 23)), "X", "Y", "MT"], start=1)}


class Place(NamedTuple):
    """``start`` and ``end`` are 1-based and both inside."""

    chromosome: str
    start: int
    end: int

    @property
    def sort_key(self) -> tuple[tuple[int, str], int, int]:
        return chromosome_order(self.chromosome), self.start, self.end


class Interval(NamedTuple):
    """As BED has it: ``start`` counts from 0, ``end`` is the first base behind."""

    chromosome: str
    start: int
    end: int


def place_of(text: str) -> Place | None:
    """``17:43044295-43125483`` (``chr17`` and ``chrM`` too); None for what is no place, such as an end before start."""
    found = _PLACE.fullmatch(text.strip())
    if found is None:
        return None
    chromosome, start, end = found[1], int(found[2]), int(found[3])
    if not 1 <= start <= end <= LARGEST_POSITION:
        return None
    return Place("MT" if chromosome == "M" else chromosome, start, end)


def chromosome_order(chromosome: str) -> tuple[int, str]:
    """1 to 22, X, Y, MT, then all others by name."""
    return (_ORDER[chromosome], "") if chromosome in _ORDER else (len(_ORDER) + 1, chromosome)


def interval(place: Place, *, padding: int = 0, chr_prefix: bool = False) -> Interval:
    """The bases of ``place`` and ``padding`` more on both sides, never before the chromosome begins.

    Where chromosomes end is not known here: padding may reach behind one's end.
    ``chr_prefix`` writes chr1 for 1 and, as UCSC calls it, chrM for MT.
    """
    chromosome = place.chromosome
    if chr_prefix:
        chromosome = "chrM" if chromosome == "MT" else f"chr{chromosome}"
    return Interval(chromosome, max(0, place.start - 1 - padding), place.end + padding)


def written_place(entity: Entity, build: str) -> str:
    return entity.grch37 if build == "GRCh37" else entity.grch38


def places(result: MergeResult, build: str) -> list[tuple[MergedEntity, tuple[Place, ...]]]:
    """Every entity of the result with each different place that the rows taken give it in ``build``, in natural order.

    Genes have one. Sources may put an STR or region differently: none of the
    places is given up for another. An entity without a place has ().
    """
    given: dict[tuple[str, str], set[str]] = {}
    for one in result.inputs:
        for row in one.genes.rows:
            text = written_place(row.entity, build)
            if text and one.takes(row.origin.level):
                given.setdefault((row.entity.entity_type, row.entity.key), set()).add(text)
    found = []
    for merged in result.entities:
        texts = given.get((merged.entity.entity_type, merged.entity.key), set())
        found.append((merged, _in_order(texts)))
    return found


def _in_order(texts: Iterable[str]) -> tuple[Place, ...]:
    different = {place for text in texts if (place := place_of(text)) is not None}
    return tuple(sorted(different, key=lambda place: place.sort_key))
