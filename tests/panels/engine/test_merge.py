"""The merge keeps every source's word. BG-01, BG-02, CO-02."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panels.engine.content import content_hash, content_record
from panels.engine.genes import Entity, EntityType, Origin, Row, Unresolved
from panels.engine.merge import RESOLUTIONS, Decision, MergeInput, Rule, merge
from tests.panels.engine.lists import AD, AR, BOTH, gene, inputs, listed, several


def keys(result) -> set[tuple[str, str]]:
    return {(merged.entity.entity_type, merged.entity.key) for merged in result.entities}


def hash_of(result) -> str:
    return content_hash(content_record(merged) for merged in result.entities)


def test_merge_shows_what_every_source_says_of_a_gene():
    uk, aus = gene(7551, "green", of="1", inheritance=AD), gene(7551, "red", of="2", inheritance=BOTH, source="aus")

    [merged] = merge([listed(uk), listed(aus, of="2", source="aus")]).entities

    assert merged.origins == (uk.origin, aus.origin)
    assert merged.inputs == (0, 1)
    assert {conflict.field for conflict in merged.conflicts} == {"confidence_level", "mode_of_inheritance"}


def test_merge_that_asks_shows_the_highest_and_marks_it_undecided():
    result = merge([listed(gene(1, "red")), listed(gene(1, "green", of="2"), of="2")])

    [merged] = result.entities
    assert (merged.confidence_level, merged.is_open) == ("green", True)
    assert merged.conflicts[0].values == (("green", (1,)), ("red", (0,)))


def test_merge_of_a_list_without_levels_makes_no_conflict():
    [merged] = merge([listed(gene(1, "amber")), listed(gene(1, "", of="2"), of="2")]).entities

    assert merged.confidence_level == "amber"
    assert merged.conflicts == ()


def test_merge_leaves_level_0_out_unasked_and_says_so():
    """CO-02: confidence 0 is never taken unasked."""
    result = merge([listed(gene(1, "none"), gene(2, "red"))])

    assert keys(result) == {("gene", "HGNC:2")}
    [dropped] = result.dropped
    assert (dropped.entity.hgnc_id, dropped.code, dropped.reason) == (
        "HGNC:1",
        "confidence",
        "level 0: not among the levels taken",
    )


def test_merge_takes_level_0_when_asked():
    result = merge([MergeInput(listed(gene(1, "none")).genes, frozenset({"none"}))])

    assert keys(result) == {("gene", "HGNC:1")}
    assert result.dropped == ()


def test_merge_of_a_super_panel_folds_a_gene_and_keeps_its_children():
    """BG-10."""
    first = gene(1, "green", child_panel_id="49", child_panel_name="Hypertrophic")
    second = gene(1, "red", child_panel_id="50", child_panel_name="Dilated")

    [merged] = merge([listed(first, second)]).entities

    assert [origin.child_panel_name for origin in merged.origins] == ["Hypertrophic", "Dilated"]
    assert [conflict.field for conflict in merged.conflicts] == ["confidence_level"]


def test_merge_names_the_child_whose_level_was_not_taken():
    first = gene(1, "green", child_panel_name="Hypertrophic")
    second = gene(1, "red", child_panel_name="Dilated")

    result = merge([MergeInput(listed(first, second).genes, frozenset({"green"}))])

    assert result.entities[0].origins == (first.origin,)
    assert result.dropped[0].reason == "red in Dilated: not among the levels taken; other rows of this input keep it"


def test_merge_lists_what_could_not_be_resolved():
    result = merge([listed(gene(1), unresolved=(Unresolved("SEPT2?", "unknown", 7),))])

    [dropped] = result.dropped
    assert (dropped.query, dropped.row, dropped.reason, dropped.code) == ("SEPT2?", 7, "unknown", "unresolved")


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (Rule("union"), {1, 2, 3}),
        (Rule("intersection"), {3}),
        (Rule("at_least", 2), {2, 3}),
        (Rule("subtract", 0), set()),
        (Rule("subtract", 2), {2} - {2} | {1}),
    ],
)
def test_merge_keeps_what_the_rule_asks_for(rule, expected):
    result = merge(
        [
            listed(gene(1), gene(2), gene(3)),
            listed(gene(3, of="2"), of="2"),
            listed(gene(2, of="3"), gene(3, of="3"), of="3"),
        ],
        rule=rule,
    )

    assert keys(result) == {("gene", f"HGNC:{number}") for number in expected}


def test_rules_count_inputs_after_their_confidence_filter():
    green_only = MergeInput(listed(gene(1, "red", of="2"), of="2").genes, frozenset({"green"}))

    result = merge([listed(gene(1)), green_only], rule=Rule("intersection"))

    assert result.entities == ()
    assert {dropped.code for dropped in result.dropped} == {"confidence", "rule"}


@pytest.mark.parametrize(
    ("resolution", "expected"),
    [("highest", "green"), ("lowest", "red"), ("majority", "red"), ("priority", "amber")],
)
def test_resolution_decides_a_conflict_and_closes_it(resolution, expected):
    said = ["amber", "green", "red", "red"]
    lists = [listed(gene(1, level, of=str(n)), of=str(n)) for n, level in enumerate(said)]

    [merged] = merge(lists, resolve={"confidence_level": resolution}).entities

    assert merged.confidence_level == expected
    assert (merged.is_open, merged.conflicts[0].decided_by) == (False, resolution)


def test_majority_that_ties_takes_the_highest():
    lists = [listed(gene(1, level, of=level), of=level) for level in ("red", "amber")]

    [merged] = merge(lists, resolve={"confidence_level": "majority"}).entities

    assert merged.confidence_level == "amber"


def test_majority_gives_a_super_panel_one_vote():
    children = [gene(1, "red", child_panel_name=str(n)) for n in range(5)]

    [merged] = merge(
        [listed(*children), listed(gene(1, "green", of="2"), of="2"), listed(gene(1, "green", of="3"), of="3")],
        resolve={"confidence_level": "majority"},
    ).entities

    assert merged.confidence_level == "green"


def test_decision_by_hand_beats_the_rule_and_keeps_its_reason():
    lists = [listed(gene(1, "red", inheritance=AR)), listed(gene(1, "green", of="2", inheritance=AD), of="2")]

    [merged] = merge(
        lists,
        resolve={"confidence_level": "highest"},
        decisions={"HGNC:1": Decision("refuted in 2025", confidence_level="red")},
    ).entities

    by_field = {conflict.field: conflict for conflict in merged.conflicts}
    assert (merged.confidence_level, merged.custom_confidence) == ("red", "red")
    assert (by_field["confidence_level"].decided_by, by_field["confidence_level"].reason) == ("hand", "refuted in 2025")
    assert by_field["mode_of_inheritance"].is_open


def test_decision_for_a_gene_that_is_not_there_is_named():
    result = merge([listed(gene(1))], decisions={"HGNC:2": Decision("why", confidence_level="red")})

    assert result.unused_decisions == ("HGNC:2",)


def test_open_conflicts_come_first():
    result = merge(
        [listed(gene(1), gene(2), gene(3)), listed(gene(2, "red", of="2"), gene(3, "red", of="2"), of="2")],
        decisions={"HGNC:2": Decision("why", confidence_level="green")},
    )

    assert [merged.entity.hgnc_id for merged in result.entities] == ["HGNC:3", "HGNC:2", "HGNC:1"]


def test_strs_of_one_gene_stay_apart():
    """BG-09: an STR stands under its own name."""
    rows = [
        Row(Entity(EntityType.STR, name, "HGNC:5102"), Origin("uk", "1", "P", confidence_level="green"))
        for name in ("HOXA13_1", "HOXA13_2")
    ]

    result = merge([listed(*rows)])

    assert [merged.entity.name for merged in result.of_type("str")] == ["HOXA13_1", "HOXA13_2"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"rule": Rule("at_least", 3)}, "at_least 3 makes no sense with 2 inputs"),
        ({"rule": Rule("at_least", 0)}, "at_least 0"),
        ({"rule": Rule("subtract", 2)}, "there is no input 2 to subtract"),
        ({"rule": Rule("most")}, "'most' is none of"),
        ({"resolve": {"confidence_level": "best"}}, "resolve.confidence_level: 'best'"),
    ],
)
def test_merge_that_makes_no_sense_is_refused(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        merge([listed(gene(1)), listed(gene(2, of="2"), of="2")], **arguments)


def test_merge_of_nothing_is_refused():
    with pytest.raises(ValueError, match="at least one panel"):
        merge([])


@given(several(least=2), st.sampled_from(RESOLUTIONS[:4]), st.randoms())
def test_union_does_not_depend_on_the_order_of_inputs(lists, resolution, shuffler):
    mixed = list(lists)
    shuffler.shuffle(mixed)
    resolve = {"confidence_level": resolution, "mode_of_inheritance": resolution}

    one, other = merge(lists, resolve=resolve), merge(mixed, resolve=resolve)

    assert [merged.entity for merged in one.entities] == [merged.entity for merged in other.entities]
    assert hash_of(one) == hash_of(other)


@given(inputs())
def test_union_with_itself_changes_nothing_but_origins(one):
    alone, doubled = merge([one]), merge([one, one])

    assert hash_of(alone) == hash_of(doubled)
    for single, double in zip(alone.entities, doubled.entities, strict=True):
        assert double.origins == single.origins * 2


@given(several(least=2))
def test_at_least_one_is_union_and_at_least_all_is_intersection(lists):
    assert keys(merge(lists, rule=Rule("at_least", 1))) == keys(merge(lists))
    assert keys(merge(lists, rule=Rule("at_least", len(lists)))) == keys(merge(lists, rule=Rule("intersection")))


@given(several(least=2), st.data())
def test_more_inputs_asked_for_never_keeps_more(lists, data):
    k = data.draw(st.integers(1, len(lists) - 1))

    assert keys(merge(lists, rule=Rule("at_least", k + 1))) <= keys(merge(lists, rule=Rule("at_least", k)))


@given(several(least=2), st.data())
def test_subtract_and_what_it_took_away_make_the_union(lists, data):
    i = data.draw(st.integers(0, len(lists) - 1))

    kept = keys(merge(lists, rule=Rule("subtract", i)))
    taken = keys(merge([lists[i]]))

    assert kept.isdisjoint(taken)
    assert kept | taken == keys(merge(lists))


@given(several(), st.sampled_from(["union", "intersection"]))
def test_nothing_is_silently_dropped(lists, rule):
    """Every row of every input is an origin of the result, or named among the dropped."""
    result = merge(lists, rule=Rule(rule))

    dropped = {(d.entity.entity_type, d.entity.key) for d in result.dropped if d.entity}
    origins = sum(len(merged.origins) for merged in result.entities)
    rows = {(row.entity.entity_type, row.entity.key) for one in lists for row in one.genes.rows}
    assert rows == keys(result) | dropped
    if not dropped:
        assert origins == sum(len(one.genes.rows) for one in lists)


@given(several())
def test_values_shown_are_values_that_were_said(lists):
    for merged in merge(lists).entities:
        assert merged.confidence_level in {origin.confidence_level for origin in merged.origins}
        assert merged.mode_of_inheritance in {origin.mode_of_inheritance for origin in merged.origins}
