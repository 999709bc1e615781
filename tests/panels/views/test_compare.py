"""Two panels side by side, without JavaScript. SP-15, BG-09, BG-10."""

from __future__ import annotations

import copy
import csv
import io
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.models import AuditLog
from panels.actions.catalogue import load_catalogue, read_panel
from panels.engine.request import PanelSpec
from panels.models import PanelDownload
from panels.views.compare import panel_spec
from tests.fakes.panelapp import demo_bodies
from tests.panels.actions.mirror import written
from tests.panels.views.pages import TWO, seen

pytestmark = pytest.mark.django_db
ADDRESS = "/catalogue/compare/"
VERSIONS = f"{ADDRESS}?a=uk:90001@2.9&b=uk:90001@2.10"


@pytest.fixture(autouse=True)
def _mirror(demo_catalogue):
    """Every test here looks at the demonstration catalogue."""


def figure(page, words: str) -> int:
    return int(re.search(rf"(\d+) {re.escape(words)}", seen(page))[1])


def keys(panel_id: int, version: str, source: str = "uk") -> set[str]:
    rows = read_panel(source=source, panel_id=panel_id, version=version).rows
    return {f"{row.entity.entity_type} {row.entity.key}" for row in rows}


def released(folder, version: str, change) -> None:
    """Add a version of uk:90004 to the mirror, whose body ``change`` has altered."""
    body = copy.deepcopy(next(one for one in demo_bodies("uk") if one["id"] == 90004)) | {"version": version}
    change(body)
    load_catalogue(path=written(folder, body), source="uk")


def test_compare_versions_counts_what_is_only_here_and_only_there(client):
    old, new = keys(90001, "2.9"), keys(90001, "2.10")

    page = client.get(VERSIONS)

    assert page.status_code == 200
    assert (figure(page, "in the first"), figure(page, "in the second")) == (len(old), len(new))
    assert figure(page, "only in the first") == len(old - new)
    assert figure(page, "only in the second") == len(new - old) > 0
    both = figure(page, "differ in confidence") + figure(page, "differ in other") + figure(page, "equal")
    assert both == len(old & new)


def test_compare_shows_a_gene_that_went_from_green_to_red(client, tmp_path):
    def change(body):
        body["genes"][0]["confidence_level"] = "3"

    def back(body):
        body["genes"][0]["confidence_level"] = "1"

    released(tmp_path, "8.1", change)
    released(tmp_path, "8.2", back)

    page = client.get(f"{ADDRESS}?a=uk:90004@8.1&b=uk:90004@8.2")

    assert figure(page, "differ in confidence or inheritance") == 1
    [line] = page.context["lines"]
    assert (line.change.old.fields["confidence_level"], line.change.new.fields["confidence_level"]) == ("green", "red")
    assert "G green R red" in seen(page)


def test_compare_tells_other_fields_when_asked(client, tmp_path):
    def change(body):
        body["genes"][0]["phenotypes"] = ["Quite another thing"]

    released(tmp_path, "8.1", lambda body: None)
    released(tmp_path, "8.2", change)
    address = f"{ADDRESS}?a=uk:90004@8.1&b=uk:90004@8.2"

    page, whole = client.get(address), client.get(f"{address}&differ=any")

    assert figure(page, "differ in other fields alone") == 1
    assert "1 differs in other fields: choose" in seen(page)
    assert "phenotype" in seen(whole) and "Quite another thing" in seen(whole)


@pytest.mark.parametrize(("kind", "prefix"), [("gene", "gene "), ("str", "str "), ("region", "region ")])
def test_compare_narrows_counts_and_tables_to_a_kind(client, kind, prefix):
    """BG-09: STRs and regions are compared as genes are."""
    uk = {key for key in keys(90005, "2.9") if key.startswith(prefix)}
    aus = {key for key in keys(95005, "2.9", "aus") if key.startswith(prefix)}

    page = client.get(f"{ADDRESS}?a=uk:90005&b=aus:95005&kind={kind}&differ=any")

    assert (figure(page, "in the first"), figure(page, "in the second")) == (len(uk), len(aus))
    shown = {one.entity.entity_type for _, _, rows in page.context["only"] for one in rows}
    shown |= {line.change.new.entity.entity_type for line in page.context["lines"]}
    assert shown <= {kind}


