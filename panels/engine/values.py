"""Results as plain values, the same in every answer of the API and in json files."""

from __future__ import annotations

from collections import Counter
from typing import Any

from panels.engine.content import content_record
from panels.engine.genes import Origin
from panels.engine.merge import CONFLICT_FIELDS, Dropped, MergedEntity, MergeResult


def origin_value(origin: Origin, position: int) -> dict[str, Any]:
    """What one row of one input says; ``input`` counts from 0."""
    value: dict[str, Any] = {
        "input": position,
        "source": origin.source,
        "panel_id": int(origin.panel_id) if origin.panel_id.isdigit() else origin.panel_id,
        "panel_name": origin.panel_name,
        "version": origin.version,
        "confidence_level": origin.confidence_level,
        "mode_of_inheritance": origin.mode_of_inheritance,
        "penetrance": origin.penetrance,
        "mode_of_pathogenicity": origin.mode_of_pathogenicity,
        "phenotypes": list(origin.phenotypes),
        "evidence": list(origin.evidence),
        "publications": list(origin.publications),
        "tags": list(origin.tags),
        "note": origin.note,
        "given": origin.given,
    }
    if origin.child_panel_id:
        value["child_panel"] = {
            "panel_id": origin.child_panel_id,
            "name": origin.child_panel_name,
            "version": origin.child_version,
        }
    return value


def entity_value(merged: MergedEntity) -> dict[str, Any]:
    """The keys of a gene, its origins and its conflicts; ``values[].origins`` are positions in ``origins``."""
    return content_record(merged) | {
        "origins": [
            origin_value(origin, position) for origin, position in zip(merged.origins, merged.inputs, strict=True)
        ],
        "conflicts": [
            {
                "field": conflict.field,
                "values": [{"value": value, "origins": list(places)} for value, places in conflict.values],
                "chosen": conflict.chosen,
                "decided_by": "" if conflict.is_open else conflict.decided_by,
                "undecided": conflict.is_open,
                "reason": conflict.reason,
            }
            for conflict in merged.conflicts
        ],
    }


def dropped_value(dropped: Dropped, result: MergeResult) -> dict[str, Any]:
    value: dict[str, Any] = {
        "input": dropped.input,
        "input_name": result.inputs[dropped.input].genes.label,
        "code": dropped.code,
        "reason": dropped.reason,
    }
    if dropped.entity is None:
        value["query"] = dropped.query
    else:
        value["entity"] = dropped.entity.name
        value["hgnc_id"] = dropped.entity.hgnc_id
        value["entity_type"] = str(dropped.entity.entity_type)
    if dropped.row is not None:
        value["row"] = dropped.row
    return value


def summary_value(result: MergeResult) -> dict[str, Any]:
    """Numbers of a result: entities by type, conflicts by field, what is undecided, what was dropped and why."""
    return {
        "genes": len(result.of_type("gene")),
        "strs": len(result.of_type("str")),
        "regions": len(result.of_type("region")),
        "conflicts": {name: len(result.in_conflict(name)) for name in CONFLICT_FIELDS},
        "undecided": sum(merged.is_open for merged in result.entities),
        "dropped": dict(Counter(dropped.code for dropped in result.dropped)),
        "unused_decisions": list(result.unused_decisions),
        "inputs": [
            {
                "name": one.genes.label,
                "taken": len({row.entity.key for row in one.genes.rows if one.takes(row.origin.level)}),
            }
            for one in result.inputs
        ],
    }
