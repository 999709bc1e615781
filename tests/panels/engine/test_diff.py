"""Two lists compared: nothing that differs is lost, and a new name is no difference. SP-15, BG-09."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given

from panels.engine.diff import FIELDS, LEVEL_FIELDS, FieldChange, applied, diff, fold
from panels.engine.genes import Entity, EntityType, Origin, Row
from tests.panels.engine.lists import AD, AR, gene, inputs


def keys(folded) -> list[str]:
    return [one.entity.key for one in folded]


def of_child(row: Row, child: str) -> Row:
    return replace(row, origin=replace(row.origin, child_panel_id=child, child_panel_name=f"Child {child}"))


def repeat(name: str, **said) -> Row:
    return Row(Entity(EntityType.STR, name, "HGNC:2933", grch38=said.pop("at", "")), Origin("uk", "1", "Panel", **said))


def test_diff_of_a_gene_that_went_from_green_to_red_says_so():
    found = diff([gene(1100, "green", inheritance=AD)], [gene(1100, "red", inheritance=AD)])

    [change] = found.changed
    assert change.fields == (FieldChange("confidence_level", "green", "red"),)
    assert change.is_of_level
    assert (found.only_a, found.only_b, found.equal) == ((), (), 0)


def test_diff_of_children_that_changed_places_is_not_lost():
    """BG-10: a super panel keeps its values and yet says something else."""
    first, second = of_child(gene(1, "green"), "49"), of_child(gene(1, "red"), "50")
    swapped = [of_child(gene(1, "red"), "49"), of_child(gene(1, "green"), "50")]

    [change] = diff([first, second], swapped).changed

    assert [one.field for one in change.fields] == ["statements"]
    assert change.is_of_level
    assert "green" in change.fields[0].old and change.fields[0].old != change.fields[0].new


def test_diff_of_swapped_children_is_told_beside_another_field():
    swapped = [of_child(gene(1, "red", phenotypes=("new",)), "49"), of_child(gene(1, "green"), "50")]

    [change] = diff([of_child(gene(1, "green"), "49"), of_child(gene(1, "red"), "50")], swapped).changed

    assert [one.field for one in change.fields] == ["phenotype", "statements"]
    assert change.is_of_level


def test_diff_of_a_repeated_row_shows_every_value_the_strongest_first():
    [change] = diff([gene(1, "green")], [gene(1, "red"), gene(1, "green"), gene(1, "green")]).changed

    assert change.fields == (FieldChange("confidence_level", "green", "green; red"),)


def test_diff_of_other_children_with_equal_levels_is_no_difference_of_level():
    [change] = diff([of_child(gene(1), "49")], [of_child(gene(1), "3001")]).changed

    assert [one.field for one in change.fields] == ["child_panels"]
    assert not change.is_of_level


def test_diff_of_a_renamed_gene_is_no_change_of_content():
    new = gene(4177)
    old = replace(new, entity=replace(new.entity, name="GBA"))

    found = diff([old], [new])

    assert (found.is_empty, found.equal) == (True, 1)
    assert [(one.old.written, one.new.written) for one in found.renamed] == [("GBA", "GBA1")]


def test_diff_tells_how_each_side_wrote_a_gene_under_its_current_name():
    found = diff([gene(4177, given="GBA")], [gene(4177)])

    assert [(one.old.written, one.new.written) for one in found.renamed] == [("GBA", "GBA1")]


def test_diff_of_an_str_sees_its_place_and_its_level():
    """BG-09."""
    old, new = repeat("DMPK_CTG", confidence_level="green", at="19:1-9"), repeat("dmpk_ctg", at="19:1-12")

    [change] = diff([old], [new]).changed

    assert {one.field for one in change.fields} == {"confidence_level", "grch38"}


def test_diff_keeps_an_str_and_the_gene_it_lies_in_apart():
    found = diff([repeat("DMPK_CTG"), gene(2933)], [gene(2933)])

    assert keys(found.only_a) == ["DMPK_CTG"]
    assert found.equal == 1


def test_diff_of_another_version_of_panel_and_child_is_empty():
    old = gene(1, child_panel_id="49", child_version="1.1")
    new = replace(old, origin=replace(old.origin, version="2.0", child_version="1.2", panel_name="New"))

    found = diff([old], [new])

    assert (found.is_empty, found.renamed) == (True, ())


def test_diff_as_json_lists_added_removed_and_changed_by_field():
    found = diff([gene(1), gene(2, "amber")], [gene(2, "green", inheritance=AR), gene(3)]).as_json()

    assert [one["hgnc_id"] for one in found["added"]] == ["HGNC:3"]
    assert [one["hgnc_id"] for one in found["removed"]] == ["HGNC:1"]
    assert found["changed"] == [
        {
            "gene_symbol": "GENE2",
            "hgnc_id": "HGNC:2",
            "entity_type": "gene",
            "fields": [
                {"field": "confidence_level", "old": "amber", "new": "green"},
                {"field": "mode_of_inheritance", "old": "", "new": AR},
            ],
        }
    ]
    assert found["renamed"] == []


def test_diff_compares_every_word_of_an_origin_but_where_it_stands():
    where = {"source", "panel_id", "panel_name", "version", "given", "child_panel_name", "child_version"}
    base = gene(1)

    for name in set(Origin.__slots__) - where:
        value = ("x",) if isinstance(getattr(base.origin, name), tuple) else "x"
        other = replace(base, origin=replace(base.origin, **{name: value}))
        assert len(diff([base], [other]).changed) == 1, name


def test_fields_begin_with_those_of_the_level():
    assert LEVEL_FIELDS == ("confidence_level", "mode_of_inheritance")
    assert len(FIELDS) == len(diff([], [gene(1)]).only_b[0].statements[0])


@given(inputs())
def test_diff_of_a_list_with_itself_is_empty(one):
    found = diff(one.genes, one.genes)

    assert found.is_empty
    assert found.renamed == ()
    assert found.equal == len(fold(one.genes))


@given(inputs(), inputs())
def test_diff_mirrors_that_of_the_other_way_round(one, other):
    assert diff(one.genes, other.genes).mirrored() == diff(other.genes, one.genes)


@given(inputs(), inputs())
def test_diff_applied_to_the_first_list_gives_the_second(one, other):
    found = diff(one.genes, other.genes)

    assert applied(fold(one.genes), found) == fold(other.genes)


@given(inputs(), inputs())
def test_diff_names_every_entity_of_both_lists_once(one, other):
    found = diff(one.genes, other.genes)

    named = [*found.only_a, *found.only_b, *(change.new for change in found.changed)]
    assert len({folded.key for folded in named}) == len(named)
    assert len(named) + found.equal == len(fold(one.genes) | fold(other.genes))
    assert all(change.fields for change in found.changed)
