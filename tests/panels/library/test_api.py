"""The library over HTTP: SP-10 to SP-17, A-1 to A-6."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from panels.actions.library import create_panel
from panels.actions.sharing import share_panel
from panels.engine.content import GENE_KEYS
from panels.models import Gene, PanelVersion, SavedPanel
from tests.panels.library.asking import BASE, Program
from tests.panels.library.seeing import events, everything, numbers, symbols

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(alice):
    return Program(alice)


def names(answer) -> list[str]:
    return [gene["gene_symbol"] for gene in answer.json()["genes"]]


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


def test_change_needs_the_version_it_was_made_on(ask, panel):
    """SP-11: 428 without If-Match, 412 with another."""
    path = f"{panel.pk}/"
    without = ask.patch(path, {"name": "a"}, match="")
    star = ask.patch(path, {"name": "a"}, match="*")
    wrong = [ask.patch(path, {"name": "a"}, match=tag) for tag in ('"p1-v9-0"', "nonsense", 'W/"x"', '"p999-v1-0"')]

    assert (without.status_code, star.status_code) == (428, 428)
    assert [answer.status_code for answer in wrong] == [412] * 4
    assert ask.patch(path, {"name": "a"}).status_code == 200


def test_the_second_of_two_editors_is_told_what_the_first_did(ask, panel, bob, alice):
    """A-5, SP-17."""
    share_panel(panel=panel.pk, by=alice, user="bob", level="EDIT")
    path, tag = f"{panel.pk}/", ask.get(f"{panel.pk}/")["ETag"]

    first = ask.patch(path, {"gene_changes": {"add": ["MYH7"]}, "comment": "mine"}, match=tag)
    second = Program(bob).patch(path, {"gene_changes": {"remove": ["TP53"]}}, match=tag)
    again = Program(bob).patch(path, {"gene_changes": {"remove": ["TP53"]}}, match=second["ETag"])

    told = second.json()
    assert (first.status_code, second.status_code, again.status_code) == (200, 412, 200)
    assert (told["code"], told["current"]["version_number"], told["current"]["created_by"]) == (
        "version_conflict",
        2,
        "alice",
    )
    assert [one["gene_symbol"] for one in told["theirs"]["added"]] == ["MYH7"]
    assert symbols(panel) == ["BRCA1", "MYH7", "TTN"]


def test_put_replaces_and_patch_changes(ask, panel):
    put = ask.put(f"{panel.pk}/", {"name": "New", "genes": ["MYH7", "TTN"]})
    patched = ask.patch(f"{panel.pk}/", {"tags": ["a", "b"], "description": "d"})

    assert (names(put), put.json()["version"]) == (["MYH7", "TTN"], 2)
    assert (patched.json()["tags"], patched.json()["version"], names(patched)) == (["a", "b"], 3, ["MYH7", "TTN"])


def test_what_was_read_may_be_sent_back_and_changes_nothing(ask, panel):
    read = ask.get(f"{panel.pk}/")

    put = ask.put(f"{panel.pk}/", {"name": "Hearts", "genes": read.json()["genes"]})

    assert (put.status_code, put["ETag"], numbers(panel)) == (200, read["ETag"], [1])


def test_bad_rows_of_an_edit_are_named_and_nothing_is_done(ask, panel):
    before = everything()

    answer = ask.patch(f"{panel.pk}/", {"gene_changes": {"add": ["MYH7", "nosuch"], "remove": ["PKD1"]}})

    assert answer.status_code == 400
    assert sorted(answer.json()["errors"]) == ["gene_changes.add.1", "gene_changes.remove.0"]
    assert symbols(panel) == ["BRCA1", "TP53", "TTN"]
    assert everything()["PanelVersion"] == before["PanelVersion"]


def test_delete_is_soft_and_undone(ask, panel, bob, alice):
    """SP-11."""
    share_panel(panel=panel.pk, by=alice, user="bob")
    gone = ask.delete(f"{panel.pk}/")
    looks = [ask.get(f"{panel.pk}/"), Program(bob).get(f"{panel.pk}/"), ask.delete(f"{panel.pk}/")]
    listed = ask.get("?status=DELETED").json()

    assert (gone.status_code, [answer.status_code for answer in looks]) == (204, [404] * 3)
    assert ([one["id"] for one in listed["results"]], ask.get("").json()["count"]) == ([panel.pk], 0)
    assert Program(bob).post(f"{panel.pk}/undelete/").status_code == 404
    assert ask.post(f"{panel.pk}/undelete/").status_code == 200
    assert names(ask.get(f"{panel.pk}/")) == ["BRCA1", "TP53", "TTN"]
    assert ask.post(f"{panel.pk}/undelete/").status_code == 409


def test_versions_are_listed_read_restored_and_compared(ask, panel):
    """SP-13, SP-14, SP-15."""
    ask.patch(f"{panel.pk}/", {"gene_changes": {"add": ["MYH7"], "remove": ["TP53"]}, "name": "Other"})
    listed = ask.get(f"{panel.pk}/versions/").json()
    first = ask.get(f"{panel.pk}/versions/1/").json()
    difference = ask.get(f"{panel.pk}/diff/1/2/").json()
    tag = ask.get(f"{panel.pk}/")["ETag"]
    restored = ask.post(f"{panel.pk}/versions/1/restore/", {"comment": "back"}, If_Match=tag)

    assert [one["version_number"] for one in listed["results"]] == [2, 1]
    assert [gene["gene_symbol"] for gene in first["genes"]] == ["BRCA1", "TP53", "TTN"]
    assert [[one["gene_symbol"] for one in difference[part]] for part in ("added", "removed")] == [["MYH7"], ["TP53"]]
    assert (difference["equal"], difference["metadata"]) == (2, [{"field": "name", "old": "Hearts", "new": "Other"}])
    assert (restored.status_code, restored.json()["version"], names(restored)) == (200, 3, ["BRCA1", "TP53", "TTN"])
    assert ask.post(f"{panel.pk}/versions/1/restore/", {}).status_code == 428
    assert ask.get(f"{panel.pk}/versions/9/").status_code == 404


def test_a_version_of_an_older_release_says_that_its_genes_were_never_kept(ask, panel, alice):
    version = PanelVersion.objects.create(panel=panel, version_number=7, created_by=alice)

    read = ask.get(f"{panel.pk}/versions/7/")
    others = [ask.get(f"{panel.pk}/diff/7/1/"), ask.get(f"{panel.pk}/export/csv/?version=7")]
    others.append(ask.post(f"{panel.pk}/versions/7/restore/", {}, If_Match=ask.get(f"{panel.pk}/")["ETag"]))

    assert (read.status_code, read.json()["genes"], read.json()["has_genes"]) == (200, None, False)
    assert "never kept" in read.json()["detail"]
    assert [(answer.status_code, answer.json()["code"]) for answer in others] == [(409, "genes_not_kept")] * 3
    assert version.snapshot is None


def test_changes_say_who_when_why_and_what(ask, panel):
    body = {"gene_changes": {"update": [{"gene_symbol": "TTN", "custom_confidence": "amber"}]}, "comment": "seen"}
    ask.patch(f"{panel.pk}/", body)

    [change] = ask.get(f"{panel.pk}/changes/?version=2").json()["results"]

    assert (change["change_type"], change["target_id"], change["change_reason"]) == (
        "CONFIDENCE_CHANGED",
        "HGNC:12403",
        "seen",
    )
    assert (change["old_value"], change["new_value"]) == ({"custom_confidence": ""}, {"custom_confidence": "amber"})
    assert change["changed_by"]["username"] == "alice"
    assert ask.get(f"{panel.pk}/changes/").json()["count"] == 2
    assert ask.get(f"{panel.pk}/changes/?version=x").status_code == 400


def test_a_change_that_no_key_opens_hides_no_other(ask, panel):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE panel_changes SET new_value_encrypted = 'Z0FBQUFB'")
    ask.patch(f"{panel.pk}/", {"name": "New"})

    newer, older = ask.get(f"{panel.pk}/changes/").json()["results"]

    assert (newer["new_value"], newer["unreadable"]) == ("New", False)
    assert (older["new_value"], older["unreadable"]) == (None, True)


def test_tags_protect_in_the_six_words_of_before(ask, panel, alice, bob):
    path = f"{panel.pk}/versions/1/tags/"
    made = ask.post(path, {"tag_name": "live-1", "tag_type": "production", "description": "d"})
    share_panel(panel=panel.pk, by=alice, user="bob", level="EDIT")

    assert (made.status_code, made.json()["tag_type"], made.json()["is_protected"]) == (201, "PRODUCTION", True)
    assert ask.get(path).json()["results"] == [made.json()]
    assert ask.post(path, {"tag_name": "live-1", "tag_type": "BACKUP"}).status_code == 409
    assert ask.post(path, {"tag_name": "a b", "tag_type": "NOPE"}).json()["errors"].keys() == {"tag_name", "tag_type"}
    assert Program(bob).delete(f"{path}?tag_name=live-1").status_code == 403
    assert ask.delete(f"{path}?tag_name=nope").status_code == 404
    assert ask.delete(f"{path}?tag_name=live-1").status_code == 204


def test_shares_are_made_listed_changed_and_revoked(ask, panel, bob):
    """SP-16."""
    made = ask.post(f"{panel.pk}/shares/", {"user": "bob", "permission_level": "EDIT", "can_reshare": True})
    path = f"{panel.pk}/shares/{made.json()['id']}/"
    theirs = Program(bob)

    assert (made.status_code, made.json()["user"]) == (201, {"id": bob.pk, "username": "bob"})
    assert theirs.get(f"{panel.pk}/").json()["level"] == "EDIT"
    assert ask.ask("patch", path, {"permission_level": "VIEW", "expires_at": "2999-01-01T00:00:00Z"}).status_code == 200
    assert theirs.patch(f"{panel.pk}/", {"name": "x"}).status_code == 403
    [listed] = ask.get(f"{panel.pk}/shares/").json()["results"]
    assert listed["last_accessed_at"] is not None
    assert ask.delete(path).status_code == 204
    assert theirs.get(f"{panel.pk}/").status_code == 404


def test_a_link_is_shown_once_and_opens_without_an_account(ask, panel):
    made = ask.post(f"{panel.pk}/shares/", {"link": True}).json()
    stranger = Program()

    opened = stranger.get(made["url"])

    assert (opened.status_code, names(opened), opened.json()["owner"]) == (200, ["BRCA1", "TP53", "TTN"], None)
    assert opened["Referrer-Policy"] == "no-referrer"
    assert "token" not in ask.get(f"{panel.pk}/shares/").json()["results"][0]
    assert stranger.get("/api/v1/shared/x/").status_code == 404
    ask.delete(f"{panel.pk}/shares/{made['id']}/")
    assert stranger.get(made["url"]).status_code == 404


def test_an_address_that_somebody_has_answers_like_one_that_nobody_has(ask, panel, bob):
    """F-26"""
    answers = [ask.post(f"{panel.pk}/shares/", {"user": f"{name}@example.org"}) for name in ("bob", "nobody")]

    known, unknown = (answer.json() | {"id": 0, "created_at": "", "email": ""} for answer in answers)
    assert [answer.status_code for answer in answers] == [201, 201]
    assert known == unknown
    assert Program(bob).get(f"{panel.pk}/").status_code == 200


def test_comments_on_the_panel_and_on_a_gene(ask, panel, alice, bob):
    share_panel(panel=panel.pk, by=alice, user="bob", level="COMMENT")
    theirs = Program(bob)

    one = theirs.post(f"{panel.pk}/comments/", {"text": "Why?"})
    other = theirs.post(f"{panel.pk}/comments/", {"text": "<b>Here</b>", "gene": "ttn"})

    assert (one.status_code, other.status_code, other.json()["hgnc_id"]) == (201, 201, "HGNC:12403")
    assert [said["text"] for said in ask.get(f"{panel.pk}/comments/").json()["results"]] == ["<b>Here</b>", "Why?"]
    assert ask.get(f"{panel.pk}/comments/?gene=HGNC:12403").json()["count"] == 1
    assert theirs.post(f"{panel.pk}/comments/", {"text": " "}).status_code == 400
    assert theirs.post(f"{panel.pk}/comments/", {"text": "x", "gene": "PKD1"}).status_code == 400


def test_teams_are_run_by_their_managers(ask, panel, alice, bob, editor):
    managers = Program(editor)
    team = managers.post("/api/v1/teams/", {"name": "Cardiology"}).json()
    path = f"/api/v1/teams/{team['id']}/"

    assert ask.post("/api/v1/teams/", {"name": "x"}).status_code == 403
    assert ask.get(path).status_code == 404
    assert managers.post(f"{path}members/", {"user": "alice"}).status_code == 201
    assert ask.get(path).json()["you_manage"] is False
    assert ask.post(f"{path}members/", {"user": "bob"}).status_code == 403
    assert managers.ask("patch", f"{path}members/{alice.pk}/", {"is_manager": True}).status_code == 200
    assert ask.post(f"{path}members/", {"user": "bob"}).status_code == 201
    assert ask.get(f"{path}members/").json()["count"] == 3
    assert ask.post(f"{panel.pk}/shares/", {"team": team["id"], "permission_level": "EDIT"}).status_code == 201
    assert Program(bob).get(f"{panel.pk}/").json()["level"] == "EDIT"
    assert Program(bob).delete(f"{path}members/{bob.pk}/").status_code == 204
    assert Program(bob).get(f"{panel.pk}/").status_code == 404
    assert managers.delete(f"{path}members/{editor.pk}/").status_code == 204
    assert ask.delete(f"{path}members/{alice.pk}/").status_code == 409
    assert ask.delete(path).status_code == 204


def test_duplicate_with_history_and_without(ask, panel):
    ask.patch(f"{panel.pk}/", {"gene_changes": {"add": ["MYH7"]}, "comment": "c"})
    plain = ask.post(f"{panel.pk}/duplicate/", {"name": "Copy"}).json()
    whole = ask.post(f"{panel.pk}/duplicate/", {"with_history": True}).json()

    assert (plain["version_count"], whole["version_count"], whole["name"]) == (1, 2, "Copy of Hearts")
    assert plain["content_hash"] == whole["content_hash"] == ask.get(f"{panel.pk}/").json()["content_hash"]
    changes = [ask.get(f"{one}/changes/").json()["results"] for one in (panel.pk, whole["id"])]
    assert [[c["change_type"], c["new_value"]] for c in changes[0]] == [
        [c["change_type"], c["new_value"]] for c in changes[1]
    ]
    assert names(ask.get(f"{whole['id']}/versions/1/")) == ["BRCA1", "TP53", "TTN"]
    assert ask.patch(f"{whole['id']}/", {"gene_changes": {"remove": ["MYH7"]}}).json()["version"] == 3


def test_hand_over_to_somebody_else(ask, panel, bob):
    answer = ask.post(f"{panel.pk}/hand-over/", {"user": "bob", "keep": "EDIT"})

    assert (answer.status_code, answer.json()["owner"]["username"], answer.json()["level"]) == (200, "bob", "EDIT")
    assert ask.post(f"{panel.pk}/hand-over/", {"user": "bob"}).status_code == 403
    assert Program(bob).get(f"{panel.pk}/").json()["level"] == "OWNER"


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


def test_merge_into_a_panel_makes_its_next_version(ask, panel, demo_catalogue):
    tag = ask.get(f"{panel.pk}/")["ETag"]
    body = {"inputs": [{"name": "more", "genes": ["MYH7", "nosuch"]}], "comment": "c"}

    merged = ask.post(f"{panel.pk}/merge/", body, If_Match=tag)

    assert (merged.status_code, names(merged)) == (200, ["BRCA1", "MYH7", "TP53", "TTN"])
    assert [one["query"] for one in merged.json()["dropped"]] == ["nosuch"]
    assert "SOURCE_UPDATED" in {c["change_type"] for c in ask.get(f"{panel.pk}/changes/?version=2").json()["results"]}
    assert ask.post(f"{panel.pk}/merge/", body).status_code == 428


def test_retention_is_set_by_managers(ask, panel, alice, bob):
    share_panel(panel=panel.pk, by=alice, user="bob", level="EDIT")

    assert ask.get(f"{panel.pk}/retention/").json()["is_set"] is False
    assert ask.ask("put", f"{panel.pk}/retention/", {"max_versions": 5}).json()["max_versions"] == 5
    assert ask.ask("put", f"{panel.pk}/retention/", {"max_versions": -3}).status_code == 400
    assert Program(bob).ask("put", f"{panel.pk}/retention/", {"max_versions": 1}).status_code == 403
    assert Program(bob).get(f"{panel.pk}/retention/").json()["is_set"] is True


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


def test_the_list_is_found_by_scope_text_status_tag_gene_and_size(ask, panel, alice, bob, editor):
    """SP-10."""
    other = create_panel(by=bob, name="Kidneys", genes=["PKD1"], tags=["renal"]).panel
    public = create_panel(by=editor, name="Open", genes=["TTN", "MYH7"], visibility="PUBLIC", tags="a,hearts").panel
    create_panel(by=bob, name="Secret", genes=["TTN"])
    share_panel(panel=other.pk, by=bob, user="alice")

    def found(query: str) -> list[str]:
        answer = ask.get(f"?{query}")
        assert answer.status_code == 200, answer.content
        return [one["name"] for one in answer.json()["results"]]

    assert found("ordering=name") == ["Hearts", "Kidneys", "Open"]
    assert found("scope=mine") == ["Hearts"]
    assert found("scope=shared") == ["Kidneys"]
    assert found("scope=public") == ["Open"]
    assert found("search=HEARTS&ordering=name") == ["Hearts", "Open"]
    assert found("tag=renal") == ["Kidneys"]
    assert found("tag=rena") == []
    assert found("gene=TTN&ordering=name") == ["Hearts", "Open"]
    assert found("gene=HGNC:12403&scope=mine") == ["Hearts"]
    assert found("min_genes=2&max_genes=2") == ["Open"]
    assert found("status=ARCHIVED") == []
    assert found("visibility=PUBLIC") == ["Open"]
    assert public.pk


@pytest.mark.parametrize(
    "query",
    ["scope=x", "ordering=owner__password", "status=x", "min_genes=x", "gene=2-Sep", "page=x", "visibility=;drop"],
)
def test_a_list_asked_for_nonsense_is_refused(ask, query):
    """A-18."""
    assert ask.get(f"?{query}").status_code in (400, 404)


def test_a_gene_finds_no_private_panel_for_an_administrator(panel, admin):
    answer = Program(admin).get("?gene=TTN").json()

    assert (answer["count"], Program(admin).get("").json()["count"]) == (0, 1)


def test_an_administrator_who_reads_somebodys_genes_is_recorded_each_time(panel, admin):
    ask = Program(admin)
    for path in (f"{panel.pk}/", f"{panel.pk}/", f"{panel.pk}/versions/1/", f"{panel.pk}/export/csv/"):
        assert ask.get(path).status_code == 200

    assert [event.user_id for event in events("VIEW", panel)] == [admin.pk] * 4


def test_nobody_gets_401_whether_it_is_there_or_not(panel, editor):
    """SP-12."""
    public = create_panel(by=editor, name="Open", genes=["TTN"], visibility="PUBLIC").panel
    ask = Program()

    for path in ("", f"{panel.pk}/", "999999/", f"{panel.pk}/versions/", f"{public.pk}/changes/"):
        assert ask.get(path).status_code == 401
    assert ask.post("", {"name": "x"}).status_code == 401
    assert ask.get("?scope=public").json()["results"][0]["owner"] is None
    assert ask.get(f"{public.pk}/").status_code == 200
    assert ask.get(f"{public.pk}/versions/1/").json()["created_by"] is None
    assert ask.get(f"{public.pk}/export/csv/").status_code == 200


def test_a_stranger_gets_the_404_of_what_is_not_there_and_it_is_recorded(panel, carol):
    """A-1."""
    ask = Program(carol)
    hidden, absent = ask.get(f"{panel.pk}/"), ask.get("999999/")

    assert (hidden.status_code, absent.status_code) == (404, 404)
    assert {**hidden.json(), "request_id": ""} == {**absent.json(), "request_id": ""}
    [denied] = events("ACCESS_DENIED", panel)
    ask.get(f"{panel.pk}/")
    assert (denied.user_id, len(events("ACCESS_DENIED", panel))) == (carol.pk, 1)


def test_each_call_writes_its_own_word(ask, panel):
    """AU-03, SP-12."""
    ask.get("")
    ask.get(f"{panel.pk}/")
    ask.patch(f"{panel.pk}/", {"name": "x"})
    ask.post(f"{panel.pk}/shares/", {"link": True})
    ask.delete(f"{panel.pk}/")

    assert len(events("PANEL_LIST")) == 1
    for word in ("PANEL_CREATE", "VIEW", "PANEL_UPDATE", "PANEL_SHARE", "PANEL_DELETE"):
        assert len(events(word, panel)) == 1, word


def counted(ask, path: str) -> int:
    ask.get(path)
    with CaptureQueriesContext(connection) as queries:
        assert ask.get(path).status_code == 200
    return len(queries)


def test_lists_do_not_grow_in_queries(ask, alice, panel, bob):
    create_panel(by=alice, name="a")
    counts = []
    for number in range(20):
        other = create_panel(by=bob, name=f"b{number}").panel
        share_panel(panel=other.pk, by=bob, user="alice")
        counts.append(counted(ask, ""))

    assert len(set(counts)) == 1


def test_versions_changes_shares_and_comments_do_not_grow_in_queries(ask, alice, panel, bob, carol):
    paths = [f"{panel.pk}/{part}/" for part in ("versions", "changes", "shares", "comments")]
    share_panel(panel=panel.pk, by=alice, user="bob")
    ask.post(f"{panel.pk}/comments/", {"text": "x"})
    ask.post(f"{panel.pk}/versions/1/tags/", {"tag_name": "a", "tag_type": "BACKUP"})
    few = [counted(ask, path) for path in paths]
    share_panel(panel=panel.pk, by=alice, user="carol")
    for number in range(5):
        ask.patch(f"{panel.pk}/", {"name": f"n{number}"})
        ask.post(f"{panel.pk}/comments/", {"text": "x"})
        ask.post(f"{panel.pk}/versions/{number + 2}/tags/", {"tag_name": "a", "tag_type": "BACKUP"})

    assert [counted(ask, path) for path in paths] == few


def test_reading_and_changing_do_not_grow_in_queries_with_genes(ask, alice):
    symbols_ = list(Gene.objects.filter(status="approved").values_list("symbol", flat=True)[:300])
    small, large = (create_panel(by=alice, name="x", genes=symbols_[:size]).panel for size in (5, 300))

    def change(panel) -> int:
        tag = ask.get(f"{panel.pk}/")["ETag"]
        with CaptureQueriesContext(connection) as queries:
            body = {"gene_changes": {"update": [{"gene_symbol": name, "user_notes": "x"} for name in symbols_[:4]]}}
            assert ask.patch(f"{panel.pk}/", body, match=tag).status_code == 200
        return len(queries)

    assert counted(ask, f"{small.pk}/") == counted(ask, f"{large.pk}/")
    assert change(small) == change(large)


def test_a_role_that_only_looks_changes_nothing(ask, panel, alice):
    User.objects.filter(pk=alice.pk).update(role="VIEWER")

    answer = ask.patch(f"{panel.pk}/", {"name": "x"})

    assert (answer.status_code, ask.get(f"{panel.pk}/").json()["level"]) == (403, "VIEW")
