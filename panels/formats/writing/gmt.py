"""gmt: the result as one gene set: its name, a description, and the symbols of its genes, between tabulators.

One set and not one for each input: a set is what a program tests as a whole,
and the merged list is what was decided. The format has no remarks, so the
description says what list it is. It holds genes; STRs and regions are named in
the description as not held.
"""

from __future__ import annotations

from panels.engine.genes import EntityType
from panels.engine.merge import MergedEntity, MergeResult
from panels.formats.writing.about import hash_of, not_held, remarks, title
from panels.formats.writing.options import NOTHING_CHOSEN, Options


def holds(merged: MergedEntity) -> bool:
    return merged.entity.entity_type == EntityType.GENE


def write(result: MergeResult, options: Options = NOTHING_CHOSEN) -> bytes:
    name = f"{title(result)} ({hash_of(result)[:12]})"
    described = " | ".join(line.removeprefix("# ") for line in [*remarks(result), *not_held(result, holds)])
    genes = sorted({" ".join(merged.entity.name.split()) for merged in result.entities if holds(merged)})
    return ("\t".join([name, described, *genes]) + "\n").encode()
