"""What we wrote is read back: the same content hash, or the same genes. BG-14."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panels.actions.merging import merge_lists
from panels.actions.symbols import current_resolver
from panels.actions.typed import typed_list
from panels.actions.uploads import add_upload, read_list, report
from panels.api.merges import MergeBody
from panels.engine.genes import Entity, EntityType, GeneList, Origin, Row
from panels.engine.merge import RESOLUTIONS, Decision, MergeInput, Rule, merge
from panels.engine.recipe import recipe_of
from panels.engine.request import ListChoice, MergeRequest, PanelChoice, PanelSpec, UploadChoice
from panels.formats.reading.bed import read as read_bed
from panels.formats.writing import FORMATS
from panels.formats.writing.about import hash_of
from tests.panels.engine.lists import AD, AR, BOTH
from tests.panels.formats.reading.building import saved

pytestmark = pytest.mark.django_db

ALL = frozenset({"green", "amber", "red", "none"})
OWN = ["json", "xlsx", "csv", "tsv"]


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "uploads")


def both(name: str = "=mine; a", **arguments):
    """A list of both countries with level 0, a decision, and a list of one's own with a gene nobody knows."""
    mine = ListChoice(name, ({"gene_symbol": "GBA", "user_notes": "=1+1", "phenotype": " b; a"}, "nosuchgene"))
    panels = [PanelChoice(PanelSpec("uk", 90001), ALL), PanelChoice(PanelSpec("aus", 95001), ALL)]
    decided = {"HGNC:4177": Decision("by hand", confidence_level="amber")}
    return merge_lists(request=MergeRequest(inputs=[*panels, mine], decisions=decided, **arguments))


def uploaded(name: str, content: bytes):
    upload = add_upload(name=name, content=content, session_key="k")
    return upload, merge_lists(request=MergeRequest(inputs=[UploadChoice(str(upload.pk))]), session_key="k")


def genes(result) -> set[tuple[str, str]]:
    return {(str(merged.entity.entity_type), merged.entity.key) for merged in result.entities}


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize("rule", [Rule(), Rule("at_least", 2), Rule("subtract", 2)])
def test_a_file_of_ours_is_read_back_to_the_same_content(demo_catalogue, name, rule):
    """Level 0 was asked for when the list was made; it is not lost on the way back."""
    result = both(rule=rule)

    upload, again = uploaded(f"list.{name}", FORMATS[name].write(result))

    assert hash_of(again) == hash_of(result)
    assert genes(again) == genes(result)
    assert any("is unchanged" in note for note in report(upload, current_resolver()).notes)


@pytest.mark.parametrize("name", OWN)
def test_a_list_read_back_replays_from_its_recipe(demo_catalogue, name):
    content = FORMATS[name].write(both())
    listed = merge_lists(request=MergeRequest(inputs=[read_list(name=f"list.{name}", content=content)]))
    body = MergeBody(data=json.loads(json.dumps(recipe_of(listed))))
    body.is_valid(raise_exception=True)

    again = merge_lists(request=body.request())

    assert hash_of(again) == hash_of(listed) == hash_of(both())
    assert FORMATS["bed"].write(again) == FORMATS["bed"].write(listed)


def test_a_list_read_back_and_merged_with_another_keeps_its_sources_apart(demo_catalogue):
    content = FORMATS["json"].write(both("mine"))
    inputs = [read_list(name="list.json", content=content), PanelChoice(PanelSpec("uk", 90001), ALL)]

    records = {one["gene_symbol"]: one for one in _written(merge_lists(request=MergeRequest(inputs=inputs)))}

    first = {one["gene_symbol"]: one for one in _written(both("mine"))}
    shared = [name for name, one in first.items() if "uk:90001" in one["source_panel_id"]]
    assert shared
    assert all(records[name]["source_panel_id"] == first[name]["source_panel_id"] for name in shared)


def _written(result) -> list[dict]:
    content = json.loads(FORMATS["json"].write(result))
    return content["genes"] + content["strs"] + content["regions"]


def test_a_changed_json_is_read_as_anybodys_with_a_note(demo_catalogue):
    """A file that was changed does not speak for its sources any more."""
    content = json.loads(FORMATS["json"].write(both()))
    content["genes"][0]["confidence_level"] = "red" if content["genes"][0]["confidence_level"] != "red" else "green"

    upload, again = uploaded("list.json", json.dumps(content).encode())

    assert any("was changed since" in note for note in report(upload, current_resolver()).notes)
    assert not any(origin.stated_sources for merged in again.entities for origin in merged.origins)


