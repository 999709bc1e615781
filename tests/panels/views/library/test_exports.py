"""Files of a panel with a person's own templates, and the permanent address of a content. SP-13, BG-03, BG-14."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from panels.actions.library import change_panel, create_panel
from panels.actions.sharing import share_panel
from panels.models import ExportTemplate
from tests.panels.views.library.test_pages import at, words

pytestmark = pytest.mark.django_db
TEMPLATES = "/export-templates/"
LAB = {
    "name": "Lab",
    "format": "csv",
    "columns": ["HGNC ID", "Confidence"],
    "filename_pattern": "{name}_v{version}_{date}",
}


@pytest.fixture
def lab(alice, reading) -> ExportTemplate:
    """A template that Alice made by its form."""
    reading(alice).post(TEMPLATES, LAB)
    return ExportTemplate.objects.get()


def test_a_template_gives_columns_and_a_name_that_expands(panel, alice, reading, lab):
    reader = reading(alice)
    button = reader.get(at(panel, "exports")).find("button", value=str(lab.pk))

    answer = reader.client.post(at(panel, "download"), {button["name"]: button["value"]})

    name = f"hearts_v1_{datetime.now(UTC):%Y-%m-%d}.csv"
    assert name in answer["Content-Disposition"].casefold()
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert ["GeneSymbol", "HGNC ID", "Confidence"] in rows
    assert ExportTemplate.objects.get().usage_count == 1


@time_machine.travel(datetime(2026, 3, 1, 12, tzinfo=UTC), tick=False)
def test_the_name_has_the_readers_day_and_its_ending_once(panel, alice, reading, lab):
    User.objects.filter(pk=alice.pk).update(timezone_preference="Pacific/Kiritimati", timezone_is_chosen=True)
    ExportTemplate.objects.update(filename_pattern="{name} {date}.{format}")

    answer = reading(alice).client.post(at(panel, "download"), {"template": lab.pk})

    assert answer["Content-Disposition"] == 'attachment; filename="Hearts-2026-03-02.csv"'


def test_a_template_of_somebody_else_gives_nothing(panel, alice, bob, reading, lab):
    share_panel(panel=panel.pk, by=alice, user="bob")

    reading(bob).post(at(panel, "download"), {"template": lab.pk}, status=404)

    assert "Lab" not in words(reading(bob).get(at(panel, "exports")))
    reading(bob).get(f"{TEMPLATES}{lab.pk}/", status=404)


def test_an_older_version_is_downloaded_as_it_was(panel, alice, reading, lab):
    change_panel(panel=panel.pk, by=alice, expected=1, genes=["MYH7"])

    answer = reading(alice).client.post(at(panel, "download"), {"template": lab.pk, "version": "1"})

    assert "_v1_" in answer["Content-Disposition"] and b"BRCA1" in answer.content and b"MYH7" not in answer.content


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"filename_pattern": "{owner}"}, "in braces stand only"),
        ({"columns": ["Password"]}, "is no column"),
        ({"name": ""}, "at most 100 characters"),
        ({"format": "exe"}, "It is one of"),
    ],
)
def test_a_template_that_makes_no_sense_is_refused_and_what_was_typed_stays(alice, reading, wrong, told):
    page = reading(alice).post(TEMPLATES, {**LAB, "description": "for the lab", **wrong}, status=400)

    assert told in words(page)
    assert page.find(id="description")["value"] == "for the lab"
    assert not ExportTemplate.objects.exists()


def test_a_template_is_changed_and_removed_by_its_form(alice, reading, lab):
    reader = reading(alice)
    form = reader.get(f"{TEMPLATES}{lab.pk}/").find("form", class_="narrow")
    said = reader.fields(form) | {"name": "Ward", "act": "change", "columns": ["Phenotypes"]}

    reader.post(f"{TEMPLATES}{lab.pk}/", said)
    changed = ExportTemplate.objects.get()
    reader.post(f"{TEMPLATES}{lab.pk}/", {"act": "remove"})

    assert (changed.name, changed.columns, changed.filename_pattern) == (
        "Ward",
        ["Phenotypes"],
        "{name}_v{version}_{date}",
    )
    assert not ExportTemplate.objects.exists()


def test_a_content_has_an_address_that_leads_to_the_newest_version_with_it(panel, alice, reading):
    content = panel.current_version.content_hash
    change_panel(panel=panel.pk, by=alice, expected=1, genes=["MYH7"])

    answer = reading(alice).client.get(f"/panels/content/{content}/")

    assert answer["Location"] == at(panel, "versions", 1)
    assert f"/panels/content/{content}/" in str(reading(alice).get(answer["Location"]))


def test_the_address_of_a_content_says_nothing_of_panels_one_may_not_see(panel, alice, bob, reading):
    path = f"/panels/content/{panel.current_version.content_hash}/"

    reading(bob).get(path, status=404)
    stranger, nothing = Client().get(path), Client().get(f"/panels/content/{'0' * 64}/")
    own = create_panel(by=bob, name="Mine", genes=["BRCA1", "TP53", "TTN"]).panel

    assert stranger.status_code == nothing.status_code == 302
    assert stranger["Location"].startswith("/account/login/") and nothing["Location"].startswith("/account/login/")
    assert reading(bob).client.get(path)["Location"] == at(own, "versions", 1)
