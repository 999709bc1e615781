"""Panels of the mirror compared, each under today's gene names. SP-15, BG-10."""

from __future__ import annotations

import pytest

from panelmerge.lib.errors import Refusal
from panels.actions.catalogue import read_panels
from panels.actions.comparing import compare_panels, why_not
from panels.engine.diff import applied, fold
from panels.engine.request import PanelSpec

pytestmark = pytest.mark.django_db
OLD, NEW = PanelSpec("uk", 90001, "2.9"), PanelSpec("uk", 90001, "2.10")


def test_compare_of_super_panels_loses_no_entity(demo_catalogue):
    uk, aus = PanelSpec("uk", 90025), PanelSpec("aus", 95019)
    first, second = read_panels([uk, aus])

    found = compare_panels(a=uk, b=aus)

    assert applied(fold(first), found.diff) == fold(second)
    assert len(found.diff.only_a) + len(found.diff.changed) + found.diff.equal == len(fold(first))


def test_compare_says_of_each_side_why_it_cannot_be_read(demo_catalogue):
    with pytest.raises(Refusal) as refused:
        compare_panels(a=PanelSpec("uk", 90001, "9.9"), b=PanelSpec("aus", 4711))

    assert refused.value.status == 404
    assert "Versions held, newest first: 2.10, 2.9." in refused.value.errors["a"][0]
    assert refused.value.errors["b"] == ["PanelApp Australia has no panel 4711 in this mirror."]


def test_why_not_of_a_panel_that_can_be_read_is_none(demo_catalogue):
    assert why_not(OLD) is None


@pytest.mark.parametrize("sides", [(OLD, NEW), (PanelSpec("uk", 90025), PanelSpec("aus", 95019))])
def test_compare_asks_the_same_few_queries_for_any_panels(demo_catalogue, django_assert_num_queries, sides):
    compare_panels(a=sides[0], b=sides[1])

    with django_assert_num_queries(3):
        compare_panels(a=sides[0], b=sides[1])
