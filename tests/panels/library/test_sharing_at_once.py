"""Who shares at the very moment at which their right to ends. SP-17, A-4."""

from __future__ import annotations

import pytest

from accounts.actions.people import change_role, deactivate
from accounts.models import User
from panelmerge.lib.errors import NotHere
from panels.actions import sharing
from panels.actions.rights import LevelTooLow
from panels.actions.sharing import change_share, share_panel
from panels.actions.teams import add_member, dissolve_team, found_team, remove_member
from panels.engine.levels import Level
from panels.models import PanelShare, SavedPanel, Team
from tests.panels.library.at_once import Halfway, needs_two_writers
from tests.panels.library.conftest import person
from tests.panels.library.test_sharing import level, share

ENDS = {
    "taken out": lambda bob, by: remove_member(team=Team.objects.get().pk, user=bob.pk, by=by),
    "leaves": lambda bob, by: remove_member(team=Team.objects.get().pk, user=bob.pk, by=bob),
    "team dissolved": lambda bob, by: dissolve_team(team=Team.objects.get().pk, by=by),
    "deactivated": lambda bob, by: deactivate(person=bob, by=by),
    "looks only": lambda bob, by: change_role(person=bob, role="VIEWER", by=by),
}


@pytest.fixture
def team(admin, alice, bob) -> Team:
    made = found_team(by=admin, name="Cardiology")
    for one in (alice, bob):
        add_member(team=made.pk, by=admin, user=one.pk)
    return made


@pytest.fixture
def halfway(monkeypatch) -> Halfway:
    """Shares are written and recorded, and not in the database yet."""
    made, record = Halfway(), sharing._record

    def recorded(share: PanelShare, by: User, description: str, **values) -> None:
        record(share, by, description, **values)
        if description.startswith("Shared"):
            made.halt()

    made.begin = lambda: monkeypatch.setattr(sharing, "_record", recorded)
    return made


@needs_two_writers
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("how", ENDS)
def test_what_is_shared_while_the_right_to_ends_ends_with_it(panel, alice, bob, carol, admin, team, halfway, how):
    share(panel, alice, team=team.pk, level="EDIT", can_reshare=True)
    halfway.begin()

    halfway.run(lambda: share(panel, bob, user="carol"), lambda: ENDS[how](bob, admin))

    assert PanelShare.objects.filter(shared_by=bob).exists()
    assert level(panel, carol) == Level.NONE


@needs_two_writers
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("how", ["taken out", "team dissolved"])
def test_what_is_shared_with_a_team_while_somebody_leaves_is_not_theirs(panel, alice, bob, admin, team, halfway, how):
    halfway.begin()

    halfway.run(lambda: share(panel, alice, team=team.pk), lambda: ENDS[how](bob, admin))

    assert level(panel, bob) == Level.NONE
    assert PanelShare.objects.count() == (1 if how == "taken out" else 0)


@needs_two_writers
@pytest.mark.django_db(transaction=True)
def test_somebody_is_shared_with_while_they_are_switched_off(panel, alice, bob, carol, admin, halfway):
    """Neither waits for the other for ever."""
    share(panel, alice, user=bob.email, level="ADMIN")
    share(panel, bob, user="carol")
    halfway.begin()

    halfway.run(lambda: share(panel, alice, user="bob"), lambda: deactivate(person=bob, by=admin))

    assert level(panel, carol) == Level.NONE
    assert PanelShare.objects.filter(is_active=True).count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(("how", "refused"), [("deactivated", NotHere), ("looks only", LevelTooLow)])
def test_who_shares_after_their_rights_ended_is_refused_though_their_request_began_before(
    panel, alice, bob, admin, how, refused
):
    share(panel, alice, user="bob", level="ADMIN")

    ENDS[how](User.objects.get(pk=bob.pk), admin)

    assert (bob.is_active, bob.role) == (True, "USER")
    with pytest.raises(refused):
        share_panel(panel=panel.pk, by=bob, link=True)


@pytest.mark.django_db
def test_what_was_cut_down_is_not_raised_by_a_request_that_began_before(panel, alice, bob, admin):
    root = person("second", "ADMIN")
    share(panel, alice, user=root.pk, level="VIEW", can_reshare=True)
    theirs = share(panel, root, user="bob", level="ADMIN")

    change_role(person=User.objects.get(pk=root.pk), role="USER", by=admin)

    with pytest.raises(LevelTooLow):
        change_share(panel=panel.pk, share=theirs.pk, by=root, level="ADMIN")
    assert list(SavedPanel.objects.editable_by(bob)) == []
