"""Every save is a version with its own genes; nothing is half done. SP-01, SP-02, SP-03, SP-05, SP-10, SP-13, SP-14."""

from __future__ import annotations

import json

import pytest
from django.db import DatabaseError, connection

from audit.models import AuditLog
from panelmerge.lib.errors import NotHere, Refusal, Unavailable
from panels.actions.editing import GeneChanges
from panels.actions.library import change_panel, create_from_merge, create_panel, restore_version
from panels.actions.merging import merge_lists
from panels.actions.rights import LevelTooLow, VersionConflict
from panels.engine.request import ListChoice, MergeRequest, PanelChoice, PanelSpec
from panels.formats.writing.about import hash_of
from panels.models import PanelChange, PanelGene, PanelSnapshot, PanelVersion, SavedPanel
from tests.panels.library.seeing import events, everything, numbers, symbols, symbols_of

pytestmark = pytest.mark.django_db


def edit(panel, by, expected=1, **changes):
    return change_panel(panel=panel.pk, by=by, expected=expected, gene_changes=GeneChanges(**changes))


def changes(panel, number):
    rows = PanelChange.objects.filter(panel=panel, version__version_number=number).order_by("pk")
    return [(row.change_type, row.target_type, row.target_id) for row in rows]


def test_create_writes_version_one_with_its_genes_and_one_change(alice):
    """SP-01, SP-05, SP-07."""
    saved = create_panel(by=alice, name=" Hearts\n ", genes=["BRCA1", "HGNC:12403"], tags="a, b,A", comment="first")

    panel = SavedPanel.objects.get()
    assert (panel.name, panel.gene_count, panel.version_count, panel.tag_list) == ("Hearts", 2, 1, ["a", "b"])
    assert panel.current_version == saved.version == PanelVersion.objects.get()
    assert symbols(panel) == symbols_of(panel, 1) == ["BRCA1", "TTN"]
    assert changes(panel, 1) == [("PANEL_CREATED", "panel", str(panel.pk))]
    assert len(events("PANEL_CREATE", panel)) == 1


def test_create_an_empty_panel(alice):
    panel = create_panel(by=alice, name="Empty").panel

    assert (panel.gene_count, symbols(panel), symbols_of(panel, 1)) == (0, [], [])


@pytest.mark.parametrize("role", ["VIEWER", "AUDITOR"])
def test_create_by_a_role_that_only_looks_is_refused(alice, role):
    alice.role = role

    with pytest.raises(Refusal) as refusal:
        create_panel(by=alice, name="x")

    assert (refusal.value.status, SavedPanel.objects.count()) == (403, 0)


def test_create_with_genes_nobody_can_name_names_each_row_and_keeps_nothing(alice):
    """SP-10: problems by row, nothing half done."""
    with pytest.raises(Refusal) as refusal:
        create_panel(
            by=alice, name="x", genes=["BRCA1", "nosuchgene", "2-Sep", {"gene_symbol": "BRCA1", "phenotype": "p"}]
        )

    assert sorted(refusal.value.errors) == ["genes.1", "genes.2", "genes.3"]
    assert "nosuchgene" in refusal.value.errors["genes.1"][0]
    assert SavedPanel.objects.count() == 0


def test_create_keeps_what_was_typed_beside_what_it_means(alice):
    """BG-04."""
    panel = create_panel(by=alice, name="x", genes=["GBA", "MUT"]).panel

    change = PanelChange.objects.get(panel=panel)
    assert symbols(panel) == ["GBA1", "MMUT"]
    assert json.loads(change.new_value)["given"] == {"gene:HGNC:4177": "GBA", "gene:HGNC:7526": "MUT"}


def test_create_from_a_merge_keeps_recipe_content_and_sources(alice, demo_catalogue):
    inputs = [
        PanelChoice(PanelSpec("uk", 90001)),
        PanelChoice(PanelSpec("aus", 95001)),
        ListChoice("mine", ("MYBPC3",)),
    ]
    result = merge_lists(request=MergeRequest(inputs=inputs), by=alice)

    saved = create_from_merge(by=alice, name="Merged", result=result)

    assert saved.version.content_hash == hash_of(result)
    assert saved.panel.source_type == "merge"
    assert saved.panel.source_reference.startswith("uk:90001@")
    assert PanelGene.objects.filter(panel=saved.panel).count() == len(result.entities)
    assert PanelGene.objects.filter(panel=saved.panel, source_panel_id__contains="aus:95001").exists()


def test_edit_makes_version_two_and_leaves_version_one_alone(panel, alice):
    """SP-13."""
    saved = edit(panel, alice, add=["MYH7"], remove=["TP53"], update=[{"gene_symbol": "TTN", "user_notes": "long"}])

    panel.refresh_from_db()
    assert (saved.version.version_number, panel.gene_count, panel.version_count) == (2, 3, 2)
    assert symbols(panel) == symbols_of(panel, 2) == ["BRCA1", "MYH7", "TTN"]
    assert symbols_of(panel, 1) == ["BRCA1", "TP53", "TTN"]
    assert saved.version.changes_summary == "1 added, 1 removed, 1 changed"


