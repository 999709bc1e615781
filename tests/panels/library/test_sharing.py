"""Who is let in, how far, and until when. SP-04, SP-16, SP-17, A-2, A-3, A-4."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError
from django.utils import timezone

from audit.models import AuditLog
from panelmerge.lib.errors import NotHere, Refusal, Unavailable
from panels.actions.editing import GeneChanges
from panels.actions.library import change_panel, set_state
from panels.actions.lifecycle import hand_over
from panels.actions.rights import LevelTooLow, panel_for
from panels.actions.sharing import change_share, panel_of_link, revoke_share, share_panel, shares_of
from panels.actions.teams import add_member, dissolve_team, found_team, remove_member
from panels.engine.levels import Level
from panels.models import PanelShare, SavedPanel
from tests.panels.library.conftest import person
from tests.panels.library.seeing import events, everything

pytestmark = pytest.mark.django_db


def share(panel, by, **options):
    return share_panel(panel=panel.pk, by=by, **options)[0]


def level(panel, by) -> Level:
    try:
        return panel_for(by, panel.pk)[1].level
    except NotHere:
        return Level.NONE


@pytest.mark.parametrize("word", ["VIEW", "COMMENT", "EDIT", "ADMIN"])
def test_share_with_a_person_gives_the_level_and_no_more(panel, alice, bob, carol, word):
    share(panel, alice, user="bob", level=word)

    panel.refresh_from_db()
    assert (level(panel, bob).name, level(panel, carol)) == (word, Level.NONE)
    assert panel.visibility == "SHARED"
    assert list(SavedPanel.objects.shared_with(bob)) == [panel]
    assert list(SavedPanel.objects.editable_by(bob)) == ([panel] if word in ("EDIT", "ADMIN") else [])
    assert len(events("PANEL_SHARE", panel)) == 1


def test_what_is_shared_with_who_only_looks_is_looked_at(panel, alice):
    vera = person("vera", "VIEWER")
    share(panel, alice, user=vera.pk, level="ADMIN")

    assert level(panel, vera) == Level.VIEW
    assert list(SavedPanel.objects.editable_by(vera)) == []


def test_revoking_holds_from_the_next_question(panel, alice, bob):
    """A-4."""
    made = share(panel, alice, user="bob", level="EDIT")

    revoke_share(panel=panel.pk, share=made.pk, by=alice)

    panel.refresh_from_db()
    assert (level(panel, bob), panel.visibility) == (Level.NONE, "PRIVATE")
    with pytest.raises(NotHere):
        change_panel(panel=panel.pk, by=bob, expected=1, gene_changes=GeneChanges(add=("MYH7",)))


def test_a_share_ends_when_it_says(panel, alice, bob):
    share(panel, alice, user="bob", expires_at=timezone.now() + timedelta(hours=1))

    assert level(panel, bob) == Level.VIEW
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        assert level(panel, bob) == Level.NONE
        assert not SavedPanel.objects.visible_to(bob).exists()


def test_a_team_lets_its_members_in_and_out(panel, alice, bob, editor):
    team = found_team(by=editor, name="Cardiology")
    add_member(team=team.pk, by=editor, user="alice")
    share(panel, alice, team=team.pk, level="EDIT")

    assert (level(panel, editor), level(panel, bob)) == (Level.EDIT, Level.NONE)
    add_member(team=team.pk, by=editor, user="bob")
    assert level(panel, bob) == Level.EDIT
    remove_member(team=team.pk, by=editor, user=bob.pk)
    assert level(panel, bob) == Level.NONE
    dissolve_team(team=team.pk, by=editor)
    assert (level(panel, editor), PanelShare.objects.count()) == (Level.NONE, 0)


def test_a_team_one_is_not_in_is_no_target(panel, alice, editor):
    team = found_team(by=editor, name="Cardiology")

    with pytest.raises(Refusal) as refusal:
        share(panel, alice, team=team.pk)

    assert list(refusal.value.errors) == ["team"]


def test_an_address_lets_in_whoever_has_it_and_says_nothing_of_who_does(panel, alice, bob):
    """F-26: known and unknown addresses answer alike."""
    known = share(panel, alice, user="Bob@Example.org")
    unknown = share(panel, alice, user="nobody@example.org")

    assert level(panel, bob) == Level.VIEW
    assert [known.shared_with_user, unknown.shared_with_user] == [None, None]
    assert level(panel, person("nobody")) == Level.VIEW


@pytest.mark.parametrize("address", ["", None])
def test_who_has_no_address_is_let_in_by_no_share_without_one(panel, alice, bob, address):
    """As earlier releases and plain SQL may have left them."""
    PanelShare.objects.create(panel=panel, shared_by=alice, shared_with_email="", permission_level="EDIT")
    share_panel(panel=panel.pk, by=alice, link=True)
    bob.email = address

    assert level(panel, bob) == Level.NONE
    assert not SavedPanel.objects.editable_by(bob).exists()


def test_a_link_opens_the_panel_until_it_is_revoked_and_is_kept_as_a_hash(panel, alice):
    made, token = share_panel(panel=panel.pk, by=alice, link=True)

    assert panel_of_link(token=token) == (panel, made)
    assert token not in PanelShare.objects.get().share_token
    assert level(panel, AnonymousUser()) == Level.NONE
    revoke_share(panel=panel.pk, share=made.pk, by=alice)
    with pytest.raises(NotHere):
        panel_of_link(token=token)


@pytest.mark.parametrize(
    ("status", "opens"), [("ACTIVE", True), ("ARCHIVED", True), ("DRAFT", False), ("DELETED", False)]
)
def test_a_link_opens_what_is_in_use_or_archived_and_nothing_else(panel, alice, client, status, opens):
    _, token = share_panel(panel=panel.pk, by=alice, link=True)
    SavedPanel.objects.filter(pk=panel.pk).update(status=status)

    answers = [client.get(f"{base}{token}/").status_code for base in ("/api/v1/shared/", "/shared/")]

    assert answers == ([200, 200] if opens else [404, 404])


def test_what_an_older_release_wrote_as_a_token_opens_nothing(panel, alice):
    PanelShare.objects.create(panel=panel, shared_by=alice, share_token="in-the-clear")
    hashed = share_panel(panel=panel.pk, by=alice, link=True)[0].share_token

    for text in ("in-the-clear", hashed, ""):
        with pytest.raises(NotHere):
            panel_of_link(token=text)


@pytest.mark.parametrize("options", [{"level": "EDIT"}, {"can_reshare": True}])
def test_a_link_only_reads(panel, alice, options):
    with pytest.raises(Refusal):
        share(panel, alice, link=True, **options)


@pytest.mark.parametrize("word", ["VIEW", "COMMENT", "EDIT"])
def test_who_may_not_share_is_refused(panel, alice, bob, word):
    """A-2, A-3."""
    share(panel, alice, user="bob", level=word)
    before = everything()

    with pytest.raises(LevelTooLow):
        share(panel, bob, user="alice")

    assert everything() == before


def test_resharing_passes_on_no_more_than_one_has(panel, alice, bob, carol):
    """SP-17: also not the level of another share that may not be passed on."""
    end = timezone.now() + timedelta(days=1)
    share(panel, alice, user="bob", level="COMMENT", can_reshare=True, expires_at=end)
    share(panel, alice, user="bob@example.org", level="EDIT")

    with pytest.raises(LevelTooLow):
        share(panel, bob, user="carol", level="EDIT", expires_at=end)
    with pytest.raises(Refusal, match="Your own share ends"):
        share(panel, bob, user="carol", level="VIEW")
    passed = share(panel, bob, user="carol", level="COMMENT", expires_at=end)

    assert level(panel, carol) == Level.COMMENT
    assert list(shares_of(panel=panel.pk, by=bob)) == [passed]
    assert shares_of(panel=panel.pk, by=alice).count() == 3


def test_what_somebody_passed_on_ends_with_their_right_to(panel, alice, bob, carol):
    own = share(panel, alice, user="bob", level="EDIT", can_reshare=True)
    share(panel, bob, user="carol", level="EDIT", can_reshare=True)
    dora = person("dora")
    share(panel, carol, user="dora")

    change_share(panel=panel.pk, share=own.pk, by=alice, can_reshare=False)

    assert (level(panel, bob), level(panel, carol), level(panel, dora)) == (Level.EDIT, Level.NONE, Level.NONE)


def test_what_somebody_passed_on_is_lowered_and_shortened_with_their_right_to(panel, alice, bob, carol):
    own = share(panel, alice, user="bob", level="ADMIN")
    share(panel, bob, user="carol", level="ADMIN")
    dora, end = person("dora"), timezone.now() + timedelta(days=1)
    share(panel, carol, user="dora", level="EDIT")

    change_share(panel=panel.pk, share=own.pk, by=alice, level="COMMENT", can_reshare=True, expires_at=end)

    carols = PanelShare.objects.get(shared_with_user=carol)
    assert (level(panel, carol), carols.expires_at) == (Level.COMMENT, end)
    assert level(panel, dora) == Level.NONE
    assert len(events("PANEL_SHARE", panel)) == 6


def test_a_lesser_share_that_lasts_longer_gives_a_higher_level_no_longer(panel, alice, bob, carol):
    """A-3: neither to others nor to oneself."""
    end = timezone.now() + timedelta(days=1)
    share(panel, alice, user="bob", level="ADMIN", expires_at=end)
    lesser = share(panel, alice, user="bob@example.org", level="VIEW", can_reshare=True)

    for level_word in ("ADMIN", "EDIT"):
        with pytest.raises(Refusal, match="Your own share ends"):
            share(panel, bob, user="carol", level=level_word)
    with pytest.raises(Refusal, match="Your own share ends"):
        change_share(panel=panel.pk, share=lesser.pk, by=bob, level="ADMIN")

    assert level(panel, carol) == Level.NONE
    assert share(panel, bob, user="carol", level="VIEW").expires_at is None


def test_what_was_passed_on_lasts_as_long_as_what_gives_its_level(panel, alice, bob, carol):
    """Another share of theirs that lasts longer gives less."""
    higher = share(panel, alice, user="bob", level="EDIT", can_reshare=True)
    share(panel, alice, user="bob@example.org", level="VIEW", can_reshare=True)
    share(panel, bob, user="carol", level="EDIT")
    end = timezone.now() + timedelta(days=1)

    change_share(panel=panel.pk, share=higher.pk, by=alice, expires_at=end)

    carols = PanelShare.objects.get(shared_with_user=carol)
    assert (carols.permission_level, carols.expires_at) == ("EDIT", end)


def test_what_somebody_passed_on_is_cut_down_with_their_own_share(panel, alice, bob, carol):
    """SP-17: no more than they have, and no longer, also where that becomes less afterwards."""
    own = share(panel, alice, user="bob", level="EDIT", can_reshare=True)
    share(panel, bob, user="carol", level="EDIT", can_reshare=True)
    dora = person("dora")
    share(panel, carol, user="dora", level="EDIT")
    end = timezone.now() + timedelta(days=1)

    change_share(panel=panel.pk, share=own.pk, by=alice, level="COMMENT", expires_at=end)

    assert {level(panel, one) for one in (bob, carol, dora)} == {Level.COMMENT}
    assert len(events("PANEL_SHARE", panel)) == 6
    with time_machine.travel(end + timedelta(seconds=1)):
        assert {level(panel, one) for one in (bob, carol, dora)} == {Level.NONE}


@pytest.mark.parametrize("act", ["revoke", "lower", "shorten"])
def test_two_people_who_let_each_other_in_hold_nobody_up(panel, alice, bob, carol, act):
    """A-4."""
    own = share(panel, alice, user="bob", level="EDIT", can_reshare=True)
    share(panel, bob, user="carol", level="EDIT", can_reshare=True)
    share(panel, carol, user=bob.email, level="EDIT", can_reshare=True)
    end = timezone.now() + timedelta(days=1)

    if act == "revoke":
        revoke_share(panel=panel.pk, share=own.pk, by=alice)
    else:
        how = {"level": "VIEW"} if act == "lower" else {"expires_at": end}
        change_share(panel=panel.pk, share=own.pk, by=alice, **how)

    left = {"revoke": Level.NONE, "lower": Level.VIEW, "shorten": Level.EDIT}[act]
    assert {level(panel, bob), level(panel, carol)} == {left}
    with time_machine.travel(end + timedelta(seconds=1)):
        assert {level(panel, bob), level(panel, carol)} == {Level.NONE if act == "shorten" else left}


def test_what_the_old_owner_shared_is_the_new_owners_to_keep_or_revoke(panel, alice, bob, carol):
    share(panel, alice, user="bob", level="EDIT")
    other = share(panel, alice, user=person("dora").pk)
    _, token = share_panel(panel=panel.pk, by=alice, link=True)

    hand_over(panel=panel.pk, by=alice, to=carol)
    revoke_share(panel=panel.pk, share=other.pk, by=carol)

    assert (level(panel, alice), level(panel, bob)) == (Level.NONE, Level.EDIT)
    assert panel_of_link(token=token)[0] == panel
    assert {one.shared_by for one in shares_of(panel=panel.pk, by=carol)} == {carol}


def test_a_share_of_one_s_own_is_not_raised_but_given_up(panel, alice, bob):
    """A-3."""
    own = share(panel, alice, user="bob", level="EDIT")

    with pytest.raises(LevelTooLow):
        change_share(panel=panel.pk, share=own.pk, by=bob, level="ADMIN")
    revoke_share(panel=panel.pk, share=own.pk, by=bob)

    assert level(panel, bob) == Level.NONE


def test_the_same_person_twice_is_refused(panel, alice, bob):
    share(panel, alice, user="bob")

    with pytest.raises(Refusal) as refusal:
        share(panel, alice, user=bob.pk, level="EDIT")

    assert (refusal.value.status, refusal.value.code) == (409, "already_shared")


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"user": "bob", "link": True},
        {"user": "nosuch"},
        {"user": "alice"},
        {"user": "@"},
        {"user": "bob@example.org,carol@example.org"},
        {"user": "bob@example.org\N{ZERO WIDTH SPACE}"},
        {"user": 2**40},
        {"team": 2**40},
        {"user": "bob", "level": "OWNER"},
        {"user": "bob", "expires_at": timezone.now() - timedelta(seconds=1)},
    ],
)
def test_a_share_that_makes_no_sense_is_refused(panel, alice, bob, options):
    with pytest.raises(Refusal) as refusal:
        share(panel, alice, **options)

    assert refusal.value.status == 400
    assert PanelShare.objects.count() == 0


def test_an_administrator_sees_everything_by_role_alone(panel, admin):
    one, standing = panel_for(admin, panel.pk)

    assert (one, standing.level, standing.by_role) == (panel, Level.OWNER, True)
    assert not SavedPanel.objects.visible_without_role(admin).exists()


def test_a_draft_is_not_public(panel, bob, alice):
    SavedPanel.objects.update(visibility="PUBLIC", status="DRAFT")

    assert (level(panel, bob), level(panel, None)) == (Level.NONE, Level.NONE)
    SavedPanel.objects.update(status="ACTIVE")
    assert (level(panel, bob), level(panel, None)) == (Level.VIEW, Level.VIEW)


@pytest.mark.parametrize("act", ["share", "revoke", "team"])
def test_breaking_the_record_undoes_the_act(panel, alice, bob, editor, monkeypatch, act):
    made = share(panel, alice, user="bob")
    before = everything()

    def broken(*args, **kwargs):
        raise DatabaseError("the record is full")

    monkeypatch.setattr(AuditLog.objects, "create", broken)
    with pytest.raises(Unavailable):
        if act == "share":
            share(panel, alice, link=True)
        elif act == "revoke":
            revoke_share(panel=panel.pk, share=made.pk, by=alice)
        else:
            found_team(by=editor, name="x")
    monkeypatch.undo()

    assert everything() == before


def test_private_is_said_of_no_panel_that_others_have(panel, alice, bob, carol):
    """A-4: who may see it, the panel's page says; and it says the truth."""
    own = share(panel, alice, user="bob")

    with pytest.raises(Refusal, match="by 1 share") as refused:
        set_state(panel=panel.pk, by=alice, visibility="PRIVATE")

    assert refused.value.status == 409
    revoke_share(panel=panel.pk, share=own.pk, by=alice)
    panel.refresh_from_db()
    assert panel.visibility == "PRIVATE"
    assert hand_over(panel=panel.pk, by=alice, to=carol, keep="VIEW").visibility == "SHARED"
    with pytest.raises(Refusal, match="Revoke"):
        set_state(panel=panel.pk, by=carol, visibility="PRIVATE")
