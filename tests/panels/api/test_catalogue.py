"""The catalogue's addresses, straight through their views."""

import pytest
from django.db import transaction
from rest_framework.test import APIRequestFactory

from panels.actions.catalogue import load_catalogue
from panels.api.catalogue import CatalogueGeneView, CataloguePanelsView, CataloguePanelView
from panels.engine.content import GENE_KEYS
from panels.models import CatalogueEntry, CataloguePanel
from tests.fakes.panelapp import DEMO, demo_bodies

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    """The demonstration catalogue, once for all tests of this file: each of them works in a savepoint on it."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_catalogue(path=DEMO)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def catalogue(loaded, db):
    return CataloguePanel.objects


def panels(**query):
    response = CataloguePanelsView.as_view()(APIRequestFactory().get("/", query))
    return response.render() if hasattr(response, "render") else response


def panel(source, panel_id, **query):
    return CataloguePanelView.as_view()(APIRequestFactory().get("/", query), source=source, panel_id=panel_id)


def gene(name):
    return CatalogueGeneView.as_view()(APIRequestFactory().get("/"), gene=name)


def names(response) -> set[str]:
    return {f"{one['source']} {one['name'].removesuffix(' (demo)')}" for one in response.data["results"]}


# --- The list ------------------------------------------------------------------------------------------------


def test_panels_lists_both_sources_in_pages(catalogue):
    """CA-02"""
    response = panels(per_page=100)

    assert response.data["count"] == 44
    first = next(one for one in response.data["results"] if one["panel_id"] == 90001)
    assert (first["source"], first["version"], first["has_genes"]) == ("uk", first["listed_version"], True)
    assert first["counts"]["genes"] == 50
    assert {one["slug"] for one in first["types"]} >= {"demonstration"}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"search": "HYPERTROPHIC cardio"}, {"uk Hypertrophic cardiomyopathy", "aus Hypertrophic cardiomyopathy"}),
        ({"search": "hypertrophic ataxia"}, set()),
        ({"search": "R901.2"}, {"uk Hypertrophic cardiomyopathy"}),
        ({"search": "r901"}, {"uk Hypertrophic cardiomyopathy"}),
        ({"search": "R90"}, set()),
        ({"search": "hp:0001639"}, {"aus Hypertrophic cardiomyopathy", "aus Sudden cardiac death"}),
        ({"search": "100%"}, set()),
        ({"search": "_"}, set()),
        ({"type": "superpanel", "source": "uk"}, {"uk Sudden cardiac death", "uk Paediatric neurology"}),
        (
            {"disease_group": "metabolic disorders", "source": "aus"},
            {"aus Mitochondrial disorders", "aus Organic acidaemias"},
        ),
        ({"gene": "no such gene"}, set()),
    ],
)
def test_panels_finds_by_words_code_type_and_group(catalogue, query, found):
    """CA-02"""
    response = panels(**query)

    assert names(response) == found


def test_panels_with_a_code_finds_the_whole_test(catalogue):
    CataloguePanel.objects.filter(panel_id=90002).update(search_text="\nr901\n")
    CataloguePanel.objects.filter(panel_id=90003).update(search_text="\nr9011.3\n")

    response = panels(search="R901.2")

    assert {one["panel_id"] for one in response.data["results"]} == {90001, 90002}


@pytest.mark.parametrize("name", ["GBA1", "GBA", "gba1", "HGNC:4177", "GLUC"])
def test_panels_of_a_gene_are_found_by_any_of_its_names(catalogue, name):
    """CA-02"""
    response = panels(gene=name)

    assert names(response) == {
        f"{source} {panel}"
        for source in ("uk", "aus")
        for panel in ("Hypertrophic cardiomyopathy", "Organic acidaemias", "Sudden cardiac death")
    }


def test_panels_of_an_ambiguous_gene_name_the_candidates(catalogue):
    response = panels(gene="2-Sep")

    assert response.status_code == 400
    assert b"SEPTIN2" in response.content


def test_panels_finds_a_gene_that_is_newer_than_our_names(catalogue):
    CatalogueEntry.objects.filter(panel__panel_id=90001, entity_name="MYH7").update(
        entity_name="NEWGENE9", hgnc_id="HGNC:99999999"
    )

    assert {one["panel_id"] for one in panels(gene="NEWGENE9").data["results"]} == {90001}
    assert {one["panel_id"] for one in panels(gene="hgnc:99999999").data["results"]} == {90001}
    assert gene("NEWGENE9").data["panels"][0]["panel_id"] == 90001


@pytest.mark.parametrize("query", [{"source": "fr"}, {"search": "a " * 30}])
def test_panels_refuses_what_it_cannot_do(catalogue, query):
    response = panels(**query)

    assert response.status_code == 400
    assert next(iter(query)).encode() in response.content


def test_panels_leaves_retired_panels_out(catalogue):
    CataloguePanel.objects.filter(panel_id=90001).update(retired_at="2026-01-01T00:00:00Z")

    response = panels(search="hypertrophic", source="uk")

    assert response.data["count"] == 0


def test_panels_asks_no_more_for_more(catalogue, django_assert_num_queries):
    for per_page in (1, 44):
        with django_assert_num_queries(3):
            response = panels(per_page=per_page)

        assert len(response.data["results"]) == per_page


# --- One panel -----------------------------------------------------------------------------------------------


def test_panel_gives_genes_strs_and_regions_under_the_keys_of_a_gene(catalogue):
    """CA-01"""
    panel_id = CataloguePanel.objects.get(source="uk", name__startswith="Genetic epilepsy").panel_id

    answer = panel("uk", panel_id).data

    assert (len(answer["genes"]), len(answer["strs"]), len(answer["regions"])) == (70, 2, 2)
    for row in (answer["genes"][0], answer["strs"][0], answer["regions"][0]):
        assert set(GENE_KEYS) | {"penetrance", "tags", "publications", "origins"} <= set(row)
    assert "Not for clinical use" in answer["terms"]


def test_panel_folds_the_repeated_genes_of_a_super_panel(catalogue):
    panel_id = CataloguePanel.objects.get(source="uk", name__startswith="Sudden cardiac death").panel_id

    answer = panel("uk", panel_id).data

    (myh7,) = [row for row in answer["genes"] if row["gene_symbol"] == "MYH7"]
    assert myh7["confidence_level"] == "green"
    assert {(origin["child_panel"]["name"], origin["confidence_level"]) for origin in myh7["origins"]} == {
        ("Hypertrophic cardiomyopathy (demo)", "green"),
        ("Dilated cardiomyopathy (demo)", "amber"),
    }
    assert answer["counts"]["genes"] == len(answer["genes"])


def test_panel_gives_an_older_version_with_its_own_genes(catalogue):
    now = panel("uk", 90001).data
    older = now["versions"][1]

    before = panel("uk", 90001, version=older).data

    assert (before["version"], len(now["genes"]) - len(before["genes"])) == (older, 5)
    assert before["counts"]["genes"] == len(before["genes"])


@pytest.mark.parametrize(
    ("source", "panel_id", "query"),
    [
        ("uk", 1, {}),
        ("fr", 90001, {}),
        ("uk", 2**70, {}),
        ("uk", 90001, {"version": "99.1"}),
        ("uk", 90001, {"version": "x"}),
    ],
)
def test_panel_that_is_not_here_is_404(catalogue, source, panel_id, query):
    response = panel(source, panel_id, **query)

    assert response.status_code == 404
    assert b"detail" in response.content


def test_panel_known_by_heading_only_says_which_command_loads_it(catalogue):
    CataloguePanel.objects.filter(panel_id=90001).update(current_version=None)
    CataloguePanel.objects.get(panel_id=90001).versions.all().delete()

    response = panel("uk", 90001)

    assert response.status_code == 400
    assert b"sync_panelapp --source uk" in response.content


def test_panel_asks_no_more_for_a_larger_one(catalogue, django_assert_num_queries):
    large = max(demo_bodies("uk"), key=lambda body: len(body["genes"]))
    panel("uk", large["id"])
    panel("uk", 90001)

    for panel_id in (90001, large["id"]):
        with django_assert_num_queries(6):
            panel("uk", panel_id)


# --- One gene ------------------------------------------------------------------------------------------------


def test_gene_lists_every_panel_of_both_sources(catalogue):
    answer = gene("GBA").data

    assert (answer["hgnc_id"], answer["gene_symbol"], answer["match"]) == ("HGNC:4177", "GBA1", "previous")
    told = {(one["source"], one["name"], one["entity_name"], one["confidence_level"]) for one in answer["panels"]}
    assert ("uk", "Hypertrophic cardiomyopathy (demo)", "GBA", "red") in told
    assert ("aus", "Hypertrophic cardiomyopathy (demo)", "GBA1", "none") in told
    assert len(told) == 6


def test_gene_names_the_child_panels_of_a_super_panel(catalogue):
    answer = gene("MYH7").data

    (uk,) = [one for one in answer["panels"] if one["name"].startswith("Sudden") and one["source"] == "uk"]
    assert uk["confidence_level"] == "green"
    assert [child["confidence_level"] for child in uk["child_panels"]] == ["green", "amber"]


def test_gene_lists_its_repeats_apart(catalogue):
    answer = gene("DMPK").data

    assert {one["entity_name"] for one in answer["strs"]} == {"DMPK_CTG"}
    assert {one["entity_type"] for one in answer["panels"]} == {"gene"}


def test_gene_in_no_panel_is_an_empty_list(catalogue):
    answer = gene("OR4F5").data

    assert (answer["gene_symbol"], answer["panels"]) == ("OR4F5", [])


@pytest.mark.parametrize(
    ("name", "status"), [("NOSUCHGENE", 404), ("2-Sep", 400), ("HGNC:99999999", 404), ("'; --", 404)]
)
def test_gene_that_is_none_is_answered_with_a_sentence(catalogue, name, status):
    response = gene(name)

    assert response.status_code == status
    assert b"detail" in response.content


def test_gene_asks_no_more_for_a_gene_in_many_panels(catalogue, django_assert_num_queries):
    for name in ("OR4F5", "LMNA"):
        with django_assert_num_queries(2):
            gene(name)
