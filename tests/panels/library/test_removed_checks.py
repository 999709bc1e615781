"""Access checks taken away one at a time: each time a table says so. F-7.

Doors and actions ask the same question, one after the other, so that a check
which is forgotten in one place still holds in the other. Hence two tables: that
of addresses, and one of actions that are called without a door.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from rest_framework.views import APIView

from accounts.models import User
from panelmerge.lib.errors import NotHere, Refusal
from panels.actions import (
    differences,
    discussion,
    keeping_versions,
    library,
    lifecycle,
    panel_files,
    rights,
    saved_lists,
    sharing,
    versions,
)
from panels.actions.editing import GeneChanges
from panels.actions.finding_panels import PanelQuestion, find_panels
from panels.api.library.base import LibraryView
from panels.engine import levels
from panels.engine.levels import Level
from panels.engine.request import ListChoice, MergeRequest, SavedChoice
from panels.models import PanelShare, SavedPanel, visibility
from panels.models.sharing import PanelShareQuerySet
from panels.models.visibility import SavedPanelQuerySet
from tests.panels.library.relations import SAMPLE, World, complaints

ADD = GeneChanges(add=("MYH7",))
MORE = MergeRequest(inputs=(ListChoice("more", ("MYH7",)),))


def found(question: PanelQuestion) -> Callable[[int, Any], None]:
    def look(panel: int, by: Any) -> None:
        if not find_panels(by=by, asked=question).filter(pk=panel).exists():
            raise NotHere("not found")

    return look


def share_of(panel: int) -> int:
    return PanelShare.objects.get(panel=panel, shared_with_email="somebody@example.org").pk


# {what: (the action, the level it takes)}: called by who has that level, and by who has the one below.
ACTIONS: dict[str, tuple[Callable[[int, Any], Any], str]] = {
    "find": (found(PanelQuestion()), "VIEW"),
    "find by gene": (found(PanelQuestion(gene="TTN")), "VIEW"),
    "read into a merge": (lambda p, by: saved_lists.read_saved([SavedChoice(p)], None, by=by), "VIEW"),
    "a version": (lambda p, by: library.version_of(panel=p, by=by, number=1), "VIEW"),
    "differences": (lambda p, by: differences.diff_versions(panel=p, by=by, a=1, b=2), "VIEW"),
    "export": (lambda p, by: panel_files.export_panel(panel=p, by=by, format="csv"), "VIEW"),
    "export several": (lambda p, by: panel_files.export_panels(panels=[p], by=by, format="csv"), "VIEW"),
    "duplicate": (lambda p, by: lifecycle.duplicate_panel(panel=p, by=by), "VIEW"),
    "read remarks": (lambda p, by: list(discussion.comments_of(panel=p, by=by)), "VIEW"),
    "remark": (lambda p, by: discussion.add_comment(panel=p, by=by, text="Why?"), "COMMENT"),
    "change genes": (lambda p, by: library.change_panel(panel=p, by=by, expected=2, gene_changes=ADD), "EDIT"),
    "restore": (lambda p, by: library.restore_version(panel=p, by=by, number=1, expected=2), "EDIT"),
    "merge into": (lambda p, by: panel_files.merge_into(panel=p, by=by, request=MORE, expected=2), "EDIT"),
    "three ways": (lambda p, by: differences.three_way(panel=p, by=by, base=1, edit=lambda g, _: g), "EDIT"),
    "tag": (
        lambda p, by: keeping_versions.add_tag(panel=p, by=by, number=1, tag_name="t", tag_type="BACKUP"),
        "EDIT",
    ),
    "take a tag off": (lambda p, by: keeping_versions.remove_tag(panel=p, by=by, number=1, tag_name="old"), "EDIT"),
    "take protection off": (
        lambda p, by: keeping_versions.remove_tag(panel=p, by=by, number=1, tag_name="live"),
        "ADMIN",
    ),
    "archive": (lambda p, by: library.set_state(panel=p, by=by, status="ARCHIVED"), "ADMIN"),
    "keep so many": (lambda p, by: keeping_versions.set_retention(panel=p, by=by, max_versions=3), "ADMIN"),
    "see shares": (lambda p, by: sharing.shares_of(panel=p, by=by), "ADMIN"),
    "share": (lambda p, by: sharing.share_panel(panel=p, by=by, user="dora"), "ADMIN"),
    "change a share": (
        lambda p, by: sharing.change_share(panel=p, share=share_of(p), by=by, level="COMMENT"),
        "ADMIN",
    ),
    "revoke": (lambda p, by: sharing.revoke_share(panel=p, share=share_of(p), by=by), "ADMIN"),
    "delete": (lambda p, by: lifecycle.delete_panel(panel=p, by=by), "OWNER"),
    "hand over": (lambda p, by: lifecycle.hand_over(panel=p, by=by, to=User.objects.get(username="dora")), "OWNER"),
}
# What a public panel lets anybody do.
FOR_EVERYBODY = {"find", "find by gene", "read into a merge", "a version", "differences", "export", "export several"}
WHO = {
    "NONE": "user-none",
    **{word: f"user-{word.lower()}" for word in ("VIEW", "COMMENT", "EDIT", "ADMIN")},
    "OWNER": "alice",
}


def actions_that_do_not_ask(world: World) -> Iterator[str]:
    panel = SavedPanel.objects.get(owner=world.alice).pk
    for name, (act, needed) in ACTIONS.items():
        below = list(WHO)[list(WHO).index(needed) - 1]
        for level, should in ((needed, True), (below, False)):
            with transaction.atomic():
                try:
                    act(panel, User.objects.get(username=WHO[level]))
                    went = True
                except Refusal as refusal:
                    assert refusal.status in (403, 404), refusal
                    went = False
                transaction.set_rollback(True)
            if went != should:
                yield f"{name} with {level}: {'done' if went else 'refused'}"
    SavedPanel.objects.filter(pk=panel).update(visibility="PUBLIC")
    for name, (act, _) in ACTIONS.items():
        with transaction.atomic():
            try:
                act(panel, AnonymousUser())
                went = True
            except Refusal as refusal:
                assert refusal.status in (401, 403, 404), refusal
                went = False
            except ValueError:
                # Nobody can own or write nothing; they came as far as that.
                went = True
            transaction.set_rollback(True)
        if went != (name in FOR_EVERYBODY):
            yield f"{name} a public panel, as nobody: {'done' if went else 'refused'}"
    SavedPanel.objects.filter(pk=panel).update(visibility="PRIVATE")


# --- What is taken away --------------------------------------------------------------------------------------------


def nothing(*args: Any, **kwargs: Any) -> None:
    """A check that checks nothing."""


def whatever_level(real: Callable) -> Callable:
    return lambda by, panel, needed=Level.VIEW: real(by, panel, Level.VIEW)


def tells(standing: Any, needed: Any) -> None:
    """As the check, but a stranger learns that the panel is there."""
    if standing.level == Level.NONE:
        raise NotHere("It is somebody else's.")
    if standing.level < needed:
        raise rights.LevelTooLow(standing, needed)


def unless_absent(real: Callable) -> Callable:
    def panel_for(by: Any, panel: int, needed: Level = Level.VIEW) -> Any:
        if not SavedPanel.objects.filter(pk=panel).exists():
            return real(by, panel, needed)
        try:
            return real(by, panel, needed)
        except NotHere as refusal:
            raise NotHere("It is somebody else's.") from refusal

    return panel_for


def without(name: str) -> Callable:
    """The rule of standings, told that this fact about somebody is not so."""
    real = levels.standing

    def standing(facts: levels.Facts) -> levels.Standing:
        values = {slot: getattr(facts, slot) for slot in levels.Facts.__slots__}
        return real(levels.Facts(**values | {name: False}))

    return standing


# {the check: [(where, name, what stands there instead)]}
REMOVED: dict[str, list[tuple[Any, str, Any]]] = {
    "whether a panel is theirs to see, and the level": [(rights, "check_level", nothing)],
    "the level, everywhere": [(rights, "panel_for", whatever_level(rights.panel_for))],
    "visible_to: only panels one sees are found": [
        (SavedPanelQuerySet, "visible_without_role", lambda panels, user: panels.living())
    ],
    "for_person: a share is for whom it names": [(PanelShareQuerySet, "for_person", lambda shares, user: shares)],
    "the end of a share": [(PanelShareQuerySet, "standing", lambda shares: shares.filter(is_active=True))],
    "that a share was revoked": [
        (PanelShareQuerySet, "standing", lambda shares: shares.exclude(expires_at__lte="2026-01-01T00:00Z"))
    ],
    "that roles may only look": [(visibility, "standing", without("only_looks"))],
    "that drafts are not public": [(levels, "HIDDEN_FROM_THE_PUBLIC", frozenset({"DELETED"}))],
    "that what was deleted is away": [(SavedPanelQuerySet, "living", lambda panels: panels)],
    "that what is archived does not change": [(rights, "check_open", nothing)],
    "that a role may own panels": [(rights, "check_may_own", nothing)],
    "that strangers to the site get 401": [(LibraryView, "handle_exception", APIView.handle_exception)],
    "that all 404s are alike": [(rights, "panel_for", unless_absent(rights.panel_for))],
    "who may share": [(sharing, "_check_may_share", nothing)],
    "that nobody passes on more than they have": [(sharing, "_check_grant", nothing)],
    "the action's own question: changing genes": [
        (versions, "locked_panel", whatever_level(rights.locked_panel)),
        (library, "panel_for", whatever_level(rights.panel_for)),
    ],
    "the action's own question: states": [(library, "locked_panel", whatever_level(rights.locked_panel))],
    "the action's own question: deleting": [(lifecycle, "locked_panel", whatever_level(rights.locked_panel))],
    "the action's own question: tags and keeping": [
        (keeping_versions, "locked_panel", whatever_level(rights.locked_panel))
    ],
    "the action's own question: what protects": [(keeping_versions, "panel_for", whatever_level(rights.panel_for))],
    "that nobody has no share of their own": [(sharing, "is_somebody", lambda by: True)],
    "that remarks are for who has an account": [(discussion, "check_signed_in", nothing)],
    "the action's own question: remarks": [(discussion, "locked_panel", whatever_level(rights.locked_panel))],
}


def remove(monkeypatch: pytest.MonkeyPatch, where: Any, name: str, instead: Any) -> None:
    """Of a function of rights, in every module that took it in by name."""
    real = getattr(where, name)
    monkeypatch.setattr(where, name, instead)
    if where in (rights, levels):
        for module in [one for key, one in sys.modules.items() if key.startswith("panels.")]:
            if getattr(module, name, None) is real:
                monkeypatch.setattr(module, name, instead)


@pytest.fixture
def world(db):
    return World()


def test_every_action_asks_again_whether_they_may(world):
    assert list(actions_that_do_not_ask(world)) == []


def test_without_any_one_check_a_table_complains(world, monkeypatch):
    unnoticed = []
    for check, places in REMOVED.items():
        with monkeypatch.context() as patched:
            for place in places:
                remove(patched, *place)
            if next(actions_that_do_not_ask(world), None) or next(complaints(world, SAMPLE), None):
                continue
        unnoticed.append(check)

    assert unnoticed == []
    assert len(REMOVED) >= 20
