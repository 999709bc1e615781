"""The library's list narrowed by size and visibility, and chosen panels of it as files. SP-10, F-7, BG-14."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.test import Client

from panels.actions.library import create_panel, set_state
from panels.actions.sharing import share_panel
from panels.models import PanelDownload
from tests.panels.library.asking import Program
from tests.panels.library.seeing import events
from tests.panels.views.library.test_pages import words

pytestmark = pytest.mark.django_db
LIBRARY = "/panels/"


@pytest.fixture
def kidneys(alice):
    """Another panel of Alice's, of one gene, private as the first is."""
    return create_panel(by=alice, name="Kidneys", genes=["PKD1"]).panel


def listed(page) -> list[str]:
    rows = page.select("tbody th a") or page.select(".cards h2 a")
    return sorted(one.get_text() for one in rows)


def boxes(page) -> dict[str, bool]:
    """Number: whether it is ticked."""
    return {one["value"]: one.has_attr("checked") for one in page.find_all("input", attrs={"name": "ids"})}


def packed(answer) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
        return {name: file.read(name) for name in file.namelist()}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("min_genes=2", ["Hearts"]),
        ("max_genes=2", ["Kidneys"]),
        ("min_genes=1&max_genes=3", ["Hearts", "Kidneys"]),
        ("min_genes=4", []),
        ("visibility=SHARED", ["Kidneys"]),
        ("gene=ENSG00000155657", ["Hearts"]),
        ("visibility=PRIVATE&as=cards", ["Hearts"]),
        ("scope=shared&visibility=PRIVATE", []),
        ("scope=deleted&max_genes=9", []),
    ],
)
def test_library_is_narrowed_by_size_and_visibility(panel, kidneys, alice, reading, asked, found):
    """SP-10: the page says what the API says."""
    share_panel(panel=kidneys.pk, by=alice, user="somebody@example.org")

    page = reading(alice).get(f"{LIBRARY}?{asked}")

    assert listed(page) == found
    assert ("No panel fits" in words(page)) is (not found)


def test_what_the_list_was_asked_for_stays_in_its_form(panel, alice, reading):
    reader = reading(alice)
    page = reader.get(f"{LIBRARY}?min_genes=2&max_genes=30&visibility=PRIVATE")

    said = reader.fields(page.find("form", role="search"))

    assert (said["min_genes"], said["max_genes"], said["visibility"]) == ("2", "30", "PRIVATE")


@pytest.mark.parametrize("wrong", ["many", "-1", "1.5", "1000001", "9" * 30, "²"])
@pytest.mark.parametrize("name", ["min_genes", "max_genes"])
def test_a_size_that_is_no_number_of_genes_is_refused_beside_its_field(panel, alice, reading, name, wrong):
    page = reading(alice).get(f"{LIBRARY}?{name}={wrong}", status=400)

    field = page.find(id=name)
    assert "whole number, from 0 to 1,000,000" in words(page.find(id=field["aria-describedby"]))
    assert (field["aria-invalid"], field["value"]) == ("true", wrong)
    assert Program(alice).get(f"?{name}={wrong}").status_code == 400


def test_an_ensembl_id_that_is_not_known_is_refused_on_the_page_too(panel, alice, reading):
    page = reading(alice).get(f"{LIBRARY}?gene=ENSG00000999999", status=400)

    assert "The Ensembl id ENSG00000999999 is not known to the gene names in use" in words(page)


@pytest.mark.parametrize("layout", ["table", "cards"])
def test_chosen_panels_are_one_zip_of_the_files_that_each_would_be(panel, kidneys, alice, reading, layout):
    """BG-14: byte for byte what the API gives."""
    reader = reading(alice)
    page = reader.get(f"{LIBRARY}?as={layout}")
    form = page.find("form", id="chosen")
    assert {one["form"] for one in page.find_all("input", attrs={"name": "ids"})} == {form["id"]}

    ids = sorted(boxes(page))
    answer = reader.client.post(f"{LIBRARY}?as={layout}", reader.fields(form) | {"ids": ids, "format": "json"})

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    assert sorted(packed(answer)) == ["Hearts-v1.json", "Kidneys-v1.json"]
    assert answer.content == Program(alice).post("export/json/", {"ids": [int(one) for one in ids]}).content


