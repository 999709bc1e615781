"""The main job without a browser. CO-01."""

from __future__ import annotations

import io
import json

import pytest
from django.core.management import CommandError, call_command

from panels.actions.merging import merge_lists
from panels.engine.request import MergeRequest, PanelChoice, PanelSpec
from panels.formats.writing import FORMATS
from panels.models import PanelDownload

pytestmark = pytest.mark.django_db


def run(*arguments) -> str:
    said = io.StringIO()
    call_command("merge_panels", *map(str, arguments), stdout=said)
    return said.getvalue()


def test_merge_panels_writes_the_same_bytes_as_the_engine(demo_catalogue, tmp_path):
    out = tmp_path / "list.json"

    said = run("uk:90001@green", "aus:95001", "-o", out)

    request = MergeRequest(
        inputs=[
            PanelChoice(PanelSpec("uk", 90001), frozenset({"green"})),
            PanelChoice(PanelSpec("aus", 95001)),
        ]
    )
    assert out.read_bytes() == FORMATS["json"].write(merge_lists(request=request))
    assert "genes" in said
    assert PanelDownload.objects.count() == 1


def test_merge_panels_takes_a_list_of_ones_own(demo_catalogue, tmp_path):
    mine = tmp_path / "mine.csv"
    mine.write_text("gene,level\nGBA,green\n2-Sep,\n")

    run("uk:90001", "--upload", mine, "--rule", "union", "-o", tmp_path / "x.json")

    content = json.loads((tmp_path / "x.json").read_text())
    [gba] = [one for one in content["genes"] if one["hgnc_id"] == "HGNC:4177"]
    assert gba["origins"][-1]["given"] == "GBA"
    assert [one["query"] for one in content["dropped"] if one["code"] == "unresolved"] == ["2-Sep"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["uk:1"], "has no panel 1 in this mirror"),
        (["uk:90001@9.9"], "is not here in version 9.9"),
        (["uk:x"], "is no panel; write uk:245"),
        (["uk:90001@purple"], "purple is no confidence level"),
        (["uk:90001", "--rule", "most"], "is no rule"),
        (["uk:90001", "--rule", "at_least=9"], "makes no sense with 1 inputs"),
        ([], "at least one panel or list"),
        (["uk:90001", "--upload", "/nowhere.csv"], "cannot be read"),
    ],
)
def test_merge_panels_that_cannot_says_why_and_writes_nothing(demo_catalogue, tmp_path, arguments, sentence):
    with pytest.raises(CommandError, match=sentence):
        run(*arguments, "-o", tmp_path / "x.csv")

    assert list(tmp_path.iterdir()) == []


def test_merge_panels_names_the_endings_it_can_write(demo_catalogue, tmp_path):
    with pytest.raises(CommandError, match=r"\.xlsx, \.csv, \.tsv, \.json"):
        run("uk:90001", "-o", tmp_path / "x.docx")
