"""How a result was made, as a value that makes it again.

A recipe is a body for ``POST merges/``: inputs with their versions (lists with
their genes as they were typed), filters, rule, resolutions and decisions, and
beside them the release of gene names that was used.
"""

from __future__ import annotations

from typing import Any

from panels.engine.content import BETWEEN
from panels.engine.genes import Confidence, EntityType, GeneList, Row, Unresolved
from panels.engine.merge import CONFLICT_FIELDS, RULES, Decision, MergeInput, MergeResult, Rule, confidence_rank
from panels.engine.request import Choice, ListChoice, MergeRequest, PanelChoice, PanelSpec, SavedChoice


def rule_value(rule: Rule) -> str | dict[str, int]:
    """As the API takes it: "union", "intersection", {"at_least": k} or {"subtract": i}."""
    return {rule.kind: rule.number} if rule.kind in ("at_least", "subtract") else rule.kind


def decision_value(decision: Decision) -> dict[str, str]:
    said = {name: getattr(decision, name) for name in CONFLICT_FIELDS}
    return {name: value for name, value in said.items() if value is not None} | {"reason": decision.reason}


def _typed(row: Row) -> str | dict[str, str]:
    """As it was typed; with the HGNC id where the name alone may be read differently another day.

    A row of a file of ours is written down with all that the file states.
    """
    entity, origin = row.entity, row.origin
    stated, is_gene = bool(origin.stated_sources), entity.entity_type == EntityType.GENE
    typed = {
        "gene_symbol": origin.given or entity.name,
        "gene_name": entity.gene_name if stated or not is_gene else "",
        "hgnc_id": entity.hgnc_id if origin.given or stated or not is_gene else "",
        "ensembl_id": entity.ensembl_id if stated or not is_gene else "",
        "entity_type": "" if is_gene else str(entity.entity_type),
        "confidence_level": origin.confidence_level,
        "mode_of_inheritance": origin.mode_of_inheritance,
        "phenotype": BETWEEN.join(origin.phenotypes),
        "evidence_level": BETWEEN.join(origin.evidence),
        "user_notes": origin.note,
        "custom_confidence": origin.custom_confidence,
        "source_panel_id": origin.stated_sources,
        "source_list_type": origin.stated_levels,
        "grch37": entity.grch37 if stated or not is_gene else "",
        "grch38": entity.grch38 if stated or not is_gene else "",
    }
    filled = {key: value for key, value in typed.items() if value}
    return filled["gene_symbol"] if len(filled) == 1 else filled


def _typed_unresolved(one: Unresolved) -> str | dict[str, str | int]:
    typed = {"gene_symbol": one.query} | ({"hgnc_id": one.hgnc_id} if one.hgnc_id else {})
    return typed if one.row is None else typed | {"row": one.row}


def _list_value(genes: GeneList) -> dict[str, Any]:
    typed = [_typed(row) for row in genes.rows]
    return {
        "name": genes.name,
        "genes": typed + [_typed_unresolved(one) for one in genes.unresolved if not one.is_unread],
    }


def all_levels(genes: GeneList) -> frozenset[str] | None:
    """What is taken of a list read back from a file of ours that holds level 0, when nobody says otherwise.

    Whoever made the file asked for level 0; so the list is taken whole. None
    for all other inputs, of which level 0 is never taken unasked.
    """
    levels = frozenset(row.origin.level for row in genes.rows)
    stated = any(row.origin.stated_sources for row in genes.rows)
    return levels if stated and Confidence.NONE in levels else None


def _input_value(one: MergeInput) -> dict[str, Any]:
    if one.genes.source in ("uk", "aus"):
        value = {"source": one.genes.source, "panel_id": int(one.genes.panel_id), "version": one.genes.version}
    elif one.genes.source == "saved":
        value = {"saved_panel": int(one.genes.panel_id)}
        if one.genes.version:
            value["version"] = int(one.genes.version)
    else:
        value = _list_value(one.genes)
    if one.confidence is not None and one.confidence != all_levels(one.genes):
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


