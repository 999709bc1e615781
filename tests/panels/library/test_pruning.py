"""Only what a policy gives up goes: never a current, protected or tagged version, nor who changed what. SP-13, SP-14"""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from audit.signals import living_panels
from panelmerge.lib.errors import Refusal
from panels.actions.keeping_versions import add_tag, prune_versions, set_retention
from panels.actions.library import change_panel, create_panel
from panels.actions.lifecycle import delete_panel
from panels.models import PanelChange, PanelSnapshot, PanelVersion, PanelVersionTag, RetentionPolicy
from tests.panels.library.seeing import events, everything, numbers, symbols_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def old(panel, alice):
    """Six versions, all of last year, each with a gene list of its own."""
    for number, gene in enumerate(["MYH7", "MYH6", "PKD1", "PKD2", "GBA1"], start=1):
        change_panel(panel=panel.pk, by=alice, expected=number, genes=["TTN", gene])
    PanelVersion.objects.update(created_at=timezone.now() - timedelta(days=365))
    return panel


def pruned(panel, alice, **policy) -> list[int]:
    set_retention(panel=panel.pk, by=alice, **policy)
    prune_versions()
    return numbers(panel)


def test_without_a_policy_every_version_stays(old):
    assert prune_versions().total == 0
    assert numbers(old) == [1, 2, 3, 4, 5, 6]


def test_the_newest_stay_and_older_ones_go_with_their_lists(old, alice):
    assert pruned(old, alice, max_versions=2) == [5, 6]

    old.refresh_from_db()
    assert (old.version_count, PanelSnapshot.objects.count()) == (2, 2)
    assert symbols_of(old, 5) == ["PKD2", "TTN"]
    assert events("PANEL_UPDATE", old)[-1].details["versions"] == [1, 2, 3, 4]


def test_who_changed_what_stays_with_the_next_version_that_is_kept(old, alice):
    before = PanelChange.objects.filter(panel=old).count()

    pruned(old, alice, max_versions=2)

    assert PanelChange.objects.filter(panel=old).count() == before
    assert set(PanelChange.objects.values_list("version__version_number", flat=True)) == {5, 6}


def test_young_versions_stay_whatever_their_number(old, alice):
    PanelVersion.objects.filter(version_number__gte=3).update(created_at=timezone.now())

    assert pruned(old, alice, max_versions=1) == [3, 4, 5, 6]


@pytest.mark.parametrize("word", PanelVersionTag.Type.values)
def test_a_tag_keeps_its_version_against_every_policy(old, alice, word):
    """Also where a row of an older release says otherwise."""
    add_tag(panel=old.pk, by=alice, number=2, tag_name="t", tag_type=word)
    set_retention(panel=old.pk, by=alice, max_versions=1)
    RetentionPolicy.objects.update(keep_tagged_versions=False, keep_production_tags=False)

    prune_versions()

    assert numbers(old) == [2, 6]


@pytest.mark.parametrize("name", ["keep_tagged_versions", "keep_production_tags"])
def test_a_policy_that_would_prune_tagged_versions_is_refused(old, alice, name):
    with pytest.raises(Refusal, match="always kept"):
        set_retention(panel=old.pk, by=alice, **{name: False})
    assert not RetentionPolicy.objects.exists()


def test_a_panel_rests_as_long_as_its_policy_says_unless_it_is_named(old, alice):
    set_retention(panel=old.pk, by=alice, max_versions=3, cleanup_frequency_hours=2)
    prune_versions()
    set_retention(panel=old.pk, by=alice, max_versions=2)

    with time_machine.travel(timezone.now() + timedelta(minutes=119)):
        assert prune_versions(dry_run=True).total == 0
        assert prune_versions(panel=old.pk, dry_run=True).total == 1
    with time_machine.travel(timezone.now() + timedelta(minutes=121)):
        assert prune_versions().versions == {old.pk: [4]}


def test_a_list_that_another_panel_owns_stays(old, alice):
    create_panel(by=alice, name="other", genes=["TTN", "MYH7"])

    pruned(old, alice, max_versions=1)

    assert PanelSnapshot.objects.count() == 2


def test_a_policy_that_is_switched_off_prunes_nothing_unless_the_panel_is_named(old, alice):
    assert pruned(old, alice, max_versions=1, auto_cleanup_enabled=False) == [1, 2, 3, 4, 5, 6]
    assert prune_versions(panel=old.pk).versions == {old.pk: [1, 2, 3, 4, 5]}


def test_numbers_go_on_after_a_pruning(old, alice):
    pruned(old, alice, max_versions=1)

    saved = change_panel(panel=old.pk, by=alice, expected=6, name="On")

    assert (saved.version.version_number, saved.panel.version_count) == (7, 2)


def test_the_command_says_what_would_go_and_then_what_went(old, alice):
    set_retention(panel=old.pk, by=alice, max_versions=4)
    before = everything()

    said = StringIO()
    call_command("prune_versions", "--dry-run", stdout=said)
    assert "Would remove 2 versions of 1 panels." in said.getvalue()
    assert everything() == before
    call_command("prune_versions", stdout=said)
    assert "Removed 2 versions of 1 panels." in said.getvalue()
    assert "2 gene lists" in said.getvalue()
    with pytest.raises(CommandError, match="no saved panel 999"):
        call_command("prune_versions", "--panel", "999")


def test_a_deleted_panel_is_left_alone(old, alice):
    set_retention(panel=old.pk, by=alice, max_versions=1)
    delete_panel(panel=old.pk, by=alice)

    assert prune_versions().total == 0


def test_the_record_keeps_the_history_of_every_panel_that_is_there(panel, alice):
    other = create_panel(by=alice, name="gone").panel
    delete_panel(panel=other.pk, by=alice)

    assert living_panels() == sorted([str(panel.pk), str(other.pk)])
