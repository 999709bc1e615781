"""Two people's changes put together: what only one of them changed is taken, what both did is asked. A-5"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from panels.engine.content import GENE_KEYS
from panels.engine.records import changes_between, keyed
from panels.engine.threeway import MINE, THEIRS, meetings, put_together


def gene(number: int, **said: str) -> dict[str, str]:
    record = dict.fromkeys(GENE_KEYS, "") | {"gene_symbol": f"G{number}", "hgnc_id": f"HGNC:{number}"}
    return record | {"entity_type": "gene"} | said


def listed(*records: dict[str, str]) -> dict[str, dict[str, str]]:
    return keyed(records)


def test_what_each_added_and_removed_is_taken_from_both():
    base, mine, theirs = listed(gene(1), gene(2)), listed(gene(1), gene(3)), listed(gene(1), gene(2), gene(4))

    met = meetings(base, mine, theirs)

    assert not any(one.is_conflict for one in met)
    assert sorted(put_together(theirs, met, {})) == ["gene:HGNC:1", "gene:HGNC:3", "gene:HGNC:4"]


def test_different_fields_of_one_gene_are_put_together():
    base = listed(gene(1))

    [one] = meetings(base, listed(gene(1, user_notes="m")), listed(gene(1, phenotype="t")))

    assert (one.is_conflict, one.together["user_notes"], one.together["phenotype"]) == (False, "m", "t")


def test_the_same_field_changed_differently_is_a_conflict_of_that_field():
    base = listed(gene(1))
    mine, theirs = gene(1, user_notes="m", phenotype="p"), gene(1, user_notes="t", evidence_level="e")

    [one] = meetings(base, listed(mine), listed(theirs))

    assert (one.is_conflict, one.fields) == (True, ("user_notes",))
    assert one.chosen(THEIRS) == theirs
    chosen = one.chosen(MINE)
    assert (chosen["user_notes"], chosen["phenotype"], chosen["evidence_level"]) == ("m", "p", "e")


def test_removed_by_one_and_changed_by_the_other_is_asked():
    base = listed(gene(1))

    [one] = meetings(base, {}, listed(gene(1, user_notes="t")))

    assert one.is_conflict
    assert put_together(listed(gene(1, user_notes="t")), [one], {one.key: MINE}) == {}
    assert put_together(listed(gene(1, user_notes="t")), [one], {}) == listed(gene(1, user_notes="t"))


def test_the_same_change_by_both_is_none_to_ask_about():
    same = listed(gene(1, user_notes="x"), gene(2))

    assert not any(one.is_conflict for one in meetings(listed(gene(1)), same, same))


LISTS = st.dictionaries(st.integers(1, 4), st.sampled_from(["", "a", "b"]), max_size=4).map(
    lambda said: listed(*(gene(number, user_notes=text) for number, text in said.items()))
)


@given(LISTS, LISTS, LISTS)
def test_mine_and_theirs_are_both_in_what_comes_out_where_they_do_not_meet(base, mine, theirs):
    met = {one.key: one for one in meetings(base, mine, theirs)}

    found = put_together(theirs, list(met.values()), dict.fromkeys(met, MINE))

    for change in changes_between(base, mine):
        assert found.get(change.key) == change.new
    for change in changes_between(base, theirs):
        if not met[change.key].is_conflict:
            assert found.get(change.key) == change.new or change.key in {c.key for c in changes_between(base, mine)}


@given(LISTS, LISTS)
def test_when_only_one_changed_theirs_is_what_comes_out(base, other):
    assert put_together(other, meetings(base, base, other), {}) == other
    assert put_together(base, meetings(base, other, base), {}) == other