def request_of(recipe: Any) -> MergeRequest:
    """What a recipe asks for. ValueError with a sentence that names the place for what is no recipe."""
    if not isinstance(recipe, dict) or not isinstance(recipe.get("inputs"), list):
        raise ValueError("recipe: an object with a list of inputs was expected")
    resolve, decisions = recipe.get("resolve", {}), recipe.get("decisions", {})
    _check_texts(resolve, "resolve")
    resolve = {"confidence_level" if name == "confidence" else name: word for name, word in resolve.items()}
    if strange := sorted(set(resolve) - set(CONFLICT_FIELDS)):
        raise ValueError(f"resolve: {strange[0]} is none of {', '.join(CONFLICT_FIELDS)}")
    if not isinstance(decisions, dict):
        raise ValueError("decisions: an object was expected")
    return MergeRequest(
        inputs=[_choice(one, f"inputs, number {number}") for number, one in enumerate(recipe["inputs"], start=1)],
        rule=_rule(recipe.get("rule", "union")),
        resolve=resolve,
        decisions={key: _decision(said, f"decisions, {key}") for key, said in decisions.items()},
    )


def _check_texts(value: Any, place: str) -> None:
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise ValueError(f"{place}: an object with texts was expected")


def _rule(value: Any) -> Rule:
    if isinstance(value, str):
        return Rule(value)
    if isinstance(value, dict) and len(value) == 1:
        [(kind, number)] = value.items()
        if kind in RULES and type(number) is int:
            return Rule(kind, number)
    raise ValueError('rule: "union", "intersection", {"at_least": k} or {"subtract": i} was expected')


def _decision(said: Any, place: str) -> Decision:
    _check_texts(said, place)
    if set(said) - {"reason", *CONFLICT_FIELDS} or "reason" not in said:
        raise ValueError(f"{place}: a reason and one of {', '.join(CONFLICT_FIELDS)} were expected")
    return Decision(**said)


def _check_gene(gene: Any, place: str) -> None:
    row = gene.get("row", 1) if isinstance(gene, dict) else 1
    if type(row) is not int:
        raise ValueError(f"{place}: row is a number")
    _check_texts({key: said for key, said in gene.items() if key != "row"} if isinstance(gene, dict) else gene, place)
    if (gene.get("entity_type") or EntityType.GENE) not in list(EntityType):
        raise ValueError(f"{place}: entity_type is one of {', '.join(EntityType)}")


def _choice(one: Any, place: str) -> Choice:
    if not isinstance(one, dict):
        raise ValueError(f"{place}: an object was expected")
    levels = one.get("confidence")
    if levels is not None and not (isinstance(levels, list) and all(isinstance(level, str) for level in levels)):
        raise ValueError(f"{place}, confidence: a list of levels was expected")
    taken = None if levels is None else frozenset(levels)
    if "genes" in one:
        name, genes = one.get("name"), one["genes"]
        if not isinstance(name, str) or not isinstance(genes, list):
            raise ValueError(f"{place}: a name and a list of genes were expected")
        for number, gene in enumerate(genes, start=1):
            if not isinstance(gene, str):
                _check_gene(gene, f"{place}, gene {number}")
        return ListChoice(name, tuple(genes), taken)
    if "saved_panel" in one:
        saved, version = one["saved_panel"], one.get("version")
        if type(saved) is not int or not (version is None or type(version) is int):
            raise ValueError(f"{place}: saved_panel and version are numbers")
        return SavedChoice(saved, version, taken)
    source, panel_id, version = one.get("source"), one.get("panel_id"), one.get("version", "")
    if not isinstance(source, str) or type(panel_id) is not int or not isinstance(version, str):
        raise ValueError(f"{place}: source, panel_id and version of a panel, or name and genes of a list were expected")
    return PanelChoice(PanelSpec(source, panel_id, version), taken)
