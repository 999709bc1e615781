"""A table of text becomes a list of genes: every row with what it means, and every doubt with its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from panels.engine.columns import BLANKS, Layout, Rows, cell, column_name, id_text, level_word
from panels.engine.genes import Entity, EntityType, GeneList, Origin, Row, Unresolved
from panels.engine.symbols import Candidate, Match, Resolution, Resolver


@dataclass(frozen=True, slots=True)
class ListedGene:
    """One row that names something. ``row`` is its number in the file, from 1; ``query`` the text as it stands there.

    ``given_id`` is the HGNC id that stood beside it. ``reason`` says why the row
    cannot be used, "" when it can. ``suggestion`` is a sentence, ``candidates``
    the genes to choose from.
    """

    row: int
    query: str
    match: str
    hgnc_id: str = ""
    gene_symbol: str = ""
    gene_name: str = ""
    ensembl_id: str = ""
    entity_type: str = EntityType.GENE
    candidates: tuple[Candidate, ...] = ()
    suggestion: str = ""
    confidence_level: str = ""
    mode_of_inheritance: str = ""
    phenotype: str = ""
    note: str = ""
    reason: str = ""
    given_id: str = ""

    @property
    def entity(self) -> Entity:
        return Entity(self.entity_type, self.gene_symbol, self.hgnc_id, self.gene_name, self.ensembl_id)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something a person should look at. ``column`` is the heading, or the letter where there is none."""

    row: int
    column: str
    value: str
    message: str

    def __str__(self) -> str:
        return f"row {self.row}, column {self.column}: {self.message}"


@dataclass(frozen=True, slots=True)
class Listing:
    genes: tuple[ListedGene, ...]
    problems: tuple[Problem, ...]

    @property
    def usable(self) -> tuple[ListedGene, ...]:
        return tuple(gene for gene in self.genes if not gene.reason)


def list_genes(rows: Rows, layout: Layout, resolver: Resolver) -> Listing:
    """Every row below the headings with its meaning; ``layout.gene`` must be known.

    Problems are rows without a sure gene, rows that name a gene again, and rows
    with text but no gene. A renamed gene is none: its ``match`` says so.
    """
    genes: list[ListedGene] = []
    problems: list[Problem] = []
    heading = column_name(rows, layout, layout.gene)
    first_seen: dict[tuple[str, str], int] = {}
    for number, row in enumerate(rows[layout.first_row :], start=layout.first_row + 1):
        gene = _listed(number, row, layout, resolver)
        if gene is None:
            if any(text.strip() for text in row):
                problems.append(Problem(number, heading, "", "The cell is empty, so this row names no gene."))
            continue
        genes.append(gene)
        if gene.reason:
            problems.append(Problem(number, heading, gene.query, gene.reason))
            continue
        before = first_seen.setdefault((gene.entity_type, gene.entity.key), number)
        if before != number:
            told = f"{gene.query} is the same gene as row {before}."
            problems.append(Problem(number, heading, gene.query, told))
    return Listing(tuple(genes), tuple(problems))


def _listed(number: int, row: Sequence[str], layout: Layout, resolver: Resolver) -> ListedGene | None:
    query = cell(row, layout.gene)
    given_id = cell(row, layout.hgnc_id)
    given_id = "" if given_id.casefold() in BLANKS else id_text(given_id)
    if layout.gene == layout.hgnc_id:
        query = given_id
    if not query and not given_id:
        return None
    said = {
        "confidence_level": level_word(cell(row, layout.level)),
        "mode_of_inheritance": cell(row, layout.inheritance),
        "phenotype": cell(row, layout.phenotype),
        "note": cell(row, layout.note) or cell(row, layout.own_level),
    }
    entity_type = cell(row, layout.entity_type).casefold()
    if entity_type in (EntityType.STR, EntityType.REGION) and query:
        own = {"gene_symbol": query, "hgnc_id": given_id, "entity_type": entity_type}
        return ListedGene(number, query, Match.CURRENT, **own, **said)
    found, reason = who_is_meant(query, given_id, resolver)
    record = resolver.gene(found.hgnc_id) if found.hgnc_id else None
    return ListedGene(
        number,
        query or given_id,
        found.match,
        hgnc_id=found.hgnc_id,
        gene_symbol=found.gene_symbol,
        gene_name=found.gene_name,
        ensembl_id=record.ensembl_id if record else "",
        candidates=found.candidates,
        suggestion=found.suggestion,
        reason=reason,
        given_id=given_id,
        **said,
    )


