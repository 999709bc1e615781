"""CA-02, BG-06, BG-09, BG-10: looking through the mirror."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from panels.actions.symbols import current_resolver
from panels.models import CataloguePanel, CatalogueVersion, Generation
from tests.panels.views.pages import seen

pytestmark = pytest.mark.django_db


def shown(page) -> int:
    return int(re.search(r"(\d+) panels?\b", seen(page).partition(" Show ")[2])[1])


def test_catalogue_lists_every_panel_with_counts(client, demo_catalogue):
    held = CataloguePanel.objects.get(source="uk", panel_id=90012)

    page = client.get("/catalogue/")

    assert shown(page) == CataloguePanel.objects.count()
    counts = held.current_version
    row = f"v{held.listed_version} {held.version_created:%b %Y} {counts.genes}"
    row += f" G green {counts.green} A amber {counts.amber} R red {counts.red}"
    assert f"{row} 0 level 0 {counts.none} {counts.strs} {counts.regions}" in seen(page)


@pytest.mark.parametrize(
    ("query", "panels"),
    [
        ({"search": "R901.2"}, {"disease_group": "Cardiology", "name__startswith": "Hypertrophic", "source": "uk"}),
        ({"search": "arrhythmia", "source": "aus"}, {"source": "aus", "name__icontains": "arrhythmia"}),
        ({"disease_group": "Cardiology"}, {"disease_group": "Cardiology"}),
        ({"type": "superpanel"}, {"types__slug": "superpanel"}),
        ({"search": "no such thing"}, None),
        ({"type": "no-such-type"}, None),
        ({"disease_group": "%"}, None),
    ],
)
def test_catalogue_facets_narrow_the_list(client, demo_catalogue, query, panels):
    page = client.get("/catalogue/", query)

    if panels is None:
        assert "No panel fits." in seen(page)
    else:
        assert shown(page) == CataloguePanel.objects.filter(**panels).count() > 0


def test_catalogue_empty_mirror_says_how_to_fill_it(client):
    assert "The mirror is empty. An administrator fills it with manage.py sync_panelapp" in seen(
        client.get("/catalogue/")
    )


def test_catalogue_too_many_words_keeps_what_was_typed(client, demo_catalogue):
    page = client.get("/catalogue/?search=" + "+".join("a" * 30))

    assert page.status_code == 400
    assert "A search takes up to 20 words" in seen(page)
    assert f'value="{" ".join("a" * 30)}"' in page.content.decode()


@pytest.mark.parametrize("query", ["page=abc", "page=99999", "page=-1", "ordering=password", "source=us", "search=%00"])
def test_catalogue_odd_address_is_answered(client, demo_catalogue, query):
    assert client.get(f"/catalogue/?{query}").status_code in (200, 400)


def test_catalogue_adds_to_the_basket_it_was_given(client, demo_catalogue):
    page = client.get("/catalogue/?uk:90001=green&search=Hypertrophic").content.decode()

    assert 'href="/?uk:90001=green&amp;aus:95001=green&amp;aus:95001=amber&amp;aus:95001=red"' in page
    assert "in basket" in page


def test_panel_shows_version_terms_and_rows(client, demo_catalogue):
    page = client.get("/catalogue/uk/90001/")

    assert "Version v2.10 · also held: v2.9" in seen(page)
    assert "Not for clinical use" in seen(page)
    assert "MYBPC3 gene HGNC:7551 G green AD" in seen(page)


def test_panel_in_an_older_version_goes_into_the_basket_so(client, demo_catalogue):
    """BG-06, BG-25"""
    page = client.get("/catalogue/uk/90001/?version=2.9")

    assert "its source now lists v2.10" in seen(page)
    assert 'href="/?uk:90001@2.9=green&amp;uk:90001@2.9=amber&amp;uk:90001@2.9=red"' in page.content.decode()


@pytest.mark.parametrize("version", ["9.9", "x", "", "2.10.1", "٢.٩", "9" * 300])
def test_panel_in_unknown_version_is_no_error_of_ours(client, demo_catalogue, version):
    page = client.get("/catalogue/uk/90001/", {"version": version})

    assert page.status_code == (404 if version else 200)


@pytest.mark.parametrize(
    "address", ["uk/5/", "aus/90001/", "uk/0/", "uk/abc/", "us/90001/", "uk/99999999999/", "uk/٩/"]
)
def test_unknown_panel_is_not_found(client, demo_catalogue, address):
    page = client.get(f"/catalogue/{address}")

    assert page.status_code == 404
    assert "Go to the workbench" in seen(page)


def test_panel_with_heading_only_says_how_to_load_it(client, demo_catalogue):
    CataloguePanel.objects.filter(source="uk", panel_id=90015).update(current_version=None)
    CatalogueVersion.objects.filter(panel__source="uk", panel__panel_id=90015).delete()

    page = client.get("/catalogue/uk/90015/")

    assert "Only the heading of this panel is known." in seen(page)
    assert "genes not loaded" in seen(client.get("/catalogue/"))


def test_retired_panel_says_so_and_stays(client, demo_catalogue):
    CataloguePanel.objects.filter(source="uk", panel_id=90001).update(retired_at=timezone.now())

    page = client.get("/catalogue/uk/90001/")

    assert "no longer lists this panel" in seen(page)
    assert "MYBPC3" in seen(page)


def test_super_panel_names_the_child_of_each_row(client, demo_catalogue):
    """BG-10"""
    page = client.get("/catalogue/uk/90024/")

    assert re.search(r"MYBPC3 gene HGNC:7551 G green AD Hypertrophic cardiomyopathy \(demo\)", seen(page))


def test_gene_shows_uk_and_australia_side_by_side(client, demo_catalogue):
    page = client.get("/genes/GBA1/")

    assert "GRCh38 1:155234452-155244699" in seen(page)
    assert re.search(r"PanelApp UK \(3\).*Organic acidaemias.* PanelApp Australia \(3\)", seen(page))


@pytest.mark.parametrize("name", ["GBA", "gba1", "HGNC:4177", "hgnc:4177"])
def test_gene_under_any_name_is_found(client, demo_catalogue, name):
    page = client.get(f"/genes/{name}/")

    assert page.status_code == 200
    assert "GBA1 glucosylceramidase beta 1" in seen(page)


def test_gene_by_old_symbol_says_so(client, demo_catalogue):
    assert "“GBA” is a former symbol of GBA1, its current name." in seen(client.get("/genes/GBA/"))


def test_gene_in_no_panel_says_so(client):
    assert "No panel of PanelApp UK in this mirror names BRCA1." in seen(client.get("/genes/BRCA1/"))


def test_gene_unknown_is_not_found_and_offers_near_names(client):
    page = client.get("/genes/BRCA/")

    assert page.status_code == 404
    assert "No gene is or was called “BRCA”. Names that begin so:" in seen(page)
    assert 'href="/genes/HGNC:1100/"' in page.content.decode()


def test_gene_ambiguous_is_asked_for(client):
    page = client.get("/genes/?q=QARS")

    assert "It is never guessed: choose." in seen(page)
    assert 'href="/genes/HGNC:9751/"' in page.content.decode()


def test_gene_of_spreadsheet_date_says_what_it_was(client):
    assert "A spreadsheet probably turned SEPT2" in seen(client.get("/genes/?q=2-Sep"))


def test_gene_box_leads_to_its_page_with_the_basket(client):
    assert client.get("/genes/?q=GBA&uk:90001=green")["Location"] == "/genes/GBA/?uk:90001=green"


@pytest.mark.parametrize("name", ["a/b", "..", "%25", "%E2%80%AE", "x" * 3000, "'", "<b>", "%20"])
def test_gene_odd_name_is_not_found(client, name):
    assert client.get(f"/genes/{name}/").status_code == 404


@pytest.mark.parametrize("address", ["/", "/catalogue/", "/catalogue/uk/90001/", "/genes/", "/genes/TTN/"])
def test_age_of_the_mirror_stands_on_each_page(client, demo_catalogue, address):
    """BG-06"""
    Generation.objects.filter(source="aus").update(origin="https://example.org/api/v1", as_of=timezone.now())

    page = client.get(address)

    assert "UK mirror: demonstration · AU mirror 0 minutes old" in seen(page)


def test_age_over_the_limit_is_said_loudly(client, demo_catalogue, settings):
    """BG-06"""
    settings.CATALOGUE_MAX_AGE_DAYS = 7
    Generation.objects.update(origin="https://example.org/api/v1", as_of=timezone.now() - timedelta(days=8))

    page = client.get("/")

    assert seen(page).count("⚠ over 7 days: have it synchronised") == 2


def test_age_of_demonstration_is_not_said(client, demo_catalogue, settings):
    settings.CATALOGUE_MAX_AGE_DAYS = 1

    assert "⚠" not in seen(client.get("/"))


def test_gene_page_adds_a_panel_to_the_basket_it_was_given(client, demo_catalogue):
    page = client.get("/genes/GBA1/?uk:90001=green").content.decode()

    assert 'href="/?uk:90001=green&amp;aus:95001=green&amp;aus:95001=amber&amp;aus:95001=red"' in page
    assert page.count("in basket") == 1


def test_gene_whose_old_name_others_had_names_them(client):
    """Who came by an alias must see that another gene may have been meant."""
    resolver = current_resolver()
    shared = next(
        answer
        for place in range(5, 3000)
        for name in resolver.names_of(f"HGNC:{place}")[1:]
        if (answer := resolver.resolve(name)).found and len(answer.candidates) > 1
    )
    others = [one for one in shared.candidates if one.hgnc_id != shared.hgnc_id]

    page = client.get(f"/genes/{shared.query}/")

    assert others
    for other in others:
        assert f'href="/genes/{other.hgnc_id}/"' in page.content.decode()
