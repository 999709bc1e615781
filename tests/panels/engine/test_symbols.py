"""What a symbol means. A wrong answer here is a wrong gene in somebody's report."""

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panels.engine.genes import Entity, Origin, Row
from panels.engine.symbols import GeneRecord, Match, Resolver, with_current_names
from panels.hgnc import read_genes

SHIPPED = Path(__file__).resolve().parents[3] / "panels" / "shipped" / "gene_names.tsv.gz"


def gene(number: int, symbol: str, previous: str = "", alias: str = "", **more) -> GeneRecord:
    return GeneRecord(
        hgnc_id=f"HGNC:{number}",
        symbol=symbol,
        name=f"{symbol} in full",
        previous_symbols=tuple(previous.split()),
        alias_symbols=tuple(alias.split()),
        **more,
    )


def withdrawn(number: int, symbol: str, *into: int, alias: str = "") -> GeneRecord:
    merged_into = tuple(f"HGNC:{target}" for target in into)
    return gene(number, symbol, alias=alias, status="withdrawn", merged_into=merged_into)


def resolver(*records: GeneRecord) -> Resolver:
    return Resolver(records, "HGNC 2023-06-13")


@cache
def shipped() -> Resolver:
    names = read_genes([SHIPPED])
    return Resolver(names.records, "shipped")


def symbols_of(resolution) -> list[str]:
    return [candidate.gene_symbol for candidate in resolution.candidates]


def a_row(name: str, hgnc_id: str = "", entity_type: str = "gene", given: str = "") -> Row:
    origin = Origin(source="uk", panel_id="245", panel_name="Some panel", given=given)
    return Row(Entity(entity_type, name, hgnc_id, "its name there", "ENSG_THERE"), origin)


@pytest.mark.parametrize("symbol", ["AIP", "ADA2", "ACAT1", "AGT", "ACP1", "RAF1", "TAP1", "HTT"])
def test_resolve_approved_symbol_that_is_also_an_old_name_of_another_gene(symbol):
    """BG-04: an approved symbol always beats previous symbols and aliases."""
    answer = shipped().resolve(symbol)

    assert (answer.match, answer.gene_symbol, answer.candidates) == (Match.CURRENT, symbol, ())


def test_resolve_every_approved_symbol_of_the_shipped_names_to_itself():
    names = read_genes([SHIPPED]).records
    approved = [record for record in names if record.status == "approved"]

    answers = shipped().resolve_many(record.symbol for record in approved)

    assert len(answers) == len(approved) > 44_000
    assert [answer.hgnc_id for answer in answers] == [record.hgnc_id for record in approved]


@pytest.mark.parametrize(("old", "now"), [("GBA", "GBA1"), ("C5orf42", "CPLANE1"), ("MUT", "MMUT"), ("YARS", "YARS1")])
def test_resolve_previous_symbol(old, now):
    answer = shipped().resolve(old)

    assert (answer.match, answer.gene_symbol, answer.query) == (Match.PREVIOUS, now, old)
    assert answer.found


def test_resolve_previous_symbol_of_two_genes_guesses_nothing():
    """BG-04: ambiguous is never guessed."""
    names = resolver(gene(1, "ONE", previous="OLD"), gene(2, "TWO", previous="OLD"), gene(3, "SIX", alias="OLD"))

    answer = names.resolve("OLD")

    assert (answer.match, answer.hgnc_id, answer.gene_symbol, answer.found) == (Match.AMBIGUOUS, "", "", False)
    assert symbols_of(answer) == ["ONE", "TWO", "SIX"]
    assert "ONE (HGNC:1) or TWO (HGNC:2)" in answer.suggestion


def test_resolve_alias_of_two_genes_guesses_nothing():
    answer = resolver(gene(1, "ONE", alias="P9"), gene(2, "TWO", alias="P9")).resolve("P9")

    assert (answer.match, answer.found, symbols_of(answer)) == (Match.AMBIGUOUS, False, ["ONE", "TWO"])


def test_resolve_unique_previous_symbol_shows_whom_else_it_may_mean():
    answer = resolver(gene(1, "ONE", alias="OLD"), gene(2, "TWO", previous="OLD")).resolve("OLD")

    assert (answer.match, answer.gene_symbol) == (Match.PREVIOUS, "TWO")
    assert [(candidate.hgnc_id, candidate.match) for candidate in answer.candidates] == [("HGNC:1", Match.ALIAS)]


