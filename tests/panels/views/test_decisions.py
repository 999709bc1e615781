"""BG-02: decisions by hand on the workbench: with a reason, on this list, and kept."""

from __future__ import annotations

import re

import pytest

from tests.panels.views.pages import TWO, bring, file, result_of, seen

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo_catalogue")]

ACTN2 = {"entity": "HGNC:164", "field": "confidence_level", "value": "amber", "reason": "Our own cases"}


def undecided(client, query: str = TWO) -> int:
    return int(re.search(r"(\d+) undecided", result_of(client.get(f"/?{query}")))[1])


def test_decide_keeps_value_and_reason_over_reload(client):
    before = undecided(client)

    answer = client.post(f"/decide/?{TWO}", ACTN2)
    page = client.get(f"/?{TWO}&show=conflicts")

    assert answer["Location"] == f"/?{TWO}&show=conflicts#result-title"
    assert undecided(client) == before - 1
    assert "A amber by hand: Our own cases" in seen(page)


def test_decide_without_reason_keeps_what_was_typed(client):
    page = client.post(f"/decide/?{TWO}", ACTN2 | {"reason": "   "})

    assert page.status_code == 400
    assert "Say in a few words why you decide so" in seen(page)
    assert 'value="amber" required checked' in page.content.decode()
    assert page.content.decode().count("<details open>") == 1


def test_decide_too_long_a_reason_keeps_what_was_typed(client):
    reason = "because " * 200

    page = client.post(f"/decide/?{TWO}", ACTN2 | {"reason": reason})

    assert page.status_code == 400
    assert f'value="{reason}"' in page.content.decode()


@pytest.mark.parametrize(
    "changes",
    [
        {"entity": "HGNC:1100"},  # not in this list
        {"entity": ""},
        {"entity": "x" * 5000},
        {"entity": "HGNC:17574"},  # agreed on in confidence
        {"field": "entity_name"},
        {"field": ""},
        {"value": "red"},  # said by nobody
        {"value": ""},
        {"value": "x" * 5000},
    ],
)
def test_decide_what_is_no_conflict_is_refused(client, changes):
    before = undecided(client)

    page = client.post(f"/decide/?{TWO}", ACTN2 | changes)

    assert page.status_code == 400
    assert 'class="note error" role="alert"' in page.content.decode()
    assert undecided(client) == before


def test_decide_belongs_to_its_basket(client):
    client.post(f"/decide/?{TWO}", ACTN2)

    other = client.get(f"/?{TWO}&uk:90002=green&show=conflicts")
    reordered = client.get("/?aus:95001=amber&aus:95001=green&uk:90001=green&uk:90001=amber&show=conflicts")

    assert "by hand" not in seen(other)
    assert "by hand: Our own cases" in seen(reordered)


def test_decide_belongs_to_its_browser(client, django_user_model):
    client.post(f"/decide/?{TWO}", ACTN2)
    client.cookies.clear()

    page = client.get(f"/?{TWO}&show=conflicts")

    assert "Our own cases" not in seen(page)


def test_decide_both_fields_keeps_both_reasons(client):
    """An auditor must find why each was decided."""
    lists = "Gene,Confidence,Inheritance\nACTN2,amber,BIALLELIC\n"
    query = client.post("/uploads/?uk:90001=green", {"file": file("mine.csv", lists)})["Location"].partition("?")[2]
    client.post(f"/decide/?{query}", ACTN2 | {"reason": "Own cases"})

    client.post(
        f"/decide/?{query}",
        {"entity": "HGNC:164", "field": "mode_of_inheritance", "value": "BIALLELIC", "reason": "Two families"},
    )
    page = client.get(f"/?{query}&show=conflicts")

    assert seen(page).count("by hand: Own cases; Two families") == 2


def test_decide_on_second_page_comes_back_to_it(client):
    answer = client.post(f"/decide/?{TWO}&page=2", ACTN2)

    assert answer["Location"].endswith("&show=conflicts&page=2#result-title")


def test_take_back_makes_it_open_again(client):
    before = undecided(client)
    client.post(f"/decide/?{TWO}", ACTN2)

    client.post(f"/decide/?{TWO}", {"entity": "HGNC:164", "take_back": "1"})

    assert undecided(client) == before


def test_take_back_what_was_never_decided_changes_nothing(client):
    answer = client.post(f"/decide/?{TWO}", {"entity": "nothing", "take_back": "1"})

    assert answer.status_code == 302


def test_decision_without_a_conflict_any_more_is_still_shown(client):
    """The decided level goes into the file: it must not do so unseen."""
    client.post(f"/decide/?{TWO}", ACTN2)

    page = client.get("/?uk:90001=green&aus:95001=green&show=conflicts")

    assert "Decided by hand, but no longer in conflict or no longer in the list: ACTN2: still as decided" in seen(page)


def test_decide_with_an_empty_basket_is_refused(client):
    page = client.post("/decide/", ACTN2)

    assert page.status_code == 400


def test_decide_by_get_is_refused(client):
    assert client.get(f"/decide/?{TWO}").status_code == 405


def test_links_on_a_refused_page_lead_to_the_workbench(client):
    """A relative link would go to an address that takes forms only."""
    query = bring(client, "ACTN2\nQARS", TWO)

    page = client.post(f"/decide/?{query}", ACTN2 | {"reason": ""})

    assert not re.findall(r'(?:href|hx-get|action)="\?', page.content.decode())
