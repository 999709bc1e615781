"""Every format over HTTP, with its options. BG-15."""

from __future__ import annotations

import pytest
from django.urls import path

from panels.api.merges import MergeExportView
from panels.formats.writing import FORMATS

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]
handler400 = "panelmerge.errors.bad_request"
urlpatterns = [path("export/<str:format_name>/", MergeExportView.as_view())]
BODY = {"inputs": [{"name": "mine", "genes": ["BRCA1", "TTN"]}]}


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.STATIC_ROOT = str(tmp_path)


def export(client, address: str, body=BODY):
    return client.post(f"/export/{address}", body, content_type="application/json")


@pytest.mark.parametrize("name", list(FORMATS))
def test_export_in_every_format(client, name):
    answer = export(client, f"{name}/")

    assert answer.status_code == 200
    assert answer["Content-Type"] == FORMATS[name].content_type
    assert answer["Content-Disposition"].endswith(f'mine{FORMATS[name].suffix}"')


def test_export_of_bed_takes_build_padding_and_prefix(client):
    plain = export(client, "bed/?build=GRCh37").content.decode()
    padded = export(client, "bed/?build=GRCh37&padding=1&chr_prefix=true").content.decode()

    assert "\n17\t41196311\t41277500\tBRCA1|HGNC:1100\t0\t.\n" in plain
    assert "\nchr17\t41196310\t41277501\tBRCA1|HGNC:1100\t0\t.\n" in padded


@pytest.mark.parametrize(
    ("query", "field"), [("build=hg19", "build"), ("padding=x", "padding"), ("chr_prefix=9", "chr_prefix")]
)
def test_export_with_an_option_that_makes_no_sense_names_it(client, query, field):
    answer = export(client, f"bed/?{query}")

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]


@pytest.mark.parametrize("text", ["A\x00B", "\ud800"])
@pytest.mark.parametrize("key", ["gene_symbol", "user_notes"])
def test_export_of_a_text_that_no_file_holds_is_refused(client, text, key):
    body = {"inputs": [{"name": "mine", "genes": [{"gene_symbol": "BRCA1"} | {key: text}]}]}

    answer = export(client, "json/", body)

    assert answer.status_code == 400
