"""Facets of the catalogue: each number is what its link shows."""

from __future__ import annotations

import html
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from panels.models import CataloguePanel, CatalogueVersion, Generation, PanelType
from tests.panels.views.pages import seen

pytestmark = pytest.mark.django_db


def choices(page) -> dict[str, tuple[str, int, bool]]:
    """Word -> address, number, whether it is chosen."""
    nav = page.content.decode().partition('<nav class="facet-list"')[2].partition("</nav>")[0]
    found = re.findall(r'<li><a href="([^"]*)"( aria-current="true")?><span>([^<]*).*?class="number">(\d+)<', nav)
    return {html.unescape(word): (html.unescape(url), int(number), bool(on)) for url, on, word, number in found}


def total(page) -> int:
    return int(re.search(r'id="panels-title">(\d+) panel', page.content.decode())[1])


@pytest.mark.parametrize(
    "query",
    ["", "search=cardio", "source=uk", "disease_group=Cardiology", "type=superpanel", "source=aus&type=superpanel"],
)
def test_number_of_each_choice_is_what_its_link_shows(client, demo_catalogue, query):
    page = client.get(f"/catalogue/?{query}")

    found = choices(page)

    assert len(found) > 3
    for word, (url, number, is_chosen) in found.items():
        shown = total(client.get(url))
        assert shown == number or is_chosen, word


def test_chosen_facet_is_marked_and_its_link_takes_it_away(client, demo_catalogue):
    page = client.get("/catalogue/?disease_group=Cardiology&source=uk")

    url, number, is_chosen = choices(page)["Cardiology"]

    assert is_chosen
    assert number == total(page)
    assert url == "/catalogue/?source=uk"


def test_choice_keeps_search_order_and_basket(client, demo_catalogue):
    """A link that lost the basket would lose somebody's work."""
    page = client.get("/catalogue/?search=cardio&ordering=-genes&uk:90001=green&page=2")

    url, _, _ = choices(page)["PanelApp Australia"]

    assert url == "/catalogue/?source=aus&search=cardio&ordering=-genes&uk:90001=green"


def test_search_form_keeps_the_facets(client, demo_catalogue):
    page = client.get("/catalogue/?disease_group=Cardiology&source=uk")

    assert '<input type="hidden" name="disease_group" value="Cardiology">' in page.content.decode()
    assert '<input type="hidden" name="source" value="uk">' in page.content.decode()


def test_choice_that_fits_nothing_can_be_taken_away(client, demo_catalogue):
    page = client.get("/catalogue/?disease_group=Nowhere&search=cardio")

    assert choices(page)["Nowhere"] == ("/catalogue/?search=cardio", 0, True)
    assert "No panel fits." in seen(page)


def test_group_written_in_two_cases_is_one_choice(client, demo_catalogue):
    before = choices(client.get("/catalogue/"))["Cardiology"][1]
    CataloguePanel.objects.filter(source="aus", disease_group="Cardiology").update(disease_group="CARDIOLOGY")

    after = {word: number for word, (_, number, _) in choices(client.get("/catalogue/")).items()}

    assert [number for word, number in after.items() if word.lower() == "cardiology"] == [before]


def test_retired_panel_is_in_no_number(client, demo_catalogue):
    before = choices(client.get("/catalogue/"))["PanelApp UK"][1]
    CataloguePanel.objects.filter(source="uk", panel_id=90001).update(retired_at=Generation.objects.first().as_of)

    after = choices(client.get("/catalogue/"))["PanelApp UK"][1]

    assert after == before - 1


def test_odd_facets_are_answered(client, demo_catalogue):
    for query in ("disease_group=<b>&type=<b>", "type=" + "x" * 500, "source=us", "disease_group=%27%22"):
        page = client.get(f"/catalogue/?{query}")

        assert page.status_code == 200
        assert "<b>" not in page.content.decode()


def test_catalogue_asks_as_many_queries_for_many_groups_and_types(client, demo_catalogue):
    client.get("/catalogue/")
    with CaptureQueriesContext(connection) as few:
        client.get("/catalogue/?search=a")
    version, generation = CatalogueVersion.objects.first(), Generation.objects.first()
    for number in range(60):
        panel = CataloguePanel.objects.create(
            source="uk",
            panel_id=5000 + number,
            name=f"A {number}",
            search_text="a",
            listed_version="1.0",
            disease_group=f"Group {number}",
            generation=generation,
            current_version=version,
        )
        panel.types.add(PanelType.objects.create(slug=f"type-{number}", name=f"Type {number}"))

    with CaptureQueriesContext(connection) as many:
        page = client.get("/catalogue/?search=a")

    assert len(many) == len(few)
    assert "Group 59" in choices(page)