def test_resolve_candidates_come_in_one_order_however_the_genes_were_read():
    records = [gene(1, "TWO", alias="P9"), gene(2, "ONE", alias="P9"), gene(3, "SIX", previous="p9 P8")]

    one_way, other_way = resolver(*records).resolve("P9"), resolver(*reversed(records)).resolve("P9")

    assert one_way == other_way
    assert symbols_of(one_way) == ["ONE", "TWO", "SIX"]


def test_resolve_name_that_is_previous_and_alias_of_the_same_gene():
    answer = resolver(gene(1, "ONE", previous="OLD", alias="OLD old")).resolve("old")

    assert (answer.match, answer.gene_symbol, answer.candidates) == (Match.ALIAS, "ONE", ())


def test_resolve_approved_symbol_in_other_case_beats_exact_alias():
    answer = resolver(gene(1, "CAT"), gene(2, "GLYAT", alias="Cat")).resolve("Cat")

    assert (answer.match, answer.gene_symbol) == (Match.CURRENT, "CAT")


def test_resolve_approved_symbols_that_differ_in_case_only():
    names = resolver(gene(1, "ABc"), gene(2, "abC"))

    assert names.resolve("abC").hgnc_id == "HGNC:2"
    assert names.resolve("ABC").match is Match.AMBIGUOUS


@pytest.mark.parametrize(
    "written",
    ["brca1", " BRCA1 ", "BRCA 1", "BRCA1\u00a0", "\u200bBRCA1", "\ufeffBRCA1", "B\u00adRCA1\t", "\uff22RCA1"],
)
def test_resolve_approved_symbol_whatever_case_and_spaces(written):
    answer = resolver(gene(1100, "BRCA1")).resolve(written)

    assert (answer.match, answer.gene_symbol, answer.query) == (Match.CURRENT, "BRCA1", written)


@pytest.mark.parametrize("dash", "\u2010\u2011\u2012\u2013\u2014\u2212\uff0d")
def test_resolve_symbol_with_a_typographic_dash(dash):
    assert resolver(gene(1, "HLA-A")).resolve(f"HLA{dash}A").gene_symbol == "HLA-A"


@pytest.mark.parametrize("written", ["HGNC:1100", "hgnc:1100", " HGNC: 1100 ", "HGNC:HGNC:1100"])
def test_resolve_id(written):
    answer = resolver(gene(1100, "BRCA1")).resolve(written)

    assert (answer.match, answer.gene_symbol) == (Match.ID, "BRCA1")


@pytest.mark.parametrize("written", ["1100", "HGNC:", "HGNC:01100", "HGNC:1100x", "HGNC:9", "HGNC1100"])
def test_resolve_what_is_no_id_here(written):
    answer = resolver(gene(1100, "BRCA1")).resolve(written)

    assert (answer.match, answer.found) == (Match.UNKNOWN, False)


@pytest.mark.parametrize("asked", ["GONE", "gone", "HGNC:6"])
def test_resolve_entry_that_was_merged_into_one(asked):
    answer = resolver(gene(1, "HERE"), withdrawn(6, "GONE", 7), withdrawn(7, "LATER", 1)).resolve(asked)

    assert (answer.match, answer.hgnc_id, answer.found) == (Match.WITHDRAWN, "HGNC:1", True)
    assert answer.suggestion == "GONE was withdrawn and merged into HERE."


@pytest.mark.parametrize("asked", ["SPLIT", "HGNC:6"])
def test_resolve_entry_that_was_split_guesses_nothing(asked):
    answer = resolver(gene(1, "ONE"), gene(2, "TWO"), withdrawn(6, "SPLIT", 1, 2)).resolve(asked)

    assert (answer.match, answer.found, symbols_of(answer)) == (Match.AMBIGUOUS, False, ["ONE", "TWO"])


@pytest.mark.parametrize("entry", [withdrawn(6, "GONE"), withdrawn(6, "GONE", 6), withdrawn(6, "GONE", 99)])
def test_resolve_entry_that_went_nowhere(entry):
    """Without a successor, merged with itself, or into an entry these names do not have."""
    answer = resolver(gene(1, "ONE"), entry).resolve("GONE")

    assert (answer.match, answer.found, answer.candidates) == (Match.WITHDRAWN, False, ())


def test_resolve_entry_of_whose_successors_one_is_not_known_here():
    answer = resolver(gene(1, "ONE"), withdrawn(6, "SPLIT", 1, 99)).resolve("SPLIT")

    assert (answer.match, answer.found, symbols_of(answer)) == (Match.AMBIGUOUS, False, ["ONE"])


def test_resolve_merges_in_a_circle():
    answer = resolver(withdrawn(6, "TICK", 7), withdrawn(7, "TOCK", 6)).resolve("TICK")

    assert (answer.match, answer.found) == (Match.WITHDRAWN, False)


