"""The figures of the overlap picture. BG-08."""

from __future__ import annotations

from hypothesis import given

from panels.engine.genes import Confidence, Entity, EntityType, Origin, Row
from panels.engine.merge import MergeInput, merge
from panels.engine.overlap import SHOWN, Intersection, overlap
from tests.panels.engine.lists import gene, listed, several


def test_overlap_counts_each_gene_in_exactly_one_intersection():
    """BG-08"""
    one = listed(gene(1), gene(2), gene(3))
    two = listed(gene(2, of="2"), gene(3, of="2"), gene(4, of="2"), of="2")

    found = overlap([one, two])

    assert found.sizes == (3, 3)
    assert found.shown == (Intersection((0, 1), 2), Intersection((0,), 1), Intersection((1,), 1))
    assert (found.union, found.rest, found.rest_of) == (4, 0, 0)


def test_overlap_counts_what_is_taken_and_level_0_not_unasked():
    """CO-02"""
    rows = (gene(1, "green"), gene(2, "none"))

    unasked, asked = overlap([listed(*rows)]), overlap([MergeInput(listed(*rows).genes, frozenset(["none"]))])

    assert unasked.sizes == (1,)
    assert asked.sizes == (1,)
    assert asked.confidence[0].levels["none"] == 1


def test_overlap_takes_an_str_for_no_gene_of_its_name():
    """BG-09: they are different entities, whatever they are called."""
    repeat = Row(Entity(EntityType.STR, "HGNC:1"), Origin("uk", "2", "Panel 2", confidence_level="green"))

    found = overlap([listed(gene(1)), listed(repeat, of="2")])

    assert found.union == 2


def test_overlap_of_a_gene_repeated_by_children_counts_it_once_at_its_highest():
    """BG-10"""
    rows = [gene(1, "red", child_panel_id="7"), gene(1, "green", child_panel_id="8")]

    found = overlap([listed(*rows)])

    assert found.sizes == (1,)
    assert found.confidence[0].levels == {"green": 1, "amber": 0, "red": 0, "none": 0, "other": 0}


def test_overlap_counts_own_words_and_silence_as_other():
    mine = listed(gene(1, "definitive"), gene(2, ""), source="list")

    [said] = overlap([mine]).confidence

    assert (said.source, said.levels["other"], said.entities) == ("list", 2, 2)


def test_overlap_keeps_twelve_and_sums_the_rest():
    """Twenty lists that share nothing: the smallest eight are one figure."""
    lists = [
        listed(*(gene(100 * place + number, of=str(place)) for number in range(place)), of=str(place))
        for place in range(1, 21)
    ]

    found = overlap(lists)

    assert [one.entities for one in found.shown] == list(range(20, 20 - SHOWN, -1))
    assert (found.rest, found.rest_of) == (sum(range(1, 9)), 8)


def test_overlap_of_nothing_is_empty():
    found = overlap([listed()])

    assert (found.sizes, found.shown, found.union) == ((0,), (), 0)


@given(several(most=5))
def test_overlap_parts_sum_to_the_union(inputs):
    found, whole = overlap(inputs, shown=3), overlap(inputs, shown=1000)

    assert sum(one.entities for one in found.shown) + found.rest == found.union
    assert len(found.shown) + found.rest_of == len(whole.shown)
    assert found.union == len(merge(inputs).entities)


@given(several(most=5))
def test_overlap_intersections_sum_to_each_size(inputs):
    found = overlap(inputs, shown=1000)

    for position, size in enumerate(found.sizes):
        assert sum(one.entities for one in found.shown if position in one.inputs) == size


@given(several(most=5))
def test_overlap_of_a_source_is_no_larger_than_the_union(inputs):
    for said in overlap(inputs).confidence:
        assert max(said.levels.values()) <= said.entities <= overlap(inputs).union
        assert set(said.levels) == {*Confidence, "other"}
