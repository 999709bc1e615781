"""The content hash names what a list says, not how it is called. BG-03."""

from __future__ import annotations

from dataclasses import replace

from panels.engine.content import GENE_KEYS, content_hash, content_record
from panels.engine.genes import Row
from panels.engine.merge import merge
from tests.panels.engine.lists import AD, AR, gene, listed


def records(*rows):
    return [content_record(merged) for merged in merge([listed(*rows)]).entities]


def renamed(row: Row, symbol: str, name: str) -> Row:
    return Row(replace(row.entity, name=symbol, gene_name=name), row.origin)


def test_record_has_the_keys_of_the_contract():
    [record] = records(gene(1100))

    assert tuple(record) == GENE_KEYS
    assert all(isinstance(value, str) for value in record.values())


def test_a_renamed_gene_is_no_change_of_content():
    old, new = renamed(gene(4177), "GBA", "old name"), renamed(gene(4177), "GBA1", "new name")

    assert content_hash(records(old)) == content_hash(records(new))


def test_another_gene_is_another_content():
    assert content_hash(records(gene(1100))) != content_hash(records(gene(1101)))


def test_another_level_or_inheritance_is_another_content():
    hashes = {
        content_hash(records(gene(1, "green", inheritance=AD))),
        content_hash(records(gene(1, "amber", inheritance=AD))),
        content_hash(records(gene(1, "green", inheritance=AR))),
    }

    assert len(hashes) == 3


def test_the_order_of_rows_and_phenotypes_is_no_content():
    one = records(gene(1, phenotypes=("a", "b")), gene(2))
    other = records(gene(2), gene(1, phenotypes=("b", "a")))

    assert content_hash(one) == content_hash(other)


def test_the_hash_is_the_one_written_down():
    """Changes when the canonical form does: files made before would no longer be recognised."""
    assert content_hash(records(gene(1100, inheritance=AD))) == (
        "dbb8c05129c1d646e8951fde22ada2e25b619360eb359884c8f2b97deafe6474"
    )
