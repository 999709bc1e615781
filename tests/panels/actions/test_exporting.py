"""Handing a list out, and the record of it. CO-03."""

from __future__ import annotations

import pytest

from audit.events import Action
from audit.models import AuditLog
from panelmerge.lib.errors import NotHere
from panels.actions.exporting import export_merge, file_name
from panels.actions.merging import merge_lists
from panels.engine.request import ListChoice, MergeRequest, PanelChoice, PanelSpec
from panels.models import PanelDownload

pytestmark = pytest.mark.django_db


@pytest.fixture
def result(demo_catalogue):
    panels = [PanelChoice(PanelSpec("uk", 90001), frozenset({"green"})), PanelChoice(PanelSpec("aus", 95001))]
    return merge_lists(request=MergeRequest(inputs=[*panels, ListChoice("My gènes.xlsx", ("BRCA1",))]))


def test_export_is_recorded_with_its_sources(result):
    export_merge(result=result, format="csv")

    download = PanelDownload.objects.get()
    event = AuditLog.objects.get(action_type=Action.PANEL_DOWNLOAD)
    assert download.panel_ids.startswith("uk:90001@")
    assert download.list_types == "green only, everything but level 0, everything but level 0"
    assert download.gene_count == len(result.of_type("gene"))
    assert event.details["inputs"][2] == "My gènes.xlsx"


def test_export_that_cannot_be_recorded_hands_nothing_out(result, monkeypatch):
    """AU-01: no record, no act."""

    def broken(**fields):
        raise RuntimeError("the record cannot be written")

    monkeypatch.setattr(AuditLog.objects, "create", broken)

    with pytest.raises(RuntimeError):
        export_merge(result=result, format="csv")

    assert not PanelDownload.objects.exists()


def test_an_unknown_format_is_named_beside_the_known_ones(result):
    with pytest.raises(NotHere, match="xlsx, csv, tsv, json"):
        export_merge(result=result, format="docx")


def test_file_name_says_what_is_in_it_in_plain_letters(result):
    assert file_name(result, ".xlsx") == "uk-90001_aus-95001_My-g-nes.xlsx"
