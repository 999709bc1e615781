"""CO-01, CO-03: the list as a file, and the record of it."""

from __future__ import annotations

import csv
import io

import orjson
import pytest
from python_calamine import CalamineWorkbook

from audit.models import AuditLog
from panels.models import PanelDownload
from tests.panels.views.pages import TWO, bring, seen

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo_catalogue")]


def test_download_workbook_holds_the_decision(client):
    client.post(
        f"/decide/?{TWO}",
        {"entity": "HGNC:164", "field": "confidence_level", "value": "amber", "reason": "Our own cases"},
    )

    answer = client.post(f"/download/xlsx/?{TWO}")
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    conflicts = book.get_sheet_by_name("Conflicts").to_python()

    assert answer["Content-Disposition"] == 'attachment; filename="uk-90001_aus-95001.xlsx"'
    assert next(row for row in conflicts if row[0] == "ACTN2")[-3:] == ["amber", "hand", "Our own cases"]


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("csv", "text/csv; charset=utf-8"),
        ("tsv", "text/tab-separated-values; charset=utf-8"),
        ("json", "application/json"),
    ],
)
def test_download_in_each_format_is_recorded(client, name, content_type):
    answer = client.post(f"/download/{name}/?{TWO}")

    assert (answer.status_code, answer["Content-Type"]) == (200, content_type)
    assert PanelDownload.objects.get().panel_ids == "uk:90001@2.10, aus:95001@2.10"
    assert AuditLog.objects.filter(action_type="PANEL_DOWNLOAD").count() == 1


@pytest.mark.parametrize("name", ["xlsx", "csv", "tsv", "json"])
def test_download_by_get_is_refused(client, name):
    """A link that is followed by a machine must not be recorded as somebody's download."""
    answer = client.get(f"/download/{name}/?{TWO}")

    assert answer.status_code == 405
    assert not PanelDownload.objects.exists()


@pytest.mark.parametrize("name", ["exe", "XLSX", "xlsx%00", "a" * 300])
def test_download_in_unknown_format_is_not_found(client, name):
    answer = client.post(f"/download/{name}/?{TWO}")

    assert answer.status_code in (400, 404)
    assert not PanelDownload.objects.exists()


def test_download_of_unknown_format_names_those_there_are(client):
    assert "there are xlsx, csv, tsv, json" in seen(client.post(f"/download/docx/?{TWO}"))


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("", "The basket is empty"),
        ("uk:0=green", "The basket is empty"),
        ("uk:90001=", "choose at least one confidence level"),
        ("uk:90001=green&rule=at_least&number=2", "give a number from 1 to 1"),
        ("uk:4711=green", "has no panel 4711"),
        ("upload:3f2504e0-4f89-41d3-9a0c-0305e82c3301=", "may have expired"),
    ],
)
def test_download_of_what_cannot_be_merged_says_why(client, query, told):
    page = client.post(f"/download/xlsx/?{query}")

    assert 400 <= page.status_code < 500
    assert told in seen(page)
    assert not PanelDownload.objects.exists()


def test_download_holds_own_list_and_what_was_dropped_of_it(client):
    query = bring(client, "ACTN2\nQARS", "uk:90001=green")

    told = orjson.loads(client.post(f"/download/json/?{query}").content)
    rows = list(csv.reader(io.StringIO(client.post(f"/download/csv/?{query}").content.decode("utf-8-sig"))))

    assert "QARS" in orjson.dumps(told).decode()
    assert "Pasted list" in next(row[1] for row in rows if row[0] == "ACTN2")


def test_bed_is_downloaded_for_the_build_that_was_chosen(demo_catalogue, client):
    """BG-15."""
    old = client.post("/download/bed/?uk:90001=green", {"build": "GRCh37", "padding": "10", "chr_prefix": "true"})
    new = client.post("/download/bed/?uk:90001=green")

    assert b"GRCh37" in old.content
    assert b"\nchr" in old.content
    assert b"\nchr" not in new.content


def test_a_padding_that_is_no_number_is_refused_and_kept(demo_catalogue, client):
    answer = client.post("/download/bed/?uk:90001=green", {"padding": "ten", "build": "GRCh37"})

    assert answer.status_code == 400
    assert b'value="ten"' in answer.content