def test_resolve_withdrawn_symbol_before_alias_of_another_withdrawn_entry():
    names = resolver(gene(1, "ONE"), gene(2, "TWO"), withdrawn(6, "GONE", 1), withdrawn(7, "ELSE", 2, alias="GONE"))

    assert names.resolve("GONE").gene_symbol == "ONE"


@pytest.mark.parametrize(
    "cell",
    [
        *("2-Sep", "02-Sep", "Sep-02", "Sep-2", "2-SEP", "2. Sep", "2-Sep-21", "02-Sep-2021", "2\u2011Sep"),
        *("2021-09-02", "2021-09-02 00:00:00", "2021-09-02T00:00:00", "9/2/2021", "02.09.2021", "44441", "44441.0"),
    ],
)
def test_resolve_date_suggests_the_septin_and_never_takes_it(cell):
    answer = resolver(gene(7729, "SEPTIN2", previous="DIFF6 SEPT2"), gene(9, "SEPTIN9", previous="SEPT9")).resolve(cell)

    assert (answer.match, answer.hgnc_id, answer.found) == (Match.EXCEL_DATE, "", False)
    assert [(candidate.gene_symbol, candidate.match) for candidate in answer.candidates] == [("SEPTIN2", "previous")]
    assert answer.suggestion == "A spreadsheet probably turned SEPT2 (now SEPTIN2) into a date."


@pytest.mark.parametrize("cell", ["1-Mar", "Mar-01", "2021-03-01", "1. Mär"])
def test_resolve_first_of_march_suggests_both_families(cell):
    answer = shipped().resolve(cell)

    assert symbols_of(answer)[:2] == ["MARCHF1", "MTARC1"]
    assert "MARCH1 (now MARCHF1) or MARC1 (now MTARC1)" in answer.suggestion


def test_resolve_first_of_december():
    answer = shipped().resolve("1-Dec")

    assert (answer.match, symbols_of(answer)[0]) == (Match.EXCEL_DATE, "DELEC1")


def test_resolve_float_suggests_names_that_look_like_it():
    names = resolver(gene(1, "ONE", alias="2310E10"), gene(2, "TWO", alias="2310E11"))

    answer = names.resolve("2.31E+13")

    assert (answer.match, answer.found, symbols_of(answer)) == (Match.EXCEL_DATE, False, ["ONE"])
    assert answer.suggestion == "A spreadsheet probably turned 2310E10 (now ONE) into a number."


@pytest.mark.parametrize("cell", ["31-Oct", "1E+02", "9.99E+999"])
def test_resolve_damage_that_no_name_explains(cell):
    answer = shipped().resolve(cell)

    assert (answer.match, answer.candidates) == (Match.EXCEL_DATE, ())
    assert answer.suggestion.startswith("A spreadsheet probably turned a gene name into")


@pytest.mark.parametrize(
    "text", ["", " ", "1", "672", "9999", "99999", "44500", "45-Sep", "2-Foo", "2021-13-01", "NO-SUCH-GENE"]
)
def test_resolve_what_nobody_is_called(text):
    answer = shipped().resolve(text)

    assert (answer.match, answer.found, answer.candidates, answer.suggestion) == (Match.UNKNOWN, False, (), "")


@given(st.text(), st.sampled_from(["", "HGNC:", "1-", "2021-", "BRCA1"]))
def test_resolve_any_text_has_an_answer(text, before):
    query = before + text

    answer = shipped().resolve(query)

    assert answer.query == query
    assert answer.found == bool(answer.hgnc_id)
    assert not answer.found or shipped().gene(answer.hgnc_id).status == "approved"


@given(st.lists(st.one_of(st.text(max_size=8), st.sampled_from(["BRCA1", "GBA", "2-Sep", "CAP"])), max_size=20))
def test_resolve_many_answers_each_in_order(queries):
    answers = shipped().resolve_many(queries)

    assert [answer.query for answer in answers] == queries
    assert answers == [shipped().resolve(query) for query in queries]


def test_names_and_ids_of_a_gene_that_others_went_into():
    names = resolver(gene(1, "ONE", previous="OLD", alias="P1"), withdrawn(6, "GONE", 1), withdrawn(7, "HALF", 1, 9))

    assert names.names_of("HGNC:1") == ("ONE", "OLD", "P1", "GONE")
    assert names.ids_of("HGNC:1") == ("HGNC:1", "HGNC:6")
    assert names.names_of("HGNC:404") == ()


