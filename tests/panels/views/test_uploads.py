"""UP-01, BG-21: bringing lists along, and the preview of what they mean."""

from __future__ import annotations

import csv
import io

import pytest

from panels.models import Upload
from tests.panels.formats.reading.building import workbook
from tests.panels.views.pages import bring, file, seen, upload_id

pytestmark = pytest.mark.django_db

UNCLEAR = "First,Second\n12,ACTN2\n13,MYH7\n14,TTN\n"


def preview(client, query: str):
    return client.get(f"/uploads/{upload_id(query)}/?{query}")


def test_paste_genes_puts_them_into_the_basket(client, demo_catalogue):
    query = bring(client, "BRCA1, TP53; GBA", "uk:90001=green")

    page = client.get(f"/?{query}")

    assert query.startswith("uk:90001=green&upload:")
    assert "Basket (2)" in seen(page)
    assert "3 genes taken" in seen(page)


def test_upload_several_files_puts_each_into_the_basket(client):
    files = [file("one.csv", "Gene\nBRCA1\n"), file("two.xlsx", workbook({"Genes": [["Gene"], ["TP53"]]}))]

    answer = client.post("/uploads/", {"file": files})
    page = client.get(answer["Location"])

    assert "Basket (2)" in seen(page)
    assert "one.csv" in seen(page)
    assert "two.xlsx" in seen(page)


def test_preview_shows_each_row_with_what_it_means(client):
    """BG-04"""
    page = preview(client, bring(client, "BRCA1\nGBA\nQARS\n2-Sep\nnonsense"))

    assert "1 BRCA1 BRCA1 HGNC:1100 current symbol" in seen(page)
    assert "2 GBA GBA1 HGNC:4177 former symbol" in seen(page)
    assert "3 QARS may be several genes" in seen(page)
    assert "4 2-Sep a date made by a spreadsheet" in seen(page)


def test_preview_names_row_and_column_of_each_problem(client):
    answer = client.post("/uploads/", {"file": file("mine.csv", "No,Gene\n1,BRCA1\n2,nonsense\n")})

    page = preview(client, answer["Location"])

    assert "2 rows read, 1 problem." in seen(page)
    assert 'Row Column Value What is wrong 3 Gene nonsense "nonsense" is not a known gene symbol.' in seen(page)


