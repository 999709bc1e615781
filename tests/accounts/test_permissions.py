"""Who may do what, written out a second time. AC-05."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from accounts.permissions import ROLES, Permission, Role, role_allows, role_allows_app

#                      VIEWER USER   EDITOR AUDITOR ADMIN
TABLE = {
    "accounts.enter_back_office": (False, False, True, True, True),
    "accounts.view_user": (False, False, False, True, True),
    "accounts.change_user": (False, False, False, False, True),
    "accounts.add_user": (False, False, False, False, True),
    "accounts.view_lock": (False, False, False, True, True),
    "accounts.change_lock": (False, False, False, False, True),
    "accounts.read_by_token": (False, True, True, True, True),
    "accounts.write_by_token": (False, True, True, False, True),
    "audit.view_auditlog": (False, False, False, True, True),
    "audit.view_blockedaddress": (False, False, False, True, True),
    "audit.add_blockedaddress": (False, False, False, False, True),
    "audit.change_blockedaddress": (False, False, False, False, True),
    "panels.view_cataloguepanel": (False, False, True, True, True),
    "panels.view_generation": (False, False, True, True, True),
    "panels.view_gene": (False, False, True, True, True),
    "panels.view_generelease": (False, False, True, True, True),
    "panels.view_upload": (False, False, False, True, True),
    "panels.view_paneldownload": (False, False, False, True, True),
    "panels.view_savedpanel": (False, False, False, True, True),
    "panels.view_team": (False, False, True, True, True),
    "panels.load_catalogue": (False, False, True, False, True),
    "library.own_panels": (False, True, True, False, True),
    "library.publish_panels": (False, False, True, False, True),
    "library.found_teams": (False, False, True, False, True),
    "library.every_panel": (False, False, False, False, True),
    "announcements.view_adminmessage": (False, False, True, True, True),
    "announcements.change_adminmessage": (False, False, True, False, True),
}
ORDER = ("VIEWER", "USER", "EDITOR", "AUDITOR", "ADMIN")
CELLS = [(role, name, row[place]) for name, row in TABLE.items() for place, role in enumerate(ORDER)]


@pytest.mark.parametrize(("role", "permission", "allowed"), CELLS)
def test_a_role_may_what_the_table_says_and_nothing_else(role, permission, allowed):
    """AC-05: asked the way Django, the admin and the pages ask."""
    person = User(username="ada", role=role)

    assert person.has_perm(permission) is allowed
    assert person.has_perms([permission, permission]) is allowed
    assert role_allows(role, permission) is allowed


def test_the_table_knows_every_role_and_every_permission():
    assert set(TABLE) == set(Permission)
    assert set(ORDER) == set(Role.values) == set(ROLES)


@pytest.mark.parametrize("role", ORDER)
def test_an_inactive_account_may_nothing(role):
    person = User(username="ada", role=role, is_active=False)

    assert not any(person.has_perm(permission) for permission in Permission)
    assert not (person.is_staff or person.is_superuser or person.has_module_perms("panels"))


@pytest.mark.parametrize("role", ["", "admin", "ROOT", None])
def test_an_unknown_role_may_nothing(role):
    assert not any(role_allows(role, permission) for permission in Permission)
    assert not role_allows_app(role, "panels")


@pytest.mark.parametrize("role", ORDER)
def test_nobody_may_what_is_not_written_down(role):
    person = User(username="ada", role=role)

    assert not any(person.has_perm(name) for name in ("auth.add_group", "audit.delete_auditlog", "panels", ""))


@pytest.mark.parametrize(
    ("role", "apps"),
    [
        ("VIEWER", ""),
        ("USER", ""),
        ("EDITOR", "accounts announcements panels"),
        ("AUDITOR", "accounts announcements audit panels"),
    ],
)
def test_the_back_office_shows_the_apps_of_the_role(role, apps):
    person = User(username="ada", role=role)

    assert [app for app in ("accounts", "announcements", "audit", "panels") if person.has_module_perms(app)] == (
        apps.split()
    )


def test_a_stranger_may_nothing():
    assert not any(AnonymousUser().has_perm(permission) for permission in Permission)
