"""A list is kept letter for letter, is one whatever order it came in, and every change of it is told. SP-13, SP-15."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from panels.engine.content import GENE_KEYS, content_hash
from panels.engine.genes import GeneList
from panels.engine.merge import MergeInput, merge
from panels.engine.records import (
    PLACES,
    changes_between,
    differing,
    in_order,
    key_of,
    keyed,
    labels,
    pack,
    record_of_merged,
    renamed,
    row_of,
    unpack,
    unpack_text,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
NAMES = st.sampled_from(["BRCA1", "brca1", "FMR1", "GBA", "gba", "é", "x y"])


@st.composite
def records(draw):
    record = dict.fromkeys(GENE_KEYS, "") | {key: draw(TEXT) for key in ("phenotype", "user_notes", "gene_name")}
    record["gene_symbol"] = draw(NAMES)
    record["entity_type"] = draw(st.sampled_from(["gene", "gene", "str", "region"]))
    if record["entity_type"] == "gene":
        record["hgnc_id"] = draw(st.sampled_from(["", "HGNC:1", "HGNC:2", "HGNC:10"]))
    elif draw(st.booleans()):
        record["grch38"] = "X:1-2"
    record["confidence_level"] = draw(st.sampled_from(["", "green", "amber", "red", "none", "own word"]))
    record["custom_confidence"] = draw(st.sampled_from(["", "green", "red"]))
    record["source_panel_id"] = draw(st.sampled_from(["manual", "uk:1; uk:2", "list:a; b"]))
    record["source_list_type"] = draw(st.sampled_from(["", "green", "green; red"]))
    return record


LISTS = st.lists(records(), max_size=8).map(lambda found: list(keyed(found).values()))


@given(LISTS)
def test_what_was_packed_comes_back(records):
    packed = pack(records)

    assert unpack(packed.body) == in_order(records)
    assert packed.gene_count == len(records)
    assert packed.sha256 == hashlib.sha256(unpack_text(packed.body)).hexdigest()


@given(LISTS, st.randoms())
def test_the_order_is_no_content(records, chance):
    shuffled = chance.sample(records, len(records))

    assert pack(shuffled) == pack(records)
    assert content_hash(shuffled) == content_hash(records)


@given(LISTS, LISTS)
def test_changes_turn_one_list_into_the_other(old, new):
    before, after = keyed(old), keyed(new)

    made = dict(before)
    for change in changes_between(before, after):
        if change.new is None:
            del made[change.key]
        else:
            made[change.key] = change.new

    assert content_hash(made.values()) == content_hash(after.values())
    assert (changes_between(before, after) == []) is (
        content_hash(old) == content_hash(new) and _places(before) == _places(after)
    )


def _places(records) -> dict:
    return {key: [record.get(place, "") for place in PLACES] for key, record in records.items()}


@given(LISTS)
def test_every_entity_has_a_label_of_its_own(records):
    found = labels(records)

    assert set(found) == {key_of(record) for record in records}
    assert len(set(found.values())) == len(records)


@given(LISTS)
def test_a_panel_merged_alone_is_what_it_was(records):
    """BG-14: every source stated, so the content hash is the panel's."""
    # Without regard to case and to ids that are not there, as merging sees names.
    distinct = {(r["entity_type"], r["hgnc_id"] or r["gene_symbol"].casefold()): r for r in records}.values()
    rows = [row_of(record, panel_id="1", name="x", version="2") for record in distinct]
    every = frozenset(row.origin.level for row in rows)

    merged = merge([MergeInput(GeneList("saved", "1", "x", "2", tuple(rows)), every)])

    assert content_hash(map(record_of_merged, merged.entities)) == content_hash(distinct)


def test_another_symbol_for_the_same_id_is_no_change():
    old = dict.fromkeys(GENE_KEYS, "") | {"gene_symbol": "GBA", "hgnc_id": "HGNC:4177", "entity_type": "gene"}
    new = old | {"gene_symbol": "GBA1", "gene_name": "glucosylceramidase beta 1"}

    assert changes_between(keyed([old]), keyed([new])) == []
    assert renamed(keyed([old]), keyed([new])) == [("GBA", "GBA1")]


def test_genes_of_older_panels_that_differ_in_case_are_two():
    base = dict.fromkeys(GENE_KEYS, "") | {"entity_type": "gene"}

    assert len(keyed([base | {"gene_symbol": "GBA"}, base | {"gene_symbol": "gba"}])) == 2


@given(LISTS, LISTS)
def test_only_what_differs_of_two_stored_lists_is_read(a, b):
    a_alone, b_alone, equal = differing(pack(a).body, pack(b).body)

    assert in_order(a_alone) == [record for record in in_order(a) if record not in b]
    assert in_order(b_alone) == [record for record in in_order(b) if record not in a]
    assert equal == sum(record in b for record in a)


def test_signs_that_stand_between_entities_may_stand_in_a_text():
    base = dict.fromkeys(GENE_KEYS, "") | {"gene_symbol": "A", "entity_type": "gene"}
    odd = [
        base | {"user_notes": text, "gene_symbol": f"A{n}"}
        for n, text in enumerate(['},{"gene_symbol":', "},{", ",\n"])
    ]

    assert unpack(pack(odd).body) == odd
    assert len(unpack_text(pack(odd).body).split(b"\n")) == 3
