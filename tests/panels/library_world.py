"""What stands in the library's addresses: a panel, a team and a template of one's own, and somebody else's."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from panels.actions.discussion import add_comment
from panels.actions.keeping_versions import add_tag, set_retention
from panels.actions.library import create_panel
from panels.actions.sharing import share_panel
from panels.actions.teams import add_member, found_team
from panels.actions.templates import make_template

# Nothing of anybody's.
NOWHERE = {
    "number": 1,
    "a": 1,
    "b": 1,
    "share_id": 999_999,
    "team_id": 999_999,
    "user_id": 999_999,
    "template_id": 999_999,
    "share_token": "no-such-token",
    "content_hash": "0" * 64,
}


def library_things(bob: User, ada: User | None) -> dict[str, dict[str, Any]]:
    """Of Bob, who is somebody else, and of Ada, who asks; she has none where nobody is signed in."""
    found = {
        "": NOWHERE,
        "public ones": {},
        "own panel": {},
        "own team": {},
        "own template": {},
        "another's panel": _panel(bob),
        "another's team": _team(bob),
        "another's template": _template(bob),
    }
    if ada is not None:
        found |= {"own panel": _panel(ada), "own team": _team(ada, bob), "own template": _template(ada)}
    return found


def _panel(owner: User) -> dict[str, Any]:
    panel = create_panel(by=owner, name="Hearts", genes=["BRCA1", "TTN"]).panel
    link, token = share_panel(panel=panel.pk, by=owner, link=True)
    add_tag(panel=panel.pk, by=owner, number=1, tag_name="old", tag_type="BACKUP")
    set_retention(panel=panel.pk, by=owner, max_versions=3)
    add_comment(panel=panel.pk, by=owner, text="Why?", gene="TTN")
    return {
        "panel_id": panel.pk,
        "ids": [panel.pk],
        "number": 1,
        "a": 1,
        "b": 1,
        "share_id": link.pk,
        "share_token": token,
        "content_hash": panel.current_version.content_hash,
    }


def _team(manager: User, member: User | None = None) -> dict[str, Any]:
    """As an editor would found it."""
    role, manager.role = manager.role, "EDITOR"
    team = found_team(by=manager, name=f"Team of {manager.username}")
    manager.role = role
    if member is not None:
        add_member(team=team.pk, by=manager, user=member.pk)
    return {"team_id": team.pk, "user_id": (member or manager).pk}


def _template(owner: User) -> dict[str, Any]:
    return {"template_id": make_template(by=owner, name="Lab", format="csv").pk}
