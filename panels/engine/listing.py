"""A table of text becomes a list of genes: every row with what it means, and every doubt with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from panels.engine.columns import (
    BLANKS,
    Layout,
    Rows,
    cell,
    column_name,
    id_text,
    level_word,
    own_columns,
    own_record,
)
from panels.engine.content import BETWEEN, GENE_KEYS, content_hash
from panels.engine.genes import Entity, EntityType, GeneList, Origin, Row, Unresolved
from panels.engine.symbols import Candidate, Match, Resolution, Resolver, with_current_names

EMPTY_CELL = "The cell is empty, so this row names no gene."


@dataclass(frozen=True, slots=True)
class ListedGene:
    """One row that names something. ``row`` is its number in the file, from 1; ``query`` the text as it stands there.

    ``given_id`` is the HGNC id that stood beside it. ``reason`` says why the row
    cannot be used, "" when it can. ``suggestion`` is a sentence, ``candidates``
    the genes to choose from. ``sources`` and ``levels`` are what an unchanged
    file of PanelMerge states of the origins of its row, "" in any other file.
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
    is_unread: bool = False
    evidence: str = ""
    custom_confidence: str = ""
    sources: str = ""
    levels: str = ""
    grch37: str = ""
    grch38: str = ""

    @property
    def entity(self) -> Entity:
        return Entity(
            self.entity_type,
            self.gene_symbol,
            self.hgnc_id,
            self.gene_name,
            self.ensembl_id,
            self.grch37,
            self.grch38,
        )


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


def unchanged(rows: Rows, layout: Layout, claimed: str) -> bool:
    """Whether a table of ours states the very content whose hash the file names."""
    columns = own_columns(rows, layout)
    if columns is None:
        return False
    stated = (own_record(row, columns) for row in rows[layout.first_row :] if row)
    return content_hash({key: record[key] for key in GENE_KEYS} for record in stated) == claimed


def list_genes(rows: Rows, layout: Layout, resolver: Resolver, *, claimed: str = "") -> Listing:
    """Every row below the headings with its meaning; ``layout.gene`` must be known.

    ``claimed`` is the content hash that a file of ours names. As long as the
    table states that content its rows are taken as they were frozen; a table
    that was changed since is read like anybody's.

    Problems are rows without a sure gene, rows that name a gene again, and rows
    with text but no gene. A renamed gene is none: its ``match`` says so.
    """
    genes: list[ListedGene] = []
    problems: list[Problem] = []
    heading = column_name(rows, layout, layout.gene)
    first_seen: dict[tuple[str, str], int] = {}
    own = own_columns(rows, layout) if claimed and unchanged(rows, layout, claimed) else None
    for gene in _above_the_heading(rows, layout, resolver):
        genes.append(gene)
        problems.append(Problem(gene.row, heading, gene.query, gene.reason))
    for number, row in enumerate(rows[layout.first_row :], start=layout.first_row + 1):
        if own is not None and row:
            gene = _stated(number, own_record(row, own), resolver)
        else:
            gene = _listed(number, row, layout, resolver)
        if gene is None:
            if any(text.strip() for text in row):
                problems.append(Problem(number, heading, "", EMPTY_CELL))
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


def _above_the_heading(rows: Rows, layout: Layout, resolver: Resolver) -> Iterator[ListedGene]:
    """Genes that stand above the headings, where a title usually stands: not read, and said so."""
    for number, row in enumerate(rows[: layout.heading or 0], start=1):
        query = cell(row, layout.gene)
        found = resolver.resolve(query) if query else None
        if found is not None and (found.found or found.candidates):
            told = f'"{query}" stands above the headings of row {layout.heading + 1} and was not read. Move it below.'
            yield ListedGene(number, query, found.match, candidates=found.candidates, reason=told, is_unread=True)


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
        "note": cell(row, layout.note),
        "custom_confidence": cell(row, layout.own_level),
        "evidence": BETWEEN.join(part.strip() for part in cell(row, layout.evidence).split(";") if part.strip()),
    }
    entity_type = cell(row, layout.entity_type).casefold()
    if entity_type in (EntityType.STR, EntityType.REGION) and query:
        own = {"gene_symbol": query, "hgnc_id": given_id, "entity_type": entity_type}
        own["grch37"] = _place(row, layout.chromosome, layout.start37, layout.end37)
        own["grch38"] = _place(row, layout.chromosome, layout.start38, layout.end38)
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
        grch37=record.grch37 if record else "",
        grch38=record.grch38 if record else "",
        candidates=found.candidates,
        suggestion=found.suggestion,
        reason=reason,
        given_id=given_id,
        **said,
    )


def _place(row: Sequence[str], chromosome: int | None, start: int | None, end: int | None) -> str:
    ends = [cell(row, chromosome), cell(row, start), cell(row, end)]
    return f"{ends[0]}:{ends[1]}-{ends[2]}" if all(ends) else ""


def _stated(number: int, said: Mapping[str, str], resolver: Resolver) -> ListedGene:
    entity, why = stated_entity(said, resolver)
    query = said["gene_symbol"] or said["hgnc_id"]
    if entity is None:
        found, _ = who_is_meant(said["gene_symbol"], said["hgnc_id"], resolver)
        return ListedGene(number, query, found.match, candidates=found.candidates, reason=why, given_id=said["hgnc_id"])
    return ListedGene(
        number,
        query,
        resolver.resolve(query).match if entity.entity_type == EntityType.GENE else Match.CURRENT,
        hgnc_id=entity.hgnc_id,
        gene_symbol=entity.name,
        gene_name=entity.gene_name,
        ensembl_id=entity.ensembl_id,
        entity_type=entity.entity_type,
        confidence_level=said["confidence_level"],
        mode_of_inheritance=said["mode_of_inheritance"],
        phenotype=said["phenotype"],
        note=said["user_notes"],
        given_id=said["hgnc_id"],
        evidence=said["evidence_level"],
        custom_confidence=said["custom_confidence"],
        sources=said["source_panel_id"],
        levels=said["source_list_type"],
        grch37=entity.grch37,
        grch38=entity.grch38,
    )


