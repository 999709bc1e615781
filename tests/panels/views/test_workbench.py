"""BG-01, CA-02: the workbench, as it is read."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone

from panels.models import CataloguePanel, Generation, GeneRelease, Upload
from tests.panels.views.pages import TWO, bring, file, result_of, seen, upload_id

pytestmark = pytest.mark.django_db


def boxes(response, key: str) -> dict[str, bool]:
    """The confidence levels of an input, and whether each is ticked."""
    found = re.findall(
        rf'<input type="checkbox"[^>]* name="{key}" value="(\w+)"( checked)?>', response.content.decode()
    )
    return {level: bool(ticked) for level, ticked in found}


def test_workbench_empty_says_how_to_begin(client, demo_catalogue):
    page = client.get("/")

    assert page.status_code == 200
    assert "Basket (0)" in seen(page)
    assert "Try cardiomyopathy , MYBPC3 , hearing" in seen(page)
    assert 'href="/?q=cardiomyopathy"' in page.content.decode()


def test_workbench_with_empty_mirror_says_so(client):
    page = client.get("/?q=cardiomyopathy")

    assert "UK mirror empty · AU mirror empty" in seen(page)
    assert "No panel matches “cardiomyopathy”" in seen(page)


def test_workbench_shows_levels_versions_and_counts(client, demo_catalogue):
    held = CataloguePanel.objects.get(source="uk", panel_id=90001).current_version

    page = client.get("/?uk:90001=green&uk:90001=amber")

    assert boxes(page, "uk:90001") == {"green": True, "amber": True, "red": False, "none": False}
    assert f"v{held.version} · {held.green + held.amber} taken" in seen(page)
    assert f"{held.genes - held.none - held.red} genes 0 with conflicts 0 undecided" in result_of(page)


def test_workbench_takes_level_0_only_when_asked(client, demo_catalogue):
    """CO-02"""
    held = CataloguePanel.objects.get(source="uk", panel_id=90001).current_version

    three = client.get("/?uk:90001=green&uk:90001=amber&uk:90001=red")
    four = client.get("/?uk:90001=green&uk:90001=amber&uk:90001=red&uk:90001=none")

    assert f"Dropped ({held.none})" in seen(three)
    assert "Dropped (0)" in seen(four)


def test_workbench_shows_conflicts_first_and_each_voice(client, demo_catalogue):
    """BG-01"""
    page = client.get(f"/?{TWO}")

    assert '<a id="part-conflicts"' in page.content.decode()
    assert re.search(r"Gene Field 1 UK Hypertrophic .* v2.10 2 AU Hypertrophic .* v2.10 Decision", seen(page))
    assert "ALPK3 Inheritance AR AD/AR AD/AR undecided" in seen(page)


def test_workbench_list_says_which_field_is_undecided(client, demo_catalogue):
    page = client.get(f"/?{TWO}&show=list")

    assert re.search(r"ACTN2 HGNC:164 gene G green undecided AD 2 origins", seen(page))
    assert re.search(r"ALPK3 HGNC:17574 gene G green AD/AR undecided 2 origins", seen(page))


def test_workbench_names_what_was_dropped_and_why(client, demo_catalogue):
    query = bring(client, "BRCA1\nQARS\n2-Sep", "uk:90001=green")

    page = client.get(f"/?{query}&show=dropped")

    assert "QARS Pasted list 2" in seen(page)
    assert "2-Sep Pasted list 3 A spreadsheet probably turned SEPT2" in seen(page)
    assert "not among the levels taken" in seen(page)


def test_workbench_level_unticked_everywhere_asks_for_one(client, demo_catalogue):
    page = client.get("/?uk:90001=&aus:95001=green")

    assert "0 taken: choose a level" in seen(page)
    assert result_of(page).startswith("Number 1 in the basket: choose at least one confidence level")


def test_workbench_with_removed_panel_keeps_the_rest_usable(client, demo_catalogue):
    page = client.get("/?uk:90001=green&uk:4711=green&aus:95001=green")

    assert page.status_code == 200
    assert "PanelApp UK has no panel 4711 in this mirror" in seen(page)
    assert result_of(page).startswith("Cannot be merged yet: see number 2 in the basket")
    assert boxes(page, "aus:95001")["green"] is True
    assert 'href="/?uk:90001=green&amp;aus:95001=green#basket-title"' in page.content.decode()


def test_workbench_with_unknown_version_names_those_held(client, demo_catalogue):
    page = client.get("/?uk:90001@77.7=green")

    assert page.status_code == 200
    assert "is not here in version 77.7. Versions held, newest first: 2.10, 2.9" in seen(page)


def test_workbench_merges_an_older_version(client, demo_catalogue):
    """BG-06"""
    page = client.get("/?uk:90001@2.9=green")

    assert "v2.9 ·" in seen(page)
    assert "genes 0 with conflicts" in result_of(page)


def test_workbench_names_parts_of_the_address_it_cannot_read(client, demo_catalogue):
    page = client.get("/?uk:٩٠٠٠١=green&aus:95001=green")

    assert "Not read from the address, since it names no panel and no list: “uk:٩٠٠٠١”" in seen(page)
    assert "genes 0 with conflicts" in result_of(page)


def test_workbench_of_300_panels_says_the_limit(client, demo_catalogue):
    page = client.get("/?" + "&".join(f"uk:{number}=green" for number in range(90001, 90301)))

    assert page.status_code == 200
    assert "Basket (200)" in seen(page)
    assert result_of(page).startswith("The address names 300 panels and lists; at most 200 are merged at once")


def test_workbench_subtract_names_the_panel_taken_away(client, demo_catalogue):
    page = client.get(f"/?{TWO}&rule=subtract&number=2")

    assert '<option value="2" selected>2: AU Hypertrophic cardiomyopathy (demo)</option>' in page.content.decode()
    assert "0 with conflicts" in result_of(page)


def test_workbench_at_least_explains_its_number(client, demo_catalogue):
    one, both = client.get(f"/?{TWO}"), client.get(f"/?{TWO}&rule=at_least&number=2")

    assert 'name="number"' not in one.content.decode()
    assert "at least of 2" in seen(both)


@pytest.mark.parametrize("rule", ["highest", "lowest", "majority", "priority"])
def test_workbench_rule_decides_conflicts(client, demo_catalogue, rule):
    """BG-02"""
    page = client.get(f"/?{TWO}&confidence={rule}&inheritance={rule}&show=conflicts")

    assert " 0 undecided" in result_of(page)
    assert f"by rule: {rule}" in seen(page)


@pytest.mark.parametrize("page_asked", ["abc", "99999", "-1", "0", "1.5", ""])
def test_workbench_page_out_of_bounds_shows_one_there_is(client, demo_catalogue, page_asked):
    page = client.get(f"/?uk:90024=green&uk:90024=amber&show=list&page={page_asked}")

    assert page.status_code == 200
    assert "Name HGNC Type" in seen(page)


def test_workbench_upload_of_another_browser_is_gone(client, demo_catalogue):
    """UP-01: private lists"""
    query = bring(client, "BRCA1\nTP53", "uk:90001=green")
    client.cookies.clear()

    page = client.get(f"/?{query}")

    assert page.status_code == 200
    assert "belongs to another browser" in seen(page)
    assert "BRCA1" not in seen(page)


def test_workbench_expired_upload_is_gone(client, demo_catalogue):
    query = bring(client, "BRCA1\nTP53", "uk:90001=green")
    Upload.objects.update(expires_at=timezone.now())

    page = client.get(f"/?{query}")

    assert "This list is no longer here: it expired" in seen(page)


def test_workbench_offers_lists_brought_before(client, demo_catalogue):
    upload = upload_id(bring(client, "BRCA1\nTP53"))

    page = client.get("/?uk:90001=green")

    assert "Brought before Pasted list" in seen(page)
    assert f'href="/?uk:90001=green&amp;upload:{upload}=#basket-title"' in page.content.decode()


def test_workbench_links_to_other_pages_carry_the_basket(client, demo_catalogue):
    """Who looks at a gene or the catalogue comes back to the same basket."""
    page = client.get("/?uk:90001=green&q=heart")

    assert 'href="/catalogue/?uk:90001=green"' in page.content.decode()
    assert 'href="/genes/?uk:90001=green"' in page.content.decode()


def test_open_workbench_before_any_gene_names_are_loaded_shows_the_page(client, db):
    GeneRelease.objects.update(is_current=False)

    answer = client.get("/")

    assert answer.status_code == 200


def test_workbench_first_visit_offers_demo_panels_that_merge(client, demo_catalogue):
    first = client.get("/")

    address = re.search(r'href="([^"]*)">Try it with demo panels', first.content.decode())[1].replace("&amp;", "&")
    page = client.get(address)

    assert "Basket (4)" in seen(page)
    assert int(re.search(r"(\d+) with conflicts", result_of(page))[1]) > 0


def test_workbench_without_demo_catalogue_offers_no_demo_panels(client, demo_catalogue):
    """Real panels are in these numbers' place then, or none."""
    Generation.objects.filter(source="uk").update(origin="https://example.org/api/v1")

    assert "demo panels" not in seen(client.get("/"))


