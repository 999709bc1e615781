"""The columns of the combined list, the same in every table we write."""

from __future__ import annotations

from collections.abc import Iterator

from panels.engine.content import BETWEEN, content_record
from panels.engine.genes import EntityType
from panels.engine.inheritance import short_inheritance
from panels.engine.merge import MergedEntity, MergeResult
from panels.formats.writing.options import Options

# The first three are those of the older application, by name and place.
HEADERS = (
    "GeneSymbol",
    "Panel(s)",
    "List type(s)",
    "HGNC ID",
    "Ensembl ID",
    "Gene name",
    "Entity type",
    "Confidence",
    "Mode of inheritance",
    "Inheritance (short)",
    "Phenotypes",
    "Evidence",
    "As given",
    "Conflicts",
    "Decided by",
    "Notes",
    "Custom confidence",
    # What reading the file back needs beside them.
    "Source IDs",
    "GRCh37",
    "GRCh38",
)


def headers_of(options: Options) -> tuple[str, ...]:
    """The headings to write: those that were chosen, the symbol always first."""
    chosen = options.columns or HEADERS
    return tuple(dict.fromkeys((HEADERS[0], *(name for name in chosen if name in HEADERS))))


def lines_of(result: MergeResult, options: Options) -> Iterator[tuple[str, ...]]:
    """The combined list in reading order, under ``headers_of`` the options."""
    headers = headers_of(options)
    places = [HEADERS.index(name) for name in headers]
    for merged in in_reading_order(result):
        cells = cells_of(merged, result)
        yield cells if headers == HEADERS else tuple(cells[place] for place in places)


def _different(texts) -> str:
    return BETWEEN.join(dict.fromkeys(text for text in texts if text))


def _decided(merged: MergedEntity) -> str:
    words = []
    for conflict in merged.conflicts:
        name = conflict.field.replace("_", " ")
        if conflict.is_open:
            words.append(f"{name}: undecided, highest shown")
        elif conflict.decided_by == "hand":
            words.append(f"{name}: by hand, {conflict.reason}")
        else:
            words.append(f"{name}: {conflict.decided_by}")
    return BETWEEN.join(words)


def cells_of(merged: MergedEntity, result: MergeResult) -> tuple[str, ...]:
    """One line of the combined list, in the order of HEADERS; every cell text."""
    record = content_record(merged)
    return (
        record["gene_symbol"],
        _different(result.inputs[position].genes.label for position in merged.inputs),
        record["source_list_type"],
        record["hgnc_id"],
        record["ensembl_id"],
        record["gene_name"],
        record["entity_type"],
        record["confidence_level"],
        record["mode_of_inheritance"],
        short_inheritance(record["mode_of_inheritance"]),
        record["phenotype"],
        record["evidence_level"],
        _different(origin.given for origin in merged.origins),
        _different(conflict.field.replace("_", " ") for conflict in merged.conflicts),
        _decided(merged),
        record["user_notes"],
        record["custom_confidence"],
        record["source_panel_id"],
        merged.entity.grch37,
        merged.entity.grch38,
    )


def in_reading_order(result: MergeResult) -> list[MergedEntity]:
    """Genes, STRs, regions; each by name."""
    types = list(EntityType)
    return sorted(
        result.entities,
        key=lambda merged: (types.index(EntityType(merged.entity.entity_type)), merged.entity.name, merged.entity.key),
    )
