"""Panels of earlier releases and rows of plain SQL: nothing of them is lost when they change. SP-01, SP-13"""

from __future__ import annotations

import pytest
from django.db import connection

from panels.actions.differences import diff_versions, save_on_top, three_way
from panels.actions.editing import GeneChanges, edited_list
from panels.actions.library import change_panel, create_panel, restore_version
from panels.models import PanelGene, PanelVersion, SavedPanel
from tests.panels.library.asking import Program
from tests.panels.library.seeing import numbers, symbols, symbols_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def old_panel(alice):
    """As release 1.5.1 leaves one: symbols without ids, a gene twice, one that was switched off, two versions."""
    panel = SavedPanel.objects.create(name="Old", owner=alice, gene_count=4, version_count=2)
    PanelVersion.objects.create(panel=panel, version_number=1, created_by=alice)
    panel.current_version = PanelVersion.objects.create(panel=panel, version_number=2, created_by=alice)
    panel.save()
    for symbol, options in {
        "GBA": {"confidence_level": "3", "added_by": alice},
        "gba": {"phenotype": "odd"},
        "NOTAGENE": {"user_notes": "keep me"},
        "TTN": {"hgnc_id": "HGNC:12403"},
        "BRCA1": {"is_active": False},
    }.items():
        PanelGene.objects.create(panel=panel, gene_symbol=symbol, **options)
    return panel


def edit(panel, by, expected, **changes):
    return change_panel(panel=panel.pk, by=by, expected=expected, gene_changes=GeneChanges(**changes))


def test_its_genes_are_read_as_they_were_written(old_panel, alice):
    read = Program(alice).get(f"{old_panel.pk}/").json()

    assert [gene["gene_symbol"] for gene in read["genes"]] == ["GBA", "NOTAGENE", "TTN", "gba"]
    assert read["genes"][0]["confidence_level"] == "3"
    assert (read["version"], read["content_hash"]) == (2, None)


def test_the_first_change_keeps_what_was_there_before_it(old_panel, alice):
    edit(old_panel, alice, 2, add=["MYH7"], remove=["gba"])

    assert symbols_of(old_panel, 2) == ["GBA", "NOTAGENE", "TTN", "gba"]
    assert symbols_of(old_panel, 3) == symbols(old_panel) == ["GBA", "MYH7", "NOTAGENE", "TTN"]
    gene = PanelGene.objects.get(panel=old_panel, gene_symbol="GBA")
    assert (gene.added_by, gene.confidence_level, gene.entity_key) == (alice, "3", "gene:GBA")
    assert PanelGene.objects.filter(panel=old_panel, gene_symbol="BRCA1", is_active=False).exists()


def test_a_gene_without_an_id_is_the_gene_its_symbol_means(old_panel, alice):
    edit(old_panel, alice, 2, update=[{"gene_symbol": "GBA1", "user_notes": "by its name of today"}])

    assert PanelGene.objects.get(panel=old_panel, gene_symbol="GBA").user_notes == "by its name of today"


def test_what_was_read_may_be_sent_back_with_what_nobody_can_name(old_panel, alice):
    ask = Program(alice)
    read = ask.get(f"{old_panel.pk}/")
    genes = [gene | {"source_panel_id": gene["source_panel_id"] or "older"} for gene in read.json()["genes"]]

    put = ask.put(f"{old_panel.pk}/", {"name": "Old", "genes": [g for g in genes if g["gene_symbol"] != "gba"]})

    assert put.status_code == 200
    assert symbols(old_panel)[-2:] == ["NOTAGENE", "TTN"]


def test_a_panel_of_a_plain_insert_changes_like_any_other(alice):
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO saved_panels (name, owner_id) VALUES ('Plain', %s)", [alice.pk])
        cursor.execute("INSERT INTO panel_genes (panel_id, gene_symbol) SELECT id, 'TTN' FROM saved_panels")
    panel = SavedPanel.objects.get()
    ask = Program(alice)

    read = ask.get(f"{panel.pk}/")
    saved = ask.patch(f"{panel.pk}/", {"gene_changes": {"add": ["MYH7"]}})

    assert (read.status_code, read.json()["version"]) == (200, 0)
    assert (saved.status_code, saved.json()["version"], numbers(panel)) == (200, 2, [1, 2])
    assert (symbols_of(panel, 1), symbols_of(panel, 2)) == (["TTN"], ["MYH7", "TTN"])
    panel.refresh_from_db()
    assert (panel.gene_count, panel.version_count) == (2, 2)


def test_genes_that_were_changed_beside_us_are_kept_as_a_version_of_their_own(panel, alice):
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO panel_genes (panel_id, gene_symbol) VALUES (%s, 'MYH7')", [panel.pk])

    edit(panel, alice, 1, remove=["TP53"])

    assert symbols_of(panel, 2) == ["BRCA1", "MYH7", "TP53", "TTN"]
    assert symbols_of(panel, 3) == symbols(panel) == ["BRCA1", "MYH7", "TTN"]


def test_a_symbol_that_changed_since_is_written_anew_with_the_next_change(alice):
    panel = create_panel(by=alice, name="x", genes=["GBA1", "TTN"]).panel
    PanelGene.objects.filter(hgnc_id="HGNC:4177").update(gene_symbol="GBA")

    saved = edit(panel, alice, 1, update=[{"gene_symbol": "TTN", "user_notes": "x"}])

    assert symbols(panel) == ["GBA1", "TTN"]
    assert (saved.renamed, saved.version.changes_summary) == ([("GBA", "GBA1")], "1 changed, GBA is GBA1 now")
    assert diff_versions(panel=panel.pk, by=alice, a=1, b=2).diff.renamed == ()


def test_a_restored_gene_has_its_name_of_today_and_the_old_version_the_one_of_then(alice):
    """SP-14."""
    made = create_panel(by=alice, name="x", genes=["GBA1"])
    then = [one | {"gene_symbol": "GBA"} for one in made.records]
    panel = create_panel(by=alice, name="y", records=then).panel
    edit(panel, alice, 1, add=["TTN"], remove=["HGNC:4177"])

    restored = restore_version(panel=panel.pk, by=alice, number=1, expected=2)

    assert (symbols(panel), symbols_of(panel, 1), symbols_of(panel, 3)) == (["GBA1"], ["GBA"], ["GBA1"])
    assert restored.version.content_hash == panel.versions.get(version_number=1).content_hash


def test_two_people_meet_and_both_texts_survive(panel, alice):
    """A-5: what I typed on version 1, put on top of what was saved since."""
    edit(panel, alice, 1, add=["MYH7"], update=[{"gene_symbol": "TTN", "user_notes": "theirs"}])
    mine = GeneChanges(add=("MYH6",), update=({"gene_symbol": "TTN", "user_notes": "mine"},))

    def my_edit(current, resolver):
        return edited_list(mine, current, resolver).genes

    found = three_way(panel=panel.pk, by=alice, base=1, edit=my_edit)
    [conflict] = found.conflicts
    save_on_top(
        panel=panel.pk, by=alice, base=1, edit=my_edit, choices={conflict.key: "mine"}, expected=2, comment="both"
    )

    assert (conflict.name, conflict.fields) == ("TTN", ("user_notes",))
    assert symbols(panel) == ["BRCA1", "MYH6", "MYH7", "TP53", "TTN"]
    assert PanelGene.objects.get(panel=panel, gene_symbol="TTN").user_notes == "mine"
