"""The mirror is filled from files, and gives back what the source said."""

import shutil
from datetime import UTC, datetime

import orjson
import pytest

from panelmerge.lib.errors import NotHere, Refusal
from panels.actions import catalogue, mirroring
from panels.actions.catalogue import PanelSpec, load_catalogue, read_panel, read_panels
from panels.actions.symbols import gene_names_loaded
from panels.models import CatalogueEntry, CataloguePanel, CatalogueVersion, Generation, GeneRelease
from panels.panelapp.sources import DEMONSTRATION_TERMS
from tests.fakes import panelapp as fakes
from tests.fakes.panelapp import DEMO, demo_bodies
from tests.panels.actions.mirror import everything, listing, written

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def bodies() -> list[dict]:
    return demo_bodies("uk", 3)


# --- Files ---------------------------------------------------------------------------------------------------


def test_load_catalogue_loads_both_sources_of_a_folder():
    uk, aus = load_catalogue(path=DEMO)

    assert (uk.source, uk.panels_seen, aus.source, aus.panels_seen) == ("uk", 25, "aus", 19)
    assert CataloguePanel.objects.filter(current_version=None).count() == 0
    assert Generation.objects.count() == 2


def test_load_catalogue_twice_changes_nothing_but_the_generation():
    load_catalogue(path=DEMO)
    before = everything()[1:3]

    again = load_catalogue(path=DEMO)

    assert [published.versions_added + published.bodies_differing for published in again] == [0, 0]
    assert everything()[1:3] == before


@pytest.mark.parametrize("name", ["one.json", "one.json.gz", "deep/er/one.jsonl"])
def test_load_catalogue_reads_every_kind_of_file(tmp_path, bodies, name):
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    content = orjson.dumps(bodies[0])
    path.write_bytes(fakes.gzip.compress(content) if name.endswith(".gz") else content)

    (published,) = load_catalogue(path=tmp_path)

    assert published.versions_added == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"count": 1, "results": [{"gene_data": {}, "entity_name": "PKD1"}]}', "a listing of genes"),
        (b'{"count": 1, "results": [{"id": 1, "signed_off": "2023-03-22"}]}', "signed-off"),
        (b'{"detail": "Not found."}', "not a panel"),
        (b"<html>", "not JSON"),
        (b'{"id": 1', "cut short"),
        (b"\x1f\x8b\x08broken", "cannot be read"),
        (b"[1, 2]", "not a panel"),
        (b'{"id": 1, "name": "x", "version": "1.0", "genes": []}', "Say --source uk or aus"),
        (b"", "not JSON"),
    ],
)
def test_load_catalogue_names_the_file_it_cannot_use_and_loads_nothing(tmp_path, bodies, content, words):
    """CA-01"""
    written(tmp_path, *bodies)
    (tmp_path / "zz_strange.json").write_bytes(content)

    with pytest.raises(Refusal, match=words) as refusal:
        load_catalogue(path=tmp_path)

    assert "zz_strange.json" in refusal.value.detail
    assert not CataloguePanel.objects.exists()


def test_load_catalogue_never_takes_australian_panels_for_british(tmp_path):
    path = written(tmp_path, demo_bodies("aus", 1)[0])

    with pytest.raises(Refusal, match="PanelApp Australia"):
        load_catalogue(path=path, source="uk")

    assert not CataloguePanel.objects.exists()


def test_load_catalogue_asks_for_the_source_and_believes_it(tmp_path):
    path = written(tmp_path, {"id": 7, "name": "Old", "version": "0.3", "genes": []})

    (published,) = load_catalogue(path=path, source="aus")

    assert published.source == "aus"


@pytest.mark.parametrize("name", ["missing", "empty"])
def test_load_catalogue_of_nothing_says_so(tmp_path, name):
    (tmp_path / "empty").mkdir()

    with pytest.raises(Refusal, match=r"There is no file or folder|holds no file"):
        load_catalogue(path=tmp_path / name)


