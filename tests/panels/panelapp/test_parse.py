"""Reading PanelApp's JSON: nothing is guessed, nothing lost in silence."""

from collections import Counter, defaultdict
from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panelmerge.lib.errors import Refusal
from panels.engine.genes import EntityType
from panels.panelapp import parse
from panels.panelapp.sources import DEMONSTRATION_TERMS, terms_of


def gene_row(**changes) -> dict:
    row = {
        "gene_data": {
            "hgnc_id": "HGNC:1100",
            "gene_name": "BRCA1 DNA repair associated",
            "gene_symbol": "BRCA1",
            "ensembl_genes": {
                "GRch37": {"82": {"ensembl_id": "ENSG00000012048", "location": "17:41196312-41277500"}},
                "GRch38": {
                    "90": {"ensembl_id": "ENSG_OLD", "location": "17:1-2"},
                    "107": {"ensembl_id": "ENSG00000012048", "location": "17:43044295-43170245"},
                },
            },
        },
        "entity_type": "gene",
        "entity_name": "BRCA1",
        "confidence_level": "3",
        "penetrance": "Complete",
        "mode_of_pathogenicity": None,
        "publications": ["1"],
        "evidence": ["Expert Review Green"],
        "phenotypes": ["demo"],
        "mode_of_inheritance": "MONOALLELIC, autosomal or pseudoautosomal, NOT imprinted",
        "tags": [],
        "transcript": None,
    }
    return row | changes


def panel_body(*genes, **changes) -> dict:
    body = {
        "id": 90999,
        "hash_id": None,
        "name": "Breast (demo)",
        "disease_group": "Tumours",
        "disease_sub_group": "",
        "status": "public",
        "version": "1.10",
        "version_created": "2026-02-25T11:27:29.733193Z",
        "relevant_disorders": ["R208"],
        "stats": {"number_of_genes": len(genes), "number_of_strs": 0, "number_of_regions": 0},
        "types": [{"name": "Demonstration", "slug": "demonstration", "description": ""}],
        "genes": list(genes),
        "strs": [],
        "regions": [],
    }
    return body | changes


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ("4", "green"),
        ("3", "green"),
        (3, "green"),
        ("2", "amber"),
        (1, "red"),
        ("0", "none"),
        (0, "none"),
        ("HighEvidence", "green"),
        ("ModerateEvidence", "amber"),
        ("LowEvidence", "red"),
        ("NoList", "none"),
    ],
)
def test_parse_panel_reads_every_spelling_of_confidence(given, word):
    body = panel_body(gene_row(confidence_level=given))

    parsed = parse.parse_panel(body, source="uk")

    assert [row.origin.confidence_level for row in parsed.rows] == [word]
    assert parsed.skipped == ()


@pytest.mark.parametrize("given", ["5", "-1", None, "", True, "very high", 2.5, ["3"]])
def test_parse_panel_reports_a_confidence_it_does_not_know(given):
    body = panel_body(gene_row(), gene_row(entity_name="TP53", confidence_level=given))

    parsed = parse.parse_panel(body, source="uk")

    assert [row.entity.name for row in parsed.rows] == ["BRCA1"]
    assert [(skip.where, skip.position, skip.name) for skip in parsed.skipped] == [("genes", 1, "TP53")]
    assert "confidence" in parsed.skipped[0].reason


@pytest.mark.parametrize("row", ["BRCA2", None, 7, [], {"entity_name": "", "confidence_level": "3"}])
def test_parse_panel_reports_a_row_that_is_no_gene(row):
    body = panel_body(row, gene_row())

    parsed = parse.parse_panel(body, source="uk")

    assert len(parsed.rows) == 1
    assert [(skip.where, skip.position) for skip in parsed.skipped] == [("genes", 0)]


def test_parse_panel_keeps_symbol_id_and_origin_as_given():
    body = panel_body(gene_row(entity_name="GBA", gene_data={"hgnc_id": "HGNC:4177", "gene_symbol": "GBA"}))

    (row,) = parse.parse_panel(body, source="aus").rows

    assert (row.entity.name, row.entity.hgnc_id, row.entity.ensembl_id) == ("GBA", "HGNC:4177", "")
    assert (row.origin.source, row.origin.panel_id, row.origin.version) == ("aus", "90999", "1.10")
    assert row.origin.child_panel_id == ""


def test_parse_panel_takes_ensembl_id_of_grch38_and_its_newest_release():
    body = panel_body(gene_row())

    (row,) = parse.parse_panel(body, source="uk").rows

    assert row.entity.ensembl_id == "ENSG00000012048"


@pytest.mark.parametrize("ensembl", ["{}", {}, None, "nonsense", {"GRch38": {}}, {"GRch38": "{}"}, []])
def test_parse_panel_bears_missing_ensembl_genes(ensembl):
    body = panel_body(gene_row(gene_data={"hgnc_id": "HGNC:1100", "ensembl_genes": ensembl}))

    (row,) = parse.parse_panel(body, source="uk").rows

    assert row.entity.ensembl_id == ""
    assert parse.places(body) == {}


