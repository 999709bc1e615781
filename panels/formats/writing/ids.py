"""ids: HGNC ids, one a line, and behind an empty line remarks that say what list it is.

It holds genes that have an HGNC id. Other genes, STRs and regions are named in
the remarks; the id of the gene that an STR lies in is not that STR's.
"""

from __future__ import annotations

from panels.engine.genes import EntityType
from panels.engine.merge import MergedEntity, MergeResult
from panels.formats.writing.about import not_held, remarks
from panels.formats.writing.options import NOTHING_CHOSEN, Options


def holds(merged: MergedEntity) -> bool:
    return merged.entity.entity_type == EntityType.GENE and bool(merged.entity.hgnc_id)


def write(result: MergeResult, options: Options = NOTHING_CHOSEN) -> bytes:
    entities = sorted((merged.entity for merged in result.entities if holds(merged)), key=lambda one: one.sort_key)
    lines = [entity.hgnc_id for entity in entities]
    return "\n".join([*lines, "", *remarks(result), *not_held(result, holds), ""]).encode()
