"""Who is switched off, or may do less than before, holds nobody's share up any more. SP-17, A-4."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.actions.people import activate, change_role, deactivate
from accounts.actions.profile import close_account
from accounts.models import User
from panelmerge.lib.errors import NotHere
from panels.actions.library import create_panel
from panels.actions.rights import LevelTooLow
from panels.actions.sharing import change_share, panel_of_link, share_panel
from panels.engine.levels import Level
from panels.models import PanelShare, SavedPanel
from tests.panels.library.conftest import person
from tests.panels.library.seeing import events
from tests.panels.library.test_sharing import level, share

pytestmark = pytest.mark.django_db

SWITCHED_OFF = {
    "deactivated": lambda bob, by: deactivate(person=bob, by=by),
    "looks only": lambda bob, by: change_role(person=bob, role="VIEWER", by=by),
    "audits": lambda bob, by: change_role(person=bob, role="AUDITOR", by=by),
    "closed": lambda bob, by: close_account(person=bob, by=by),
}


@pytest.fixture
def passed_on(panel, alice, bob, carol):
    """Alice's panel: by Bob to Carol, and by Carol to Dora."""
    own = share(panel, alice, user="bob", level="EDIT", can_reshare=True)
    theirs = share(panel, bob, user="carol", level="EDIT", can_reshare=True)
    return own, theirs, share(panel, carol, user=person("dora").pk)


@pytest.mark.parametrize("how", SWITCHED_OFF)
def test_what_somebody_passed_on_ends_when_their_rights_do(panel, bob, carol, admin, passed_on, how):
    SWITCHED_OFF[how](bob, admin)

    standing = PanelShare.objects.filter(is_active=True)
    recorded = events("PANEL_SHARE", panel)[3:]
    assert (list(standing), level(panel, carol)) == ([passed_on[0]], Level.NONE)
    assert [(one.user_id, one.old_values["share"]) for one in recorded] == [
        (admin.pk, one.pk) for one in sorted(passed_on[1:], key=lambda one: -one.pk)
    ]


@pytest.mark.parametrize("how", ["deactivated", "looks only"])
def test_what_ended_does_not_come_back_with_the_rights(panel, bob, carol, admin, passed_on, how):
    SWITCHED_OFF[how](bob, admin)

    activate(person=bob, by=admin)
    change_role(person=bob, role="EDITOR", by=admin)
    bob.refresh_from_db()

    assert (level(panel, bob), level(panel, carol)) == (Level.EDIT, Level.NONE)
    share(panel, bob, user="carol")
    assert level(panel, carol) == Level.VIEW


@pytest.mark.parametrize("how", SWITCHED_OFF)
def test_what_somebody_owns_stays_shared(alice, bob, carol, admin, how):
    own = create_panel(by=bob, name="Mine").panel
    share(own, bob, user="carol", level="EDIT")

    SWITCHED_OFF[how](bob, admin)

    assert level(own, carol) == Level.EDIT
    assert len(events("PANEL_SHARE")) == 1


def test_what_an_administrator_shared_is_cut_down_to_what_they_may_without_the_role(panel, alice, bob, admin):
    root, end = person("second", "ADMIN"), timezone.now() + timedelta(days=1)
    share(panel, alice, user=root.pk, level="COMMENT", can_reshare=True, expires_at=end)
    share(panel, root, user="bob", level="ADMIN")

    change_role(person=root, role="USER", by=admin)

    assert level(panel, bob) == Level.COMMENT
    assert PanelShare.objects.get(shared_with_user=bob).expires_at == end
    assert events("PANEL_SHARE", panel)[-1].user_id == admin.pk


def test_a_panel_that_only_an_administrator_shared_is_private_again(panel, admin):
    root = person("second", "ADMIN")
    _, token = share_panel(panel=panel.pk, by=root, link=True)
    assert panel_of_link(token=token)[0] == panel

    change_role(person=root, role="USER", by=admin)

    panel.refresh_from_db()
    assert (panel.visibility, PanelShare.objects.filter(is_active=True).count()) == ("PRIVATE", 0)


def test_what_was_passed_on_of_a_deleted_panel_does_not_come_back_with_it(panel, bob, admin, passed_on):
    SavedPanel.objects.update(status="DELETED")

    deactivate(person=bob, by=admin)

    assert list(PanelShare.objects.filter(is_active=True)) == [passed_on[0]]


@pytest.mark.parametrize("role", ["USER", "EDITOR"])
def test_a_role_that_may_all_the_same_ends_nothing(panel, bob, carol, admin, passed_on, role):
    """Neither what older releases left behind."""
    PanelShare.objects.filter(pk=passed_on[0].pk).update(can_reshare=False)

    change_role(person=bob, role=role, by=admin)

    assert level(panel, carol) == Level.EDIT


def test_of_several_panels_each_is_looked_at_and_of_others_none(panel, alice, bob, carol, admin, passed_on):
    more = [create_panel(by=alice, name=f"More {number}").panel for number in range(2)]
    for one in more:
        share(one, alice, user="bob", level="ADMIN")
        share(one, bob, user="carol")
    kept = create_panel(by=alice, name="Kept").panel
    share(kept, alice, user="carol")

    deactivate(person=bob, by=admin)

    assert [level(one, carol) for one in (panel, *more, kept)] == [Level.NONE] * 3 + [Level.VIEW]


@pytest.mark.parametrize(("how", "refused"), [("deactivated", NotHere), ("looks only", LevelTooLow)])
def test_who_shares_after_their_rights_ended_is_refused_though_their_request_began_before(
    panel, alice, bob, admin, how, refused
):
    share(panel, alice, user="bob", level="ADMIN")

    SWITCHED_OFF[how](User.objects.get(pk=bob.pk), admin)

    assert (bob.is_active, bob.role) == (True, "USER")
    with pytest.raises(refused):
        share_panel(panel=panel.pk, by=bob, link=True)


def test_what_was_cut_down_is_not_raised_by_a_request_that_began_before(panel, alice, bob, admin):
    root = person("second", "ADMIN")
    share(panel, alice, user=root.pk, level="VIEW", can_reshare=True)
    theirs = share(panel, root, user="bob", level="ADMIN")

    change_role(person=User.objects.get(pk=root.pk), role="USER", by=admin)

    with pytest.raises(LevelTooLow):
        change_share(panel=panel.pk, share=theirs.pk, by=root, level="ADMIN")
    assert list(SavedPanel.objects.editable_by(bob)) == []
