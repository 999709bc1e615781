"""The matrix as a page: pasted genes, an address that survives reload, filters, both directions, files. BG-07."""

from __future__ import annotations

import csv
import html
import io
import re
from urllib.parse import urlsplit

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

from audit.models import AuditLog
from panels.actions import uploads
from panels.formats.reading.delimited import read
from panels.models import CatalogueEntry, Gene, PanelDownload, Upload
from tests.panels.views.pages import bring, seen, upload_id

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo_catalogue")]
GENES = "MYBPC3\nMYH7\nTTN\nGBA\nBRAC1\n"


@pytest.fixture(autouse=True)
def _in_process(monkeypatch):
    """Reading in a child process has its own tests."""
    monkeypatch.setattr(uploads, "read_text", lambda text, name, **_: read(text.encode(), name))


def paste(client: Client, text: str = GENES, basket: str = "") -> str:
    """The query string of the matrix of these genes."""
    answer = client.post(f"/matrix/paste/?{basket}", {"text": text})
    assert answer.status_code == 302, seen(answer)
    assert urlsplit(answer["Location"]).path == "/matrix/"
    return urlsplit(answer["Location"]).query


def heads(page) -> list[str]:
    """The panels that are columns, as tag and name."""
    head = re.search(r'<table class="matrix">.*?</thead>', page.content.decode(), re.DOTALL)[0]
    found = re.findall(r'<span class="tag">(\w+)</span> <a [^>]*>([^<]*)</a>', head)
    return [f"{tag} {html.unescape(name)}" for tag, name in found]


def row_of(page, symbol: str) -> str:
    """One row of the matrix as text."""
    for row in re.findall(r"<tr>.*?</tr>", page.content.decode(), re.DOTALL):
        text = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", row)).split())
        if text.startswith(symbol):
            return text
    raise AssertionError(f"{symbol} is no row")


# --- From genes to an address ----------------------------------------------------------------------------------


def test_matrix_without_a_list_says_how_to_get_one(client):
    page = client.get("/matrix/")

    assert page.status_code == 200
    assert "Nothing is shown yet: there is no list of genes." in seen(page)
    assert 'href="/matrix/" aria-current="page"' in page.content.decode()


def test_pasted_genes_become_an_address_that_survives_reload(client):
    query = paste(client)

    first, again = client.get(f"/matrix/?{query}"), client.get(f"/matrix/?{query}")

    assert first.status_code == 200
    assert "4 genes" in seen(first) and "1 not resolved" in seen(first)
    assert (heads(first), row_of(first, "MYBPC3")) == (heads(again), row_of(again, "MYBPC3"))


def test_pasted_list_stands_first_and_the_basket_comes_along(client):
    """What subtract takes away stays the same input, although one more stands before it."""
    query = paste(client, "TTN", "uk:90001=green&aus:95001=green&rule=subtract&number=2")

    assert re.fullmatch(r"upload:\S{36}=&uk:90001=green&aus:95001=green&rule=subtract&number=3", query)


@pytest.mark.parametrize(("text", "told"), [("", "Paste gene symbols"), ("nosuchgene", "names no gene")])
def test_paste_that_cannot_be_taken_keeps_what_was_typed(client, text, told):
    page = client.post("/matrix/paste/", {"text": text})

    assert page.status_code == 400
    assert told in seen(page)
    assert f">{text}</textarea>" in page.content.decode()
    assert not Upload.objects.exists()


def test_paste_of_too_many_genes_keeps_them_in_the_box(client):
    many = "\n".join(Gene.objects.filter(status="approved").values_list("symbol", flat=True)[:5_001])

    page = client.post("/matrix/paste/", {"text": many})

    assert page.status_code == 400
    assert "there are 5,001 genes; a matrix takes at most 5,000. Split the list." in seen(page)
    assert html.escape(many) in page.content.decode()


def test_matrix_of_another_browser_is_not_here(client):
    page = Client().get(f"/matrix/?{paste(client)}")

    assert page.status_code == 404
    assert "expired, or belongs to another browser" in seen(page)
    assert "MYBPC3" not in seen(page)


