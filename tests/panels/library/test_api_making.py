"""Panels made over HTTP of genes, uploads, merges and files, and taken out as files. SP-10, BG-14, A-1, A-3, A-6."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from panels.actions.library import create_panel
from panels.actions.sharing import revoke_share, share_panel
from panels.engine.content import GENE_KEYS
from panels.models import SavedPanel
from tests.panels.library.asking import BASE, Program, names
from tests.panels.library.seeing import events

pytestmark = pytest.mark.django_db


def test_create_and_read_a_panel(ask):
    made = ask.post("", {"name": "Hearts", "genes": ["TTN", {"gene_symbol": "MYH7", "confidence_level": "green"}]})
    read = ask.get(f"{made.json()['id']}/")

    assert (made.status_code, read.status_code) == (201, 200)
    assert made["Location"] == f"{BASE}{made.json()['id']}/"
    assert names(read) == ["MYH7", "TTN"]
    assert set(GENE_KEYS) == set(read.json()["genes"][0])
    assert read["ETag"] == made["ETag"] == f'"p{made.json()["id"]}-v1-{read.json()["content_hash"][:8]}"'


def test_create_from_pasted_text_and_of_nothing(ask):
    pasted = ask.post("", {"name": "a", "gene_list": "BRCA1, TP53;HGNC: 12403\nMYH7"})
    empty = ask.post("", {"name": "b"})

    assert names(pasted) == ["BRCA1", "MYH7", "TP53", "TTN"]
    assert (empty.status_code, names(empty)) == (201, [])


def test_create_from_an_upload_says_what_is_not_in_it(ask):
    [upload] = ask.post("/api/v1/uploads/", {"text": "BRCA1, nosuchgene"}).json()

    made = ask.post("", {"name": "a", "upload": upload["id"]})

    assert (made.status_code, names(made), made.json()["source_type"]) == (201, ["BRCA1"], "upload")
    assert [one["query"] for one in made.json()["dropped"]] == ["nosuchgene"]


def test_save_a_merge_with_its_recipe(ask, demo_catalogue):
    body = {"inputs": [{"source": "uk", "panel_id": 90001}, {"name": "mine", "genes": ["TTN"]}]}
    merged = ask.post("/api/v1/merges/", body).json()

    made = ask.post("/api/v1/merges/save/", {**body, "name": "Merged", "tags": ["x"], "comment": "why"})

    version = ask.get(f"{made.json()['id']}/versions/1/").json()
    assert (made.status_code, made.json()["content_hash"]) == (201, merged["content_hash"])
    assert (version["recipe"], version["comment"]) == (merged["recipe"], "why")


def test_what_was_saved_is_an_input_of_the_next_merge(ask, panel):
    body = {"inputs": [{"saved_panel": panel.pk, "version": 1}, {"name": "mine", "genes": ["MYH7"]}]}

    answer = ask.post("/api/v1/merges/", body).json()

    assert {gene["gene_symbol"] for gene in answer["genes"]} == {"BRCA1", "TP53", "TTN", "MYH7"}
    assert answer["recipe"]["inputs"][0] == {"saved_panel": panel.pk, "version": 1}


def test_a_merge_of_a_panel_alone_is_the_panel(ask, alice):
    genes = [
        {"gene_symbol": "TTN", "confidence_level": "green", "custom_confidence": "red", "user_notes": "n; m"},
        {"gene_symbol": "DMPK_CTG", "entity_type": "str", "grch38": "19:45770205-45770264"},
        {"gene_symbol": "BRCA1", "confidence_level": "none"},
    ]
    panel = create_panel(by=alice, name="x", genes=genes).panel

    merged = ask.post("/api/v1/merges/", {"inputs": [{"saved_panel": panel.pk}]}).json()

    assert merged["content_hash"] == panel.current_version.content_hash
    assert merged["dropped"] == []


@pytest.mark.parametrize("is_page", [False, True])
def test_who_merges_a_panel_that_is_not_theirs_is_recorded(client, alice, bob, is_page):
    """F-7, AU-02: as who opens it."""
    secret = create_panel(by=bob, name="Secret", genes=["TTN"]).panel
    client.force_login(alice)

    if is_page:
        answer = client.get(f"/?saved:{secret.pk}=")
    else:
        body = {"inputs": [{"saved_panel": secret.pk}, {"name": "mine", "genes": ["MYH7"]}]}
        answer = client.post("/api/v1/merges/", json.dumps(body), "application/json")

    [denied] = events("ACCESS_DENIED", secret)
    assert (denied.user_id, denied.success, b"Secret" in answer.content) == (alice.pk, False, False)


@pytest.mark.parametrize(("level", "taken"), [("green", []), ("red", ["TTN"])])
def test_a_filter_hears_what_a_person_decided(ask, alice, level, taken):
    panel = create_panel(
        by=alice, name="x", genes=[{"gene_symbol": "TTN", "confidence_level": "green", "custom_confidence": "red"}]
    ).panel

    body = {"inputs": [{"saved_panel": panel.pk, "confidence": [level]}]}

    assert [gene["gene_symbol"] for gene in ask.post("/api/v1/merges/", body).json()["genes"]] == taken


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "x" * 256}, "name"),
        ({"name": {}}, "name"),
        ({"name": "x", "genes": "BRCA1"}, "genes"),
        ({"name": "x", "genes": ["BRCA1"], "gene_list": "TTN"}, "genes"),
        ({"name": "x", "genes": [7]}, "genes.0"),
        ({"name": "x", "genes": ["nosuchgene"]}, "genes.0"),
        ({"name": "x", "genes": [{"gene_symbol": "BRCA1", "owner": 1}]}, "genes.0"),
        ({"name": "x", "genes": [{"gene_symbol": "BRCA1", "confidence_level": "gren"}]}, "genes.0"),
        ({"name": "x", "genes": [{"gene_symbol": "BRCA1", "ensembl_id": "ENSG1"}]}, "genes.0"),
        ({"name": "x", "status": "DELETED"}, "status"),
        ({"name": "x", "status": 7}, "status"),
        ({"name": "x", "visibility": "nope"}, "visibility"),
        ({"name": "x", "tags": {"a": 1}}, "tags"),
        ({"name": "x", "tags": ["y" * 501]}, "tags"),
        ({"name": "x", "owner_id": 1}, "owner_id"),
        ({"name": "x", "version": 3}, "version"),
    ],
)
def test_what_makes_no_sense_is_400_and_names_the_field(ask, body, field):
    """A-3, SP-06, SP-12: never a 500."""
    answer = ask.post("", body)

    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert field in answer.json()["errors"]
    assert SavedPanel.objects.count() == 0


def test_who_only_looks_makes_no_panel(alice):
    alice.role = "VIEWER"
    alice.save()

    assert Program(alice).post("", {"name": "x"}).status_code == 403


def test_export_is_the_panel_at_a_version_in_every_format(ask, panel):
    ask.patch(f"{panel.pk}/", {"gene_changes": {"add": ["MYH7"]}})

    old = ask.get(f"{panel.pk}/export/json/?version=1")
    new = ask.get(f"{panel.pk}/export/json/")

    assert json.loads(old.content)["content_hash"] == ask.get(f"{panel.pk}/versions/1/").json()["content_hash"]
    assert json.loads(new.content)["content_hash"] == ask.get(f"{panel.pk}/").json()["content_hash"]
    assert new["Content-Disposition"] == 'attachment; filename="Hearts-v2.json"'
    for name in ("xlsx", "csv", "tsv", "bed", "gmt", "panelapp_tsv", "scout", "ids"):
        assert ask.get(f"{panel.pk}/export/{name}/").status_code == 200
    assert [
        ask.get(f"{panel.pk}/export/{path}").status_code for path in ("pdf/", "csv/?version=x", "bed/?build=x")
    ] == [
        404,
        400,
        400,
    ]
    assert len(events("PANEL_DOWNLOAD", panel)) == 10


def test_a_json_export_imports_to_the_same_content(ask, alice):
    """BG-14."""
    genes = [
        {"gene_symbol": "TTN", "confidence_level": "green", "custom_confidence": "red", "phenotype": "a; b"},
        {"gene_symbol": "DMPK_CTG", "entity_type": "str", "grch38": "19:45770205-45770264"},
    ]
    panel = create_panel(by=alice, name="x", genes=genes).panel
    content = ask.get(f"{panel.pk}/export/json/").content

    file = SimpleUploadedFile("again.json", content)
    made = ask.client.post(f"{BASE}import/", {"file": file, "tags": "a,b"})

    assert (made.status_code, made.json()["name"], made.json()["problems"]) == (201, "again", [])
    assert made.json()["content_hash"] == panel.current_version.content_hash


def test_import_of_a_strangers_list_names_the_rows_it_leaves_out(ask):
    file = SimpleUploadedFile("list.csv", b"Gene,Level\nBRCA1,green\nBRAC1,red\nTTN,amber\n")

    made = ask.client.post(f"{BASE}import/", {"file": file, "name": "Mine"})

    assert (made.status_code, made.json()["name"], names(made)) == (201, "Mine", ["BRCA1", "TTN"])
    assert [problem["row"] for problem in made.json()["problems"]] == [3]
    assert ask.client.post(f"{BASE}import/", {"file": SimpleUploadedFile("a.exe", b"MZ")}).status_code == 415
    assert ask.client.post(f"{BASE}import/", {}).status_code == 400


def test_bulk_export_gives_all_or_nothing(ask, panel, bob):
    """A-1: a foreign panel among them, and not a byte goes out."""
    other = create_panel(by=bob, name="Secret", genes=["PKD1"]).panel
    own = ask.post("", {"name": "Hearts", "genes": ["MYH7"]}).json()["id"]

    mixed = ask.post("export/csv/", {"ids": [panel.pk, other.pk]})
    both = ask.post("export/csv/", {"ids": [panel.pk, own]})

    assert (mixed.status_code, mixed["Content-Type"]) == (404, "application/problem+json")
    assert (both.status_code, both["Content-Type"]) == (200, "application/zip")
    assert both.content == ask.post("export/csv/", {"ids": [panel.pk, own]}).content


def test_templates_give_columns_and_a_name(ask, panel):
    made = ask.post(
        "/api/v1/export-templates/",
        {
            "name": "Lab",
            "format": "csv",
            "columns": ["HGNC ID", "Confidence"],
            "filename_pattern": "{name} {version} of lab {format}",
        },
    )
    path = f"/api/v1/export-templates/{made.json()['id']}/"

    file = ask.get(f"{panel.pk}/export/csv/?template={made.json()['id']}")

    assert made.status_code == 201
    assert file["Content-Disposition"] == 'attachment; filename="Hearts-1-of-lab-csv.csv"'
    assert file.content.decode("utf-8-sig").splitlines()[:2] == ["GeneSymbol,HGNC ID,Confidence", "BRCA1,HGNC:1100,"]
    assert ask.get(path).json()["usage_count"] == 1
    assert ask.ask("patch", path, {"filename_pattern": "{owner}"}).status_code == 400
    assert ask.post("/api/v1/export-templates/", {"name": "Lab", "format": "csv"}).status_code == 409
    assert ask.delete(path).status_code == 204
    assert ask.get(f"{panel.pk}/export/csv/?template=1").status_code == 404


def test_the_same_post_twice_is_done_once(ask):
    """A-6."""
    body = {"name": "Once", "genes": ["BRCA1"]}
    first = ask.post("", body, Idempotency_Key="k-1")
    again = ask.post("", body, Idempotency_Key="k-1")
    other = ask.post("", {"name": "Twice"}, Idempotency_Key="k-1")
    refused = ask.post("", {"name": ""}, Idempotency_Key="k-2")
    after = ask.post("", body, Idempotency_Key="k-2")

    assert (first.status_code, again.status_code, first.content) == (201, 201, again.content)
    assert (again["ETag"], again["Idempotent-Replayed"]) == (first["ETag"], "true")
    assert (other.status_code, other.json()["code"]) == (400, "idempotency_key_reused")
    assert (refused.status_code, after.status_code, SavedPanel.objects.count()) == (400, 201, 2)


@pytest.mark.parametrize("path", ["merge", "duplicate"])
def test_what_was_answered_under_a_key_is_not_for_who_lost_the_panel(ask, alice, bob, panel, path):
    """A-4, A-6: revoking holds from the next request, also from one that is sent again."""
    share, _ = share_panel(panel=panel.pk, by=alice, user="bob", level="EDIT")
    body = {"inputs": [{"name": "more", "genes": ["MYH7"]}]} if path == "merge" else {}
    headers = {"Idempotency_Key": "k", "If_Match": ask.get(f"{panel.pk}/")["ETag"]}
    first = Program(bob).post(f"{panel.pk}/{path}/", body, **headers)
    again = Program(bob).post(f"{panel.pk}/{path}/", body, **headers)

    revoke_share(panel=panel.pk, share=share.pk, by=alice)

    assert (first.status_code, again.content) == (200 if path == "merge" else 201, first.content)
    after = Program(bob).post(f"{panel.pk}/{path}/", body, **headers)
    assert (after.status_code, b"BRCA1" in after.content) == (404, False)


def test_the_same_file_under_another_name_is_another_request(ask):
    """A-6: the panel is called after it."""
    answers = [
        ask.client.post(
            "/api/v1/saved-panels/import/",
            {"file": SimpleUploadedFile(name, b"Gene\nBRCA1\n")},
            headers={"Idempotency-Key": "k"},
        )
        for name in ("Hearts.csv", "Hearts.csv", "Kidneys.csv")
    ]

    assert [one.status_code for one in answers] == [201, 201, 400]
    assert [one.name for one in SavedPanel.objects.all()] == ["Hearts"]


def test_a_key_is_a_persons_own(ask, bob):
    body = {"name": "Once"}

    ask.post("", body, Idempotency_Key="k")
    Program(bob).post("", body, Idempotency_Key="k")

    assert SavedPanel.objects.count() == 2


@pytest.mark.parametrize("strange", [10**30, "\udaeb", [{"deep": -(10**20)}]])
def test_a_key_with_a_body_that_no_column_holds_is_answered_and_not_a_fault(ask, strange):
    """F-6"""
    answer = ask.post("", {"name": "Hearts", "genes": [strange]}, Idempotency_Key="k")

    assert answer.status_code == 400
