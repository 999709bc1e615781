"""The main job without a browser. CO-01."""

from __future__ import annotations

import io
import json

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from panels.actions.editing import GeneChanges
from panels.actions.library import change_panel, create_panel
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


def test_merge_panels_takes_a_saved_panel_as_it_is_or_as_it_was(demo_catalogue, tmp_path):
    ada = User.objects.create_user("ada", "ada@example.org")
    panel = create_panel(by=ada, name="Hearts", genes=["TTN"]).panel
    change_panel(panel=panel.pk, by=ada, expected=1, gene_changes=GeneChanges(add=("MYH7",)))

    run(f"saved:{panel.pk}", "-o", tmp_path / "now.json")
    run(f"saved:{panel.pk}@v1", "-o", tmp_path / "then.json")

    names = [
        {one["gene_symbol"] for one in json.loads((tmp_path / name).read_text())["genes"]}
        for name in ("now.json", "then.json")
    ]
    assert names == [{"TTN", "MYH7"}, {"TTN"}]
    with pytest.raises(CommandError, match="no version 9"):
        run(f"saved:{panel.pk}@v9", "-o", tmp_path / "none.json")


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


def test_merge_panels_writes_bed_for_the_build_and_names_what_has_no_place(demo_catalogue, tmp_path):
    said = run("uk:90001", "--build", "GRCh37", "--padding", "10", "--chr-prefix", "-o", tmp_path / "x.bed")

    lines = (tmp_path / "x.bed").read_text().splitlines()
    assert "# Build: GRCh37" in lines
    assert all(line.startswith(("#", "chr")) for line in lines)
    assert ("have no place in GRCh37" in said) == any(line.startswith("# No place") for line in lines)


def test_merge_panels_writes_a_format_whose_ending_does_not_say_it(demo_catalogue, tmp_path):
    run("uk:90001", "--format", "ids", "-o", tmp_path / "x.txt")

    assert (tmp_path / "x.txt").read_text().startswith("HGNC:")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--build", "hg18"], "build: 'hg18' is no genome build"),
        (["--padding", "x"], "padding: 'x' is no number of bases"),
    ],
)
def test_merge_panels_refuses_options_that_make_no_sense(demo_catalogue, tmp_path, arguments, sentence):
    with pytest.raises(CommandError, match=sentence):
        run("uk:90001", *arguments, "-o", tmp_path / "x.bed")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["list.json", "list.xlsx", "recipe.json"])
def test_merge_panels_makes_a_list_again_from_its_recipe(demo_catalogue, tmp_path, name):
    """The issue's promise: the same list, with the same hash, byte for byte."""
    mine = tmp_path / "mine.csv"
    mine.write_text("gene,level\nGBA,green\n2-Sep,\n")
    first = ("uk:90001@green,none", "aus:95001", "--upload", mine, "--rule", "at_least=1", "--confidence", "lowest")
    run(*first, "-o", tmp_path / "list.json")
    run(*first, "-o", tmp_path / "list.xlsx")
    whole = json.loads((tmp_path / "list.json").read_text())
    (tmp_path / "recipe.json").write_text(json.dumps(whole["recipe"]))

    said = run("--recipe", tmp_path / name, "-o", tmp_path / "again.json")

    again = json.loads((tmp_path / "again.json").read_text())
    assert again["content_hash"] == whole["content_hash"]
    assert (whole["content_hash"] in said) == (name != "recipe.json")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"gene_names": "HGNC 1999-01-01"}, "made with the gene names HGNC 1999-01-01; here they are"),
        ({}, "the file was changed since"),
    ],
)
def test_merge_panels_says_why_a_list_made_again_differs(demo_catalogue, tmp_path, change, sentence):
    run("uk:90001", "-o", tmp_path / "list.json")
    whole = json.loads((tmp_path / "list.json").read_text())
    whole["content_hash"] = "0" * 64
    whole["recipe"] |= change
    (tmp_path / "list.json").write_text(json.dumps(whole))

    with pytest.raises(CommandError, match=sentence):
        run("--recipe", tmp_path / "list.json", "-o", tmp_path / "again.json")

    assert (tmp_path / "again.json").exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{", "neither a workbook nor JSON"),
        ("[]", "holds no recipe: recipe: an object with a list of inputs"),
        ('{"inputs": [5]}', "inputs, number 1: an object was expected"),
        ('{"inputs": [{"upload": "x"}]}', "inputs, number 1: source, panel_id and version"),
        ('{"inputs": [{"name": "a", "genes": [5]}]}', "number 1, gene 1: an object with texts"),
        ('{"inputs": [{"name": "a", "genes": [{"gene_symbol": "A", "entity_type": "x"}]}]}', "entity_type is one of"),
        ('{"inputs": [{"source": "uk", "panel_id": 90001, "version": "9.9"}]}', "is not here in version 9.9"),
        ('{"inputs": [{"source": "us", "panel_id": 1}]}', "There is no source"),
        ('{"inputs": [], "resolve": {"x": "ask"}}', "resolve: x is none of"),
        ('{"inputs": [], "rule": {"at_least": "2"}}', "rule: "),
        ('{"inputs": [{"name": "a", "genes": ["BRCA1"]}], "decisions": {"a": {}}}', "decisions, a: a reason"),
        ("[" * 100_000, "neither a workbook nor JSON"),
    ],
)
def test_merge_panels_of_a_file_without_a_usable_recipe_says_why(demo_catalogue, tmp_path, content, sentence):
    (tmp_path / "r.json").write_text(content)

    with pytest.raises(CommandError, match=sentence):
        run("--recipe", tmp_path / "r.json", "-o", tmp_path / "again.json")

    assert not (tmp_path / "again.json").exists()


def test_merge_panels_takes_a_recipe_alone(demo_catalogue, tmp_path):
    with pytest.raises(CommandError, match="leave out panels, rule"):
        run("uk:90001", "--rule", "union", "--recipe", tmp_path / "r.json", "-o", tmp_path / "x.json")
