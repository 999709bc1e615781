"""What every file says of itself: how it was made, from what, under which terms."""

from __future__ import annotations

import json

from panels.engine.content import content_hash, content_record
from panels.engine.genes import DEFAULT_CONFIDENCE
from panels.engine.merge import MergeInput, MergeResult, confidence_rank
from panels.engine.recipe import recipe_of

FORMAT = "panelmerge/1"
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
        ("Content hash", hash_of(result)),
        ("Genes", str(len(result.of_type("gene")))),
        ("STRs", str(len(result.of_type("str")))),
        ("Regions", str(len(result.of_type("region")))),
        ("Entities kept", rule_in_words(result)),
        ("Gene names", result.gene_names),
    ]
    for field, resolution in result.resolve.items():
        lines.append((f"When {field.replace('_', ' ')} differs", resolution))
    for number, one in enumerate(result.inputs, start=1):
        lines.append((f"Input {number}", f"{one.genes.label}: {levels_in_words(one)}"))
        if one.genes.terms:
            lines.append((f"Terms of input {number}", one.genes.terms))
    recipe = json.dumps(recipe_of(result), ensure_ascii=False, sort_keys=True)
    parts = [recipe[start : start + CHUNK] for start in range(0, len(recipe), CHUNK)]
    for number, part in enumerate(parts, start=1):
        lines.append(("Recipe" if len(parts) == 1 else f"Recipe, part {number} of {len(parts)}", part))
    return lines
