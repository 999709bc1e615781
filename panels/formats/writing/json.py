"""json: the list with its origins and its recipe. Byte for byte what the API exports."""

from __future__ import annotations

import orjson

from panels.engine.merge import MergeResult
from panels.engine.recipe import recipe_of
from panels.engine.values import dropped_value, entity_value
from panels.formats.writing.about import FORMAT, hash_of


def write(result: MergeResult) -> bytes:
    """Keys: format, content_hash, recipe, gene_names, terms, genes, strs, regions, dropped."""
    terms = {one.genes.label: one.genes.terms for one in result.inputs if one.genes.terms}
    content = {
        "format": FORMAT,
        "content_hash": hash_of(result),
        "recipe": recipe_of(result),
        "gene_names": result.gene_names,
        "terms": terms,
        "genes": [entity_value(merged) for merged in result.of_type("gene")],
        "strs": [entity_value(merged) for merged in result.of_type("str")],
        "regions": [entity_value(merged) for merged in result.of_type("region")],
        "dropped": [dropped_value(dropped, result) for dropped in result.dropped],
    }
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
