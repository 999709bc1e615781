"""BED, PanelApp TSV, Scout, GMT and ids, each by what its own programs read. BG-14, BG-15, BG-16."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
import python_calamine
from hypothesis import given, settings
from hypothesis import strategies as st

from panelmerge.lib.errors import Refusal
from panels.engine.genes import Entity, EntityType, GeneList, Origin, Row
from panels.engine.merge import MergeInput, merge
from panels.formats import writing
from panels.formats.writing import FORMATS, Options, options_of
from panels.formats.writing.about import hash_of
from panels.formats.writing.scout import models_of
from tests.panels.engine.lists import AD, AR, BOTH, listed, several

TERMS = "May not be passed on.\nSecond line\twith a tab."
PLACED = {
    "BRCA1": ("HGNC:1100", "17:41196312-41277500", "17:43044295-43125483"),
    "AR": ("HGNC:644", "X:66764465-66950461", "X:67544021-67730619"),
    "MT-ND1": ("HGNC:7455", "MT:3307-4262", "MT:3307-4262"),
    "XIST": ("HGNC:12810", "", ""),
    "TP53": ("HGNC:11998", "17:7565097-7590856", "17:7661779-7687550"),
    "ABCA4": ("HGNC:34", "1:94458393-94586688", "1:93992834-94121148"),
}


@pytest.fixture
def result():
    said = Origin("uk", "1", "=Panel", "1.0", "green", AD, penetrance="Incomplete", phenotypes=("-one",))
    rows = [Row(Entity(EntityType.GENE, name, *_(place)), said) for name, place in PLACED.items()]
    rows.append(Row(Entity(EntityType.STR, "FXN GAA", "HGNC:3951", grch38="9:69037287-69037304"), said))
    rows.append(Row(Entity(EntityType.REGION, "ISCA-1", "", "a region"), said))
    rows.append(Row(Entity(EntityType.GENE, "NOID1"), said))
    genes = GeneList("uk", "1", "=Panel", "1.0", rows=tuple(rows), terms=TERMS)
    return merge([MergeInput(genes)], gene_names="HGNC 2023-06-13")


def _(place: tuple[str, str, str]) -> tuple[str, ...]:
    return (place[0], "", "", place[1], place[2])


def bed_lines(content: bytes) -> list[list[str]]:
    return [line.split("\t") for line in content.decode().splitlines() if not line.startswith("#")]


@pytest.mark.parametrize("build", ["GRCh37", "GRCh38"])
def test_bed_is_the_places_counted_from_zero_and_sorted(result, build):
    """Written here once more, from what BED is: base n of a chromosome is [n - 1, n)."""
    column = 1 if build == "GRCh37" else 2
    expected = {}
    for name, given_places in PLACED.items():
        if given_places[column]:
            chromosome, _, ends = given_places[column].partition(":")
            first, last = map(int, ends.split("-"))
            expected[f"{name}|{given_places[0]}"] = (chromosome, first, last)

    lines = bed_lines(FORMATS["bed"].write(result, Options(build)))

    genes = {line[3]: (line[0], int(line[1]) + 1, int(line[2])) for line in lines if "|" in line[3]}
    assert genes == expected
    assert [line[0] for line in lines if "|" in line[3]] == ["1", "17", "17", "X", "MT"]
    assert all(line[4:] == ["0", "."] for line in lines)
    starts = [int(line[1]) for line in lines if line[0] == "17"]
    assert starts == sorted(starts)


def test_bed_names_at_its_end_everything_without_a_place(result):
    lines = FORMATS["bed"].write(result, Options("GRCh37")).decode().splitlines()

    assert lines[-4:] == [
        "# No place in GRCh37: gene NOID1",
        "# No place in GRCh37: gene XIST|HGNC:12810",
        "# No place in GRCh37: region ISCA-1",
        "# No place in GRCh37: str FXN_GAA",
    ]
    assert [one.entity.name for one in FORMATS["bed"].left_out(result, Options())] == ["NOID1", "XIST", "ISCA-1"]


def test_bed_with_padding_and_prefix(result):
    lines = bed_lines(FORMATS["bed"].write(result, Options(padding=5000, chr_prefix=True)))

    assert [line[0] for line in lines] == ["chr1", "chr9", "chr17", "chr17", "chrX", "chrM"]
    assert lines[-1][1:4] == ["0", "9262", "MT-ND1|HGNC:7455"]


def test_workbook_lists_what_has_no_place_in_the_chosen_build(result):
    def unplaced(options: Options) -> list[str]:
        stream = io.BytesIO(FORMATS["xlsx"].write(result, options))
        book = python_calamine.CalamineWorkbook.from_filelike(stream)
        return [row[1] for row in book.get_sheet_by_name("No place").to_python()[1:]]

    assert unplaced(Options("GRCh38")) == ["NOID1", "XIST", "ISCA-1"]
    assert unplaced(Options("GRCh37")) == ["NOID1", "XIST", "ISCA-1", "FXN GAA"]


def test_panelapp_tsv_by_position(result):
    rows = list(csv.reader(io.StringIO(FORMATS["panelapp_tsv"].write(result).decode(), newline=""), delimiter="\t"))

    assert {len(row) for row in rows} == {36}
    by_name = {row[0]: row for row in rows[1:]}
    brca1, repeat = by_name["BRCA1"], by_name["FXN GAA"]
    assert brca1[1:3] == ["gene", "BRCA1"]
    assert (brca1[7], brca1[8], brca1[15], brca1[22]) == (AD, "'-one", "3", "HGNC:1100")
    assert (repeat[1], repeat[23], repeat[26], repeat[27]) == ("str", "9", "69037287", "69037304")
    assert by_name["ISCA-1"][35] == "a region"
    assert hash_of(result) in brca1[13]


def test_panelapp_tsv_writes_no_inheritance_that_panelapp_would_refuse(result):
    other = replace(result, entities=tuple(replace(one, mode_of_inheritance="own words") for one in result.entities))

    rows = list(csv.reader(io.StringIO(FORMATS["panelapp_tsv"].write(other).decode(), newline=""), delimiter="\t"))

    assert {row[7] for row in rows[1:]} == {""}


def test_scout_file_as_scout_splits_it(result):
    lines = FORMATS["scout"].write(result).decode().splitlines()
    meta = dict(line[2:].split("=", 1) for line in lines if line.startswith("##"))
    header, *rows = [line.split("\t") for line in lines if not line.startswith("##")]

    assert header[:2] == ["#hgnc_id", "hgnc_symbol"]
    assert meta["content_hash"] == hash_of(result)
    assert {len(row) for row in rows} == {len(header)}
    assert [row[0] for row in rows if row[1] == "BRCA1"] == ["1100"]
    assert {(row[3], row[4]) for row in rows} == {("yes", "AD")}
    assert [line for line in lines if line.startswith("##not_held=")] == [
        "##not_held=NOID1",
        "##not_held=FXN GAA",
        "##not_held=ISCA-1",
    ]


@pytest.mark.parametrize(
    ("sentence", "models"),
    [
        (AD, "AD"),
        (AR, "AR"),
        (BOTH, "AD,AR"),
        ("X-LINKED: hemizygous mutation in males, biallelic mutations in females", "XR"),
        ("X-LINKED: hemizygous mutation in males, monoallelic mutations in females may cause disease", "XD"),
        ("MITOCHONDRIAL", "MT"),
        ("Unknown", ""),
        ("own words", ""),
        ("", ""),
    ],
)
def test_scout_takes_panelapps_sentences_in_short(sentence, models):
    assert models_of(sentence) == models


def test_gmt_is_one_set_of_symbols(result):
    [line] = FORMATS["gmt"].write(result).decode().splitlines()
    name, described, *genes = line.split("\t")

    assert genes == sorted([*PLACED, "NOID1"])
    assert hash_of(result)[:12] in name
    assert hash_of(result) in described
    assert "Not held: str FXN GAA" in described


def test_ids_are_ids_of_genes_alone(result):
    """The id of the gene that an STR lies in is not that STR's: it would bring in a gene that nobody asked for."""
    table, _, remarks = FORMATS["ids"].write(result).decode().partition("\n\n")

    assert table.split() == ["HGNC:34", "HGNC:644", "HGNC:1100", "HGNC:7455", "HGNC:11998", "HGNC:12810"]
    assert "HGNC:3951" not in table
    assert all(line.startswith("# ") for line in remarks.splitlines())
    assert "# Not held: str FXN GAA" in remarks


