"""CA-02, BG-04, BG-17: one search by words, codes and genes of any time."""

from __future__ import annotations

import pytest

from panels.models import CataloguePanel
from tests.panels.views.pages import seen

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo_catalogue")]


def test_search_words_finds_panels_of_both_sources(client):
    page = client.get("/?q=Hypertrophic+cardiomyopathy")

    assert "2 panels AU Hypertrophic cardiomyopathy (demo) 95001" in seen(page)
    assert "UK Hypertrophic cardiomyopathy (demo) 90001" in seen(page)


def test_search_in_one_source_leaves_the_other_out(client):
    page = client.get("/?q=Hypertrophic+cardiomyopathy&source=uk")

    assert "1 panel UK Hypertrophic" in seen(page)


def test_search_code_finds_its_panel(client):
    page = client.get("/?q=R901.2")

    assert "UK Hypertrophic cardiomyopathy (demo) 90001" in seen(page)


def test_search_gene_says_its_confidence_in_each_panel(client):
    page = client.get("/?q=MYBPC3")

    assert "MYBPC3 , myosin binding protein C3" in seen(page)
    assert "90001 · v2.10 · G green here · AD" in seen(page)


def test_search_old_symbol_names_the_current_one(client):
    """BG-04: never a silent alias."""
    page = client.get("/?q=GBA")

    assert "“GBA” is now called GBA1" in seen(page)


def test_search_ambiguous_symbol_asks(client):
    """BG-04: never guessed."""
    page = client.get("/?q=QARS&uk:90001=green")

    assert "“QARS” may be" in seen(page)
    assert "EPRS1" in seen(page)
    assert 'href="/?q=HGNC:9751&amp;uk:90001=green"' in page.content.decode()


def test_search_spreadsheet_date_says_what_it_was(client):
    page = client.get("/?q=2-Sep")

    assert "A spreadsheet probably turned SEPT2" in seen(page)


def test_search_panel_that_is_called_by_its_gene_stands_once(client):
    CataloguePanel.objects.filter(source="uk", panel_id=90001).update(name="MYBPC3", search_text="mybpc3")

    page = client.get("/?q=MYBPC3").content.decode()

    assert page.count('id="add-uk:90001"') == 1


def test_search_without_a_hit_says_what_to_try(client):
    page = client.get("/?q=xyzzy")

    assert "No panel matches “xyzzy”. Try fewer letters" in seen(page)


def test_search_too_many_words_says_so(client):
    page = client.get("/?q=" + "+".join("a" * 30))

    assert page.status_code == 200
    assert "A search takes up to 20 words" in seen(page)


def test_search_keeps_the_basket(client):
    page = client.get("/?uk:90001=green&q=Dilated").content.decode()

    assert '<input type="hidden" name="uk:90001" value="green">' in page
    assert 'id="add-aus:95002" href="/?uk:90001=green&amp;aus:95002=green' in page
    assert "in basket" not in page


@pytest.mark.parametrize("text", ["%", "_", "'", '"', "\\", "(", "*", "İ", "\ud7ff", "\U0001f9ec", "a" * 10_000, " "])
def test_search_odd_text_is_answered(client, text):
    assert client.get("/", {"q": text}).status_code == 200
