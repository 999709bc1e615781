"""From a gene to the panels that name it, in both catalogues."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from panelmerge.lib.errors import NotHere, Refusal
from panelmerge.lib.statements import compiled
from panels.actions.symbols import current_resolver
from panels.engine.genes import CONFIDENCE_RANK
from panels.engine.symbols import Match, Resolver
from panels.models import CatalogueEntry
from panels.models.catalogue import CataloguePanelQuerySet

# With or without the number of its version.
_ENSEMBL_ID = re.compile(r"ENSG[0-9]{11}(\.[0-9]{1,4})?", re.IGNORECASE)
_ID = re.compile(r"HGNC:[1-9][0-9]{0,8}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class GeneAsked:
    """What a person asked for. Without ``hgnc_id`` no gene of our names is meant; a panel may still name it so."""

    query: str
    match: str
    hgnc_id: str = ""
    gene_symbol: str = ""
    gene_name: str = ""


class Entry(NamedTuple):
    """One row of a panel's current version. ``child_*`` name the panel inside a super panel that it came from."""

    source: str
    panel_id: int
    name: str
    disease_group: str
    version: str
    entity_type: str
    entity_name: str
    confidence_level: str
    mode_of_inheritance: str
    child_panel_id: str
    child_panel_name: str


# Where the fields of Entry stand, seen from a CatalogueEntry. Whole models would cost more than the query.
_COLUMNS = (
    "panel__source",
    "panel__panel_id",
    "panel__name",
    "panel__disease_group",
    "panel__current_version__version",
    "entity_type",
    "entity_name",
    "confidence_level",
    "mode_of_inheritance",
    "child_panel_id",
    "child_panel_name",
)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """An entity in a panel. ``entries`` are its rows, strongest first; there are several in a super panel."""

    entries: tuple[Entry, ...]

    @property
    def strongest(self) -> Entry:
        return self.entries[0]


def gene_asked(query: str) -> GeneAsked:
    """The gene meant by a symbol of any time, an HGNC id or an Ensembl id.

    Refusal with the candidates when it may be several, and for an Ensembl id
    that none of our gene names bears: that no panel has it is not known then.
    """
    resolver = current_resolver()
    if _ENSEMBL_ID.fullmatch(query.strip()):
        return _of_ensembl(query, resolver)
    answer = resolver.resolve(query)
    if not answer.found and answer.candidates:
        raise Refusal(answer.suggestion, code=str(answer.match), errors={"gene": [answer.suggestion]})
    if answer.match == Match.UNKNOWN and _ID.fullmatch(query.strip()):
        # Named after our list of names was made: the catalogue may know it already.
        return GeneAsked(query, answer.match, hgnc_id=query.strip().upper())
    return GeneAsked(query, answer.match, answer.hgnc_id, answer.gene_symbol, answer.gene_name)


def _of_ensembl(query: str, resolver: Resolver) -> GeneAsked:
    genes = resolver.genes_of_ensembl(query)
    if len(genes) == 1:
        return GeneAsked(query, Match.ID, genes[0].hgnc_id, genes[0].symbol, genes[0].name)
    named = " or ".join(f"{gene.symbol} ({gene.hgnc_id})" for gene in genes)
    found = f"is borne by {named}" if genes else f"is not known to the gene names in use ({resolver.release})"
    told = f"The Ensembl id {query.strip()} {found}. Ask by symbol or HGNC id."
    code = str(Match.AMBIGUOUS if genes else Match.UNKNOWN)
    raise Refusal(told, code=code, errors={"gene": [told]})


def panels_of_gene(panels: CataloguePanelQuerySet, query: str) -> CataloguePanelQuerySet:
    """Those of ``panels`` that name the gene; none for an unknown one. Refusal as ``gene_asked``."""
    gene = gene_asked(query)
    return panels.with_gene(gene.hgnc_id) if gene.hgnc_id else panels.with_gene_named(query.strip())


def _entries():
    return CatalogueEntry.objects.filter(panel__retired_at=None).order_by().values_list(*_COLUMNS)


@compiled
def _entries_of_id(hgnc_id: str):
    return _entries().filter(hgnc_id=hgnc_id)


@compiled
def _entries_named(name: str):
    return _entries().filter(entity_name=name)


def occurrences(gene: GeneAsked) -> list[Occurrence]:
    """Where the gene, and STRs that lie in it, stand in panels in use: by panel name, UK before Australia."""
    if gene.hgnc_id:
        found = _entries_of_id(gene.hgnc_id)
    else:
        name = gene.query.strip()
        found = {*_entries_named(name), *_entries_named(name.upper())}
    rows = sorted((Entry(*row) for row in found), key=_order)
    found = [
        Occurrence(tuple(same))
        for _, same in groupby(rows, key=lambda row: (row.source, row.panel_id, row.entity_type, row.entity_name))
    ]
    if not found and not gene.gene_symbol:
        raise NotHere(f"No gene is called “{gene.query[:60]}”, and no panel names it.")
    return found


def _order(row: Entry) -> tuple:
    strength = -CONFIDENCE_RANK.get(row.confidence_level, -1)
    by_source = ("uk", "aus").index(row.source)
    return (row.name.lower(), by_source, row.panel_id, row.entity_type, row.entity_name, strength, row.child_panel_name)