def test_a_gene_added_below_a_csv_of_ours_is_not_lost(demo_catalogue):
    content = FORMATS["csv"].write(both()) + b"TTN\r\n"

    upload, again = uploaded("list.csv", content)

    assert ("gene", "HGNC:12403") in genes(again)
    assert any("was changed since" in note for note in report(upload, current_resolver()).notes)


def test_a_symbol_changed_beside_its_id_is_not_guessed_at(db):
    """The hash knows a gene by its id: the symbol of another gene beside it is somebody's change all the same."""
    content = json.loads(FORMATS["json"].write(merge_lists(request=MergeRequest([ListChoice("a", ("BRCA1", "TTN"))]))))
    [brca1] = [one for one in content["genes"] if one["gene_symbol"] == "BRCA1"]
    brca1["gene_symbol"] = "BRCA2"

    _, again = uploaded("list.json", json.dumps(content).encode())

    assert genes(again) == {("gene", "HGNC:12403")}
    assert "HGNC:1101" in again.dropped[0].reason


@pytest.mark.parametrize("entity_type", ["virus", "GENE"])
def test_a_forged_type_with_a_fitting_hash_is_a_problem_and_no_crash(db, entity_type):
    from panels.engine.content import GENE_KEYS, content_hash

    record = dict.fromkeys(GENE_KEYS, "") | {"gene_symbol": "X", "source_panel_id": "uk:1", "entity_type": entity_type}
    good = record | {"gene_symbol": "BRCA1", "hgnc_id": "HGNC:1100", "entity_type": "gene"}
    content = {"format": "panelmerge/1", "content_hash": content_hash([record, good]), "genes": [record, good]}

    _, again = uploaded("list.json", json.dumps(content).encode())

    assert genes(again) == {("gene", "HGNC:1100")}
    assert "no type of entity" in again.dropped[0].reason


def test_our_workbook_is_told_by_another_program_too(demo_catalogue):
    """Saved again by openpyxl, it is still the list it was."""
    import openpyxl

    result = both()
    content = saved(openpyxl.load_workbook(io.BytesIO(FORMATS["xlsx"].write(result))))

    _, again = uploaded("list.xlsx", content)

    assert hash_of(again) == hash_of(result)


@pytest.mark.parametrize("name", ["bed", "gmt", "panelapp_tsv", "scout", "ids"])
def test_other_formats_are_read_back_to_the_entities_they_can_hold(demo_catalogue, name):
    result = both()
    chosen = FORMATS[name]
    content = chosen.write(result)

    upload = add_upload(name=f"list{chosen.suffix}", content=content, session_key="k")
    whole = MergeRequest(inputs=[UploadChoice(str(upload.pk), ALL | {""})])
    again = merge_lists(request=whole, session_key="k")

    held = genes(result)
    if name in ("gmt", "scout", "ids"):
        held = {(kind, key) for kind, key in held if kind == "gene"}
    assert genes(again) == held


def test_panelapp_tsv_keeps_level_inheritance_phenotypes_sources_and_places(db):
    entity = Entity(EntityType.STR, "DMPK_CTG", "HGNC:2933", grch38="19:45770205-45770264")
    said = Origin(
        "uk", "1", "P", "1.0", "amber", AD, phenotypes=("-one", "two"), evidence=("Expert Review Amber", "Literature")
    )
    result = merge([MergeInput(GeneList("uk", "1", "P", "1.0", rows=(Row(entity, said),)))])

    _, again = uploaded("list.panelapp.tsv", FORMATS["panelapp_tsv"].write(result))

    [merged] = again.entities
    assert (merged.entity.grch38, merged.confidence_level, merged.mode_of_inheritance) == (entity.grch38, "amber", AD)
    assert merged.origins[0].phenotypes == ("-one;two",)
    assert merged.origins[0].evidence == ("Expert Review Amber; Literature",)