def test_parse_panel_reads_the_old_spelling_ensemble_id():
    gene = {"hgnc_id": "HGNC:1100", "ensembl_genes": {"GRch38": {"90": {"ensemble_id": "ENSG1"}}}}
    body = panel_body(gene_row(gene_data=gene))

    (row,) = parse.parse_panel(body, source="uk").rows

    assert row.entity.ensembl_id == "ENSG1"


@pytest.mark.parametrize(
    ("given", "read"),
    [(None, ()), ("a; b", ("a", "b")), (["a", None, 3, ""], ("a", "3")), ({"x": 1}, ()), ("", ())],
)
def test_parse_panel_bears_lists_that_are_null_or_text(given, read):
    body = panel_body(gene_row(evidence=given, phenotypes=given, publications=given, tags=given))

    (row,) = parse.parse_panel(body, source="uk").rows

    assert {row.origin.evidence, row.origin.phenotypes, row.origin.publications, row.origin.tags} == {read}


@pytest.mark.parametrize("gene_data", [None, "{}", "", [], 5])
def test_parse_panel_keeps_a_gene_without_gene_data_under_its_name(gene_data):
    body = panel_body(gene_row(gene_data=gene_data))

    (row,) = parse.parse_panel(body, source="uk").rows

    assert (row.entity.name, row.entity.hgnc_id, row.entity.key) == ("BRCA1", "", "BRCA1")


def test_parse_panel_gives_rows_of_a_super_panel_their_child():
    child = {"id": 90001, "name": "Child (demo)", "version": "2.10", "types": []}
    body = panel_body(gene_row(panel=child), gene_row(confidence_level="1", panel=child | {"id": 90002}))

    rows = parse.parse_panel(body, source="uk").rows

    assert [row.origin.child_panel_id for row in rows] == ["90001", "90002"]
    assert rows[0].origin.child_version == "2.10"
    assert rows[0].origin.panel_id == "90999"


def test_parse_panel_reports_a_list_shorter_than_its_heading_counts():
    body = panel_body(gene_row(), stats={"number_of_genes": 8})

    parsed = parse.parse_panel(body, source="aus")

    assert [skip.position for skip in parsed.skipped] == [None]
    assert "8 genes, but 1 came" in parsed.skipped[0].reason


def test_places_gives_genes_strs_and_regions_in_both_builds():
    repeat = gene_row(
        entity_type="str",
        entity_name="DMPK_CTG",
        chromosome="19",
        grch37_coordinates=[46273463, 46273522],
        grch38_coordinates=[45770205, 45770264],
    )
    region = gene_row(
        entity_type="region",
        entity_name="ISCA-1",
        gene_data=None,
        chromosome="17",
        grch37_coordinates=None,
        grch38_coordinates=[30780079, 31937008],
    )
    body = panel_body(gene_row(), strs=[repeat], regions=[region])

    places = parse.places(body)

    assert places[EntityType.GENE, "HGNC:1100"] == {"GRCh37": "17:41196312-41277500", "GRCh38": "17:43044295-43170245"}
    assert places[EntityType.STR, "DMPK_CTG"]["GRCh37"] == "19:46273463-46273522"
    assert places[EntityType.REGION, "ISCA-1"] == {"GRCh38": "17:30780079-31937008"}


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ([], "object"),
        ("panel", "object"),
        ({"detail": "Not found."}, "id"),
        (panel_body(id="245"), "id"),
        (panel_body(id=True), "id"),
        (panel_body(id=2**31), "id"),
        (panel_body(name=None), "name"),
        (panel_body(name="x" * 501), "name"),
        (panel_body(version=1.1), "text"),
        (panel_body(version=2), "text"),
        (panel_body(version="latest"), "version"),
        (panel_body(version=None), "version"),
        (panel_body(genes="BRCA1"), "list"),
        ({"id": 1, "name": "x", "version": "1.0"}, "heading"),
    ],
)
def test_parse_panel_refuses_what_is_no_panel(body, word):
    with pytest.raises(Refusal) as refusal:
        parse.parse_panel(body, source="uk")

    assert word in refusal.value.detail


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("2026-02-25T11:27:29Z", datetime(2026, 2, 25, 11, 27, 29, tzinfo=UTC)),
        ("2026-06-07T08:35:15+10:00", datetime(2026, 6, 6, 22, 35, 15, tzinfo=UTC)),
        ("2026-06-07T08:35:15", datetime(2026, 6, 7, 8, 35, 15, tzinfo=UTC)),
        ("0001-01-01T00:00:00+10:00", None),
        ("yesterday", None),
        (None, None),
    ],
)
def test_parse_header_reads_times_aware(given, read):
    header = parse.parse_header(panel_body(version_created=given))

    assert header.version_created == read


