"""How a result was made, as a value that makes it again.

A recipe is a body for ``POST merges/``: inputs with their versions (lists with
their genes as they were typed), filters, rule, resolutions and decisions, and
beside them the release of gene names that was used.
"""

from __future__ import annotations

from typing import Any

from panels.engine.content import BETWEEN
from panels.engine.genes import EntityType, GeneList, Row, Unresolved
from panels.engine.merge import CONFLICT_FIELDS, Decision, MergeInput, MergeResult, Rule, confidence_rank


def rule_value(rule: Rule) -> str | dict[str, int]:
    """As the API takes it: "union", "intersection", {"at_least": k} or {"subtract": i}."""
    return {rule.kind: rule.number} if rule.kind in ("at_least", "subtract") else rule.kind


def decision_value(decision: Decision) -> dict[str, str]:
    said = {name: getattr(decision, name) for name in CONFLICT_FIELDS}
    return {name: value for name, value in said.items() if value is not None} | {"reason": decision.reason}


def _typed(row: Row) -> str | dict[str, str]:
    """As it was typed; with the HGNC id where the name alone may be read differently another day."""
    entity, origin = row.entity, row.origin
    typed = {
        "gene_symbol": origin.given or entity.name,
        "hgnc_id": entity.hgnc_id if origin.given or entity.entity_type != EntityType.GENE else "",
        "entity_type": "" if entity.entity_type == EntityType.GENE else str(entity.entity_type),
        "confidence_level": origin.confidence_level,
        "mode_of_inheritance": origin.mode_of_inheritance,
        "phenotype": BETWEEN.join(origin.phenotypes),
        "evidence_level": BETWEEN.join(origin.evidence),
        "user_notes": origin.note,
    }
    filled = {key: value for key, value in typed.items() if value}
    return filled["gene_symbol"] if len(filled) == 1 else filled


def _typed_unresolved(one: Unresolved) -> str | dict[str, str]:
    return {"gene_symbol": one.query, "hgnc_id": one.hgnc_id} if one.hgnc_id else one.query


def _list_value(genes: GeneList) -> dict[str, Any]:
    typed = [_typed(row) for row in genes.rows]
    return {"name": genes.name, "genes": typed + [_typed_unresolved(one) for one in genes.unresolved if one.query]}


def _input_value(one: MergeInput) -> dict[str, Any]:
    if one.genes.source in ("uk", "aus"):
        value = {"source": one.genes.source, "panel_id": int(one.genes.panel_id), "version": one.genes.version}
    else:
        value = _list_value(one.genes)
    if one.confidence is not None:
        value["confidence"] = sorted(one.confidence, key=confidence_rank, reverse=True)
    return value


def recipe_of(result: MergeResult) -> dict[str, Any]:
    """JSON-ready; the same result always gives the same recipe."""
    return {
        "inputs": [_input_value(one) for one in result.inputs],
        "rule": rule_value(result.rule),
        "resolve": dict(result.resolve),
        "decisions": {key: decision_value(decision) for key, decision in result.decisions.items()},
        "gene_names": result.gene_names,
    }