def stated_entity(said: Mapping[str, str], resolver: Resolver) -> tuple[Entity | None, str]:
    """Who a row of a list of ours names (keys of OWN_HEADINGS), under the current name; or None and why not.

    As in a panel the id says who it is, and a gene that our names do not know
    is kept as it is. An id beside the symbol of another gene is not guessed at.
    """
    entity_type = said.get("entity_type") or EntityType.GENE
    if entity_type not in list(EntityType):
        return None, f"{entity_type!a:.40} is no type of entity; there are {', '.join(EntityType)}."
    entity = Entity(
        EntityType(entity_type),
        said.get("gene_symbol", ""),
        said.get("hgnc_id", ""),
        said.get("gene_name", ""),
        said.get("ensembl_id", ""),
        said.get("grch37", ""),
        said.get("grch38", ""),
    )
    known = resolver.current_gene(entity.hgnc_id) is not None
    if entity.hgnc_id and not known and not re.fullmatch(r"HGNC:\d{1,9}", entity.hgnc_id):
        return None, f"{entity.hgnc_id} is not an HGNC id."
    if entity.entity_type == EntityType.GENE and (known or not entity.name):
        _, why = who_is_meant(entity.name, entity.hgnc_id, resolver)
        if why:
            return None, why
    [row] = with_current_names([Row(entity, Origin("list", "", ""))], resolver)
    if row.entity.hgnc_id != entity.hgnc_id:
        return row.entity, ""
    # The list was made with this id of Ensembl's: a newer one would be another content.
    return replace(row.entity, ensembl_id=entity.ensembl_id), ""


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
        meant = by_symbol.candidates if by_symbol is not None else ()
        if meant and all(one.hgnc_id != by_id.hgnc_id for one in meant):
            names = ", ".join(f"{one.gene_symbol} ({one.hgnc_id})" for one in meant)
            told = f'"{symbol}" may mean {names}, but {hgnc_id} is {by_id.gene_symbol}.'
            return Resolution(symbol, Match.AMBIGUOUS, candidates=(*meant, _candidate(by_id)), suggestion=told), told
        return by_id, ""
    if by_symbol.hgnc_id == by_id.hgnc_id:
        return by_symbol, ""
    # The old name of one gene may be the name of another by now: nobody but the writer knows which was meant.
    both = tuple(_candidate(one) for one in (by_id, by_symbol))
    told = f'"{symbol}" is {by_symbol.hgnc_id} ({by_symbol.gene_symbol}), but {hgnc_id} is {by_id.gene_symbol}.'
    return Resolution(symbol, Match.AMBIGUOUS, candidates=both, suggestion=told), told


def _candidate(found: Resolution) -> Candidate:
    return Candidate(found.hgnc_id, found.gene_symbol, found.gene_name, found.match)


def why_unresolved(found: Resolution) -> str:
    """The sentence for a text that stands for no one gene."""
    if found.suggestion:
        return found.suggestion
    if found.match == Match.EXCEL_DATE:
        return f'"{found.query}" looks like a gene name that a spreadsheet turned into a date or a number.'
    return f'"{found.query}" is not a known gene symbol.'


def gene_list(listing: Listing, *, panel_id: str, name: str, source: str = "upload") -> GeneList:
    """The input of a merge. A gene that comes twice with equal statements is one row, with different ones two."""
    rows: dict[tuple[Entity, Origin], Row] = {}
    for row in _rows(listing, source, panel_id, name):
        statement = (row.entity, replace(row.origin, given=""))
        known = rows.get(statement)
        if known is None:
            rows[statement] = row
        elif row.origin.given and row.origin.given not in known.origin.given.split("; "):
            both = "; ".join(filter(None, (known.origin.given, row.origin.given)))
            rows[statement] = Row(row.entity, replace(row.origin, given=both))
    lost = tuple(
        Unresolved(gene.query, gene.reason, gene.row, _beside(gene), gene.is_unread)
        for gene in listing.genes
        if gene.reason
    )
    empty = tuple(Unresolved("", problem.message, problem.row) for problem in listing.problems if not problem.value)
    unresolved = tuple(sorted((*lost, *empty), key=lambda one: one.row or 0))
    return GeneList(source, panel_id, name, rows=tuple(rows.values()), unresolved=unresolved)


def _beside(gene: ListedGene) -> str:
    return gene.given_id if gene.given_id != gene.query else ""


def _rows(listing: Listing, source: str, panel_id: str, name: str) -> Iterator[Row]:
    for gene in listing.usable:
        origin = Origin(
            source=source,
            panel_id=panel_id,
            panel_name=name,
            confidence_level=gene.confidence_level,
            mode_of_inheritance=gene.mode_of_inheritance,
            phenotypes=(gene.phenotype,) if gene.phenotype else (),
            evidence=(gene.evidence,) if gene.evidence else (),
            note=gene.note,
            custom_confidence=gene.custom_confidence,
            stated_sources=gene.sources,
            stated_levels=gene.levels,
            given=gene.query if gene.query != gene.gene_symbol else "",
        )
        yield Row(gene.entity, origin)