@pytest.mark.parametrize("name", list(FORMATS))
def test_every_file_says_what_it_is(result, name):
    """BG-16: recipe, versions, terms, gene names, hash; PanelApp's table has no room for the recipe."""
    content = FORMATS[name].write(result)
    if name == "xlsx":
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        text = json.dumps(book.get_sheet_by_name("About").to_python())
    else:
        text = content.decode()

    assert hash_of(result) in text
    assert "HGNC 2023-06-13" in text
    assert "May not be passed on." in text
    assert "1.0" in text
    assert name == "panelapp_tsv" or '"panel_id": 1' in text.replace('\\"', '"').replace('""', '"')


@pytest.mark.parametrize("name", list(FORMATS))
@pytest.mark.parametrize("options", [Options(), Options("GRCh37", 10, True)])
def test_the_same_result_and_options_are_the_same_bytes(result, name, options):
    assert FORMATS[name].write(result, options) == FORMATS[name].write(result, options)


@pytest.mark.parametrize(
    ("given_options", "sentence"),
    [
        ({"build": "hg18"}, "build: 'hg18' is no genome build here; there are GRCh37 and GRCh38."),
        ({"padding": "-1"}, "padding: '-1' is no number of bases."),
        ({"padding": "1000001"}, "padding: 1000001 bases: from 0 to 1,000,000 can be added."),
        ({"padding": "\u0665"}, "is no number of bases."),
        ({"chr_prefix": "perhaps"}, "chr_prefix: 'perhaps' is neither true nor false."),
    ],
)
def test_options_that_make_no_sense_name_the_field(given_options, sentence):
    with pytest.raises(Refusal) as refused:
        options_of(**given_options)

    assert sentence in refused.value.detail
    assert list(refused.value.errors) == [next(iter(given_options))]


