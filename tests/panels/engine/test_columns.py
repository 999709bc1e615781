"""Which column holds the genes."""

from __future__ import annotations

import pytest

from panels.engine.columns import column_name, find_layout, letter, level_word, other_genes, share_of_genes


@pytest.mark.parametrize(
    "heading",
    ["gene", "Genes", "entity_name", "Entity Name", "genesymbol", "Gene Symbol", "gene_symbol", "SYMBOL", "hgnc_id"],
)
def test_find_layout_knows_every_usual_heading(heading):
    """UP-01: the gene column is found by its usual names in any case."""
    rows = [["Panel", heading], ["Heart", "BRCA1"]]

    layout = find_layout(rows)

    assert (layout.heading, layout.gene) == (0, 1)


def test_find_layout_of_a_bare_list_takes_a_misspelt_first_gene_for_a_gene():
    rows = [["BRAC1"], ["TP53"]]

    layout = find_layout(rows)

    assert (layout.heading, layout.gene, layout.first_row) == (None, 0, 0)


@pytest.mark.parametrize("heading", ["Gene", "gene list", "My genes"])
def test_find_layout_of_a_bare_list_knows_a_heading_that_says_so(heading):
    rows = [[], [heading], ["TP53"]]

    layout = find_layout(rows)

    assert (layout.heading, layout.gene) == (1, 0)


def test_find_layout_leaves_the_choice_open_between_unnamed_columns():
    rows = [["BRCA1", "MLH1"], ["TP53", "MSH2"]]

    assert find_layout(rows).gene is None


def test_find_layout_finds_headings_below_a_title():
    rows = [["Cardiac panel of ward 7"], ["2024-01-01"], [], ["No", "Gene Symbol", "MOI", "Comments"], ["1", "TTN"]]

    layout = find_layout(rows)

    assert (layout.heading, layout.gene, layout.inheritance, layout.note) == (3, 1, 2, 3)


def test_find_layout_does_not_take_a_column_of_entity_types_for_a_heading():
    rows = [["BRCA1", "gene"], ["TP53", "gene"], ["DMPK_CTG", "str"]]

    layout = find_layout(rows)

    assert (layout.heading, layout.gene) == (None, None)


def test_find_layout_prefers_the_symbol_and_keeps_the_id_beside_it():
    rows = [["#hgnc_id", "hgnc_symbol", "comment"], ["1100", "BRCA1", "x"]]

    layout = find_layout(rows)

    assert (layout.gene, layout.hgnc_id, layout.note) == (1, 0, 2)


def test_find_layout_with_an_id_alone_reads_the_ids():
    rows = [["HGNC ID", "confidence_level"], ["HGNC:1100", "3"]]

    layout = find_layout(rows)

    assert (layout.gene, layout.hgnc_id, layout.level) == (0, 0, 1)


def test_find_layout_names_headings_that_stand_twice():
    rows = [["Gene", "Gene", "GEL_Status"], ["BRCA1", "TP53", "4"]]

    layout = find_layout(rows)

    assert (layout.gene, layout.repeated) == (0, ("Gene",))


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Green", "green"),
        ("AMBER", "amber"),
        ("4", "green"),
        ("3", "green"),
        ("2", "amber"),
        ("1", "red"),
        ("0", "none"),
        ("Expert Review Green", "green"),
        ("Green List (high evidence)", "green"),
        ("not green", "not green"),
        ("green or amber", "green or amber"),
        ("moderate", "moderate"),
        ("5", "5"),
        ("", ""),
    ],
)
def test_level_word_turns_only_what_is_certain_into_a_colour(text, word):
    assert level_word(text) == word


def test_share_of_genes_advises_the_column_with_genes():
    rows = [["A", "BRCA1"], ["B", "TP53"], ["C", "nonsense"]]
    known = {"BRCA1", "TP53"}

    shares = [share_of_genes(rows, find_layout(rows), column, known.__contains__) for column in (0, 1)]

    assert shares == [0, pytest.approx(2 / 3)]


@pytest.mark.parametrize(("column", "name"), [(0, "A"), (25, "Z"), (26, "AA"), (99, "CV")])
def test_letter_counts_as_a_spreadsheet_does(column, name):
    assert letter(column) == name


def test_column_name_without_a_heading_is_the_letter():
    rows = [["Gene", "", "MOI"], ["BRCA1", "x", "AD"]]
    layout = find_layout(rows)

    assert [column_name(rows, layout, column) for column in range(4)] == ["Gene", "B", "MOI", "D"]


def test_other_genes_names_the_column_that_is_passed_over_and_where_it_differs():
    rows = [["Gene", "Symbol", "Level"], ["BRCA1", "brca1", ""], ["BRCA2", "", ""], ["TP53", "TTN", ""]]

    layout = find_layout(rows)

    assert (layout.gene, layout.named_genes) == (0, (0, 1))
    assert other_genes(rows, layout) == [(1, 4)]


def test_other_genes_of_columns_that_say_the_same_are_none():
    rows = [["Entity type", "Entity name", "Gene symbol"], ["gene", "BRCA1", "BRCA1"], ["str", "DMPK_CTG", "DMPK"]]

    assert other_genes(rows, find_layout(rows)) == []
