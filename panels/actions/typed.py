"""Genes as they are typed: symbols, ids, or objects with the keys of a gene, and what they mean."""

from __future__ import annotations

from collections.abc import Mapping

from panelmerge.lib.errors import Refusal
from panels.engine.columns import level_word
from panels.engine.genes import Entity, EntityType, GeneList, Origin, Row, Unresolved
from panels.engine.listing import EMPTY_CELL, stated_entity, who_is_meant
from panels.engine.request import ListChoice
from panels.engine.symbols import GeneRecord, Resolver, clean

MAX_LIST_GENES = 10_000


def typed_list(choice: ListChoice, resolver: Resolver) -> GeneList:
    """A list given in the request itself. Rows count from 1. Refusal for an Ensembl id that is another gene's."""
    if len(choice.genes) > MAX_LIST_GENES:
        raise Refusal(f"{choice.name}: a list holds at most {MAX_LIST_GENES:,} genes.")
    rows: list[Row] = []
    unresolved: list[Unresolved] = []
    for place, typed in enumerate(choice.genes, start=1):
        given = {"gene_symbol": typed} if isinstance(typed, str) else typed
        # A recipe says in which row of a file a name stood.
        number = given.get("row", place)
        entity, why = typed_entity(given, resolver)
        symbol = given.get("gene_symbol") or given.get("hgnc_id", "")
        if entity is None:
            unresolved.append(
                Unresolved(symbol, why, number, given.get("hgnc_id", "") if given.get("gene_symbol") else "")
            )
        else:
            rows.append(Row(entity, typed_origin(choice.name, given, symbol if symbol != entity.name else "")))
    return GeneList("list", "", choice.name, rows=tuple(rows), unresolved=tuple(unresolved))


def typed_entity(given: Mapping[str, str], resolver: Resolver) -> tuple[Entity | None, str]:
    """The entity meant, or None and why not."""
    symbol, hgnc_id = given.get("gene_symbol", ""), given.get("hgnc_id", "")
    if not symbol and not hgnc_id:
        return None, EMPTY_CELL
    if given.get("source_panel_id"):
        return stated_entity(given, resolver)
    if (given.get("entity_type") or EntityType.GENE) != EntityType.GENE:
        own = {key: given.get(key, "") for key in ("gene_name", "ensembl_id", "grch37", "grch38")}
        return Entity(given["entity_type"], clean(symbol), hgnc_id, **own), ""
    found, why = who_is_meant(symbol, hgnc_id, resolver)
    if why:
        return None, why
    record = resolver.gene(found.hgnc_id)
    _check_ensembl_id(given.get("ensembl_id", ""), record)
    names = (found.gene_symbol, found.hgnc_id, found.gene_name, record.ensembl_id)
    return Entity(EntityType.GENE, *names, record.grch37, record.grch38), ""


def _check_ensembl_id(given: str, record: GeneRecord) -> None:
    """Refusal for an Ensembl id, in any version, that is not the gene's own: one of the two must be a mistake."""
    if given.strip().partition(".")[0].upper() not in ("", record.ensembl_id):
        known = f"its Ensembl id is {record.ensembl_id}" if record.ensembl_id else "its Ensembl id is not known here"
        told = f"ensembl_id: {given[:40]} was given for {record.symbol} ({record.hgnc_id}), but {known}."
        raise Refusal(f"{told} Correct it or leave it out.", errors={"ensembl_id": [told]})


def typed_origin(name: str, given: Mapping[str, str], as_given: str) -> Origin:
    sources = given.get("source_panel_id", "")
    return Origin(
        source="list",
        panel_id="",
        panel_name=name,
        confidence_level=given.get("confidence_level", "")
        if sources
        else level_word(given.get("confidence_level", "")),
        mode_of_inheritance=given.get("mode_of_inheritance", ""),
        phenotypes=(given["phenotype"],) if given.get("phenotype") else (),
        evidence=(given["evidence_level"],) if given.get("evidence_level") else (),
        note=given.get("user_notes", ""),
        given=as_given,
        custom_confidence=given.get("custom_confidence", ""),
        stated_sources=sources,
        stated_levels=given.get("source_list_type", "") if sources else "",
    )