def test_compare_of_a_panel_with_itself_finds_nothing(client):
    page = client.get(f"{ADDRESS}?a=uk:90025&b=UK:90025@v2.9")

    assert figure(page, "equal") == figure(page, "in the first") == len(keys(90025, "2.9"))
    assert "they say the same of it" in seen(page)
    assert "names nothing that the other does not" in seen(page)


def test_compare_tells_of_a_gene_that_was_written_differently(client, tmp_path):
    def renamed(body):
        body["genes"][0]["gene_data"]["gene_symbol"] = body["genes"][0]["entity_name"] = "OLDNAME1"

    released(tmp_path, "8.1", renamed)
    released(tmp_path, "8.2", lambda body: None)

    page = client.get(f"{ADDRESS}?a=uk:90004@8.1&b=uk:90004@8.2")

    assert "1 called differently, which is no difference of content" in seen(page)
    assert figure(page, "differ in confidence") == figure(page, "differ in other") == 0


def test_compare_without_panels_says_what_to_do(client):
    page = client.get(ADDRESS)

    assert page.status_code == 200
    assert "Two panels, or two versions of one" in seen(page)
    assert "only in the first" not in seen(page)


def test_compare_by_words_offers_panels_that_lead_to_the_comparison(client):
    page = client.get(f"{ADDRESS}?a=uk:90001&b=dilated&{TWO}")
    links = re.findall(r'href="([^"]*b=aus:95002[^"]*)"', page.content.decode())

    following = client.get(links[0].replace("&amp;", "&"))

    assert "Second panel: choose one" in seen(page)
    assert "AUS Dilated cardiomyopathy" in seen(following)
    assert "Workbench (2)" in seen(following)


@pytest.mark.parametrize(
    ("query", "status", "sentence"),
    [
        ("a=uk:4711&b=uk:90001", 404, "First panel: PanelApp UK has no panel 4711 in this mirror."),
        ("a=uk:90001&b=uk:90001@9.9", 404, "is not here in version 9.9. Versions held, newest first: 2.10, 2.9."),
        ("a=uk:90001@9.9", 404, "Versions held, newest first: 2.10, 2.9."),
        ("a=uk:4711&b=aus:4711", 404, "Second panel: PanelApp Australia has no panel 4711"),
        ("a=uk:zero&b=uk:90001", 400, "First panel: “uk:zero” is no panel. Write uk:245"),
        ("a=nothing+of+the+kind", 400, "No panel matches “nothing of the kind”."),
        ("a=" + "a+" * 30, 400, "A search takes up to 20 words."),
    ],
)
def test_compare_says_at_the_field_what_is_wrong_and_keeps_it(client, query, status, sentence):
    page = client.get(f"{ADDRESS}?{query}")

    assert page.status_code == status
    assert sentence in seen(page)
    assert 'aria-invalid="true"' in page.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "a=%00",
        "changed=x",
        "changed=999999",
        "only_a=-1",
        "kind=x",
        "differ=x",
        "a=uk:0",
        "b=<script>alert(1)</script>",
    ],
)
def test_compare_of_an_odd_address_is_answered(client, query):
    page = client.get(f"{VERSIONS}&{query}")

    assert page.status_code < 500
    assert b"<script>alert" not in page.content


def test_compare_pages_each_table_on_its_own(client, monkeypatch):
    monkeypatch.setattr("panels.views.compare.PER_PAGE", 3)

    first = client.get(f"{ADDRESS}?a=uk:90004&b=aus:95005")
    second = client.get(f"{ADDRESS}?a=uk:90004&b=aus:95005&only_a=2")

    names = [[one.entity.name for one in page.context["only"][0][2]] for page in (first, second)]
    assert [len(one) for one in names] == [3, 3]
    assert not set(names[0]) & set(names[1])
    assert [one.entity.name for one in first.context["only"][1][2]] == [
        one.entity.name for one in second.context["only"][1][2]
    ]
    assert "only_a=2#only_a" in first.content.decode()


