"""BG-07: many genes against every panel, over HTTP; strict, limited, and never a 500."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client

from panels.actions import uploads
from panels.actions.catalogue import load_catalogue
from panels.formats.reading.delimited import read
from panels.models import Gene
from tests.fakes.panelapp import DEMO

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/catalogue/gene-matrix/"


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    """The demonstration catalogue, once for all tests of this file: each of them works in a savepoint on it."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_catalogue(path=DEMO)
        yield
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def catalogue(loaded, db, settings, tmp_path, monkeypatch):
    settings.STATIC_ROOT = str(tmp_path)
    settings.MEDIA_ROOT = str(tmp_path / "uploads")
    settings.UPLOAD_KEEP = timedelta(hours=24)
    monkeypatch.setattr(uploads, "read_text", lambda text, name, **_: read(text.encode(), name))


def post(client: Client, **body):
    return client.post(ADDRESS, body, content_type="application/json")


def names(answer) -> set[str]:
    return {f"{one['source']}:{one['panel_id']}" for one in answer.json()["panels"]}


def test_post_genes_answers_with_their_cells(client):
    """BG-07"""
    answer = post(client, genes=["GBA", "MYBPC3", "QARS", "GBA1"])

    told = answer.json()
    assert (answer.status_code, set(told)) == (
        200,
        {"genes", "panels", "cells", "unresolved", "counts", "release"},
    )
    assert [(gene["gene_symbol"], gene["queries"]) for gene in told["genes"]] == [
        ("GBA1", ["GBA", "GBA1"]),
        ("MYBPC3", ["MYBPC3"]),
    ]
    assert [(one["row"], one["query"]) for one in told["unresolved"]] == [(3, "QARS")]
    assert told["counts"]["cells"] == len(told["cells"]) == sum(gene["panels"] for gene in told["genes"])


def test_post_cells_point_at_genes_and_panels(client):
    told = post(client, genes=["MYBPC3"], source="uk").json()

    at = [panel["panel_id"] for panel in told["panels"]].index(90001)
    [cell] = [cell for cell in told["cells"] if cell["panel"] == at]
    assert (cell["gene"], cell["confidence_level"], cell["rows"], cell["other_modes"]) == (0, "green", 1, [])
    assert cell["mode_of_inheritance"].startswith("MONOALLELIC")
    panel = told["panels"][at]
    assert (panel["size"], panel["genes"], panel["version"], panel["upload"]) == (50, 1, "2.10", None)
    assert "Not for clinical use" in panel["terms"]


def test_post_agrees_with_the_address_of_the_gene(client):
    """Two addresses, one word: every panel that names the gene, level 0 included when asked for."""
    told = client.get("/api/v1/catalogue/genes/MYBPC3/").json()

    answer = post(client, genes=["MYBPC3"], confidence=["green", "amber", "red", "none"])

    assert names(answer) == {f"{one['source']}:{one['panel_id']}" for one in told["panels"]}


def test_post_filters_narrow_the_panels(client):
    genes = ["MYBPC3", "MYH7", "TTN", "GBA1"]
    whole = names(post(client, genes=genes))

    for filters in ({"source": "aus"}, {"confidence": ["green"]}, {"min_genes": 3}):
        fewer = names(post(client, genes=genes, **filters))
        assert fewer < whole and fewer


def test_post_with_ones_own_list_has_it_as_a_panel(client):
    [upload] = client.post("/api/v1/uploads/", {"text": "TTN, BRCA1", "name": "ours"}).json()

    told = post(client, genes=["TTN", "MYH7"], uploads=[upload["id"]]).json()

    first = told["panels"][0]
    assert (first["source"], first["upload"], first["name"], first["genes"]) == ("upload", upload["id"], "ours", 1)


def test_post_with_anothers_list_is_not_found(client):
    [upload] = client.post("/api/v1/uploads/", {"text": "TTN"}).json()

    answer = post(Client(), genes=["TTN"], uploads=[upload["id"]])

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_post_takes_five_thousand_genes_and_no_more(client, django_assert_max_num_queries):
    symbols = list(Gene.objects.filter(status="approved").values_list("symbol", flat=True)[:5_001])

    with django_assert_max_num_queries(8):
        whole = post(client, genes=symbols[:5_000])
    refused = post(client, genes=symbols)

    assert (whole.status_code, whole.json()["counts"]["genes"]) == (200, 5_000)
    assert (refused.status_code, list(refused.json()["errors"])) == (400, ["genes"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "genes"),
        ({"genes": []}, "genes"),
        ({"genes": "TTN"}, "genes"),
        ({"genes": ["TTN", " "]}, "genes.1"),
        ({"genes": ["TTN", 44441]}, "genes.1"),
        ({"genes": [None]}, "genes.0"),
        ({"genes": ["x" * 256]}, "genes.0"),
        ({"genes": ["TTN"], "source": "us"}, "source"),
        ({"genes": ["TTN"], "confidence": []}, "confidence"),
        ({"genes": ["TTN"], "confidence": ["3"]}, "confidence.0"),
        ({"genes": ["TTN"], "min_genes": 0}, "min_genes"),
        ({"genes": ["TTN"], "min_genes": "many"}, "min_genes"),
        ({"genes": ["TTN"], "uploads": ["x"]}, "uploads.0"),
        ({"genes": ["TTN"], "uploads": [str(uuid.UUID(int=n)) for n in range(21)]}, "uploads"),
        ({"genes": ["TTN"], "sauce": "uk"}, "sauce"),
    ],
)
def test_post_what_makes_no_sense_names_the_field(client, body, field):
    answer = post(client, **body)

    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


@pytest.mark.parametrize("body", [[], "TTN", 1, None])
def test_post_no_object_is_refused(client, body):
    assert client.post(ADDRESS, body, content_type="application/json").status_code == 400


def test_get_is_not_allowed_and_names_the_verb(client):
    answer = client.get(ADDRESS)

    assert (answer.status_code, "POST" in answer["Allow"]) == (405, True)


def test_description_of_the_api_knows_the_matrix(client):
    described = client.get("/api/v1/schema/?format=json").json()

    operation = described["paths"]["/api/v1/catalogue/gene-matrix/"]["post"]
    body = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    fields = described["components"]["schemas"][body]["properties"]
    assert set(fields) == {"genes", "source", "confidence", "min_genes", "uploads"}
