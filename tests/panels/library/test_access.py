"""Every role in every relation to a panel, in every state, as ``tests/panels/library_access.py`` says. F-7, BG-20.

A seeded sample of the cells; all of them in ``make proof``.
"""

from __future__ import annotations

import re

import pytest

from panels.api.library.urls import urlpatterns
from panels.views import urls
from tests.panels.library.relations import SAMPLE, World, complaints
from tests.panels.library_access import ACTS, LIBRARY, PAGES, UNDELETE, UNDELETE_PAGE


@pytest.fixture
def world(db):
    return World()


def test_every_cell_answers_as_the_table_says(world):
    """All 404s are those of what is not there, and whoever is refused leaves nothing but the refusal."""
    wrong = list(complaints(world, SAMPLE))

    assert not wrong, "\n".join([f"{len(wrong)} of {len(SAMPLE)}", *wrong[:40]])


def test_every_address_of_a_panel_is_in_the_table():
    routes = {str(pattern.pattern) for pattern in urlpatterns}
    named = {row.route.removeprefix("api/v1/") for row in LIBRARY}

    assert routes == named


@pytest.mark.parametrize(
    ("patterns", "before", "acts"),
    [(urlpatterns, "saved-panels/", [*ACTS, UNDELETE]), (urls.urlpatterns, "panels/", [*PAGES, UNDELETE_PAGE])],
    ids=["programs", "pages"],
)
def test_every_address_of_a_panel_stands_in_the_table_of_relations(patterns, before, acts):
    shape = {
        str(pattern.pattern) for pattern in patterns if str(pattern.pattern).startswith(f"{before}<panel:panel_id>")
    }
    asked = {re.split("[?#]", act.route)[0].removeprefix("/panels/") for act in acts}
    filled = {
        route.removeprefix(before)
        .replace("<panel:panel_id>", "{id}")
        .replace("<panel:share_id>", "{share}")
        .replace("<panel:number>", "1")
        .replace("<panel:a>/<panel:b>", "1/2")
        .replace("<str:format_name>", "csv")
        for route in shape
    }

    assert filled
    assert filled <= asked