# --- What it shows ---------------------------------------------------------------------------------------------


def test_cell_says_level_and_inheritance_in_words(client):
    page = client.get(f"/matrix/?{paste(client, 'MYBPC3')}&words=hypertrophic&source=uk")

    row = row_of(page, "MYBPC3")

    assert row.startswith("MYBPC3 1 G green AD , MONOALLELIC, autosomal or pseudoautosomal")
    assert 'class="level green" title="green"' in page.content.decode()


def test_gene_by_an_old_symbol_says_how_it_was_written(client):
    """BG-04"""
    page = client.get(f"/matrix/?{paste(client)}")

    assert row_of(page, "GBA1").startswith("GBA1 written GBA")


def test_gene_in_no_panel_keeps_its_row(client):
    page = client.get(f"/matrix/?{paste(client, 'OR4F5, TTN')}")

    assert row_of(page, "OR4F5") == "OR4F5 0"
    assert "1 in none of them" in seen(page)


def test_not_resolved_stands_in_a_row_and_with_its_reason(client):
    page = client.get(f"/matrix/?{paste(client)}")

    assert row_of(page, "Not resolved") == "Not resolved: 1 BRAC1"
    assert '5 BRAC1 "BRAC1" is not a known gene symbol.' in seen(page)


def test_panels_with_most_of_the_genes_stand_first(client):
    page = client.get(f"/matrix/?{paste(client)}")

    totals = [int(number) for number in row_of(page, "Genes held").split()[2:]]
    assert totals == sorted(totals, reverse=True) and totals[0] > totals[-1] > 0


def test_files_say_how_many_rows_of_a_super_panel_stand_behind_a_cell(client):
    """BG-10"""
    query = f"{paste(client, 'MYBPC3')}&source=uk&words=sudden"

    book = CalamineWorkbook.from_filelike(io.BytesIO(client.post(f"/matrix/download/xlsx/?{query}").content))

    assert book.get_sheet_by_name("Inheritance").to_python()[1][4].endswith(" | 2 rows")
    assert b" | 2 rows" in client.post(f"/matrix/download/csv/?{query}").content


def test_super_panel_says_how_many_rows_stand_behind_a_cell(client):
    """BG-10"""
    page = client.get(f"/matrix/?{paste(client, 'MYBPC3')}&source=uk&words=sudden")

    assert "2 rows" in row_of(page, "MYBPC3")


@pytest.mark.parametrize(
    ("query", "check"),
    [
        ("source=aus", lambda names: all(name.startswith("AU ") for name in names)),
        ("words=CARDIO+hyper", lambda names: all("Hypertrophic cardio" in name for name in names)),
        ("least=3", lambda names: len(names) > 1),
        ("levels=green", lambda names: len(names) > 1),
    ],
)
def test_filter_leaves_fewer_panels(client, query, check):
    address = f"/matrix/?{paste(client)}"
    whole = set(heads(client.get(address)))

    fewer = set(heads(client.get(f"{address}&{query}")))

    assert fewer < whole and check(fewer)


def test_filter_that_leaves_nothing_says_what_to_do(client):
    page = client.get(f"/matrix/?{paste(client)}&least=4000")

    assert "No panel holds 4000 or more of these genes under these filters." in seen(page)


@pytest.mark.parametrize("levels", ["green", "amber", "red", "none"])
def test_levels_speak_in_words_and_stay_chosen(client, levels):
    page = client.get(f"/matrix/?{paste(client)}&levels={levels}").content.decode()

    words = {"green": "green only", "amber": "green and amber", "red": "everything but level 0", "none": "with level 0"}
    assert f'<option value="{levels}" selected>{words[levels]}</option>' in page


def test_add_puts_the_panel_into_the_basket_behind_the_list(client):
    query = paste(client, "MYBPC3")

    page = client.get(f"/matrix/?{query}").content.decode()

    assert f'href="/?{query}&amp;uk:90001=green&amp;uk:90001=amber&amp;uk:90001=red"' in page
    assert "in basket" in seen(client.get(f"/matrix/?{query}&uk:90001=green"))


