"""What a gene symbol means: current, previous, alias, withdrawn, or damaged by a spreadsheet."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from panels.engine.genes import Entity, EntityType, Origin, Row
from panels.engine.spreadsheets import undamaged

APPROVED, WITHDRAWN = "approved", "withdrawn"


@dataclass(frozen=True, slots=True)
class GeneRecord:
    """One HGNC entry.

    ``status`` is "approved" or "withdrawn"; ``merged_into`` are the HGNC ids a
    withdrawn entry went into. Positions are ``chromosome:start-end``, 1-based
    and inclusive, "" when the build has no place for it.
    """

    hgnc_id: str
    symbol: str
    name: str = ""
    status: str = APPROVED
    locus_type: str = ""
    previous_symbols: tuple[str, ...] = ()
    alias_symbols: tuple[str, ...] = ()
    merged_into: tuple[str, ...] = ()
    ensembl_id: str = ""
    grch37: str = ""
    grch38: str = ""


class Match(StrEnum):
    ID = "id"
    CURRENT = "current"
    PREVIOUS = "previous"
    ALIAS = "alias"
    WITHDRAWN = "withdrawn"
    AMBIGUOUS = "ambiguous"
    EXCEL_DATE = "excel_date"
    UNKNOWN = "unknown"


class Candidate(NamedTuple):
    """A gene that a text may mean, and by which kind of name."""

    hgnc_id: str
    gene_symbol: str
    gene_name: str
    match: Match


class Resolution(NamedTuple):
    """What one text means. ``query`` is the text as given; without a sure answer the gene's fields are "".

    ``candidates`` are all genes to choose from where there is no answer, and
    beside a previous symbol or alias the other genes that were called so.
    ``suggestion`` is a sentence for the person, or "".
    """

    query: str
    match: Match
    hgnc_id: str = ""
    gene_symbol: str = ""
    gene_name: str = ""
    candidates: tuple[Candidate, ...] = ()
    suggestion: str = ""

    @property
    def found(self) -> bool:
        """True when the text means exactly one approved gene."""
        return bool(self.hgnc_id)


# Zero-width characters, soft hyphens, direction marks: what the eye cannot see.
_UNSEEN = dict.fromkeys([0xAD, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), 0xFEFF])
_DASHES = dict.fromkeys([*range(0x2010, 0x2016), 0x2043, 0x2212, 0xFE58, 0xFE63, 0xFF0D], "-")


def clean(text: str) -> str:
    """The text without what the eye cannot tell apart: outer spaces, unseen characters, kinds of dashes."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.translate(_DASHES)).translate(_UNSEEN)
    return text.strip()


def fold(text: str) -> str:
    """The text without regard to case and to any space."""
    if text.isascii():
        return "".join(text.split()).lower()
    return "".join(clean(text).split()).casefold()


_ID = re.compile(r"(?:hgnc\s*:\s*)+([1-9][0-9]{0,8})", re.IGNORECASE)
# The order of the ladder after approved symbols.
_OLDER = (Match.PREVIOUS, Match.ALIAS, Match.WITHDRAWN)
_GONE = (Match.WITHDRAWN,)
_KINDS = {match: place for place, match in enumerate(Match)}


def _names(record: GeneRecord, match: Match) -> tuple[str, ...]:
    """The names of that kind; any name of a withdrawn entry is a withdrawn one."""
    if match is Match.PREVIOUS:
        return record.previous_symbols
    if match is Match.ALIAS:
        return record.alias_symbols
    if match is Match.CURRENT:
        return (record.symbol,)
    return (record.symbol, *record.previous_symbols, *record.alias_symbols)


