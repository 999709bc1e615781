"""bed: where the entities lie, for programs that call or filter variants there.

Six columns: chromosome, start (from 0), end, ``SYMBOL|HGNC:n`` (an STR or
region under its own name), score 0, no strand. Sorted: 1 to 22, X, Y, MT, all
others by name. An entity that its sources put at different places has a line
for each. Everything else is a remark: above the lines what the file is, below
them every entity that the build has no place for.
"""

from __future__ import annotations

from panels.engine.genes import EntityType
from panels.engine.merge import MergeResult
from panels.formats.writing.about import remarks
from panels.formats.writing.options import NOTHING_CHOSEN, Options
from panels.formats.writing.places import of_several_places, place_name, placed_lines, without_place


def write(result: MergeResult, options: Options = NOTHING_CHOSEN) -> bytes:
    lines = [*remarks(result), f"# Build: {options.build}", f"# Padding: {options.padding}"]
    # So that a reader knows what is no gene.
    for merged in result.entities:
        if merged.entity.entity_type != EntityType.GENE:
            lines.append(f"# Not a gene: {merged.entity.entity_type} {place_name(merged)}")
    for merged in of_several_places(result, options):
        lines.append(f"# Several places: {place_name(merged)}")
    for (chromosome, start, end), name in placed_lines(result, options):
        lines.append(f"{chromosome}\t{start}\t{end}\t{name}\t0\t.")
    for merged in without_place(result, options):
        lines.append(f"# No place in {options.build}: {merged.entity.entity_type} {place_name(merged)}")
    return "\n".join([*lines, ""]).encode()
