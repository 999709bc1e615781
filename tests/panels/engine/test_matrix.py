"""Genes by panels: nothing asked for is lost, no level is raised or lowered. BG-07."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panels.engine.genes import DEFAULT_CONFIDENCE, Unresolved
from panels.engine.matrix import EVERY_LEVEL, AskedGene, Filters, MatrixPanel, Statement, asked_once, gene_matrix
from panels.engine.merge import confidence_rank
from tests.panels.engine.lists import AD, AR, BOTH

UK, AUS = MatrixPanel("uk:1", "uk", "1", "Cardiac", "1.0"), MatrixPanel("aus:2", "aus", "2", "Epilepsy", "2.3")
MINE = MatrixPanel("upload:m", "upload", "m", "my list")
GREEN = frozenset({"green"})


def asked(*keys: str) -> list[AskedGene]:
    return [AskedGene(key, key.lower(), key, queries=(key,)) for key in keys]


def says(gene: str, panel: MatrixPanel = UK, level: str = "green", mode: str = "") -> Statement:
    return Statement(gene, panel.key, level, mode)


def test_matrix_cell_is_the_highest_of_a_super_panels_rows():
    """BG-10: a gene that two child panels repeat is one cell, and says that two rows stand behind it."""
    rows = [says("A", level="red", mode=AD), says("A", level="green", mode=AR)]

    cell = gene_matrix(asked("A"), [UK], rows, Filters()).cells["A", "uk:1"]

    assert (cell.confidence_level, cell.mode_of_inheritance, cell.rows) == ("green", AR, 2)
    assert cell.modes == (AR, AD)


def test_matrix_among_equal_rows_shows_the_mode_that_keeps_most_variants():
    rows = [says("A", mode=AR), says("A", mode=BOTH), says("A", mode="")]

    assert gene_matrix(asked("A"), [UK], rows, Filters()).cells["A", "uk:1"].modes == (BOTH, AR)


def test_matrix_counts_only_rows_that_the_filter_takes():
    rows = [says("A", level="green"), says("A", level="none")]

    assert gene_matrix(asked("A"), [UK], rows, Filters()).cells["A", "uk:1"].rows == 1


def test_matrix_keeps_a_gene_that_no_panel_names():
    matrix = gene_matrix(asked("A", "B"), [UK], [says("A")], Filters())

    assert [gene.key for gene in matrix.genes] == ["A", "B"]
    assert (matrix.by_gene["B"], matrix.counts["in_no_panel"]) == (0, 1)


def test_matrix_says_what_could_not_be_resolved():
    lost = Unresolved("SEPT2?", "not known", 3)

    matrix = gene_matrix(asked("A", "A"), [UK], [], Filters(), unresolved=[lost])

    assert matrix.unresolved == (lost,)
    assert [matrix.counts[name] for name in ("asked", "genes", "repeated", "unresolved")] == [3, 1, 1, 1]
    assert [matrix.counts[name] for name in ("panels", "cells", "in_no_panel")] == [0, 0, 1]


def test_asked_once_keeps_every_text_that_meant_the_gene():
    """BG-04: what was typed stays beside what it means."""
    old, now = AskedGene("HGNC:4177", "GBA1", "HGNC:4177", queries=("GBA",)), asked("HGNC:1")[0]
    new = AskedGene("HGNC:4177", "GBA1", "HGNC:4177", queries=("GBA1",))

    [gene, other] = asked_once([old, now, new, old])

    assert (gene.queries, gene.renamed_from, other.renamed_from) == (("GBA", "GBA1"), ("GBA",), ())


@pytest.mark.parametrize(
    ("levels", "level", "panel", "taken"),
    [
        (DEFAULT_CONFIDENCE, "none", UK, False),
        (DEFAULT_CONFIDENCE, "none", MINE, False),
        (EVERY_LEVEL, "none", UK, True),
        (GREEN, "amber", UK, False),
        (GREEN, "", UK, False),
        (GREEN, "", MINE, True),
        (GREEN, "definitive", MINE, True),
        (GREEN, "red", MINE, False),
        (DEFAULT_CONFIDENCE, "", UK, True),
    ],
)
def test_matrix_takes_levels_as_asked(levels, level, panel, taken):
    """CO-02: level 0 is never taken unasked; a list of one's own without levels is never emptied."""
    matrix = gene_matrix(asked("A"), [panel], [says("A", panel, level)], Filters(levels))

    assert (("A", panel.key) in matrix.cells) is taken