class Resolver:
    """Answers for one release of gene names. Immutable once made, so threads may share it.

    The order: HGNC id, approved symbol, approved symbol without regard to case
    and spaces, previous symbol, alias, withdrawn symbol, the last three again
    without regard to case and spaces, and last what a spreadsheet may have made
    of a symbol. So an approved symbol, however it is written, always beats what
    another gene was once called: "Cat" is CAT, whatever alias is spelt like that.
    """

    def __init__(self, records: Iterable[GeneRecord], release: str) -> None:
        self.release = release
        self._genes = {record.hgnc_id: record for record in records}
        # Each kind of name, folded, with the genes that bear it.
        self._called: dict[Match, dict[str, tuple[GeneRecord, ...]]] = {m: {} for m in (Match.CURRENT, *_OLDER)}
        for record in self._genes.values():
            for match in (Match.CURRENT, Match.PREVIOUS, Match.ALIAS) if record.status == APPROVED else _GONE:
                index = self._called[match]
                for name in _names(record, match):
                    key = fold(name)
                    genes = index.get(key, ())
                    if record not in genes:
                        index[key] = (*genes, record)
        # Answers by the exact text. Only names that exist come in, so it stays bounded.
        self._answers = {
            gene.symbol: Resolution(gene.symbol, Match.CURRENT, gene.hgnc_id, gene.symbol, gene.name)
            for genes in self._called[Match.CURRENT].values()
            for gene in genes
            if len(genes) == 1
        }

    def __len__(self) -> int:
        return len(self._genes)

    def gene(self, hgnc_id: str) -> GeneRecord | None:
        """The entry with exactly this id, approved or withdrawn."""
        return self._genes.get(hgnc_id)

    def current_gene(self, hgnc_id: str) -> GeneRecord | None:
        """The approved gene this id stands for: itself, or the one it was merged into. None when not sure."""
        record = self._genes.get(hgnc_id)
        if record is None or record.status == APPROVED:
            return record
        ends, sure = self._ends([record])
        return ends[0] if sure and len(ends) == 1 else None

    def genes_of_ensembl(self, ensembl_id: str) -> tuple[GeneRecord, ...]:
        """The approved genes that bear this Ensembl id, in any version of it; more than one is no sure answer."""
        return self._of_ensembl.get(ensembl_id.strip().partition(".")[0].upper(), ())

    @cached_property
    def _of_ensembl(self) -> dict[str, tuple[GeneRecord, ...]]:
        bearers: dict[str, tuple[GeneRecord, ...]] = {}
        for record in self._genes.values():
            if record.ensembl_id and record.status == APPROVED:
                bearers[record.ensembl_id] = (*bearers.get(record.ensembl_id, ()), record)
        return bearers

    def names_of(self, hgnc_id: str) -> tuple[str, ...]:
        """Every symbol that means this approved gene: current first, then previous, aliases, merged entries."""
        record = self._genes.get(hgnc_id)
        if record is None:
            return ()
        merged = [entry.symbol for entry in self._merged_entries.get(hgnc_id, ())]
        return tuple(dict.fromkeys([record.symbol, *record.previous_symbols, *record.alias_symbols, *merged]))

    def ids_of(self, hgnc_id: str) -> tuple[str, ...]:
        """This id, and the ids of the withdrawn entries that went into it alone."""
        return (hgnc_id, *(entry.hgnc_id for entry in self._merged_entries.get(hgnc_id, ())))

    @cached_property
    def _merged_entries(self) -> dict[str, list[GeneRecord]]:
        into: dict[str, list[GeneRecord]] = {}
        for record in self._genes.values():
            if record.status != APPROVED and (gene := self.current_gene(record.hgnc_id)) is not None:
                into.setdefault(gene.hgnc_id, []).append(record)
        return into

    def resolve_many(self, queries: Iterable[str]) -> list[Resolution]:
        """One answer for each query, in their order."""
        known = self._answers
        return [known.get(query) or self.resolve(query) for query in queries]

    def resolve(self, query: str) -> Resolution:
        """What the text means. Any text has an answer; nothing is ever guessed."""
        known = self._answers.get(query)
        if known is not None:
            return known
        text = clean(query)
        if text[:4].casefold() == "hgnc" and (number := _ID.fullmatch(text)) is not None:
            return self._by_id(query, f"HGNC:{number[1]}")
        named = self._by_name(query, text)
        return named or self._damaged(query, text) or Resolution(query, Match.UNKNOWN)

    def _by_id(self, query: str, hgnc_id: str) -> Resolution:
        record = self._genes.get(hgnc_id)
        if record is None:
            return Resolution(query, Match.UNKNOWN)
        if record.status == APPROVED:
            return Resolution(query, Match.ID, hgnc_id, record.symbol, record.name)
        return self._withdrawn(query, (record,))

    def _by_name(self, query: str, text: str) -> Resolution | None:
        folded = fold(text)
        if (genes := self._called[Match.CURRENT].get(folded)) is not None:
            exact = tuple(gene for gene in genes if gene.symbol == text) if len(genes) > 1 else genes
            return self._named(query, Match.CURRENT, exact or genes, folded)
        borne = [(match, genes) for match in _OLDER if (genes := self._called[match].get(folded)) is not None]
        for match, genes in borne:
            if exact := tuple(gene for gene in genes if text in _names(gene, match)):
                answer = self._named(query, match, exact, folded)
                if query == text:
                    self._answers[query] = answer
                return answer
        return self._named(query, *borne[0], folded) if borne else None

    def _named(self, query: str, match: Match, genes: tuple[GeneRecord, ...], folded: str) -> Resolution:
        if match is Match.WITHDRAWN:
            # An entry that bore the name itself says more than one that only had it as an alias.
            return self._withdrawn(query, tuple(gene for gene in genes if fold(gene.symbol) == folded) or genes)
        if len(genes) > 1:
            chosen = _ranked(_candidate(gene, match) for gene in genes)
            return self._ambiguous(query, (*chosen, *self._also_called(folded, genes)))
        gene = genes[0]
        others = () if match is Match.CURRENT else self._also_called(folded, genes)
        return Resolution(query, match, gene.hgnc_id, gene.symbol, gene.name, others)

    def _also_called(self, folded: str, known: tuple[GeneRecord, ...]) -> tuple[Candidate, ...]:
        others: dict[str, Candidate] = {}
        for gene, match in self._all_called(folded):
            if gene not in known and gene.hgnc_id not in others:
                others[gene.hgnc_id] = _candidate(gene, match)
        return _ranked(others.values())

    def _all_called(self, folded: str) -> Iterator[tuple[GeneRecord, Match]]:
        """Every approved gene that is or was called so, best kind of name first."""
        for match, index in self._called.items():
            genes = index.get(folded, ())
            for gene in self._ends(genes)[0] if match is Match.WITHDRAWN and genes else genes:
                yield gene, match

    def _ends(self, entries: Iterable[GeneRecord]) -> tuple[list[GeneRecord], bool]:
        """The approved genes at the ends of all merges, and whether every step of the way is known here."""
        waiting, seen, ends, sure = list(entries), set(), {}, True
        while waiting:
            entry = waiting.pop(0)
            if entry.hgnc_id in seen:
                continue
            seen.add(entry.hgnc_id)
            if entry.status == APPROVED:
                ends[entry.hgnc_id] = entry
                continue
            targets = [self._genes.get(hgnc_id) for hgnc_id in entry.merged_into]
            sure = sure and None not in targets
            waiting.extend(target for target in targets if target is not None)
        return list(ends.values()), sure

    def _withdrawn(self, query: str, entries: tuple[GeneRecord, ...]) -> Resolution:
        ends, sure = self._ends(entries)
        was = entries[0].symbol
        if not ends:
            return Resolution(query, Match.WITHDRAWN, suggestion=f"{was} was withdrawn, and no gene took its place.")
        if len(ends) > 1 or not sure:
            return self._ambiguous(query, _ranked(_candidate(gene, Match.WITHDRAWN) for gene in ends))
        gene, told = ends[0], f"{was} was withdrawn and merged into {ends[0].symbol}."
        return Resolution(query, Match.WITHDRAWN, gene.hgnc_id, gene.symbol, gene.name, suggestion=told)

    def _ambiguous(self, query: str, candidates: tuple[Candidate, ...]) -> Resolution:
        names = " or ".join(f"{candidate.gene_symbol} ({candidate.hgnc_id})" for candidate in candidates)
        told = f"{clean(query)} does not name one gene for certain; it may mean {names}."
        return Resolution(query, Match.AMBIGUOUS, candidates=candidates, suggestion=told)

    def _damaged(self, query: str, text: str) -> Resolution | None:
        """What a spreadsheet may have made of a symbol. Only ever a suggestion."""
        sort, names = undamaged(text)
        if sort == "number":
            names = [name for name in self._like_numbers if float(name) == float(text.replace(",", "."))]
        found: dict[str, Candidate] = {}
        spelt: dict[str, str] = {}
        for name in names:
            for gene, match in self._all_called(fold(name)):
                found.setdefault(gene.hgnc_id, _candidate(gene, match))
                spelt.setdefault(gene.symbol, name)
        if not sort or (sort == "serial" and not found):
            return None
        genes = _ranked(found.values())
        # What a gene really was called is said; who only has the name as an alias is among the candidates.
        likely = [gene.gene_symbol for gene in genes if gene.match is not Match.ALIAS]
        likely = likely or [gene.gene_symbol for gene in genes]
        meant = [spelt[now] if spelt[now] == now else f"{spelt[now]} (now {now})" for now in likely]
        became = "a number" if sort == "number" else "a date"
        told = f"A spreadsheet probably turned {' or '.join(meant) or 'a gene name'} into {became}."
        return Resolution(query, Match.EXCEL_DATE, candidates=genes, suggestion=told)

    @cached_property
    def _like_numbers(self) -> list[str]:
        """Names such as 2310E10, which a spreadsheet reads as a number."""
        names = {name for index in self._called.values() for name in index if name[:1].isdigit()}
        return sorted(name.upper() for name in names if re.fullmatch(r"[0-9]+e[0-9]{1,2}", name))

    def suggest(self, text: str, limit: int = 10) -> list[Candidate]:
        """Genes for what has been typed so far, at most ``limit``.

        First what the whole text means, then names and ids that begin with it,
        approved symbols before previous ones before aliases. A gene comes once.
        """
        start = fold(text)
        if not start or limit < 1:
            return []
        answer = self.resolve(text)
        found = {candidate.hgnc_id: candidate for candidate in answer.candidates}
        if answer.found:
            meant = Candidate(answer.hgnc_id, answer.gene_symbol, answer.gene_name, answer.match)
            found = {answer.hgnc_id: meant} | found
        for candidate in self._beginning_with(start):
            if len(found) >= limit:
                break
            found.setdefault(candidate.hgnc_id, candidate)
        return list(found.values())[:limit]

    def _beginning_with(self, start: str) -> Iterator[Candidate]:
        for match, names in self._sorted_names.items():
            for place in range(bisect_left(names, start), len(names)):
                if not names[place].startswith(start):
                    break
                if match is Match.ID:
                    yield _candidate(self._genes[names[place].upper()], match)
                else:
                    yield from (_candidate(gene, match) for gene in self._called[match][names[place]])

    @cached_property
    def _sorted_names(self) -> dict[Match, list[str]]:
        names = {m: sorted(self._called[m]) for m in (Match.CURRENT, Match.PREVIOUS, Match.ALIAS)}
        approved = (gene.hgnc_id.lower() for gene in self._genes.values() if gene.status == APPROVED)
        return names | {Match.ID: sorted(approved)}