def test_another_list_becomes_a_column_and_goes_again(client):
    other = upload_id(bring(client, "Gene,Level\nTTN,vh\nBRCA1,red\n"))
    address = f"/matrix/?{paste(client)}&levels=green"
    shown = html.unescape(re.search(r'href="([^"]*)">show as a column', client.get(address).content.decode())[1])

    page = client.get(shown)

    assert shown == f"{address.replace('&levels=green', '')}&upload:{other}=&levels=green"
    assert heads(page)[0] == "mine Pasted list"
    assert 'class="cell vh"' not in page.content.decode()
    gone = re.search(r'href="([^"]*)">take the column away', page.content.decode())[1]
    assert html.unescape(gone) == address


def test_pages_go_in_both_directions_and_keep_each_other(client):
    named = CatalogueEntry.objects.filter(entity_type="gene").order_by("entity_name").distinct()
    query = paste(client, "\n".join(named.values_list("entity_name", flat=True)[:150]))

    first = client.get(f"/matrix/?{query}&levels=none")
    last = client.get(f"/matrix/?{query}&levels=none&page=2&across=2")

    assert "Genes 1 to 100 of" in seen(first) and "Panels 1 to 20 of" in seen(first)
    assert "Genes 101 to" in seen(last) and "Panels 21 to" in seen(last)
    assert not set(heads(first)) & set(heads(last))
    assert "across=2&amp;page=1" in first.content.decode() or "page=1&amp;across=2" in first.content.decode()


@pytest.mark.parametrize("number", [4, 400])
def test_page_asks_as_many_queries_for_few_genes_as_for_many(client, django_assert_num_queries, number):
    symbols = Gene.objects.filter(status="approved").order_by("pk").values_list("symbol", flat=True)[:number]
    query = paste(client, "\n".join(["MYBPC3", *symbols]))
    client.get(f"/matrix/?{query}")

    with django_assert_num_queries(9):
        client.get(f"/matrix/?{query}")


@pytest.mark.parametrize(
    "query",
    [
        *("levels=x", "least=0", "least=-1", "least=99999", "least=%00", "words=%00%27", "source=us", "page=abc"),
        *("across=99", "across=-1", "page=99999", "upload:00000000-0000-0000-0000-000000000007=", "upload:x="),
    ],
)
def test_odd_address_is_answered(client, query):
    page = client.get(f"/matrix/?{paste(client)}&{query}")

    assert page.status_code in (200, 400, 404)
    assert (page.status_code == 400) == ("%00" in query)


def test_hostile_names_are_shown_as_text(client):
    query = paste(client, "Gene\nTTN\n<img/src=x/onerror=alert(1)>\n")

    page = client.get(f"/matrix/?{query}").content.decode()

    assert "<img" not in page
    assert "&lt;img/src=x/onerror=alert(1)&gt;" in page


# --- Files -----------------------------------------------------------------------------------------------------


def test_workbook_holds_the_whole_matrix_and_says_how_it_was_made(client):
    query = paste(client, GENES + "OR4F5\n")

    answer = client.post(f"/matrix/download/xlsx/?{query}&levels=green&page=2")
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    whole = book.get_sheet_by_name("Matrix").to_python()
    about = dict(book.get_sheet_by_name("About").to_python())

    assert answer["Content-Disposition"] == 'attachment; filename="gene-matrix.xlsx"'
    assert [row[0] for row in whole] == ["GeneSymbol", "MYBPC3", "MYH7", "TTN", "GBA1", "OR4F5", "Genes in the panel"]
    assert {cell for row in whole[1:-1] for cell in row[4:]} == {"green", ""}
    assert whole[4][:3] == ["GBA1", "HGNC:4177", "GBA"]
    assert any(name.startswith("GB Hypertrophic") and name.endswith(" v2.10 [uk:90001]") for name in whole[0])
    assert book.get_sheet_by_name("Not resolved").to_python()[1][1] == "BRAC1"
    assert "MONOALLELIC" in str(book.get_sheet_by_name("Inheritance").to_python()[1])
    assert (about["Confidence"], about["Gene names"][:5]) == ("green only", "HGNC ")
    assert "Not for clinical use" in about["Terms of PanelApp UK"]


