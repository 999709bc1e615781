"""Genes by panels: which of the genes asked for stand in which panels, with confidence and mode of inheritance.

    gene_matrix(genes, panels, statements, filters) -> Matrix

Every gene asked for is a row, also one that no panel names; a panel is a
column when it names enough of them. What names no sure gene stands in
``unresolved``, never nowhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from panels.engine.genes import DEFAULT_CONFIDENCE, Confidence, Unresolved
from panels.engine.inheritance import inheritance_rank, short_inheritance
from panels.engine.merge import confidence_rank

EVERY_LEVEL = frozenset(Confidence)
# The filters that a person chooses among, in words.
LEVELS: dict[str, tuple[str, frozenset[str]]] = {
    "green": ("green only", frozenset({Confidence.GREEN})),
    "amber": ("green and amber", frozenset({Confidence.GREEN, Confidence.AMBER})),
    "red": ("everything but level 0", DEFAULT_CONFIDENCE),
    "none": ("with level 0", EVERY_LEVEL),
}
OWN = "upload"
CATALOGUES = {"uk": "PanelApp UK", "aus": "PanelApp Australia"}


@dataclass(frozen=True, slots=True)
class AskedGene:
    """A gene asked for, once. ``queries`` are the different texts that meant it, in their order.

    ``key`` is the HGNC id; a gene that only a panel's own name tells has none,
    and its key is that name.
    """

    key: str
    gene_symbol: str
    hgnc_id: str = ""
    gene_name: str = ""
    queries: tuple[str, ...] = ()

    @property
    def renamed_from(self) -> tuple[str, ...]:
        """What was asked for where it is not the current symbol or the id."""
        return tuple(query for query in self.queries if query not in (self.gene_symbol, self.hgnc_id))


@dataclass(frozen=True, slots=True)
class MatrixPanel:
    """A column. ``key`` is uk:245, aus:3149 or upload:<id>; ``size`` how many genes the panel names in all."""

    key: str
    source: str
    panel_id: str
    name: str
    version: str = ""
    size: int = 0
    terms: str = ""

    @property
    def label(self) -> str:
        tag = {"uk": "GB", "aus": "AUS"}.get(self.source, "")
        version = f" v{self.version}" if self.version else ""
        return f"{tag} {self.name}{version}".strip()


class Statement(NamedTuple):
    """One row of one panel on one gene; a super panel may have several."""

    gene: str
    panel: str
    confidence_level: str
    mode_of_inheritance: str


@dataclass(frozen=True, slots=True)
class Cell:
    """What a panel says of a gene: the highest confidence, and how many of its rows (``rows``) say anything.

    ``modes`` are the different modes of inheritance: those of the strongest rows
    first, among equals the one that keeps most variants in view.
    """

    confidence_level: str
    modes: tuple[str, ...] = ()
    rows: int = 1

    @property
    def mode_of_inheritance(self) -> str:
        return self.modes[0] if self.modes else ""

    @property
    def light(self) -> str:
        """The traffic light; "" for a list's own word, which must not become the name of a style."""
        return self.confidence_level if self.confidence_level in EVERY_LEVEL else ""

    @property
    def short(self) -> str:
        return short_inheritance(self.mode_of_inheritance)


@dataclass(frozen=True, slots=True)
class Filters:
    """``least``: panels with fewer of the genes are left out; ``words`` must all stand in a panel's name, in any case.

    ``source`` ("uk" or "aus") narrows the catalogue. One's own lists were each
    chosen, so source, least and words leave them alone.
    """

    levels: frozenset[str] = DEFAULT_CONFIDENCE
    source: str = ""
    least: int = 1
    words: str = ""

    def takes(self, level: str, source: str) -> bool:
        """A level that is no traffic light cannot be compared with one: it counts unless only some are asked for.

        In a list of one's own it always counts, as most lists give no level at all.
        """
        if level in EVERY_LEVEL:
            return level in self.levels
        return source == OWN or self.levels >= DEFAULT_CONFIDENCE

    def shows(self, panel: MatrixPanel, genes: int) -> bool:
        if panel.source == OWN:
            return True
        if self.source and panel.source != self.source:
            return False
        return genes >= max(1, self.least) and self._named(panel.name)

    def _named(self, name: str) -> bool:
        folded = name.casefold()
        return all(word in folded for word in self.words.casefold().split())

    @property
    def levels_in_words(self) -> str:
        for words, levels in LEVELS.values():
            if levels == self.levels:
                return words
        ordered = sorted(self.levels, key=confidence_rank, reverse=True)
        return " and ".join("level 0" if level == Confidence.NONE else level for level in ordered)