def test_compare_asks_as_many_queries_for_few_genes_as_for_many(client):
    small, large = f"{ADDRESS}?a=uk:90001&b=aus:95001", f"{ADDRESS}?a=uk:90025&b=aus:95019&differ=any"
    for address in (small, large):
        client.get(address)

    counts = []
    for address in (small, large):
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        counts.append(len(queries))

    assert counts[0] == counts[1] < 10


def test_panel_page_leads_to_the_comparison_with_another_version(client):
    page = client.get("/catalogue/uk/90001/")
    links = re.findall(r'href="(/catalogue/compare/[^"]*)"', page.content.decode())

    opened = [client.get(link.replace("&amp;", "&")) for link in links]

    assert [link.partition("?")[2] for link in links] == [
        "a=uk:90001@2.10",
        "a=uk:90001@2.9&amp;b=uk:90001@2.10",
    ]
    assert [one.status_code for one in opened] == [200, 200]
    assert figure(opened[1], "only in the second") > 0


def test_catalogue_leads_to_the_comparison(client):
    assert 'href="/catalogue/compare/"' in client.get("/catalogue/").content.decode()


# --- File ------------------------------------------------------------------------------------------------------


def test_download_holds_every_difference_and_its_terms(client):
    page = client.get(VERSIONS)

    answer = client.post(f"{ADDRESS}download/?a=uk:90001@2.9&b=uk:90001@2.10&kind=str&changed=7")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))

    assert answer["Content-Disposition"] == 'attachment; filename="compare_uk-90001-v2.9_uk-90001-v2.10.csv"'
    assert rows[0][5:] == [
        f"A: GB {page.context['compared'].a.name} v2.9",
        f"B: GB {page.context['compared'].b.name} v2.10",
    ]
    only_b = {row[2] for row in rows if row and row[0] == "only in B"}
    assert len(only_b) == figure(page, "only in the second")
    assert any(row[:1] == ["# Terms of A"] and "Not for clinical use" in row[1] for row in rows)


def test_download_is_recorded_with_both_panels(client):
    """CO-03"""
    client.post(f"{ADDRESS}download/?a=uk:90001@2.9&b=uk:90001")

    assert PanelDownload.objects.get().panel_ids == "uk:90001@2.9, uk:90001@2.10"
    assert AuditLog.objects.get(action_type="PANEL_DOWNLOAD").details["counts"]["only_b"] > 0


def test_download_that_cannot_be_recorded_hands_nothing_out(client, monkeypatch):
    """AU-01: no record, no act."""
    client.raise_request_exception = False

    def broken(**fields):
        raise RuntimeError("the record cannot be written")

    monkeypatch.setattr(AuditLog.objects, "create", broken)
    answer = client.post(f"{ADDRESS}download/?a=uk:90001@2.9&b=uk:90001")

    assert answer.status_code >= 500
    assert not PanelDownload.objects.exists()


@pytest.mark.parametrize(("query", "status"), [("", 400), ("a=uk:90001&b=x", 400), ("a=uk:4711&b=uk:90001", 404)])
def test_download_of_no_comparison_says_so(client, query, status):
    assert client.post(f"{ADDRESS}download/?{query}").status_code == status
    assert not PanelDownload.objects.exists()


def test_download_is_a_post_with_the_token(client):
    assert client.get(f"{ADDRESS}download/?a=uk:90001&b=aus:95001").status_code == 405
    assert Client(enforce_csrf_checks=True).post(f"{ADDRESS}download/").status_code == 403


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("uk:245", PanelSpec("uk", 245)),
        ("AUS:3149@v3.5", PanelSpec("aus", 3149, "3.5")),
        ("uk:0245", None),
        ("uk:245@3", None),
        ("uk:٢٤٥", None),
        ("us:245", None),
        ("uk:245\n", None),
    ],
)
def test_panel_spec_reads_one_spelling_of_a_panel(text, spec):
    assert panel_spec(text) == spec
