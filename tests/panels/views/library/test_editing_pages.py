"""Genes edited on the page: gathered, undone, saved together; nobody's edit is lost. SP-11, SP-17, A-5."""

from __future__ import annotations

import json

import pytest

from panels.actions.editing import LONGEST_PASTE
from panels.actions.library import change_panel
from panels.actions.sharing import share_panel
from panels.models import SavedPanel
from tests.panels.library.seeing import numbers, symbols
from tests.panels.views.library.test_pages import at, words

pytestmark = pytest.mark.django_db
BRCA1, MYH7 = "gene:HGNC:1100", "gene:HGNC:7577"


def form_of(page) -> dict[str, str]:
    return page.fields if hasattr(page, "fields") else {}


def test_changes_are_gathered_and_saved_as_one_version(panel, alice, reading):
    browser = reading(alice)
    said = reading.fields(browser.get(at(panel, "edit")).main.form)

    page = browser.post(at(panel, "edit"), said | {f"level.{BRCA1}": "red", f"note.{BRCA1}": "see letter"})
    said = reading.fields(page.main.form)
    page = browser.post(at(panel, "edit"), said | {"paste": "MYH7, GBA", "paste_level": "green"})
    said = reading.fields(page.main.form)

    assert "Waiting to be saved (3)" in words(page)
    assert numbers(panel) == [1]
    done = browser.post(at(panel, "edit"), said | {"act": "save", "comment": "Heart and Gaucher"})
    assert "Saved as version 2: 2 added, 1 changed" in words(done)
    assert symbols(panel) == ["BRCA1", "GBA1", "MYH7", "TP53", "TTN"]
    gene = panel.genes.get(hgnc_id="HGNC:1100")
    assert (gene.custom_confidence, gene.user_notes) == ("red", "see letter")


def test_a_change_is_undone_before_saving(panel, alice, reading):
    browser = reading(alice)
    said = reading.fields(browser.get(at(panel, "edit")).main.form)
    said = reading.fields(browser.post(at(panel, "edit"), said | {"paste": "MYH7 MYBPC3"}).main.form)

    page = browser.post(at(panel, "edit"), said | {"act": "undo:0"})

    waiting = json.loads(reading.fields(page.main.form)["pending"])
    assert [one["gene"]["gene_symbol"] for one in waiting] == ["MYBPC3"]
    assert numbers(panel) == [1]


def test_undoing_one_change_keeps_what_was_typed_since(panel, alice, reading):
    browser = reading(alice)
    said = reading.fields(browser.get(at(panel, "edit")).main.form)
    said = reading.fields(browser.post(at(panel, "edit"), said | {"paste": "MYH7"}).main.form)

    typed = said | {"paste": "GBA1", f"note.{BRCA1}": "see letter", "act": "undo:0"}
    page = browser.post(at(panel, "edit"), typed)

    waiting = [
        (one["verb"], one["gene"]["gene_symbol"]) for one in json.loads(reading.fields(page.main.form)["pending"])
    ]
    assert waiting == [("update", "BRCA1"), ("add", "GBA1")]


@pytest.mark.parametrize(("said_of_it", "left"), [("note", ["BRCA1", "MYH7", "TP53", "TTN"]), ("remove", None)])
def test_a_gene_that_was_just_pasted_is_edited_like_any_other(panel, alice, reading, said_of_it, left):
    browser = reading(alice)
    said = reading.fields(browser.get(at(panel, "edit")).main.form)
    said = reading.fields(browser.post(at(panel, "edit"), said | {"paste": "MYH7"}).main.form)

    browser.post(at(panel, "edit"), said | {f"{said_of_it}.{MYH7}": "see letter", "act": "save"})

    assert symbols(panel) == (left or ["BRCA1", "TP53", "TTN"])
    notes = list(panel.genes.filter(hgnc_id="HGNC:7577").values_list("user_notes", flat=True))
    assert notes == (["see letter"] if left else [])


def test_rows_that_were_altered_stay_where_a_paste_is_refused(panel, alice, reading):
    browser = reading(alice)
    said = reading.fields(browser.get(at(panel, "edit")).main.form)

    page = browser.post(at(panel, "edit"), said | {f"note.{BRCA1}": "see letter", "paste": "QARS"}, status=400)

    assert "BRCA1: user notes see letter" in words(page)
    assert page.find("textarea", id="paste").get_text() == "QARS"


def test_a_paste_that_is_too_long_is_refused_and_not_cut_to_another_gene(panel, alice, reading):
    """HGNC:1101 cut short is HGNC:110, another gene."""
    browser = reading(alice)
    said = reading.fields(browser.get(at(panel, "edit")).main.form)
    paste = " " * (LONGEST_PASTE - 8) + "HGNC:1101"

    page = browser.post(at(panel, "edit"), said | {"paste": paste, "act": "save"}, status=413)
    made = browser.post("/panels/new/", {"name": "x", "genes": paste}, status=413)

    assert all("At most 500,000 characters" in words(one.find(role="alert")) for one in (page, made))
    assert numbers(panel) == [1]
    assert SavedPanel.objects.count() == 1


