"""The content of a list: the keys a gene goes in and out with, and the hash that names the whole.

The keys are the contract's; the hash is SHA-256 over canonical JSON: entities
sorted by type and HGNC number (or name), keys sorted, no white space, UTF-8.
A gene that has an HGNC id enters it without symbol and gene name, so that a
renamed gene is no change of content. An STR or region is known by its name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from operator import itemgetter

import orjson

from panels.engine.genes import EntityType, Origin
from panels.engine.merge import MergedEntity, confidence_rank

GENE_KEYS = (
    "gene_symbol",
    "gene_name",
    "hgnc_id",
    "ensembl_id",
    "confidence_level",
    "mode_of_inheritance",
    "phenotype",
    "evidence_level",
    "source_panel_id",
    "source_list_type",
    "user_notes",
    "custom_confidence",
    "entity_type",
)
BETWEEN = "; "


def _levels_joined(levels: Iterable[str]) -> str:
    """Each different level once, the highest first; nobody's levels count as none."""
    return BETWEEN.join(
        sorted({level for level in levels if level}, key=lambda level: (confidence_rank(level), level), reverse=True)
    )


def source_id(origin: Origin) -> str:
    """``uk:245``, ``aus:3149``, ``saved:12``, or ``list:name`` for what a person brought along."""
    if origin.source in ("uk", "aus", "saved"):
        return f"{origin.source}:{origin.panel_id}"
    return f"list:{origin.panel_name}"


def _joined(texts: Iterable[str]) -> str:
    """Each different text once, in an order that does not depend on the inputs'."""
    return BETWEEN.join(sorted({text for text in texts if text}, key=lambda text: (text.casefold(), text)))


def _parts(text: str, joined: Callable[[Iterable[str]], str]) -> tuple[str, ...]:
    """What was joined to this text; the text itself where a part had our sign between parts in it."""
    parts = tuple(text.split(BETWEEN))
    return parts if joined(parts) == text else (text,)


def _sources(origin: Origin) -> tuple[str, ...]:
    """Where it comes from; for a row of a file of ours where that came from."""
    return _parts(origin.stated_sources, _joined) if origin.stated_sources else (source_id(origin),)


def _levels(origin: Origin) -> tuple[str, ...]:
    return _parts(origin.stated_levels, _levels_joined) if origin.stated_sources else (origin.confidence_level,)


def content_record(merged: MergedEntity) -> dict[str, str]:
    """One entity of a result under the keys of GENE_KEYS, every value text.

    A row of a file that PanelMerge wrote counts with what the file states of
    its sources and levels, so that the list read back alone has its content.
    """
    origins = merged.origins
    return {
        "gene_symbol": merged.entity.name,
        "gene_name": merged.entity.gene_name,
        "hgnc_id": merged.entity.hgnc_id,
        "ensembl_id": merged.entity.ensembl_id,
        "confidence_level": merged.confidence_level,
        "mode_of_inheritance": merged.mode_of_inheritance,
        "phenotype": _joined(text for origin in origins for text in origin.phenotypes),
        "evidence_level": _joined(text for origin in origins for text in origin.evidence),
        "source_panel_id": _joined(source for origin in origins for source in _sources(origin)),
        "source_list_type": _levels_joined(level for origin in origins for level in _levels(origin)),
        "user_notes": _joined(origin.note for origin in origins),
        "custom_confidence": merged.custom_confidence or _joined(origin.custom_confidence for origin in origins),
        "entity_type": str(merged.entity.entity_type),
    }


def _place(record: dict[str, str]) -> tuple[str, int, str]:
    number = record["hgnc_id"][5:]
    if record["entity_type"] == EntityType.GENE and number.isdigit():
        return (record["entity_type"], int(number), "")
    return (record["entity_type"], 0, record["gene_symbol"])


# In the order of the alphabet, as they stand in the canonical form.
_KEYS = tuple(sorted(GENE_KEYS))
_KEYS_BESIDE_AN_ID = tuple(key for key in _KEYS if key not in ("gene_symbol", "gene_name"))
_values, _values_beside_an_id = itemgetter(*_KEYS), itemgetter(*_KEYS_BESIDE_AN_ID)


def content_hash(records: Iterable[dict[str, str]]) -> str:
    """The SHA-256 in hexadecimal of the list that these records (of GENE_KEYS) make."""
    canonical = [
        dict(zip(_KEYS_BESIDE_AN_ID, _values_beside_an_id(record), strict=True))
        if record["hgnc_id"] and record["entity_type"] == EntityType.GENE
        else dict(zip(_KEYS, _values(record), strict=True))
        for record in sorted(records, key=_place)
    ]
    # The very bytes that json.dumps writes without white space and without escapes.
    return hashlib.sha256(orjson.dumps(canonical)).hexdigest()
