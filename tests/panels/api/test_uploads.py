"""Uploads over HTTP: without an account, one's own only, and never a 500."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import path

from accounts.models import User
from panels.actions import uploads
from panels.api.uploads import UploadDetail, UploadList
from panels.formats.reading.delimited import read
from panels.models import Upload

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]
urlpatterns = [path("uploads/", UploadList.as_view()), path("uploads/<uuid:pk>/", UploadDetail.as_view())]
handler400 = "panelmerge.errors.bad_request"
handler404 = "panelmerge.errors.not_found"
LIST = b"Gene,Level\nBRCA1,green\nBRAC1,red\n"


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "uploads")
    settings.STATIC_ROOT = str(tmp_path)
    settings.UPLOAD_KEEP = timedelta(hours=24)


@pytest.fixture
def in_process(monkeypatch):
    monkeypatch.setattr(uploads, "read_file", lambda content, name, **_: read(content, name))
    monkeypatch.setattr(uploads, "read_text", lambda text, name, **_: read(text.encode(), name))


def send(client: Client, *files: tuple[str, bytes]):
    return client.post("/uploads/", {"file": [SimpleUploadedFile(name, content) for name, content in files]})


def test_post_a_file_without_an_account_answers_with_its_report(client):
    """UP-01: no account needed; the report lists genes and problems by row."""
    answer = send(client, ("list.csv", LIST))

    [told] = answer.json()
    assert answer.status_code == 201
    assert (told["name"], [gene["hgnc_id"] for gene in told["genes"]]) == ("list.csv", ["HGNC:1100", ""])
    assert told["problems"] == [
        {"row": 3, "column": "Gene", "value": "BRAC1", "message": '"BRAC1" is not a known gene symbol.'}
    ]


def test_get_afterwards_needs_the_cookie_that_came(in_process, client):
    pk = send(client, ("list.csv", LIST)).json()[0]["id"]

    assert client.get(f"/uploads/{pk}/").json()["id"] == pk
    assert Client().get(f"/uploads/{pk}/").status_code == 404


def test_post_pasted_text_as_json(in_process, client):
    answer = client.post("/uploads/", {"text": "BRCA1, TP53", "name": "mine"}, content_type="application/json")

    [told] = answer.json()
    assert (told["name"], [gene["gene_symbol"] for gene in told["genes"]]) == ("mine", ["BRCA1", "TP53"])


def test_post_several_files_where_one_is_bad_takes_none(in_process, client):
    answer = send(client, ("good.csv", LIST), ("bad.csv", b"Gene\nXXYZZY\n"))

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["bad.csv"])
    assert Upload.objects.count() == 0


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [("a.exe", b"MZ", 415), ("a.csv", b"", 400), ("a.csv", b"PK\x03\x04", 415), ("a.csv", b"Gene\n" + b"x" * 99, 413)],
)
def test_post_what_cannot_be_read_is_a_problem_with_a_sentence(client, settings, name, content, status):
    settings.MAX_UPLOAD_SIZE = 100

    answer = send(client, (name, content))

    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert name in answer.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        "[]",
        "null",
        '{"text": 5}',
        '{"text": ""}',
        '{"texts": "BRCA1"}',
        '{"text": "\\ud800"}',
        "{",
        '{"file": "x"}',
    ],
)
def test_post_a_body_that_makes_no_sense_is_400(in_process, client, body):
    answer = client.post("/uploads/", body, content_type="application/json")

    assert answer.status_code == 400
    assert answer.json()["detail"]


def test_someone_elses_upload_does_not_exist(in_process, client):
    alice, bob = (User.objects.create_user(name, f"{name}@example.org", "x") for name in ("alice", "bob"))
    client.force_login(alice)
    pk = send(client, ("list.csv", LIST)).json()[0]["id"]
    stranger = Client()
    stranger.force_login(bob)

    answers = [getattr(stranger, verb)(f"/uploads/{pk}/").status_code for verb in ("get", "delete")]
    patched = stranger.patch(f"/uploads/{pk}/", {"column": 1}, content_type="application/json")

    assert [*answers, patched.status_code] == [404, 404, 404]
    assert Upload.objects.get().owner == alice


def test_patch_chooses_the_column(in_process, client):
    pk = send(client, ("a.csv", b"BRCA1,x\nTP53,y\n")).json()[0]["id"]

    answer = client.patch(f"/uploads/{pk}/", {"column": 0}, content_type="application/json")

    assert [gene["gene_symbol"] for gene in answer.json()["genes"]] == ["BRCA1", "TP53"]


@pytest.mark.parametrize(
    "body", [{}, {"column": True}, {"column": None}, {"column": -1}, {"column": [0]}, {"sheet": 5}, {"colum": 1}, []]
)
def test_patch_with_what_is_no_choice_is_400(in_process, client, body):
    pk = send(client, ("list.csv", LIST)).json()[0]["id"]

    answer = client.patch(f"/uploads/{pk}/", body, content_type="application/json")

    assert (answer.status_code, Upload.objects.get().column) == (400, 0)


def test_delete_removes_it(in_process, client):
    pk = send(client, ("list.csv", LIST)).json()[0]["id"]

    answer = client.delete(f"/uploads/{pk}/")

    assert (answer.status_code, answer.content) == (204, b"")
    assert client.get(f"/uploads/{pk}/").status_code == 404


@pytest.mark.parametrize("number", [1, 5])
def test_get_the_list_asks_the_same_few_questions(in_process, client, django_assert_num_queries, number):
    send(client, *[(f"{n}.csv", LIST) for n in range(number)])
    client.get("/uploads/")  # the session has been touched now

    # session, count, page
    with django_assert_num_queries(3):
        answer = client.get("/uploads/")

    assert (answer.json()["count"], len(answer.json()["results"])) == (number, number)


def test_post_by_cookie_of_a_signed_in_person_needs_the_csrf_token(in_process):
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_user("alice", "alice@example.org", "x"))

    answer = send(client, ("list.csv", LIST))

    assert (answer.status_code, Upload.objects.count()) == (403, 0)