def test_edit_writes_a_row_for_every_gene_that_changed(panel, alice):
    """SP-05, SP-07: encrypted, in the words of the guide."""
    edit(
        panel,
        alice,
        add=["MYH7"],
        remove=["TP53"],
        update=[{"hgnc_id": "HGNC:12403", "custom_confidence": "red", "user_notes": "why"}],
    )

    assert changes(panel, 2) == [
        ("GENE_ADDED", "gene", "HGNC:7577"),
        ("GENE_REMOVED", "gene", "HGNC:11998"),
        ("CONFIDENCE_CHANGED", "gene", "HGNC:12403"),
        ("GENE_MODIFIED", "gene", "HGNC:12403"),
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT new_value_encrypted FROM panel_changes WHERE change_type = 'CONFIDENCE_CHANGED'")
        assert cursor.fetchone()[0].startswith("pm1:")
    row = PanelChange.objects.get(change_type="CONFIDENCE_CHANGED")
    assert (json.loads(row.old_value), json.loads(row.new_value)) == (
        {"custom_confidence": ""},
        {"custom_confidence": "red"},
    )


def test_an_override_stands_beside_what_the_source_says(alice):
    given = {"gene_symbol": "MYH7", "confidence_level": "green", "source_panel_id": "uk:1", "source_list_type": "green"}
    panel = create_panel(by=alice, name="x", genes=[given]).panel

    edit(panel, alice, update=[{"gene_symbol": "MYH7", "custom_confidence": "amber"}])

    gene = PanelGene.objects.get()
    assert (gene.confidence_level, gene.custom_confidence, gene.source_list_type) == ("green", "amber", "green")
    assert gene.is_modified


def test_saving_the_same_again_makes_no_version(panel, alice):
    before = everything()

    same = change_panel(panel=panel.pk, by=alice, expected=1, genes=["TTN", "TP53", "BRCA1"], name="Hearts")

    assert not same.is_new
    assert same.version.version_number == 1
    assert everything() == before


def test_metadata_alone_makes_a_version_that_shares_the_snapshot(panel, alice):
    change_panel(panel=panel.pk, by=alice, expected=1, name="Brains", tags=["neuro"])

    first, second = PanelVersion.objects.order_by("version_number")
    assert first.snapshot_id == second.snapshot_id
    assert (first.metadata["name"], second.metadata["name"], second.metadata["tags"]) == ("Hearts", "Brains", ["neuro"])
    assert PanelSnapshot.objects.count() == 1
    assert changes(panel, 2) == [("METADATA_CHANGED", "panel", "name"), ("METADATA_CHANGED", "panel", "tags")]


def test_equal_lists_of_different_panels_are_stored_once(panel, bob):
    other = create_panel(by=bob, name="Other", genes=["ttn", "BRCA1", "TP53"]).version

    assert PanelSnapshot.objects.count() == 1
    assert other.content_hash == PanelVersion.objects.get(panel=panel).content_hash


def test_a_removed_gene_may_come_back(panel, alice):
    """SP-03."""
    edit(panel, alice, remove=["TP53"])
    edit(panel, alice, expected=2, add=["TP53"])

    assert symbols(panel) == ["BRCA1", "TP53", "TTN"]
    assert PanelSnapshot.objects.count() == 2
    assert numbers(panel) == [1, 2, 3]


def test_a_gene_that_an_older_release_switched_off_may_come_back(panel, alice):
    PanelGene.objects.filter(panel=panel, gene_symbol="TP53").update(is_active=False)

    edit(panel, alice, add=["TP53"])

    assert symbols(panel) == ["BRCA1", "TP53", "TTN"]


def test_long_values_fit(alice):
    """SP-03."""
    long = "; ".join(f"source {n}" for n in range(500))
    given = {"gene_symbol": "TTN", "evidence_level": long, "source_panel_id": long, "mode_of_inheritance": long}

    panel = create_panel(by=alice, name="x", genes=[given]).panel

    assert PanelGene.objects.get(panel=panel).evidence_level == long


def test_an_str_that_is_called_like_a_gene_stands_beside_it(alice):
    """uq_panel_gene_symbol stays the guide's; the second of two equal names has a mark there."""
    repeat = {"gene_symbol": "FMR1", "entity_type": "str", "grch38": "X:147912050-147912110"}
    panel = create_panel(by=alice, name="x", genes=["FMR1", repeat]).panel

    stored = list(PanelGene.objects.order_by("gene_symbol").values_list("gene_symbol", "own_name", "entity_type"))
    assert stored == [("FMR1", None, "gene"), ("FMR1 [str]", "FMR1", "str")]
    edit(panel, alice, remove=[{"gene_symbol": "FMR1", "entity_type": "gene"}])
    assert list(PanelGene.objects.values_list("gene_symbol", "own_name", "grch38")) == [
        ("FMR1", None, "X:147912050-147912110")
    ]


def test_an_edit_with_one_bad_row_changes_nothing_and_names_every_bad_one(panel, alice):
    before = everything()

    with pytest.raises(Refusal) as refusal:
        edit(
            panel,
            alice,
            add=["MYH7", "nosuch", "TTN"],
            update=[{"gene_symbol": "MYH7", "user_notes": "x"}, {"gene_symbol": "BRCA1", "confidence_level": "gren"}],
            remove=["TP53", "tp53"],
        )

    assert sorted(refusal.value.errors) == [
        "gene_changes.add.1",
        "gene_changes.add.2",
        "gene_changes.remove.1",
        "gene_changes.update.0",
        "gene_changes.update.1",
    ]
    assert everything() == before


def test_a_paste_may_leave_genes_alone_that_are_there_already(panel, alice):
    edit(panel, alice, add=["TTN", "MYH7", "MYH7"], skip_present=True)

    assert symbols(panel) == ["BRCA1", "MYH7", "TP53", "TTN"]


def test_a_stale_version_is_refused_with_the_one_that_is_there(panel, alice, bob):
    """A-5."""
    edit(panel, alice, add=["MYH7"])

    with pytest.raises(VersionConflict) as conflict:
        edit(panel, alice, expected=1, add=["MYH6"])

    assert (conflict.value.status, conflict.value.expected, conflict.value.current.version_number) == (412, 1, 2)
    assert symbols(panel) == ["BRCA1", "MYH7", "TP53", "TTN"]


def test_restore_makes_a_new_version_with_the_old_genes(panel, alice):
    """SP-14."""
    edit(panel, alice, remove=["TP53", "TTN"])

    saved = restore_version(panel=panel.pk, by=alice, number=1, expected=2)

    assert (saved.version.version_number, saved.version.restored_from, saved.version.comment) == (
        3,
        1,
        "Restored version 1",
    )
    assert symbols(panel) == symbols_of(panel, 3) == symbols_of(panel, 1)
    assert len(set(PanelVersion.objects.values_list("snapshot", flat=True))) == 2


def test_restore_of_a_version_that_is_not_there(panel, alice):
    with pytest.raises(NotHere):
        restore_version(panel=panel.pk, by=alice, number=9, expected=1)


def test_a_stranger_finds_nothing_and_changes_nothing(panel, carol):
    before = everything()

    with pytest.raises(NotHere):
        edit(panel, carol, add=["MYH7"])

    assert everything() == before


def test_an_archived_panel_does_not_change_until_it_is_active_again(panel, alice):
    change_panel(panel=panel.pk, by=alice, expected=1, status="ARCHIVED")

    with pytest.raises(Refusal) as refusal:
        edit(panel, alice, add=["MYH7"])
    change_panel(panel=panel.pk, by=alice, expected=1, status="ACTIVE", gene_changes=GeneChanges(add=("MYH7",)))

    assert refusal.value.status == 409
    assert symbols(panel) == ["BRCA1", "MYH7", "TP53", "TTN"]
    assert changes(panel, 1)[1:] == [("METADATA_CHANGED", "panel", "status")] * 2


def test_only_editors_make_a_panel_public(panel, alice, editor):
    with pytest.raises(Refusal) as refusal:
        change_panel(panel=panel.pk, by=alice, expected=1, visibility="PUBLIC")

    public = create_panel(by=editor, name="x", visibility="PUBLIC").panel
    assert (refusal.value.status, public.visibility) == (403, "PUBLIC")
    assert not isinstance(refusal.value, LevelTooLow)


ACTS = {
    "create": lambda panel, by: create_panel(by=by, name="new", genes=["MYH7"]),
    "edit": lambda panel, by: edit(panel, by, add=["MYH7"]),
    "metadata": lambda panel, by: change_panel(panel=panel.pk, by=by, expected=1, name="Other"),
    "archive": lambda panel, by: change_panel(panel=panel.pk, by=by, expected=1, status="ARCHIVED"),
}


@pytest.mark.parametrize("act", ACTS)
def test_breaking_the_record_undoes_the_act(panel, alice, monkeypatch, act):
    """A-20: no entry, no change."""
    before = everything()

    def broken(*args, **kwargs):
        raise DatabaseError("the record is full")

    monkeypatch.setattr(AuditLog.objects, "create", broken)
    with pytest.raises(Unavailable):
        ACTS[act](panel, alice)
    monkeypatch.undo()

    assert everything() == before


def test_text_of_any_kind_comes_back_letter_for_letter(alice):
    """A-18, F-27."""
    text = "5' order by HGNC; <script>alert(1)</script> ../ O'Brein'); DROP TABLE x -- \u202e \U0001f9ec é"
    given = {"gene_symbol": "TTN", "user_notes": text, "phenotype": text}

    panel = create_panel(by=alice, name="x", genes=[given], description=text).panel

    gene = PanelGene.objects.get(panel=panel)
    assert (gene.user_notes, gene.phenotype, panel.description) == (text, text, text)