def test_changes_go_on_being_gathered_after_somebody_else_saved(panel, alice, reading):
    """A-5: the two meet when mine are saved."""
    browser = reading(alice)
    said = reading.fields(browser.get(at(panel, "edit")).main.form)
    said = reading.fields(browser.post(at(panel, "edit"), said | {f"note.{BRCA1}": "mine"}).main.form)
    change_panel(panel=panel.pk, by=alice, expected=1, genes=["TTN"])

    page = browser.post(at(panel, "edit"), said | {"paste": "MYH7"})
    both = browser.post(at(panel, "edit"), reading.fields(page.main.form) | {"act": "save"}, status=412)

    assert "Waiting to be saved (2)" in words(page)
    assert "BRCA1" in words(both.main)
    assert symbols(panel) == ["TTN"]


def test_a_gene_is_removed_by_its_box_or_by_pasting(panel, alice, reading):
    browser = reading(alice)
    said = reading.fields(browser.get(at(panel, "edit")).main.form)

    said |= {f"remove.{BRCA1}": "1", "paste": "TTN", "paste_verb": "remove", "act": "save"}
    browser.post(at(panel, "edit"), said)

    assert symbols(panel) == ["TP53"]


def test_a_doubtful_gene_is_refused_with_its_reason_and_what_was_typed_stays(panel, alice, reading):
    browser = reading(alice)
    said = reading.fields(browser.get(at(panel, "edit")).main.form)

    page = browser.post(at(panel, "edit"), said | {"paste": "MYH7 QARS", "act": "save"}, status=400)

    assert "QARS" in words(page.find(role="alert"))
    assert page.find("textarea", id="paste").get_text() == "MYH7 QARS"
    assert numbers(panel) == [1]


@pytest.mark.parametrize("act", ["gather", "save"])
@pytest.mark.parametrize(
    "pending",
    [
        *("{", "[1]", "[" * 100_000, '[{"verb":"drop","gene":{}}]', '[{"verb":"add","gene":{"a":1}}]'),
        '[{"verb":"add","gene":{"gene_symbol":"\\ud800"}}]',
        '[{"verb":"update","gene":{"gene_symbol":"BRCA1","user_notes":"\\u0000"}}]',
        '[{"verb":"update","gene":{"gene_symbol":"BRCA1","source_panel_id":"uk:1"}}]',
        '[{"verb":"add","gene":{"gene_symbol":"BRCA1","entity_type":"nonsense"}}]',
    ],
)
def test_a_damaged_form_is_refused(panel, alice, reading, pending, act):
    page = reading(alice).post(at(panel, "edit"), {"pending": pending, "base": "1", "act": act}, status=400)

    assert "could not be read" in words(page)
    assert numbers(panel) == [1]


def test_two_people_from_one_version_see_both_changes_and_choose(panel, alice, bob, reading):
    share_panel(panel=panel.pk, by=alice, user="bob", level="EDIT")
    mine = reading(alice)
    said = reading.fields(mine.get(at(panel, "edit")).main.form)
    change_panel(
        panel=panel.pk,
        by=bob,
        expected=1,
        gene_changes=_update("BRCA1", custom_confidence="green", user_notes="bob's note"),
    )

    page = mine.post(at(panel, "edit"), said | {f"level.{BRCA1}": "red", "paste": "MYH7", "act": "save"}, status=412)
    both = reading.fields(page.main.find_all("form")[-1])

    assert "bob saved version 2 while you were editing version 1" in words(page)
    assert both[f"choice.{BRCA1}"] == "theirs"
    mine.post(at(panel, "edit"), both | {f"choice.{BRCA1}": "mine", "act": "save"})
    gene = panel.genes.get(hgnc_id="HGNC:1100")
    assert (gene.custom_confidence, gene.user_notes) == ("red", "bob's note")
    assert symbols(panel) == ["BRCA1", "MYH7", "TP53", "TTN"]
    assert numbers(panel) == [1, 2, 3]


def test_taking_theirs_keeps_what_only_i_changed(panel, alice, bob, reading):
    share_panel(panel=panel.pk, by=alice, user="bob", level="EDIT")
    mine = reading(alice)
    said = reading.fields(mine.get(at(panel, "edit")).main.form)
    change_panel(panel=panel.pk, by=bob, expected=1, gene_changes=_update("BRCA1", custom_confidence="green"))

    page = mine.post(at(panel, "edit"), said | {f"level.{BRCA1}": "red", "paste": "MYH7", "act": "save"}, status=412)
    mine.post(at(panel, "edit"), reading.fields(page.main.find_all("form")[-1]) | {"act": "save"})

    assert panel.genes.get(hgnc_id="HGNC:1100").custom_confidence == "green"
    assert "MYH7" in symbols(panel)


def test_a_share_that_ended_while_the_form_was_open_answers_404(panel, alice, bob, reading):
    """A-4: revoking holds from the next request."""
    share, _ = share_panel(panel=panel.pk, by=alice, user="bob", level="EDIT")
    browser = reading(bob)
    said = reading.fields(browser.get(at(panel, "edit")).main.form)
    share.is_active = False
    share.save()

    browser.post(at(panel, "edit"), said | {"paste": "MYH7", "act": "save"}, status=404)

    assert numbers(panel) == [1]
    assert SavedPanel.objects.get(pk=panel.pk).gene_count == 3


def _update(symbol: str, **values: str):
    from panels.actions.editing import GeneChanges

    return GeneChanges(update=[{"gene_symbol": symbol} | values])
