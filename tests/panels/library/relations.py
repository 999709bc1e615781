"""Everybody in every relation to a panel, and what is wrong with the answers they get. F-7, BG-20."""

from __future__ import annotations

import itertools
import os
import random
import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.models import User
from audit.models import AuditLog
from panels.actions.keeping_versions import add_tag
from panels.actions.library import change_panel, create_panel
from panels.actions.sharing import share_panel
from panels.actions.teams import add_member, found_team
from panels.models import PanelShare, SavedPanel
from tests.panels.library.conftest import person
from tests.panels.library_access import (
    ACTS,
    PAGES,
    RELATIONS,
    ROLES,
    STATES,
    UNDELETE,
    UNDELETE_PAGE,
    VISIBILITIES,
    Act,
    expected,
)

ALL = bool(os.environ.get("PANELMERGE_PROOF"))
CELLS = [
    cell
    for cell in itertools.product(ROLES, RELATIONS, STATES, VISIBILITIES, [*ACTS, UNDELETE, *PAGES, UNDELETE_PAGE])
    if cell[0] != "anonymous" or cell[1] == "none"
]
# Passing on more than one has: few cells, and never left out.
GRANTS = [one for one in CELLS if one[:3] == ("USER", "reshare", "ACTIVE") and one[4].route.endswith("edit")]
# Nor a stranger with a public panel before them.
STRANGERS = [one for one in CELLS if one[0] == "anonymous" and one[2:4] == ("ACTIVE", "PUBLIC")]
SAMPLE = CELLS if ALL else [*GRANTS, *STRANGERS, *random.Random(20261127).sample(CELLS, 600)]
BASE = "/api/v1/saved-panels/"
ABSENT = 999_999
# What differs between two answers to the same question.
_DIFFERS = re.compile(r'nonce="[^"]*"|name="csrfmiddlewaretoken" value="[^"]*"|/panels/\d+/|[0-9a-f]{32}')


class World:
    """One panel with everybody's share on it, and one of each role's own."""

    def __init__(self) -> None:
        self.alice, self.dora = person("alice"), person("dora")
        eddie = person("eddie", "EDITOR")
        self.panels: dict[tuple[str, str], SavedPanel] = {}
        self.clients: dict[tuple[str, str], Client] = {}
        shared = self._made(self.alice)
        team = found_team(by=eddie, name="Team")
        add_member(team=team.pk, by=eddie, user="alice")
        share_panel(panel=shared.pk, by=self.alice, team=team.pk, level="COMMENT")
        for role, relation in itertools.product(ROLES, RELATIONS):
            if role == "anonymous":
                self.clients[role, relation] = Client(raise_request_exception=False)
                self.panels[role, relation] = shared
                continue
            user = person(f"{role}-{relation}".lower())
            own = relation == "owner"
            self.panels[role, relation] = self._made(user) if own else shared
            if not own:
                self._let_in(shared, user, relation, eddie, team.pk)
            User.objects.filter(pk=user.pk).update(role=role)
            client = Client(raise_request_exception=False)
            client.force_login(user, "accounts.backends.RoleBackend")
            self.clients[role, relation] = client

    def _made(self, owner: User) -> SavedPanel:
        panel = create_panel(by=owner, name="Hearts", genes=["BRCA1", "TTN"]).panel
        change_panel(panel=panel.pk, by=owner, expected=1, name="Minds")
        add_tag(panel=panel.pk, by=owner, number=1, tag_name="old", tag_type="BACKUP")
        add_tag(panel=panel.pk, by=owner, number=1, tag_name="live", tag_type="PRODUCTION")
        share_panel(panel=panel.pk, by=owner, user="somebody@example.org")
        return SavedPanel.objects.select_related("current_version").get(pk=panel.pk)

    def _let_in(self, panel: SavedPanel, user: User, relation: str, eddie: User, team: int) -> None:
        if relation == "team":
            add_member(team=team, by=eddie, user=user.pk)
        elif relation == "address":
            share_panel(panel=panel.pk, by=self.alice, user=user.email, level="EDIT")
        elif relation == "reshare":
            share_panel(panel=panel.pk, by=self.alice, user=user.pk, level="VIEW", can_reshare=True)
        elif relation != "none":
            level = relation if relation in PanelShare.Level.values else "ADMIN"
            share, _ = share_panel(panel=panel.pk, by=self.alice, user=user.pk, level=level)
            ended = {"expired": {"expires_at": timezone.now() - timedelta(seconds=1)}, "revoked": {"is_active": False}}
            PanelShare.objects.filter(pk=share.pk).update(**ended.get(relation, {"is_active": True}))

    def ask(self, act: Act, role: str, relation: str, state: str, visibility: str, *, absent: bool = False):
        """The answer, and what more than refusals it left in the record; everything is taken back."""
        panel = self.panels[role, relation]
        number = ABSENT if absent else panel.pk
        share = panel.shares.get(shared_with_email="somebody@example.org").pk
        with transaction.atomic():
            SavedPanel.objects.filter(pk=panel.pk).update(status=state, visibility=visibility, status_before="ACTIVE")
            before = AuditLog.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
            path = ("" if act.is_page else BASE) + act.route.format(id=number, share=share)
            sent = {key: [number] if value == ["{id}"] else value for key, value in act.sent.items()}
            version = panel.current_version
            tag = f'"p{number}-v{version.version_number}-{version.content_hash[:8]}"'
            headers = {"If-Match": tag} if act.if_match else {}
            method = getattr(self.clients[role, relation], act.method.lower())
            data = {} if act.method == "GET" else {"data": sent}
            if not act.is_page:
                data = data and data | {"content_type": "application/json"}
            answer = method(path, headers=headers, **data)
            left = AuditLog.objects.filter(pk__gt=before).values_list("action_type", flat=True)
            wrote = set(left) - {"ACCESS_DENIED"}
            transaction.set_rollback(True)
        return answer, wrote


def complaints(world: World, cells: Iterable[tuple]) -> Iterator[str]:
    """What answers other than the table says, one after the other. All 404s are those of what is not there, and
    whoever is refused leaves nothing but the refusal."""
    absent: dict[tuple[str, str], dict] = {}
    for role, relation, state, visibility, act in cells:
        answer, wrote = world.ask(act, role, relation, state, visibility)
        cell = f"{role} {relation} {state} {visibility}: {act}"
        should = expected(act, role, relation, state, visibility)
        if answer.status_code != should:
            yield f"{cell}: expected {should}, was {answer.status_code} {answer.content[:200]!r}"
        elif should >= 400 and wrote - ({"VIEW"} if should == 409 and act.is_page else set()):
            # A form that is shown again shows the panel.
            yield f"{cell}: {should}, and yet it was recorded as done"
        elif should == 404 and not act.of_managers:
            if (str(act), role) not in absent:
                nothing, _ = world.ask(act, role, relation, state, visibility, absent=True)
                absent[str(act), role] = _without_id(nothing)
            if _without_id(answer) != absent[str(act), role]:
                yield f"{cell}: its 404 is not that of what is not there"


def _without_id(answer) -> Any:
    if answer["Content-Type"].startswith("application/json"):
        return answer.json() | {"request_id": ""}
    return _DIFFERS.sub("", answer.content.decode())