def test_workbench_conflict_tells_silence_from_absence(client, demo_catalogue):
    """BG-01: a source that lists a gene without a level is not one that leaves it out."""
    lists = "Gene,Confidence\nACTN2,\nMYH7,red\n"
    answer = client.post(f"/uploads/?{TWO}", {"file": file("mine.csv", lists)})

    page = client.get(f"{answer['Location']}&show=conflicts")

    assert re.search(r"ACTN2 Confidence G green A amber says nothing G green undecided", seen(page))
    assert re.search(r"ALPK3 Inheritance AR AD/AR . nothing taken AD/AR undecided", seen(page))


def test_workbench_conflicts_of_nine_inputs_stand_in_one_column(client, demo_catalogue):
    query = "&".join(f"uk:9000{number}=green" for number in range(1, 9))

    page = client.get(f"/?{TWO}&{query}&show=conflicts")

    assert "Gene Field Who says what Decision" in seen(page)


def test_workbench_conflict_of_a_super_panel_names_its_children(client, demo_catalogue):
    """BG-10"""
    page = client.get("/?uk:90024=green&aus:95001=amber&show=conflicts")

    assert re.search(r"ACTN2 Confidence G green Hypertrophic cardiomyopathy \(demo\)", seen(page))


def test_workbench_conflict_says_of_a_level_not_taken_that_nothing_was(client, demo_catalogue):
    """The gene may well be in that panel: the column must not say that it is not."""
    page = client.get("/?uk:90001=green&aus:95001=green&uk:90024=amber&show=conflicts")

    assert "nothing taken" in seen(page)
    assert "not in it" not in seen(page)