def _candidate(gene: GeneRecord, match: Match) -> Candidate:
    return Candidate(gene.hgnc_id, gene.symbol, gene.name, match)


def _ranked(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Best kind of name first, then by symbol: the same order whichever way the genes were read."""
    return tuple(sorted(candidates, key=lambda gene: (_KINDS[gene.match], gene.gene_symbol, gene.hgnc_id)))


def with_current_names(rows: Iterable[Row], resolver: Resolver) -> tuple[Row, ...]:
    """The rows under their current names; as many rows as before, in their order.

    A row's own HGNC id says who it is, redirected where the entry was merged
    into exactly one other; only a row without an id is looked up by its name. A
    row that cannot be placed is kept as it is. What the source wrote (the
    symbol, or the old id under an unchanged symbol) stays in ``origin.given``.
    STRs and regions keep their names.
    """
    return tuple(_under_current_name(row, resolver) for row in rows)


def _under_current_name(row: Row, resolver: Resolver) -> Row:
    entity, origin = row.entity, row.origin
    gene = resolver.current_gene(entity.hgnc_id) if entity.hgnc_id else None
    if gene is None and not entity.hgnc_id and entity.entity_type == EntityType.GENE:
        gene = resolver.gene(resolver.resolve(entity.name).hgnc_id)
    if gene is None:
        return row
    old_id = entity.hgnc_id if entity.hgnc_id not in ("", gene.hgnc_id) else ""
    if entity.entity_type != EntityType.GENE:
        if not old_id:
            return row
        name, gene_name, ensembl_id, given = entity.name, entity.gene_name, entity.ensembl_id, old_id
        grch37, grch38 = entity.grch37, entity.grch38
    else:
        name, gene_name = gene.symbol, gene.name or entity.gene_name
        ensembl_id = gene.ensembl_id or entity.ensembl_id
        given = entity.name if entity.name != gene.symbol else old_id
        grch37, grch38 = gene.grch37 or entity.grch37, gene.grch38 or entity.grch38
    current = Entity(entity.entity_type, name, gene.hgnc_id, gene_name, ensembl_id, grch37, grch38)
    return Row(current, _given(origin, origin.given or given))


def _given(origin: Origin, given: str) -> Origin:
    if origin.given == given:
        return origin
    fields = {field: getattr(origin, field) for field in Origin.__slots__}
    return Origin(**fields | {"given": given})