def test_each_chosen_panel_is_recorded_as_a_download(panel, kidneys, alice, reading):
    """AU-03"""
    reading(alice).client.post(LIBRARY, {"ids": [panel.pk, kidneys.pk], "format": "csv"})

    assert [len(events("PANEL_DOWNLOAD", one)) for one in (panel, kidneys)] == [1, 1]
    assert PanelDownload.objects.count() == 2


def test_nothing_chosen_says_what_to_do_and_keeps_the_list_as_it_was_asked_for(panel, kidneys, alice, reading):
    page = reading(alice).post(f"{LIBRARY}?min_genes=2&as=cards", {"format": "bed", "build": "GRCh37"}, status=400)

    assert "Choose those that you want as files" in words(page.find(role="alert"))
    assert (listed(page), page.find(id="min_genes")["value"]) == (["Hearts"], "2")
    form = page.find("form", id="chosen")
    assert reading.fields(form)["format"] == "bed" and reading.fields(form)["build"] == "GRCh37"
    assert not PanelDownload.objects.exists()


@pytest.mark.parametrize("number", ["theirs", "999999", "x", "0", "9" * 40])
def test_one_panel_among_the_chosen_that_is_not_ones_own_to_see_and_not_a_byte_goes_out(
    panel, alice, bob, reading, number
):
    """F-7, A-1: the same 404 for what is not there; that it was asked for is recorded once."""
    secret = create_panel(by=bob, name="Secret", genes=["TTN"]).panel
    number = str(secret.pk) if number == "theirs" else number

    page = reading(alice).post(LIBRARY, {"ids": [panel.pk, number], "format": "csv"}, status=404)

    assert "not yours to see" in words(page) and "Secret" not in words(page)
    assert not PanelDownload.objects.exists() and not events("PANEL_DOWNLOAD")
    assert len(events("ACCESS_DENIED", secret)) == (number == str(secret.pk))
    assert not events("ACCESS_DENIED", panel)


def test_the_api_records_who_asked_for_a_panel_among_others_that_is_not_theirs(panel, alice, bob):
    """F-7"""
    secret = create_panel(by=bob, name="Secret", genes=["TTN"]).panel

    answer = Program(alice).post("export/csv/", {"ids": [panel.pk, secret.pk]})

    assert answer.status_code == 404
    assert [one.user_id for one in events("ACCESS_DENIED", secret)] == [alice.pk]
    assert not events("ACCESS_DENIED", panel)


def test_what_was_ticked_stays_so_where_the_file_is_refused(panel, kidneys, alice, reading):
    page = reading(alice).post(LIBRARY, {"ids": [panel.pk], "format": "bed", "build": "GRCh36"}, status=400)

    assert "GRCh36" in words(page.find(role="alert"))
    assert boxes(page) == {str(panel.pk): True, str(kidneys.pk): False}
    assert not PanelDownload.objects.exists()


def test_a_format_that_there_is_not_is_not_there(panel, alice, reading):
    assert "no format" in words(reading(alice).post(LIBRARY, {"ids": [panel.pk], "format": "exe"}, status=404))


def test_who_is_not_signed_in_chooses_nothing_and_is_asked_to_sign_in(panel, alice, editor, reading):
    public = create_panel(by=editor, name="Open", genes=["TTN"], visibility="PUBLIC").panel

    page = reading(None).get(LIBRARY)
    answer = Client().post(LIBRARY, {"ids": [public.pk], "format": "csv"})

    assert listed(page) == ["Open"] and not boxes(page) and page.find("form", id="chosen") is None
    assert (answer.status_code, b"Sign in, then do it again" in answer.content) == (401, True)


def test_public_panels_of_others_are_chosen_as_ones_own(alice, editor, reading):
    public = create_panel(by=editor, name="Open", genes=["TTN"]).panel
    set_state(panel=public.pk, by=editor, visibility="PUBLIC")

    answer = reading(alice).client.post(f"{LIBRARY}?scope=public", {"ids": [public.pk], "format": "ids"})

    [content] = packed(answer).values()
    assert content.startswith(b"HGNC:12403\n")
