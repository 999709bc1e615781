"""json: the list with its origins and its recipe. Byte for byte what the API exports."""

from __future__ import annotations

from typing import Any

import orjson

from panels.engine.merge import MergedEntity, MergeResult
from panels.engine.recipe import recipe_of
from panels.engine.values import dropped_value, entity_value
from panels.formats.writing.about import FORMAT, hash_of
from panels.formats.writing.options import NOTHING_CHOSEN, Options


def write(result: MergeResult, options: Options = NOTHING_CHOSEN) -> bytes:
    """Keys: format, content_hash, recipe, gene_names, terms, genes, strs, regions, dropped.

    ``panelmerge-1.schema.json`` beside this file says what each of them is.
    """
    terms = {one.genes.label: one.genes.terms for one in result.inputs if one.genes.terms}
    content = {
        "format": FORMAT,
        "content_hash": hash_of(result),
        "recipe": recipe_of(result),
        "gene_names": result.gene_names,
        "terms": terms,
        "genes": [_value(merged) for merged in result.of_type("gene")],
        "strs": [_value(merged) for merged in result.of_type("str")],
        "regions": [_value(merged) for merged in result.of_type("region")],
        "dropped": [dropped_value(dropped, result) for dropped in result.dropped],
    }
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _value(merged: MergedEntity) -> dict[str, Any]:
    """As the API answers, and where it lies: an STR's place is in no list of gene names to be found again."""
    return {"grch37": merged.entity.grch37, "grch38": merged.entity.grch38} | entity_value(merged)