def test_version_key_orders_minor_versions_as_whole_numbers():
    versions = ["1.10", "1.9", "2.0", "1.1"]

    assert sorted(versions, key=parse.version_key) == ["1.1", "1.9", "1.10", "2.0"]


@pytest.mark.parametrize(
    ("body", "source"),
    [
        (panel_body(), "uk"),
        (panel_body(description=""), "aus"),
        (panel_body(child_panel_ids=[]), "aus"),
        (panel_body(version_created="2026-06-07T08:35:15+11:00"), "aus"),
        ({"next": "https://panelapp-aus.org/api/v1/panels/?page=2", "results": []}, "aus"),
        ({"next": "https://panelapp.genomicsengland.co.uk/api/v1/panels/?page=2"}, "uk"),
        ({"id": 1, "name": "x", "version": "1.0"}, ""),
    ],
)
def test_told_source_goes_by_what_only_one_service_writes(body, source):
    assert parse.told_source(body) == source


def test_pack_keeps_the_body_and_ignores_the_order_of_keys():
    body = panel_body(gene_row())
    turned = dict(reversed(body.items()))

    packed, digest = parse.pack(body)

    assert parse.unpack(packed) == body
    assert list(parse.unpack(packed)) == list(body)
    assert parse.pack(turned)[1] == digest
    assert parse.pack(body | {"name": "other"})[1] != digest


def test_pack_refuses_a_body_nested_without_end():
    deep: list = []
    for _ in range(500):
        deep = [deep]

    with pytest.raises(Refusal, match="nested"):
        parse.pack(panel_body(gene_row(tags=deep)))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(
    heading=st.dictionaries(st.sampled_from(sorted(panel_body())), JSON, max_size=2),
    row=st.dictionaries(st.sampled_from([*sorted(gene_row()), "panel"]), JSON, max_size=3),
    gene=st.dictionaries(st.sampled_from(["hgnc_id", "ensembl_genes", "gene_name", "gene_symbol"]), JSON, max_size=3),
)
def test_parse_panel_reads_or_refuses_but_never_breaks(heading, row, gene):
    """SP-12: whatever stands in a body, no row of it is lost without a word."""
    body = panel_body(gene_row(), {**gene_row(gene_data=gene), **row}, stats={}) | heading

    try:
        parsed = parse.parse_panel(body, source="uk")
    except Refusal as refusal:
        assert refusal.detail
        return

    rows = sum(len(body[key] or []) for key in parse.LISTS)
    assert len(parsed.rows) + sum(skip.position is not None for skip in parsed.skipped) == rows
    assert parse.unpack(parse.pack(body)[0]) is not None
    assert isinstance(parse.places(body), dict)


def test_terms_of_a_demonstration_panel_say_that_it_is_invented():
    assert terms_of("uk", ["rare-disease", "demonstration"]) == DEMONSTRATION_TERMS
    assert "https://panelapp-aus.org" in terms_of("aus", ["rare-disease"])
    assert "research use" in terms_of("uk", [])


@pytest.mark.real_data
def test_parse_panel_reads_every_row_of_the_real_bodies(real_data):
    bodies = [orjson.loads(path.read_bytes()) for path in sorted((real_data / "panelapp_uk/panels").glob("*.json"))]

    parsed = [parse.parse_panel(body, source="uk") for body in bodies]

    genes = [row for panel in parsed for row in panel.rows if row.entity.entity_type == "gene"]
    assert len(parsed) == 85
    assert len(genes) == 8165
    assert len({row.entity.hgnc_id for row in genes}) == 3650
    assert Counter(row.origin.confidence_level for panel in parsed for row in panel.rows)["none"] == 104
    assert not any(panel.skipped for panel in parsed)


@pytest.mark.real_data
def test_parse_panel_reads_the_real_super_panel_841(real_data):
    body = orjson.loads((real_data / "panelapp_uk/panels/panel_841.json").read_bytes())

    levels = defaultdict(list)
    for row in parse.parse_panel(body, source="uk").rows:
        if row.entity.entity_type == "gene":
            levels[row.entity.key].append(row.origin.confidence_level)

    assert sum(map(len, levels.values())) == 284
    assert len(levels) == 164
    assert sum(len(given) > 1 for given in levels.values()) == 79
    assert sum(len(set(given)) > 1 for given in levels.values()) == 37
    assert sum(set(given) != {"none"} for given in levels.values()) == 160


@pytest.mark.real_data
def test_parse_panel_reads_a_real_australian_body(real_data):
    body = orjson.loads((real_data / "panelapp_au/au_panel_3149.json").read_bytes())

    parsed = parse.parse_panel(body, source="aus")

    assert parse.told_source(body) == "aus"
    assert (parsed.header.panel_id, parsed.header.version, len(parsed.rows)) == (3149, "2.0", 5)
    assert parsed.header.version_created.tzinfo is UTC
    assert "8 genes, but 5 came" in parsed.skipped[0].reason
