"""The demonstration catalogue: real names, invented contents, the wire shape of each service, always the same."""

import gzip
from collections import defaultdict

import orjson
import pytest

from panels.engine.genes import Confidence, GeneList
from panels.engine.merge import MergeInput, merge
from panels.engine.symbols import Resolver, with_current_names
from panels.hgnc import read_genes
from panels.panelapp.parse import parse_panel, places, told_source, version_key
from panels.panelapp.sources import DEMONSTRATION_TERMS, terms_of
from panels.shipped import make_demo_catalogue
from tests.fakes.panelapp import DEMO, ENTITIES, demo_bodies

SOURCES = ("uk", "aus")
LEAST_PANELS = {"uk": 24, "aus": 18}


@pytest.fixture(scope="module")
def records():
    return read_genes([make_demo_catalogue.HERE / "gene_names.tsv.gz"]).records


@pytest.fixture(scope="module")
def resolver(records) -> Resolver:
    return Resolver(records, "shipped")


@pytest.fixture(scope="module")
def bodies() -> dict[str, list[dict]]:
    return {source: demo_bodies(source) for source in SOURCES}


@pytest.mark.parametrize("source", SOURCES)
def test_demo_catalogue_is_what_its_script_makes(records, source):
    shipped = gzip.decompress((DEMO / f"{source}.jsonl.gz").read_bytes()).splitlines()

    made = make_demo_catalogue.demo_lines(source, records)

    assert [orjson.loads(line) for line in shipped] == made


@pytest.mark.parametrize("source", SOURCES)
def test_demo_catalogue_is_marked_as_invented_everywhere(bodies, source):
    for body in bodies[source]:
        types = [one["slug"] for one in body["types"]]

        assert body["name"].endswith("(demo)")
        assert body["id"] // 1000 == {"uk": 90, "aus": 95}[source]
        assert terms_of(source, types) == DEMONSTRATION_TERMS
        assert not any(row["publications"] for key in ENTITIES for row in body[key])


@pytest.mark.parametrize("source", SOURCES)
def test_demo_catalogue_reads_without_a_word_skipped(bodies, source):
    parsed = [parse_panel(body, source=source) for body in bodies[source]]

    assert len(parsed) >= LEAST_PANELS[source]
    assert not any(panel.skipped for panel in parsed)
    assert {told_source(body) for body in bodies[source]} == {source}
    assert {row.entity.entity_type for panel in parsed for row in panel.rows} == {"gene", "str", "region"}
    assert {row.origin.confidence_level for panel in parsed for row in panel.rows} == set(Confidence)


def test_demo_catalogue_is_large_enough_to_be_worth_searching(bodies):
    rows = [row for source in SOURCES for body in bodies[source] for key in ENTITIES for row in body[key]]

    assert len(rows) >= 2500


@pytest.mark.parametrize("source", SOURCES)
def test_demo_catalogue_names_real_genes_by_their_own_ids(bodies, resolver, source):
    given = {(row["gene_data"]["hgnc_id"], row["entity_name"]) for body in bodies[source] for row in body["genes"]}

    for hgnc_id, name in given:
        assert resolver.gene(hgnc_id).status == "approved"
        assert name in resolver.names_of(hgnc_id)


def test_demo_catalogue_writes_outdated_symbols_where_the_source_would(bodies, resolver):
    rows = [row for body in bodies["uk"] for row in parse_panel(body, source="uk").rows]

    renamed = {row.origin.given: row.entity.name for row in with_current_names(rows, resolver) if row.origin.given}

    assert renamed.items() >= {"GBA": "GBA1", "C5orf42": "CPLANE1", "MUT": "MMUT", "YARS": "YARS1"}.items()


@pytest.mark.parametrize("source", SOURCES)
def test_demo_super_panels_repeat_genes_that_differ(bodies, source):
    supers = [body for body in bodies[source] if any(one["slug"] == "superpanel" for one in body["types"])]

    assert len(supers) == 2
    for body in supers:
        levels = defaultdict(list)
        for row in body["genes"]:
            levels[row["gene_data"]["hgnc_id"]].append(row["confidence_level"])
        children = {row["panel"]["id"] for key in ENTITIES for row in body[key]}
        assert len(children) == 3
        assert body.get("child_panel_ids", sorted(children)) == sorted(children)
        assert any(len(set(given)) > 1 for given in levels.values())


@pytest.mark.parametrize(("source", "releases"), [("uk", {"82", "90"}), ("aus", {"87", "115"})])
def test_demo_catalogue_places_its_genes_as_the_source_writes_them(bodies, source, releases):
    genes = [row["gene_data"]["ensembl_genes"] for body in bodies[source] for row in body["genes"]]

    assert {release for gene in genes for build in gene.values() for release in build} == releases
    placed = [place for body in bodies[source] for place in places(body).values()]
    assert sum("GRCh38" in place for place in placed) / len(placed) > 0.98


def test_demo_cardiomyopathy_shows_where_the_two_sources_disagree(bodies, resolver):
    """What a newcomer merges first: both panels, and every disagreement is seen."""
    inputs = []
    for source in SOURCES:
        body = next(body for body in bodies[source] if body["name"] == "Hypertrophic cardiomyopathy (demo)")
        rows = with_current_names(parse_panel(body, source=source).rows, resolver)
        inputs.append(MergeInput(GeneList(source, str(body["id"]), body["name"], rows=rows), frozenset(Confidence)))

    result = merge(inputs)

    levels = {one.entity.name for one in result.in_conflict("confidence_level")}
    inheritance = {one.entity.name for one in result.in_conflict("mode_of_inheritance")}
    assert levels >= {"TNNT2", "TTN", "LMNA", "GBA1"}
    assert inheritance >= {"MYBPC3", "MYH7", "TTN"}


@pytest.mark.parametrize("source", SOURCES)
def test_demo_catalogue_has_panels_with_a_version_before(source):
    lines = [orjson.loads(line) for line in gzip.decompress((DEMO / f"{source}.jsonl.gz").read_bytes()).splitlines()]

    versions = defaultdict(list)
    for body in lines[1:]:
        versions[body["id"]].append(body["version"])

    assert sum(len(held) == 2 for held in versions.values()) == 2
    for held in versions.values():
        assert sorted(held, key=version_key, reverse=True) == held