@dataclass(frozen=True)
class Matrix:
    """``genes`` in the order they were asked for, ``panels`` with most of them first; ``cells`` by both keys.

    ``cells`` holds shown panels only. ``asked`` is how many texts were given.
    """

    genes: tuple[AskedGene, ...]
    panels: tuple[MatrixPanel, ...]
    cells: Mapping[tuple[str, str], Cell]
    unresolved: tuple[Unresolved, ...]
    filters: Filters
    asked: int = 0
    gene_names: str = ""

    @cached_property
    def by_panel(self) -> Counter[str]:
        """How many of the genes each panel holds, by its key."""
        return Counter(panel for _, panel in self.cells)

    @cached_property
    def by_gene(self) -> Counter[str]:
        """How many of the panels shown hold each gene, by its key."""
        return Counter(gene for gene, _ in self.cells)

    @property
    def counts(self) -> dict[str, int]:
        """``repeated`` texts meant a gene that was asked for before; ``in_no_panel`` genes stand in no panel shown."""
        return {
            "asked": self.asked,
            "genes": len(self.genes),
            "repeated": self.asked - len(self.genes) - len(self.unresolved),
            "unresolved": len(self.unresolved),
            "panels": len(self.panels),
            "cells": len(self.cells),
            "in_no_panel": len(self.genes) - len(self.by_gene),
        }


def asked_once(genes: Iterable[AskedGene]) -> tuple[AskedGene, ...]:
    """Each gene once, in the order of first mention, with every different text that meant it."""
    queries: dict[str, dict[str, None]] = {}
    first: dict[str, AskedGene] = {}
    for gene in genes:
        first.setdefault(gene.key, gene)
        queries.setdefault(gene.key, {}).update(dict.fromkeys(gene.queries))
    return tuple(
        AskedGene(key, gene.gene_symbol, gene.hgnc_id, gene.gene_name, tuple(queries[key]))
        for key, gene in first.items()
    )


def gene_matrix(
    genes: Sequence[AskedGene],
    panels: Sequence[MatrixPanel],
    statements: Iterable[Statement],
    filters: Filters,
    *,
    unresolved: Sequence[Unresolved] = (),
    gene_names: str = "",
) -> Matrix:
    """The matrix of these genes; statements on others, and of panels that are not given, are passed over.

    A gene may be given several times: it is one row. The result does not depend
    on the order of panels and statements.
    """
    rows = asked_once(genes)
    wanted, source_of = {gene.key for gene in rows}, {panel.key: panel.source for panel in panels}
    said: dict[tuple[str, str], list[Statement]] = {}
    for one in statements:
        source = source_of.get(one.panel)
        if source is not None and one.gene in wanted and filters.takes(one.confidence_level, source):
            said.setdefault((one.gene, one.panel), []).append(one)
    held = Counter(panel for _, panel in said)
    shown = sorted((panel for panel in panels if filters.shows(panel, held[panel.key])), key=lambda p: _order(p, held))
    keys = {panel.key for panel in shown}
    return Matrix(
        genes=rows,
        panels=tuple(shown),
        cells={place: _cell(same) for place, same in said.items() if place[1] in keys},
        unresolved=tuple(unresolved),
        filters=filters,
        asked=len(genes) + len(unresolved),
        gene_names=gene_names,
    )


def _order(panel: MatrixPanel, held: Mapping[str, int]) -> tuple:
    """One's own first: they were chosen one by one. Then those with most of the genes, the UK before Australia."""
    source = (OWN, "uk", "aus").index(panel.source)
    return (panel.source != OWN, -held[panel.key], panel.name.casefold(), source, panel.key)


def _cell(said: Sequence[Statement]) -> Cell:
    if len(said) == 1:
        mode = said[0].mode_of_inheritance
        return Cell(said[0].confidence_level, (mode,) if mode else ())
    strongest_first = sorted(said, key=_strength)
    modes = dict.fromkeys(one.mode_of_inheritance for one in strongest_first if one.mode_of_inheritance)
    return Cell(strongest_first[0].confidence_level, tuple(modes), len(said))


def _strength(one: Statement) -> tuple:
    mode = one.mode_of_inheritance
    return (-confidence_rank(one.confidence_level), one.confidence_level, inheritance_rank(mode), mode)
