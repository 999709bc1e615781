"""Pages answer whatever is asked, change nothing by being looked at, and show text as text."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.test.utils import CaptureQueriesContext

from audit.models import AuditLog
from panels.models import CataloguePanel
from tests.panels.formats.reading.building import workbook
from tests.panels.views.pages import TWO, bring, file, upload_id

pytestmark = pytest.mark.django_db

CANARY = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'"
GETS = [
    "/",
    "/?q=cardiomyopathy",
    "/?q=GBA",
    f"/?{TWO}",
    f"/?{TWO}&show=list",
    f"/?{TWO}&show=dropped",
    f"/?{TWO}&rule=subtract&number=1",
    "/?uk:4711=green",
    "/catalogue/",
    "/catalogue/uk/90001/",
    "/catalogue/uk/90001/?version=2.9",
    "/catalogue/uk/5/",
    "/catalogue/compare/",
    "/catalogue/compare/?a=uk:90001@2.9&b=uk:90001",
    "/catalogue/compare/?a=dilated&b=aus:4711",
    "/genes/",
    "/genes/?q=QARS",
    "/genes/?q=GBA",
    "/genes/GBA/",
    "/genes/nonsense/",
    "/uploads/",
    "/decide/",
    "/download/xlsx/",
]


def rows_everywhere() -> dict[str, int]:
    return {model._meta.label: model.objects.count() for model in apps.get_models() if model not in (AuditLog, Session)}


def test_get_changes_no_row(client, demo_catalogue):
    query = bring(client, "BRCA1\nQARS", TWO)
    own = f"/uploads/{upload_id(query)}/"
    before = rows_everywhere()

    statuses = [client.get(address).status_code for address in [*GETS, f"/?{query}", own, f"{own}problems.csv"]]
    gone = [client.get(f"{own}{part}/").status_code for part in ("column", "remove")]

    assert rows_everywhere() == before
    assert max(statuses) < 500
    assert gone == [405, 405]


@pytest.mark.parametrize("address", [address for address in GETS if "decide" not in address])
def test_head_answers_as_get_without_a_body(client, demo_catalogue, address):
    get, head = client.get(address), client.head(address)

    assert head.status_code == get.status_code
    assert head.content == b""


def test_visitor_gets_no_session_by_looking(client, demo_catalogue):
    client.get(f"/?{TWO}")

    assert not Session.objects.exists()


@pytest.mark.parametrize(
    "address",
    ["/?q={}", "/?{}=green", "/?uk:{}=green", "/catalogue/?search={}", "/catalogue/?disease_group={}", "/genes/?q={}"],
)
def test_text_of_the_address_is_shown_as_text(client, demo_catalogue, address):
    page = client.get(address.format("%3Cscript%3Ealert(1)%3C/script%3E%22%27"))

    assert "<script>alert" not in page.content.decode()
    assert "alert(1)&lt;/script&gt;" in page.content.decode() or "alert(1)" not in page.content.decode()


def test_text_of_an_upload_is_shown_as_text(client, demo_catalogue):
    content = workbook(
        {"<b>Sheet": [["Gene", CANARY], ["ACTN2", CANARY], [CANARY, "x"], ["TTN", "=1+1"]], "B": [["x"]]}
    )

    answer = client.post(f"/uploads/?{TWO}", {"file": file("<img src=x onerror=alert(3)>.xlsx", content)})
    query = answer["Location"].partition("?")[2]
    pages = [
        client.get(address).content.decode()
        for address in (f"/uploads/{upload_id(query)}/", f"/?{query}", f"/?{query}&show=dropped", "/")
    ]

    for page in pages:
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "<b>Sheet" not in page
    assert "&lt;script&gt;alert(1)" in pages[0]
    assert "&lt;img src=x onerror=alert(3)&gt;.xlsx" in pages[1]


def test_text_of_pasted_genes_is_shown_as_text(client):
    page = client.post("/uploads/", {"text": f"</textarea>{CANARY}"}).content.decode()

    assert "<script>alert" not in page
    assert "&lt;/textarea&gt;&lt;script&gt;" in page


def test_text_of_a_reason_is_shown_as_text(client, demo_catalogue):
    said = {"entity": "HGNC:164", "field": "confidence_level", "value": "amber"}

    client.post(f"/decide/?{TWO}", said | {"reason": CANARY})
    page = client.get(f"/?{TWO}&show=conflicts").content.decode()

    assert "by hand: &lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page


def test_text_of_the_mirror_is_shown_as_text(client, demo_catalogue):
    CataloguePanel.objects.filter(source="uk", panel_id=90001).update(
        name=CANARY, search_text="canary", disease_group=CANARY, relevant_disorders=[CANARY], description=CANARY
    )

    for address in ("/?q=canary", "/catalogue/", "/catalogue/uk/90001/", "/genes/MYBPC3/"):
        page = client.get(address).content.decode()

        assert "&lt;script&gt;alert(1)" in page
        assert "<script>alert" not in page


def queries(client, address: str) -> int:
    from django.db import connection

    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert client.get(address).status_code == 200
    return len(caught)


def test_workbench_asks_as_much_for_ten_panels_as_for_one(client, demo_catalogue):
    ten = "&".join(f"uk:{number}=green" for number in range(90001, 90011))

    assert queries(client, f"/?{ten}") == queries(client, "/?uk:90001=green") < 20


def test_workbench_asks_as_much_for_three_uploads_as_for_one(client, demo_catalogue):
    one = bring(client, "BRCA1\nTP53", "uk:90001=green")
    three = bring(client, "MYH7", bring(client, "TTN", one))

    assert queries(client, f"/?{three}") == queries(client, f"/?{one}") < 25


def test_search_asks_as_much_for_many_hits_as_for_few(client, demo_catalogue):
    assert queries(client, "/?q=demo") == queries(client, "/?q=hypertrophic")


def test_catalogue_asks_as_much_for_forty_panels_as_for_five(client, demo_catalogue):
    CataloguePanel.objects.filter(source="uk", panel_id__lte=90005).update(disease_group="Five")

    assert queries(client, "/catalogue/") == queries(client, "/catalogue/?disease_group=Five") < 15


def test_page_of_a_failing_form_from_elsewhere_says_what_to_do(demo_catalogue):
    from django.test import Client

    page = Client(enforce_csrf_checks=True).post(f"/download/xlsx/?{TWO}")

    assert page.status_code == 403
    assert "Go back, reload the page and send it again." in page.content.decode()