def test_workbook_and_page_count_alike(client):
    query = paste(client)
    page = client.get(f"/matrix/?{query}")

    content = client.post(f"/matrix/download/xlsx/?{query}").content
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))

    panels = book.get_sheet_by_name("Panels").to_python()[1:]
    cells = [cell for row in book.get_sheet_by_name("Matrix").to_python()[1:-1] for cell in row[4:] if cell]
    assert f"{len(panels)} panels" in seen(page)
    assert sum(int(row[3]) for row in panels) == len(cells)
    assert content == client.post(f"/matrix/download/xlsx/?{query}").content


def test_csv_holds_level_and_sentence_and_ends_with_what_it_says_of_itself(client):
    query = paste(client, GENES)

    content = client.post(f"/matrix/download/csv/?{query}&source=uk").content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(content)))

    place = next(at for at, name in enumerate(rows[0]) if name.endswith("[uk:90001]"))
    assert rows[1][place].startswith("green | MONOALLELIC, autosomal")
    assert ["# Not resolved", "BRAC1", '"BRAC1" is not a known gene symbol.', "row 5"] in rows
    assert ["# Source", "PanelApp UK"] in rows
    assert not any("[aus:" in name for name in rows[0])


def test_cells_that_a_spreadsheet_would_run_are_text(client):
    query = paste(client, 'Gene\nTTN\n=HYPERLINK("http://x")\n')

    rows = client.post(f"/matrix/download/csv/?{query}").content.decode("utf-8-sig")
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.post(f"/matrix/download/xlsx/?{query}").content))

    assert not re.search(r'(^|,)"?=', rows, re.MULTILINE)
    assert "'=HYPERLINK" in rows
    assert book.get_sheet_by_name("Not resolved").to_python()[1][1] == '=HYPERLINK("http://x")'


def test_download_is_recorded_with_its_panels(client):
    """CO-03"""
    query = paste(client, "MYBPC3")

    client.post(f"/matrix/download/csv/?{query}&levels=amber&source=aus")

    download = PanelDownload.objects.get()
    assert re.fullmatch(r"(aus:\d+@[\d.]+(, )?)+", download.panel_ids)
    assert (download.list_types, download.gene_count) == ("green and amber", 1)
    event = AuditLog.objects.get(action_type="PANEL_DOWNLOAD")
    assert event.details["counts"]["genes"] == 1


def test_download_that_cannot_be_recorded_hands_nothing_out(client, monkeypatch):
    """AU-01: no record, no act."""
    query = paste(client, "MYBPC3")
    client.raise_request_exception = False

    def broken(**fields):
        raise RuntimeError("the record cannot be written")

    monkeypatch.setattr(AuditLog.objects, "create", broken)
    answer = client.post(f"/matrix/download/csv/?{query}")

    assert answer.status_code >= 500
    assert b"MYBPC3" not in answer.content
    assert not PanelDownload.objects.exists()


@pytest.mark.parametrize(
    ("address", "status"), [("csv/", 400), ("exe/", 404), ("csv/?upload:00000000-0000-0000-0000-000000000007=", 404)]
)
def test_download_of_nothing_says_so(client, address, status):
    assert client.post(f"/matrix/download/{address}").status_code == status
    assert not PanelDownload.objects.exists()


@pytest.mark.parametrize("address", ["/matrix/download/csv/", "/matrix/paste/"])
def test_what_writes_is_a_post(client, address):
    assert client.get(address).status_code == 405


def test_forms_ask_for_the_token(client):
    strict = Client(enforce_csrf_checks=True)

    assert strict.post("/matrix/paste/", {"text": "TTN"}).status_code == 403
    assert strict.post("/matrix/download/csv/").status_code == 403
