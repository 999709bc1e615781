"""Two of one name at the same moment: whoever comes second is told as if they had come later."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from types import ModuleType
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from panelmerge.lib.errors import Refusal
from panels.actions import teams, templates
from panels.models import ExportTemplate, Team
from tests.panels.library.at_once import LONGEST, needs_two_writers
from tests.panels.library.seeing import events, everything

TEAM = {"name": "Cardiology", "description": "Hearts"}
TEMPLATE = {"name": "Lab", "format": "csv"}


def found(by: User) -> Any:
    return teams.found_team(by=by, **TEAM)


def rename(by: User) -> Any:
    return teams.change_team(team=Team.objects.get(created_by=by).pk, by=by, **TEAM)


def make(by: User) -> Any:
    return templates.make_template(by=by, **TEMPLATE)


def change(by: User) -> Any:
    return templates.change_template(template=ExportTemplate.objects.get(name="Old").pk, by=by, **TEMPLATE)


def another_team(by: User) -> None:
    Team.objects.create(**TEAM)


def another_template(by: User) -> None:
    ExportTemplate.objects.create(user=by, **TEMPLATE)


# What is done, what the check before it is called, and who comes in between.
ACTS: dict[str, tuple[Callable[[User], Any], ModuleType, str, Callable[[User], None]]] = {
    "found a team": (found, teams, "_checked", another_team),
    "rename a team": (rename, teams, "_checked", another_team),
    "make a template": (make, templates, "_fill", another_template),
    "rename a template": (change, templates, "_fill", another_template),
}


def prepare(act: Callable[[User], Any], by: User) -> None:
    if act is rename:
        teams.found_team(by=by, name=f"Old of {by}")
    elif act is change:
        templates.make_template(by=by, name="Old", format="csv")


def after(monkeypatch, module: ModuleType, check: str, then: Callable[[], Any]) -> None:
    real = getattr(module, check)

    def checked(*args, **kwargs):
        answer = real(*args, **kwargs)
        then()
        return answer

    monkeypatch.setattr(module, check, checked)


def told(refusal: Refusal) -> tuple:
    return refusal.status, refusal.code, str(refusal), refusal.errors


@pytest.mark.django_db
@pytest.mark.parametrize("name", ACTS)
def test_a_name_that_is_taken_after_the_check_is_refused_as_by_the_check(editor, monkeypatch, name):
    act, module, check, another = ACTS[name]
    prepare(act, editor)
    after(monkeypatch, module, check, lambda: another(editor))
    with pytest.raises(Refusal) as late:
        act(editor)
    monkeypatch.undo()
    another(editor)
    before = everything()

    with pytest.raises(Refusal) as early:
        act(editor)

    assert told(late.value) == told(early.value)
    assert everything() == before


@needs_two_writers
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["found a team", "make a template"])
def test_of_two_who_save_one_name_at_the_same_moment_one_is_refused(editor, monkeypatch, name):
    act, module, check, _ = ACTS[name]
    after(monkeypatch, module, check, Barrier(2, timeout=LONGEST).wait)

    def answer(_number: int) -> Any:
        try:
            return act(editor)
        except Refusal as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(answer, range(2)))

    assert sorted(isinstance(one, Refusal) for one in answers) == [False, True]
    assert Team.objects.count() + ExportTemplate.objects.count() == 1
    assert len(events("ADMIN_ACTION")) + len(events("CONFIG_CHANGE")) == 1