def test_problems_can_be_downloaded(client):
    query = bring(client, "BRCA1\nQARS\n=nonsense()")

    answer = client.get(f"/uploads/{upload_id(query)}/problems.csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))

    assert answer["Content-Disposition"] == 'attachment; filename="problems.csv"'
    assert [row[2] for row in rows] == ["value", "QARS", "'=nonsense()"]


def test_upload_unclear_column_is_asked_for_and_chosen(client):
    answer = client.post("/uploads/?uk:1=green", {"file": file("mine.csv", UNCLEAR)})
    page = client.get(answer["Location"])
    query = answer["Location"].partition("?")[2]

    chosen = client.post(f"/uploads/{upload_id(answer['Location'])}/column/?{query}", {"column": "1"}, follow=True)

    assert answer["Location"].startswith("/uploads/")
    assert "It is not clear which column holds the genes" in seen(page)
    assert '<option value="1" selected>B: Second, ACTN2, MYH7</option>' in page.content.decode()
    assert "4 rows read, 1 problem." in seen(chosen)
    assert f'href="/?{query}"'.replace("&", "&amp;") in chosen.content.decode()


def test_workbench_with_unclear_column_leads_to_the_choice(client, demo_catalogue):
    query = client.post("/uploads/", {"file": file("mine.csv", UNCLEAR)})["Location"].partition("?")[2]

    page = client.get(f"/?{query}")

    assert page.status_code == 200
    assert "It is not clear which column holds the genes. Open the list and choose it." in seen(page)


@pytest.mark.parametrize("column", ["0", "99", "-1", "x", "\u0661", "9" * 20])
def test_choose_column_without_genes_changes_nothing(client, column):
    answer = client.post("/uploads/", {"file": file("mine.csv", UNCLEAR)})

    page = client.post(f"/uploads/{upload_id(answer['Location'])}/column/", {"column": column})

    assert page.status_code == 400
    assert 'class="note error" role="alert"' in page.content.decode()
    assert Upload.objects.get().column is None


def test_choose_another_sheet_finds_its_column(client):
    content = workbook({"First": [["Gene"], ["BRCA1"]], "Second": [["No", "Gene"], ["1", "TP53"], ["2", "MYH7"]]})
    query = client.post("/uploads/", {"file": file("mine.xlsx", content)})["Location"].partition("?")[2]

    page = client.post(f"/uploads/{upload_id(query)}/column/", {"column": "0", "sheet": "Second"}, follow=True)

    assert "2 rows read" in seen(page)
    assert "TP53" in seen(page)


def test_choose_sheet_that_is_not_there_is_refused(client):
    query = bring(client, "BRCA1\nTP53")

    page = client.post(f"/uploads/{upload_id(query)}/column/", {"sheet": "Third"})

    assert page.status_code == 400
    assert "There is no sheet 'Third'" in seen(page)


def test_upload_nothing_says_what_to_do(client):
    page = client.post("/uploads/", {"text": "  \n "})

    assert page.status_code == 400
    assert "Choose a file, or paste gene symbols into the box." in seen(page)


def test_paste_no_gene_keeps_what_was_typed(client):
    page = client.post("/uploads/", {"text": "nonsense\nrubbish"})

    assert page.status_code == 400
    assert ">nonsense\nrubbish</textarea>" in page.content.decode()
    assert not Upload.objects.exists()


def test_upload_wrong_type_says_which_are_read(client):
    page = client.post("/uploads/", {"file": file("genes.pdf", b"%PDF-1.7")})

    assert page.status_code == 415
    assert ".xlsx" in seen(page)
    assert not Upload.objects.exists()


def test_upload_too_large_says_so(client, settings):
    settings.MAX_UPLOAD_SIZE = 100

    page = client.post("/uploads/", {"file": file("genes.csv", "Gene\n" + "BRCA1\n" * 100)})

    assert page.status_code == 413
    assert not Upload.objects.exists()


def test_paste_too_large_says_so(client, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000

    page = client.post("/uploads/", {"text": "BRCA1\n" * 1000})

    assert page.status_code == 413
    assert "Split it" in seen(page)


def test_upload_two_files_one_bad_takes_none_and_names_it(client):
    files = [file("good.csv", "Gene\nBRCA1\n"), file("bad.csv", "Gene\nnonsense\n")]

    page = client.post("/uploads/", {"file": files})

    assert page.status_code == 400
    assert "bad.csv" in seen(page)
    assert not Upload.objects.exists()


def test_remove_upload_takes_it_out_of_the_basket(client):
    query = bring(client, "BRCA1\nTP53", "uk:90001=green")

    answer = client.post(f"/uploads/{upload_id(query)}/remove/?{query}")

    assert answer["Location"] == "/?uk:90001=green"
    assert not Upload.objects.exists()


@pytest.mark.parametrize("part", ["", "problems.csv"])
def test_read_upload_of_another_browser_is_not_found(client, part):
    query = bring(client, "BRCA1\nTP53")
    client.cookies.clear()

    page = client.get(f"/uploads/{upload_id(query)}/{part}")

    assert page.status_code == 404
    assert "belongs to another browser" in seen(page)


@pytest.mark.parametrize("part", ["column", "remove"])
def test_change_upload_of_another_browser_is_not_found(client, part):
    query = bring(client, "BRCA1\nTP53")
    client.cookies.clear()

    page = client.post(f"/uploads/{upload_id(query)}/{part}/", {"column": "0"})

    assert page.status_code == 404
    assert Upload.objects.exists()


@pytest.mark.parametrize("address", ["/uploads/nonsense/", "/uploads/3f2504e0-4f89-41d3-9a0c-0305e82c3301/"])
def test_unknown_upload_is_not_found(client, address):
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("asked", ["abc", "99999", "0"])
def test_preview_page_out_of_bounds_shows_one_there_is(client, asked):
    query = bring(client, "BRCA1\nTP53")

    assert "BRCA1" in seen(client.get(f"/uploads/{upload_id(query)}/?page={asked}"))


@pytest.mark.parametrize("address", ["/uploads/", "/api/v1/uploads/"])
def test_more_files_than_are_taken_at_once_is_400_with_the_limit(client, db, settings, address):
    files = [file(f"{n}.csv", b"Gene") for n in range(settings.DATA_UPLOAD_MAX_NUMBER_FILES + 1)]

    answer = client.post(address, {"file": files})

    assert answer.status_code == 400
    assert "At most 20 files are taken at once" in answer.content.decode()