def test_bed_of_ours_names_what_has_no_place_and_what_is_no_gene(db):
    str_ = Row(Entity(EntityType.STR, "FXN GAA", grch38="9:69037287-69037304"), Origin("uk", "1", "P"))
    region = Row(Entity(EntityType.REGION, "ISCA-1"), Origin("uk", "1", "P"))
    gene = Row(Entity(EntityType.GENE, "XIST", "HGNC:12810"), Origin("uk", "1", "P"))
    result = merge([MergeInput(GeneList("uk", "1", "P", rows=(str_, region, gene)))])

    rows = read_bed(FORMATS["bed"].write(result), "list.bed").sheets[0].rows

    assert rows[0] == ["Gene", "Entity type"]
    assert [row for row in rows[1:] if row] == [["FXN_GAA", "str"], ["HGNC:12810"], ["ISCA-1", "region"]]


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cn", "Cc"], exclude_characters="\x85"), max_size=12)
typed = st.fixed_dictionaries(
    {"gene_symbol": st.sampled_from(["BRCA1", "GBA", "TTN", "MUT", "AIP"])},
    optional={
        "confidence_level": st.sampled_from(["green", "3", "definitive", "none", "a; b"]),
        "mode_of_inheritance": st.sampled_from([AD, AR, BOTH, "own words"]),
        "phenotype": TEXTS,
        "evidence_level": TEXTS,
        "user_notes": st.one_of(TEXTS, st.sampled_from(["=1+1", "'=1", "a\nb", "\tx", "_x0041_", " x "])),
    },
)
unknown = st.fixed_dictionaries(
    {"gene_symbol": st.sampled_from(["FOO1", "FOO2"]), "source_panel_id": st.sampled_from(["uk:1", "list:a; b; uk:2"])},
    optional={
        "hgnc_id": st.sampled_from(["HGNC:999999", "HGNC:999998"]),
        "source_list_type": st.sampled_from(["green", "green; b; a", "strong; weak"]),
        "custom_confidence": st.sampled_from(["red", "own"]),
        "ensembl_id": st.just("ENSG1"),
    },
)
repeats = st.fixed_dictionaries(
    {"gene_symbol": st.sampled_from(["DMPK_CTG", "FXN_GAA"]), "entity_type": st.sampled_from(["str", "region"])},
    optional={"grch38": st.just("19:45770205-45770264"), "gene_name": st.just("x")},
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lists=st.lists(st.lists(st.one_of(typed, unknown, repeats), min_size=1, max_size=5), min_size=1, max_size=3),
    resolution=st.sampled_from(RESOLUTIONS),
    name=st.sampled_from(OWN),
)
def test_any_list_of_ours_reads_back_to_the_same_content(db, lists, resolution, name):
    from importlib import import_module

    from panels.engine.columns import find_layout
    from panels.engine.listing import gene_list, list_genes

    resolver = current_resolver()
    choices = [ListChoice(f"list {n}", tuple(one)) for n, one in enumerate(lists)]
    result = merge(
        [MergeInput(typed_list(choice, resolver), ALL | {"", "definitive", "a; b"}) for choice in choices],
        resolve={"confidence_level": resolution},
        decisions={"HGNC:1100": Decision("why", confidence_level="red")},
        gene_names=resolver.release,
    )
    reader = import_module(f"panels.formats.reading.{ {'xlsx': 'workbook', 'json': 'json'}.get(name, 'delimited') }")

    table = reader.read(FORMATS[name].write(result), f"list.{name}")
    rows = table.sheets[0].rows
    listing = list_genes(rows, find_layout(rows), resolver, claimed=table.about["Content hash"])
    again = merge([MergeInput(gene_list(listing, panel_id="u", name="list"), ALL | {"", "definitive", "a; b"})])

    assert hash_of(again) == hash_of(result)


def test_a_csv_of_ours_undoes_exactly_one_guard(db):
    notes = ["=1+1", "'=1+1", "''=1+1", "-x", "plain", "'quoted'"]
    symbols = ["BRCA1", "BRCA2", "TTN", "GBA1", "MMUT", "AIP"]
    typed_genes = tuple(
        {"gene_symbol": symbol, "user_notes": note} for symbol, note in zip(symbols, notes, strict=True)
    )
    result = merge_lists(request=MergeRequest([ListChoice("a", typed_genes)]))

    _, again = uploaded("list.csv", FORMATS["csv"].write(result))

    assert {merged.entity.name: merged.origins[0].note for merged in again.entities} == dict(
        zip(symbols, notes, strict=True)
    )
    lines = csv.reader(io.StringIO(FORMATS["csv"].write(result).decode("utf-8-sig"), newline=""))
    assert not any(cell[:1] in ("=", "-") for line in lines for cell in line)
