"""What every file says of itself: how it was made, from what, under which terms."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from panels.engine.content import content_hash, content_record
from panels.engine.genes import DEFAULT_CONFIDENCE
from panels.engine.merge import MergedEntity, MergeInput, MergeResult, confidence_rank
from panels.engine.recipe import recipe_of
from panels.formats.reading.about import CONTENT_HASH, FORMAT, GENE_NAMES, RECIPE, REMARK

# A spreadsheet's cell holds 32,767 characters.
CHUNK = 30_000


def levels_in_words(one: MergeInput) -> str:
    """ "green only", "green and amber", "everything but level 0": never a number."""
    if one.confidence is None:
        return "everything but level 0"
    levels = sorted(one.confidence, key=confidence_rank, reverse=True)
    if set(levels) == DEFAULT_CONFIDENCE:
        return "green, amber and red"
    words = ["level 0" if level == "none" else level or "no level given" for level in levels]
    if not words:
        return "nothing"
    return f"{words[0]} only" if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def rule_in_words(result: MergeResult) -> str:
    kind, number = result.rule.kind, result.rule.number
    return {
        "union": "in any input",
        "intersection": "in all inputs",
        "at_least": f"in at least {number} inputs",
        "subtract": f"in the other inputs and not in input {number + 1}",
    }[kind]


def hash_of(result: MergeResult) -> str:
    return content_hash(content_record(merged) for merged in result.entities)


def about_lines(result: MergeResult) -> list[tuple[str, str]]:
    """Pairs of a heading and a text, in reading order. No clock and no person in them."""
    lines = [
        ("Format", FORMAT),
        (CONTENT_HASH, hash_of(result)),
        ("Genes", str(len(result.of_type("gene")))),
        ("STRs", str(len(result.of_type("str")))),
        ("Regions", str(len(result.of_type("region")))),
        ("Entities kept", rule_in_words(result)),
        (GENE_NAMES, result.gene_names),
    ]
    for field, resolution in result.resolve.items():
        lines.append((f"When {field.replace('_', ' ')} differs", resolution))
    for number, one in enumerate(result.inputs, start=1):
        lines.append((f"Input {number}", f"{one.genes.label}: {levels_in_words(one)}"))
        if one.genes.terms:
            lines.append((f"Terms of input {number}", one.genes.terms))
    # In ASCII alone: some signs of Unicode end a line, and a recipe is one line in the files that have remarks.
    recipe = json.dumps(recipe_of(result), sort_keys=True)
    parts = [recipe[start : start + CHUNK] for start in range(0, len(recipe), CHUNK)]
    for number, part in enumerate(parts, start=1):
        lines.append((RECIPE if len(parts) == 1 else f"{RECIPE}, part {number} of {len(parts)}", part))
    return lines


def flat(text: str) -> str:
    """On one line, without tabulators and control characters."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f]", " ", text).split())


def title(result: MergeResult) -> str:
    """The list in a few words: its inputs by their names, at most 200 characters."""
    names = flat(" + ".join(one.genes.label for one in result.inputs))
    return names if len(names) <= 200 else f"{names[:199]}…"


def remarks(result: MergeResult) -> list[str]:
    """``about_lines`` for files in which a line that begins with ``# `` is a remark."""
    return [
        f"{REMARK}{heading}: {text if heading.startswith(RECIPE) else flat(text)}"
        for heading, text in about_lines(result)
    ]


def not_held(result: MergeResult, holds: Callable[[MergedEntity], bool]) -> list[str]:
    """A remark for every entity that the format has no way to hold."""
    left = [merged.entity for merged in result.entities if not holds(merged)]
    left.sort(key=lambda entity: (str(entity.entity_type), entity.name, entity.key))
    return [f"{REMARK}Not held: {entity.entity_type} {flat(entity.name)}" for entity in left]


__all__ = [
    "CHUNK",
    "FORMAT",
    "RECIPE",
    "about_lines",
    "flat",
    "hash_of",
    "levels_in_words",
    "not_held",
    "remarks",
    "rule_in_words",
    "title",
]
