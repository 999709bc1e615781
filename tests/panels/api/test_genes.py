"""genes/resolve/ and genes/suggest/"""

import pytest
from rest_framework.test import APIRequestFactory

from panels.actions.symbols import current_resolver
from panels.api.genes import ResolveGenesView, SuggestGenesView
from panels.models import GeneRelease

pytestmark = pytest.mark.django_db


def resolve(body):
    return ResolveGenesView.as_view()(APIRequestFactory().post("/genes/resolve/", body, format="json"))


def suggest(**query):
    return SuggestGenesView.as_view()(APIRequestFactory().get("/genes/suggest/", query))


def test_resolve_says_what_each_symbol_means():
    """BG-04."""
    response = resolve({"symbols": ["BRCA1", "gba", "hgnc:1100", "2-Sep", "CAP", " ", "NO-SUCH"]})

    results = response.data["results"]
    matches = [result["match"] for result in results]
    assert response.data["release"] == "HGNC 2023-06-13"
    assert matches == ["current", "previous", "id", "excel_date", "ambiguous", "unknown", "unknown"]
    assert [result["gene_symbol"] for result in results] == ["BRCA1", "GBA1", "BRCA1", "", "", "", ""]
    assert results[1] | {"candidates": []} == {
        "query": "gba",
        "match": "previous",
        "hgnc_id": "HGNC:4177",
        "gene_symbol": "GBA1",
        "gene_name": "glucosylceramidase beta 1",
        "candidates": [],
        "suggestion": "",
    }


def test_resolve_an_ambiguous_symbol_gives_all_to_choose_from():
    (result,) = resolve({"symbols": ["CAP"]}).data["results"]

    assert result["hgnc_id"] == ""
    assert [gene["gene_symbol"] for gene in result["candidates"]] == [
        "BRD4",
        "CAP1",
        "HACD1",
        "LNPEP",
        "SERPINB6",
        "SORBS1",
    ]
    assert set(result["candidates"][0]) == {"hgnc_id", "gene_symbol", "gene_name", "match"}


def test_resolve_answer_is_json_to_the_last_byte():
    response = resolve({"symbols": ["GBA", "2-Sep"]})

    response.render()

    assert response.status_code == 200
    assert b'"match":"excel_date"' in response.content


def test_resolve_takes_a_number_as_the_text_it_was():
    (result,) = resolve({"symbols": [44441]}).data["results"]

    assert (result["query"], result["match"]) == ("44441", "excel_date")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"symbols": None},
        {"symbols": "BRCA1"},
        {"symbols": [None]},
        {"symbols": [True]},
        {"symbols": [["BRCA1"]]},
        {"symbols": [{}]},
        {"symbols": ["x" * 256]},
        {"symbols": ["a"] * 50_001},
        {"symbols": ["BRCA1"], "symbol": "BRCA2"},
        ["BRCA1"],
        "BRCA1",
        5,
    ],
    ids=lambda body: str(body)[:40],
)
def test_resolve_what_is_no_list_of_symbols(body):
    response = resolve(body)

    assert response.status_code == 400


def test_resolve_names_the_field_it_does_not_know():
    response = resolve({"symbols": ["BRCA1"], "symbol": "BRCA2"})

    assert b"There is no such field; write symbols only." in response.content


@pytest.mark.parametrize("count", [1, 2000])
def test_resolve_any_number_of_symbols_with_one_query(django_assert_num_queries, count):
    current_resolver()

    with django_assert_num_queries(1):
        response = resolve({"symbols": ["BRCA1", "gba"] * count})

    assert len(response.data["results"]) == 2 * count


def test_resolve_without_gene_names_says_what_to_do():
    GeneRelease.objects.update(is_current=False)

    response = resolve({"symbols": ["BRCA1"]})

    assert response.status_code == 503
    assert b"manage.py load_genes" in response.content


def test_suggest_up_to_ten():
    results = suggest(q="brca").data["results"]

    assert results[0] | {"gene_name": ""} == {
        "hgnc_id": "HGNC:1100",
        "gene_symbol": "BRCA1",
        "gene_name": "",
        "match": "current",
    }
    assert len(suggest(q="a").data["results"]) == 10


@pytest.mark.parametrize("query", [{}, {"q": ""}, {"q": "  "}, {"q": "no such gene"}])
def test_suggest_nothing(query):
    assert suggest(**query).data == {"results": []}


@pytest.mark.parametrize("q", ["x" * 256, "BR\0CA"])
def test_suggest_for_text_that_is_no_symbol(q):
    assert suggest(q=q).status_code == 400


def test_suggest_asks_one_query(django_assert_num_queries):
    current_resolver()

    with django_assert_num_queries(1):
        suggest(q="brc")