def test_options_are_read_as_people_write_them():
    assert options_of(build="grch37", padding="20", chr_prefix="True") == Options("GRCh37", 20, True)
    assert options_of() == Options()


SCHEMA = json.loads((Path(writing.__file__).parent / "panelmerge-1.schema.json").read_text())


def test_json_fits_its_schema(result):
    content = json.loads(FORMATS["json"].write(result))

    jsonschema.validate(content, SCHEMA, cls=jsonschema.Draft202012Validator)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(content | {"content_hash": "x"}, SCHEMA)


@settings(max_examples=40, deadline=None)
@given(several())
def test_json_of_any_merge_fits_its_schema(lists):
    content = json.loads(FORMATS["json"].write(merge(lists)))

    jsonschema.validate(content, SCHEMA, cls=jsonschema.Draft202012Validator)


@settings(deadline=None)
@given(several(), st.sampled_from(["bed", "gmt", "panelapp_tsv", "scout", "ids"]))
def test_any_merge_can_be_written(lists, name):
    assert FORMATS[name].write(merge(lists))


def test_a_name_that_would_break_a_line_stays_on_it():
    """A symbol on a line of its own would be another gene to whoever reads the file."""
    for sign in ("\n", "\r", "\u2028", "\x85", "\t", "\x0b"):
        one = listed()
        odd = replace(one, genes=replace(one.genes, name=f"a{sign}HGNC:1100", rows=one.genes.rows))
        result = merge([odd])

        for name in ("bed", "gmt", "scout", "ids"):
            text = FORMATS[name].write(result).decode()
            assert not any(line.startswith("HGNC:1100") for line in text.splitlines()), (name, sign)