def test_load_catalogue_dry_run_counts_and_takes_everything_back():
    published = load_catalogue(path=DEMO, dry_run=True)

    assert sum(one.versions_added for one in published) == 48
    assert not CataloguePanel.objects.exists()
    assert not Generation.objects.exists()


# --- Reading -------------------------------------------------------------------------------------------------


def test_read_panel_gives_current_names_and_keeps_what_was_written(tmp_path):
    load_catalogue(path=DEMO / "uk.jsonl.gz")

    panel = read_panel(source="uk", panel_id=90001)

    (gba,) = [row for row in panel.rows if row.entity.hgnc_id == "HGNC:4177"]
    assert (gba.entity.name, gba.origin.given) == ("GBA1", "GBA")
    assert (panel.name, panel.label[:3], panel.terms) == (
        "Hypertrophic cardiomyopathy (demo)",
        "GB ",
        DEMONSTRATION_TERMS,
    )


def test_read_panel_reports_rows_it_could_not_read(tmp_path, bodies):
    odd = bodies[0]["genes"][0] | {"confidence_level": "9"}
    load_catalogue(path=written(tmp_path, bodies[0] | {"genes": [*bodies[0]["genes"], odd]}))

    panel = read_panel(source="uk", panel_id=90001)

    (unresolved,) = panel.unresolved
    assert (unresolved.query, unresolved.row) == (odd["entity_name"], len(bodies[0]["genes"]) + 1)
    assert "confidence level" in unresolved.reason


def test_read_panel_that_is_not_here_says_so():
    with pytest.raises(NotHere, match="PanelApp Australia has no panel 1 in this mirror"):
        read_panel(source="aus", panel_id=1)


@pytest.mark.parametrize("panel_id", [0, -1, 2**70])
def test_read_panel_of_a_strange_number_is_not_here(panel_id):
    with pytest.raises(NotHere):
        read_panel(source="uk", panel_id=panel_id)


def test_read_panel_known_by_heading_only_names_the_command(tmp_path, bodies):
    (published,) = load_catalogue(path=written(tmp_path, listing(bodies[0])))

    with pytest.raises(Refusal, match="sync_panelapp --source uk") as refusal:
        read_panel(source="uk", panel_id=90001)

    assert refusal.value.status == 400
    assert published.panels_without_genes == 1


def test_read_panel_of_an_unknown_version_lists_the_newest_held(tmp_path, bodies):
    versions = ["1.9", "1.10", "1.11", "2.0", "2.1", "2.2"]
    load_catalogue(path=written(tmp_path, *[bodies[0] | {"version": version} for version in versions]))

    with pytest.raises(NotHere, match=r"newest first: 2\.2, 2\.1, 2\.0, 1\.11, 1\.10\."):
        read_panel(source="uk", panel_id=90001, version="3.0")


def test_read_panels_asks_no_more_for_many(monkeypatch, django_assert_num_queries):
    load_catalogue(path=DEMO)
    one = [PanelSpec("uk", 90001)]
    many = [PanelSpec(panel.source, panel.panel_id) for panel in CataloguePanel.objects.all()]
    read_panels(one)

    for specs in (one, many):
        monkeypatch.setattr(catalogue, "PARSED", catalogue.ParsedBodies(rows=100))
        with django_assert_num_queries(4):
            panels = read_panels(specs)

        assert [panel.panel_id for panel in panels] == [str(spec.panel_id) for spec in specs]


def test_read_panels_from_memory_asks_for_no_body(django_assert_num_queries):
    load_catalogue(path=DEMO / "uk.jsonl.gz")
    specs = [PanelSpec("uk", 90001), PanelSpec("uk", 90002), PanelSpec("uk", 90001)]
    first = read_panels(specs)

    with django_assert_num_queries(3):
        second = read_panels(specs)

    assert second == first


def test_parsed_bodies_hold_no_more_than_their_room(tmp_path, bodies):
    packed = [mirroring.PanelBody.read(body, source="uk") for body in bodies]
    memory = catalogue.ParsedBodies(rows=60)

    for body in packed:
        memory.read(body.sha256, "uk", body.packed)

    assert [memory.get(body.sha256, "uk") is None for body in packed] == [True, True, False]