@pytest.mark.parametrize(
    ("filters", "shown"),
    [
        (Filters(), ["upload:m", "uk:1", "aus:2"]),
        (Filters(source="aus"), ["upload:m", "aus:2"]),
        (Filters(least=2), ["upload:m", "uk:1"]),
        (Filters(words="EPI lep"), ["upload:m", "aus:2"]),
        (Filters(words="epi card"), ["upload:m"]),
        (Filters(least=0), ["upload:m", "uk:1", "aus:2"]),
    ],
)
def test_matrix_shows_the_panels_asked_for_and_every_own_list(filters, shown):
    empty = MatrixPanel("uk:9", "uk", "9", "Nothing of these")
    rows = [says("A"), says("B"), says("A", AUS)]

    matrix = gene_matrix(asked("A", "B"), [empty, AUS, MINE, UK], rows, filters)

    assert [panel.key for panel in matrix.panels] == shown
    assert {panel for _, panel in matrix.cells} <= set(shown)


@pytest.mark.parametrize(
    ("levels", "words"),
    [
        (GREEN, "green only"),
        ({"green", "amber"}, "green and amber"),
        (DEFAULT_CONFIDENCE, "everything but level 0"),
        (EVERY_LEVEL, "with level 0"),
        ({"red", "none"}, "red and level 0"),
    ],
)
def test_filters_speak_in_words(levels, words):
    assert Filters(frozenset(levels)).levels_in_words == words


rows = st.lists(
    st.builds(
        Statement,
        st.sampled_from("ABCX"),
        st.sampled_from(["uk:1", "aus:2", "upload:m", "uk:gone"]),
        st.sampled_from(["green", "amber", "red", "none", "", "definitive"]),
        st.sampled_from(["", AD, AR, BOTH, "own words"]),
    ),
    max_size=25,
)
filters = st.builds(
    Filters, st.frozensets(st.sampled_from(sorted(EVERY_LEVEL))), st.sampled_from(["", "uk", "aus"]), st.integers(0, 3)
)


@given(rows, filters, st.randoms())
def test_matrix_does_not_depend_on_the_order_of_rows_and_panels(rows, filters, chance):
    panels, shuffled = [UK, AUS, MINE], rows[:]
    chance.shuffle(shuffled)

    one = gene_matrix(asked("A", "B", "C"), panels, rows, filters)
    other = gene_matrix(asked("A", "B", "C"), panels[::-1], shuffled, filters)

    assert (one.panels, one.cells) == (other.panels, other.cells)


@given(rows, filters)
def test_matrix_holds_exactly_what_was_said_at_a_level_taken(rows, filters):
    panels = {panel.key: panel for panel in (UK, AUS, MINE)}

    matrix = gene_matrix(asked("A", "B", "C"), list(panels.values()), rows, filters)

    shown = {panel.key for panel in matrix.panels}
    said = [row for row in rows if row.gene != "X" and row.panel in shown]
    taken = [row for row in said if filters.takes(row.confidence_level, panels[row.panel].source)]
    assert sum(cell.rows for cell in matrix.cells.values()) == len(taken)
    for (gene, panel), cell in matrix.cells.items():
        levels = [row.confidence_level for row in taken if (row.gene, row.panel) == (gene, panel)]
        assert confidence_rank(cell.confidence_level) == max(map(confidence_rank, levels))
    assert sum(matrix.by_panel.values()) == sum(matrix.by_gene.values()) == len(matrix.cells)
