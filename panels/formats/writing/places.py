"""Entities by their place: the lines of BED, and the list of those that a build has no place for."""

from __future__ import annotations

import re
from typing import NamedTuple

from panels.engine.coordinates import Interval, chromosome_order, interval, places
from panels.engine.genes import EntityType
from panels.engine.merge import MergedEntity, MergeResult
from panels.formats.writing.options import Options


class PlacedLine(NamedTuple):
    interval: Interval
    name: str


def place_name(merged: MergedEntity) -> str:
    """``SYMBOL|HGNC:n`` for a gene (its symbol alone without an id), the own name of others; without white space."""
    entity = merged.entity
    is_gene = entity.entity_type == EntityType.GENE
    name = f"{entity.name}|{entity.hgnc_id}" if is_gene and entity.hgnc_id else entity.name
    return re.sub(r"\s+", "_", name)


def placed_lines(result: MergeResult, options: Options) -> list[PlacedLine]:
    """Sorted by chromosome in natural order, start, end, name."""
    lines = []
    for merged, found in places(result, options.build):
        for place in found:
            where = interval(place, padding=options.padding, chr_prefix=options.chr_prefix)
            lines.append((chromosome_order(place.chromosome), where.start, where.end, place_name(merged), where))
    return [PlacedLine(where, name) for _, _, _, name, where in sorted(lines)]


def without_place(result: MergeResult, options: Options) -> list[MergedEntity]:
    """By type and name."""
    left = [merged for merged, found in places(result, options.build) if not found]
    return sorted(left, key=lambda merged: (str(merged.entity.entity_type), merged.entity.name, merged.entity.key))


def of_several_places(result: MergeResult, options: Options) -> list[MergedEntity]:
    """Entities that their sources put differently."""
    several = [merged for merged, found in places(result, options.build) if len(found) > 1]
    return sorted(several, key=place_name)