def who_is_meant(symbol: str, hgnc_id: str, resolver: Resolver) -> tuple[Resolution, str]:
    """The gene of a row and "", or an answer without a gene and the reason. An id says more than a symbol."""
    by_symbol = resolver.resolve(symbol) if symbol else None
    if not hgnc_id or hgnc_id == symbol:
        found = by_symbol or resolver.resolve(hgnc_id)
        return found, "" if found.found else why_unresolved(found)
    by_id = resolver.resolve(hgnc_id)
    if not by_id.found:
        return by_id._replace(query=symbol), f"{hgnc_id}: {why_unresolved(by_id)}"
    if by_symbol is None or not by_symbol.found:
        return by_id, ""
    if by_symbol.hgnc_id == by_id.hgnc_id:
        return by_symbol, ""
    # The old name of one gene may be the name of another by now: nobody but the writer knows which was meant.
    both = tuple(Candidate(one.hgnc_id, one.gene_symbol, one.gene_name, one.match) for one in (by_id, by_symbol))
    told = f'"{symbol}" is {by_symbol.hgnc_id} ({by_symbol.gene_symbol}), but {hgnc_id} is {by_id.gene_symbol}.'
    return Resolution(symbol, Match.AMBIGUOUS, candidates=both, suggestion=told), told


def why_unresolved(found: Resolution) -> str:
    """The sentence for a text that stands for no one gene."""
    if found.suggestion:
        return found.suggestion
    if found.match == Match.EXCEL_DATE:
        return f'"{found.query}" looks like a gene name that a spreadsheet turned into a date or a number.'
    return f'"{found.query}" is not a known gene symbol.'


def gene_list(listing: Listing, *, panel_id: str, name: str) -> GeneList:
    """The input of a merge. A gene that comes twice with equal statements is one row, with different ones two."""
    rows: dict[tuple[Entity, Origin], Row] = {}
    for row in _rows(listing, panel_id, name):
        statement = (row.entity, replace(row.origin, given=""))
        known = rows.get(statement)
        if known is None:
            rows[statement] = row
        elif row.origin.given and row.origin.given not in known.origin.given.split("; "):
            both = "; ".join(filter(None, (known.origin.given, row.origin.given)))
            rows[statement] = Row(row.entity, replace(row.origin, given=both))
    lost = tuple(Unresolved(gene.query, gene.reason, gene.row, _beside(gene)) for gene in listing.genes if gene.reason)
    empty = tuple(Unresolved("", problem.message, problem.row) for problem in listing.problems if not problem.value)
    unresolved = tuple(sorted((*lost, *empty), key=lambda one: one.row or 0))
    return GeneList("upload", panel_id, name, rows=tuple(rows.values()), unresolved=unresolved)


def _beside(gene: ListedGene) -> str:
    return gene.given_id if gene.given_id != gene.query else ""


def _rows(listing: Listing, panel_id: str, name: str) -> Iterator[Row]:
    for gene in listing.usable:
        origin = Origin(
            source="upload",
            panel_id=panel_id,
            panel_name=name,
            confidence_level=gene.confidence_level,
            mode_of_inheritance=gene.mode_of_inheritance,
            phenotypes=(gene.phenotype,) if gene.phenotype else (),
            note=gene.note,
            given=gene.query if gene.query != gene.gene_symbol else "",
        )
        yield Row(gene.entity, origin)
