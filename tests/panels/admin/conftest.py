"""Somebody's private panel with all that hangs on it, and members of staff who look."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from accounts.models import User
from panels.actions.discussion import add_comment
from panels.actions.keeping_versions import add_tag, set_retention
from panels.actions.library import change_panel, create_panel
from panels.actions.sharing import share_panel
from panels.actions.teams import found_team
from panels.actions.templates import make_template
from panels.models import SavedPanel
from tests.accounts.acting import PASSWORD, Browser

GENE = "MYH7"


@pytest.fixture(autouse=True)
def _quiet(settings, tmp_path):
    settings.MEDIA_ROOT, settings.STATIC_ROOT = str(tmp_path / "uploads"), str(tmp_path)
    cache.clear()


@pytest.fixture
def alice(db) -> User:
    return User.objects.create_user("alice", "alice@example.org", PASSWORD, role="EDITOR", is_verified=True)


@pytest.fixture
def office(db):
    """A browser of somebody of that role."""

    def opened(role: str = "ADMIN") -> Browser:
        User.objects.create_user(role.lower(), f"{role}@example.org", PASSWORD, role=role, is_verified=True)
        browser = Browser()
        browser.sign_in(role.lower())
        return browser

    return opened


def furnished(owner: User, name: str = "Hearts") -> SavedPanel:
    """A panel at version 2, with a share, a tag, a rule of keeping, a remark, and a team and a template beside it."""
    panel = create_panel(by=owner, name=name, genes=["TTN", GENE]).panel
    change_panel(panel=panel.pk, by=owner, expected=1, genes=["TTN", GENE, "BRCA1"])
    share_panel(panel=panel.pk, by=owner, link=True)
    share_panel(panel=panel.pk, by=owner, user=f"{name.lower()}@example.org")
    add_tag(panel=panel.pk, by=owner, number=1, tag_name=f"tag-{name}", tag_type="BACKUP")
    set_retention(panel=panel.pk, by=owner, max_versions=3)
    add_comment(panel=panel.pk, by=owner, text=f"Is {GENE} right?", gene=GENE)
    share_panel(panel=panel.pk, by=owner, team=found_team(by=owner, name=f"Team {name}").pk)
    make_template(by=owner, name=f"Lab {name}", format="csv")
    return panel


@pytest.fixture
def panel(alice) -> SavedPanel:
    return furnished(alice)
