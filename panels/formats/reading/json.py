"""Our own JSON, and plain lists of symbols or of genes with their keys."""

from __future__ import annotations

import json
from typing import Any

from panelmerge.lib.errors import Refusal, TooLarge
from panels.formats.reading import MAX_CELL, MAX_ROWS, Sheet, Table
from panels.formats.reading.about import CONTENT_HASH, GENE_NAMES, about
from panels.formats.reading.delimited import plain_text

# The keys of a gene that a list of genes takes; the others follow from its id.
KEYS = (
    "gene_symbol",
    "hgnc_id",
    "entity_type",
    "confidence_level",
    "mode_of_inheritance",
    "phenotype",
    "user_notes",
    "custom_confidence",
)
# What a file of ours states beside them: with it the list that was frozen can be told from what its ids mean today.
OWN_KEYS = (
    *KEYS,
    "evidence_level",
    "gene_name",
    "ensembl_id",
    "grch37",
    "grch38",
    "source_list_type",
    "source_panel_id",
)
# In a file of ours a text may be longer than the cells of others: what many sources say of one gene, put together.
MAX_OWN_CELL = 1_000_000


def read(content: bytes, name: str, delimiter: str = "") -> Table:
    """A table with the keys as headings in row 1; an object with genes, strs and regions, or a list of genes."""
    text, encoding = plain_text(content, name)
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refusal(f"{name} is not JSON: {error}.", code="json") from error
    entities: list[Any] = []
    for part in [found.get(key, []) for key in ("genes", "strs", "regions")] if isinstance(found, dict) else [found]:
        if not isinstance(part, list):
            raise Refusal(f"{name}: genes, strs and regions are lists.", code="json")
        entities.extend(part)
    if not entities:
        raise Refusal(f"{name} holds no list of genes.", code="empty")
    if len(entities) >= MAX_ROWS:
        raise TooLarge(f"{name} has more than {MAX_ROWS:,} genes.")
    said = _about(found) if isinstance(found, dict) else {}
    keys, longest = (OWN_KEYS, MAX_OWN_CELL) if said else (KEYS, MAX_CELL)
    rows = [_row(one, f"{name}, entry {n}", keys, longest) for n, one in enumerate(entities, 1)]
    return Table([Sheet("", [list(keys), *rows])], [], encoding, about=said)


def _about(found: dict[str, Any]) -> dict[str, str]:
    pairs = (("Format", "format"), (CONTENT_HASH, "content_hash"), (GENE_NAMES, "gene_names"))
    return about((heading, found[key]) for heading, key in pairs if isinstance(found.get(key), str))


def _row(entity: Any, place: str, keys: tuple[str, ...], longest: int) -> list[str]:
    given = {"gene_symbol": entity} if isinstance(entity, str) else entity
    if not isinstance(given, dict):
        raise Refusal(f"{place}: a gene is a symbol or an object with the keys of a gene.", code="json")
    row = ["" if given.get(key) is None else given[key] for key in keys]
    for cell in row:
        if not isinstance(cell, str) or "\0" in cell or (not cell.isascii() and _half(cell)):
            raise Refusal(f"{place}: the value of a key is text.", code="json")
        if len(cell) > longest:
            raise TooLarge(f"{place}: a value has more than {longest:,} characters.")
    while row and not row[-1]:
        row.pop()
    return row


def _half(text: str) -> bool:
    """Whether the text holds half of a character, which JSON can write and nothing else can."""
    return any("\ud800" <= sign <= "\udfff" for sign in text)