# --- New gene names ------------------------------------------------------------------------------------------


def test_name_entries_again_places_genes_that_had_no_id(tmp_path, bodies):
    bare = bodies[0]["genes"][0] | {"gene_data": None, "entity_name": "GBA"}
    load_catalogue(path=written(tmp_path, bodies[0] | {"genes": [bare], "stats": {}}))
    CatalogueEntry.objects.update(hgnc_id="")
    CatalogueVersion.objects.update(genes=0)

    changed = catalogue.name_entries_again()

    assert changed == 1
    assert CatalogueEntry.objects.get().hgnc_id == "HGNC:4177"
    assert CatalogueVersion.objects.get().genes == 1
    assert read_panel(source="uk", panel_id=90001).rows[0].entity.name == "GBA1"


def test_new_gene_names_reach_the_entries(tmp_path, bodies):
    load_catalogue(path=written(tmp_path, bodies[0]))
    CatalogueEntry.objects.filter(entity_name="MYH7").update(hgnc_id="")

    gene_names_loaded.send(sender=GeneRelease)

    assert CatalogueEntry.objects.get(entity_name="MYH7").hgnc_id == "HGNC:7577"


def test_name_entries_again_leaves_what_is_right_alone(django_assert_max_num_queries):
    load_catalogue(path=DEMO)
    before = everything()[1:3]

    with django_assert_max_num_queries(8):
        changed = catalogue.name_entries_again()

    assert changed == 0
    assert everything()[1:3] == before


# --- Real answers --------------------------------------------------------------------------------------------


@pytest.mark.real_data
def test_load_catalogue_takes_the_real_british_panels(real_data):
    (published,) = load_catalogue(path=real_data / "panelapp_uk/panels")

    genes = CatalogueEntry.objects.filter(entity_type="gene")
    panels = read_panels(
        [PanelSpec("uk", number) for number in CataloguePanel.objects.values_list("panel_id", flat=True)]
    )
    rows = [row for panel in panels for row in panel.rows if row.entity.entity_type == "gene"]
    renamed = {row.entity.hgnc_id for row in rows if row.origin.given and row.origin.given != row.entity.name}
    assert (published.panels_seen, published.versions_added, published.rows_skipped) == (85, 85, 0)
    assert (genes.count(), genes.values("hgnc_id").distinct().count()) == (8165, 3650)
    assert len(renamed) == 92
    assert {row.origin.given: row.entity.name for row in rows if row.origin.given in ("GBA", "C5orf42")} == {
        "GBA": "GBA1",
        "C5orf42": "CPLANE1",
    }
    version = CatalogueVersion.objects.get(panel__panel_id=841)
    assert (version.genes, version.strs, version.genes - version.none) == (164, 1, 160)


@pytest.mark.real_data
def test_load_catalogue_takes_the_real_british_listing(real_data):
    (published,) = load_catalogue(path=real_data / "panelapp_uk/list")

    assert (published.panels_seen, published.panels_without_genes, published.panels_retired) == (439, 439, 0)
    assert CataloguePanel.objects.in_use().count() == 439


@pytest.mark.real_data
def test_load_catalogue_takes_real_australian_answers(real_data, tmp_path):
    for name in ("au_panel_3149.json", "au_panels_page1.json"):
        shutil.copy(real_data / "panelapp_au" / name, tmp_path)

    (published,) = load_catalogue(path=tmp_path)

    panel = CataloguePanel.objects.get(panel_id=3149)
    assert (published.source, published.rows_skipped) == ("aus", 1)
    assert panel.version_created < datetime(2026, 6, 7, tzinfo=UTC)
    assert len(read_panel(source="aus", panel_id=3149, version="2.0").rows) == 5


@pytest.mark.real_data
def test_load_catalogue_refuses_the_real_folder_with_a_listing_of_genes(real_data):
    with pytest.raises(Refusal, match=r"au_genes_pkd1\.json: this is a listing of genes"):
        load_catalogue(path=real_data / "panelapp_au")

    assert not CataloguePanel.objects.exists()
