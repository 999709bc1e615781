"""Who shares at the very moment at which their right to ends. SP-17, A-4."""

from __future__ import annotations

import pytest

from accounts.actions.people import change_role, deactivate
from accounts.models import User
from panels.actions import sharing
from panels.actions.teams import add_member, dissolve_team, found_team, remove_member
from panels.engine.levels import Level
from panels.models import PanelShare, Team
from tests.panels.library.at_once import Halfway, needs_two_writers
from tests.panels.library.test_sharing import level, share

pytestmark = [pytest.mark.django_db(transaction=True), needs_two_writers]

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


@pytest.mark.parametrize("how", ENDS)
def test_what_is_shared_while_the_right_to_ends_ends_with_it(panel, alice, bob, carol, admin, team, halfway, how):
    share(panel, alice, team=team.pk, level="EDIT", can_reshare=True)
    halfway.begin()

    halfway.run(lambda: share(panel, bob, user="carol"), lambda: ENDS[how](bob, admin))

    assert PanelShare.objects.filter(shared_by=bob).exists()
    assert level(panel, carol) == Level.NONE


@pytest.mark.parametrize("how", ["taken out", "team dissolved"])
def test_what_is_shared_with_a_team_while_somebody_leaves_is_not_theirs(panel, alice, bob, admin, team, halfway, how):
    halfway.begin()

    halfway.run(lambda: share(panel, alice, team=team.pk), lambda: ENDS[how](bob, admin))

    assert level(panel, bob) == Level.NONE
    assert PanelShare.objects.count() == (1 if how == "taken out" else 0)


def test_somebody_is_shared_with_while_they_are_switched_off(panel, alice, bob, carol, admin, halfway):
    """Neither waits for the other for ever."""
    share(panel, alice, user=bob.email, level="ADMIN")
    share(panel, bob, user="carol")
    halfway.begin()

    halfway.run(lambda: share(panel, alice, user="bob"), lambda: deactivate(person=bob, by=admin))

    assert level(panel, carol) == Level.NONE
    assert PanelShare.objects.filter(is_active=True).count() == 2