def test_suggest_old_name_before_what_merely_begins_so():
    names = resolver(gene(1, "MUTYH"), gene(2, "MMUT", previous="MUT"), gene(3, "OGG1", alias="MUTM"))

    suggestions = names.suggest("mut")

    assert [(found.gene_symbol, found.match) for found in suggestions] == [
        ("MMUT", "previous"),
        ("MUTYH", "current"),
        ("OGG1", "alias"),
    ]


def test_suggest_gives_at_most_so_many_and_no_gene_twice():
    suggestions = shipped().suggest("a")

    assert len({found.hgnc_id for found in suggestions}) == len(suggestions) == 10
    assert {found.match for found in suggestions} == {"current"}


@pytest.mark.parametrize(("text", "symbols"), [("HGNC:110", ["BRCA1"]), ("", []), ("  ", []), ("ZZ", [])])
def test_suggest_by_id_and_for_nothing(text, symbols):
    suggestions = resolver(gene(1100, "BRCA1"), withdrawn(1101, "GONE")).suggest(text)

    assert [found.gene_symbol for found in suggestions] == symbols


def test_suggest_for_a_date_what_it_was():
    suggestions = resolver(gene(7729, "SEPTIN2", previous="SEPT2")).suggest("2-Sep")

    assert [found.gene_symbol for found in suggestions] == ["SEPTIN2"]


def test_with_current_names_trusts_the_id_over_the_symbol():
    """SEPT2 under the id of GBA1: the id says who it is, and what was written stays."""
    names = resolver(gene(4177, "GBA1", ensembl_id="ENSG1"), gene(7729, "SEPTIN2", previous="SEPT2"))

    (row,) = with_current_names([a_row("SEPT2", "HGNC:4177")], names)

    assert row.entity == Entity("gene", "GBA1", "HGNC:4177", "GBA1 in full", "ENSG1")
    assert row.origin.given == "SEPT2"


def test_with_current_names_follows_an_id_that_was_merged():
    names = resolver(gene(1, "HERE"), withdrawn(6, "GONE", 1))

    old_symbol, same_symbol = with_current_names([a_row("GONE", "HGNC:6"), a_row("HERE", "HGNC:6")], names)

    assert (old_symbol.entity.key, old_symbol.origin.given) == ("HGNC:1", "GONE")
    assert (same_symbol.entity.key, same_symbol.origin.given) == ("HGNC:1", "HGNC:6")
    assert same_symbol.entity.ensembl_id == "ENSG_THERE"


@pytest.mark.parametrize(
    "row",
    [
        a_row("NEWER", "HGNC:99999"),
        a_row("SPLIT", "HGNC:6"),
        a_row("NOBODY"),
        a_row("2-Sep"),
        a_row("OLD"),
        a_row("ISCA-1-Loss", entity_type="region"),
        a_row("ONE", entity_type="region"),
        a_row("ONE_CAG", "HGNC:1", entity_type="str"),
    ],
    ids=lambda row: f"{row.entity.entity_type} {row.entity.name}",
)
def test_with_current_names_keeps_what_it_cannot_place(row):
    names = resolver(
        gene(1, "ONE", previous="OLD"), gene(2, "SEPTIN2", previous="SEPT2 OLD"), withdrawn(6, "SPLIT", 1, 2)
    )

    assert with_current_names([row], names) == (row,)


def test_with_current_names_without_id_looks_the_name_up():
    (row,) = with_current_names([a_row("GBA")], resolver(gene(4177, "GBA1", previous="GBA")))

    assert (row.entity.name, row.entity.hgnc_id, row.origin.given) == ("GBA1", "HGNC:4177", "GBA")


def test_with_current_names_keeps_what_was_given_before():
    (row,) = with_current_names([a_row("GBA", given="gba gene")], resolver(gene(4177, "GBA1", previous="GBA")))

    assert row.origin.given == "gba gene"


def test_with_current_names_follows_the_gene_of_a_repeat_but_keeps_its_name():
    names = resolver(gene(1, "HERE"), withdrawn(6, "GONE", 1))

    (row,) = with_current_names([a_row("GONE_CAG", "HGNC:6", entity_type="str")], names)

    assert (row.entity.name, row.entity.hgnc_id, row.origin.given) == ("GONE_CAG", "HGNC:1", "HGNC:6")


@given(st.lists(st.tuples(st.text(max_size=6), st.sampled_from(["", "HGNC:6", "HGNC:1100", "x"])), max_size=12))
def test_with_current_names_loses_no_row(pairs):
    rows = [a_row(name, hgnc_id) for name, hgnc_id in pairs]

    current = with_current_names(rows, shipped())

    assert len(current) == len(rows)
    assert all(name in (new.entity.name, new.origin.given) for (name, _), new in zip(pairs, current, strict=True))
