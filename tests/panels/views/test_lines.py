"""Sorting and filtering the merged list, and pages of 4,000 rows."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from panels.actions.symbols import current_resolver
from panels.engine.merge import merge
from panels.engine.symbols import APPROVED
from panels.views.lines import HEADS, LIGHTS, asked_lines
from tests.panels.engine.lists import AD, AR, gene, listed
from tests.panels.views.pages import TWO, file, seen

RESULT = merge(
    [
        listed(gene(1100, "green", inheritance=AD), gene(7551, "red", inheritance=AR), gene(4177, "amber"), of="1"),
        listed(gene(7551, "green", of="2"), gene(11998, "", of="2"), of="2"),
    ]
)


def names(query: str) -> list[str]:
    return [one.entity.name for one in asked_lines(QueryDict(query)).of(RESULT.entities)]


@pytest.mark.parametrize("query", ["", "sort=password", "sort=--name", "light=blue", "sort=-", "light=green%00"])
def test_lines_that_make_no_sense_show_everything_with_conflicts_first(query):
    assert names(query) == ["MYBPC3", "BRCA1", "GBA1", "TP53"]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("name", ["BRCA1", "GBA1", "MYBPC3", "TP53"]),
        ("-name", ["TP53", "MYBPC3", "GBA1", "BRCA1"]),
        ("hgnc", ["BRCA1", "GBA1", "MYBPC3", "TP53"]),
        ("confidence", ["BRCA1", "MYBPC3", "GBA1", "TP53"]),
        ("-confidence", ["TP53", "GBA1", "BRCA1", "MYBPC3"]),
        ("inheritance", ["BRCA1", "MYBPC3", "GBA1", "TP53"]),
        ("origins", ["MYBPC3", "BRCA1", "GBA1", "TP53"]),
    ],
)
def test_lines_are_sorted_and_equal_ones_by_name(sort, expected):
    assert names(f"sort={sort}") == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("light=green", ["MYBPC3", "BRCA1"]),
        ("light=amber", ["GBA1"]),
        ("light=none", []),
        ("light=other", ["TP53"]),
        ("light=open", ["MYBPC3"]),
        ("name=myb", ["MYBPC3"]),
        ("name=hgnc:11998", ["TP53"]),
        ("name=nothing", []),
        ("name=br&light=green", ["BRCA1"]),
    ],
)
def test_lines_are_filtered_by_name_and_light(query, expected):
    assert names(query) == expected


def test_head_that_is_sorted_turns_round():
    heads = {head.key: (head.sort, head.order) for head in asked_lines(QueryDict("sort=name")).heads}

    assert heads["name"] == ("-name", "ascending")
    assert heads["type"] == ("type", "")
    assert heads.keys() == dict(HEADS).keys()


@pytest.mark.django_db
def test_list_says_how_many_fit_and_keeps_the_basket(client, demo_catalogue):
    page = client.get(f"/?{TWO}&show=list&name=MYBPC3&sort=-name")

    assert re.search(r"1 of \d+ fit\.", seen(page))
    assert 'aria-sort="descending"' in page.content.decode()
    assert escape(f"/?{TWO}&show=list&name=MYBPC3&sort=confidence#result-title") in page.content.decode()
    assert '<input type="hidden" name="uk:90001" value="green">' in page.content.decode()


@pytest.mark.django_db
def test_list_that_nothing_fits_says_so(client, demo_catalogue):
    page = client.get(f"/?{TWO}&show=list&name=<b>&light=red")

    assert re.search(r"None of \d+ fits\. Give fewer letters", seen(page))
    assert "<b>" not in page.content.decode()


def two_lists(client, number: int) -> str:
    """The basket with two lists of so many genes that differ in every confidence, and one unknown name each."""
    resolver = current_resolver()
    genes = (resolver.gene(f"HGNC:{place}") for place in range(5, 20_000))
    known = [one.symbol for one in genes if one and one.status == APPROVED][:number]
    query = ""
    for level in ("green", "amber"):
        text = "Gene,Confidence\nNOGENE,red\n" + "".join(f"{symbol},{level}\n" for symbol in known)
        query = client.post(f"/uploads/?{query}", {"file": file(f"{level}.csv", text)})["Location"].partition("?")[2]
    return query


@pytest.mark.django_db
def test_page_of_4000_genes_is_no_larger_and_asks_no_more_than_one_of_400(client):
    """4,000 rows without stutter: a hundred of them at a time."""
    pages: dict[int, list[tuple[int, int]]] = {}
    for number in (400, 4000):
        client.cookies.clear()
        query = two_lists(client, number)
        client.get(f"/?{query}")
        for part in ("conflicts", "list", "list&sort=-confidence", "list&light=open&name=a", "dropped", "sizes"):
            with CaptureQueriesContext(connection) as queries:
                page = client.get(f"/?{query}&show={part}")
            assert f"{number} genes {number} with conflicts" in seen(page)
            pages.setdefault(number, []).append((len(page.content), len(queries)))

    for (small, few), (large, many) in zip(pages[400], pages[4000], strict=True):
        assert many == few
        assert large < small * 1.05


@pytest.mark.django_db
def test_filter_over_4000_genes_finds_the_one(client):
    query = two_lists(client, 4000)

    page = client.get(f"/?{query}&show=list&name=hgnc:1100&light=open")

    assert "1 of 4000 fit." in seen(page)
    assert "BRCA1" in seen(page)


def test_every_light_has_words_without_signs():
    assert all("≥" not in words for words in LIGHTS.values())
