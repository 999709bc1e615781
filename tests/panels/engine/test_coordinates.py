"""Where entities lie: one base too few or too many is a variant missed. BG-15."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panels.engine.coordinates import Interval, Place, chromosome_order, interval, place_of, places
from panels.engine.genes import Entity, EntityType, GeneList, Origin, Row
from panels.engine.merge import MergeInput, merge


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("17:43044295-43125483", Place("17", 43044295, 43125483)),
        ("chr17:1-1", Place("17", 1, 1)),
        ("chrM:1-16569", Place("MT", 1, 16569)),
        ("KI270728.1:5-9", Place("KI270728.1", 5, 9)),
        ("17:5-4", None),
        ("17:0-4", None),
        ("17:5", None),
        ("", None),
        ("17:5-99999999999", None),
    ],
)
def test_place_of_reads_what_is_a_place_and_nothing_else(text, place):
    assert place_of(text) == place


def test_interval_moves_the_start_alone():
    assert interval(Place("17", 43044295, 43125483)) == Interval("17", 43044294, 43125483)


def test_padding_never_begins_before_the_chromosome():
    assert interval(Place("1", 11, 20), padding=50) == Interval("1", 0, 70)


@pytest.mark.parametrize(("chromosome", "written"), [("1", "chr1"), ("X", "chrX"), ("MT", "chrM")])
def test_chr_prefix_calls_the_mitochondrion_chrm(chromosome, written):
    assert interval(Place(chromosome, 1, 2), chr_prefix=True).chromosome == written


def test_chromosomes_stand_in_their_natural_order():
    mixed = ["KI27", "MT", "10", "2", "Y", "X", "22", "1", "007"]

    assert sorted(mixed, key=chromosome_order) == ["1", "2", "10", "22", "X", "Y", "MT", "007", "KI27"]


@given(st.integers(1, 10**9), st.integers(0, 10**6), st.integers(0, 10**6))
def test_an_interval_holds_every_base_of_its_place(start, length, padding):
    where = interval(Place("1", start, start + length), padding=padding)

    assert 0 <= where.start <= start - 1
    assert where.end == start + length + padding


def test_sources_that_place_a_region_differently_are_both_heard():
    rows = [
        Row(Entity(EntityType.REGION, "ISCA-1", grch38=place), Origin(source, "1", "P"))
        for source, place in (("uk", "1:5-9"), ("aus", "1:6-9"), ("aus", ""))
    ]
    inputs = [MergeInput(GeneList(row.origin.source, "1", "P", rows=(row,))) for row in rows]

    for mixed in (inputs, inputs[::-1]):
        assert [found for _, found in places(merge(mixed), "GRCh38")] == [(Place("1", 5, 9), Place("1", 6, 9))]


def test_a_row_that_was_not_taken_gives_no_place():
    rows = tuple(
        Row(Entity(EntityType.STR, "A", grch38=place), Origin("uk", "1", "P", confidence_level=level))
        for place, level in (("1:5-9", "none"), ("1:6-9", "green"))
    )

    [(_, found)] = places(merge([MergeInput(GeneList("uk", "1", "P", rows=rows))]), "GRCh38")

    assert found == (Place("1", 6, 9),)
