"""Panels changed over HTTP, their versions, changes, tags and copies. SP-11, SP-13 to SP-15, SP-17, A-5."""

from __future__ import annotations

import pytest
from django.db import connection

from panels.actions.sharing import share_panel
from panels.models import PanelVersion
from tests.panels.library.asking import Program, names
from tests.panels.library.seeing import everything, numbers, symbols

pytestmark = pytest.mark.django_db


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


@pytest.mark.parametrize("value", ["red", None])
def test_an_update_with_a_misspelt_key_is_refused_also_where_it_empties_it(ask, panel, value):
    body = {"gene_changes": {"update": [{"gene_symbol": "TTN", "custom_confidance": value}]}}

    answer = ask.patch(f"{panel.pk}/", body)

    assert (answer.status_code, numbers(panel)) == (400, [1])
    assert "custom_confidance" in str(answer.json()["errors"])


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


def test_merge_into_a_panel_makes_its_next_version(ask, panel, demo_catalogue):
    tag = ask.get(f"{panel.pk}/")["ETag"]
    body = {"inputs": [{"name": "more", "genes": ["MYH7", "nosuch"]}], "comment": "c"}

    merged = ask.post(f"{panel.pk}/merge/", body, If_Match=tag)

    assert (merged.status_code, names(merged)) == (200, ["BRCA1", "MYH7", "TP53", "TTN"])
    assert [one["query"] for one in merged.json()["dropped"]] == ["nosuch"]
    assert "SOURCE_UPDATED" in {c["change_type"] for c in ask.get(f"{panel.pk}/changes/?version=2").json()["results"]}
    assert ask.post(f"{panel.pk}/merge/", body).status_code == 428


@pytest.mark.parametrize(("theirs", "said"), [(None, "green"), ("red", "green"), ("amber", "green")])
def test_merge_into_keeps_the_override_beside_what_the_sources_say(ask, theirs, said):
    gene = {"gene_symbol": "MYH7", "confidence_level": "green", "source_panel_id": "uk:1", "source_list_type": "green"}
    made = ask.post("", {"name": "x", "genes": [gene | {"custom_confidence": "red"}]})
    other = {"gene_symbol": "MYH7", "confidence_level": theirs, "custom_confidence": theirs and "amber"}

    body = {"inputs": [{"name": "more", "genes": [other, "TTN"]}]}
    [merged, _] = ask.post(f"{made.json()['id']}/merge/", body, If_Match=made["ETag"]).json()["genes"]

    assert (merged["confidence_level"], merged["custom_confidence"]) == (said, "red")
    assert merged["source_panel_id"] == "list:more; uk:1"


def test_merge_into_may_decide_against_an_override(ask):
    gene = {"gene_symbol": "MYH7", "confidence_level": "green", "custom_confidence": "red"}
    made = ask.post("", {"name": "x", "genes": [gene]})
    body = {"inputs": [{"name": "more", "genes": [{"gene_symbol": "MYH7", "confidence_level": "green"}]}]}

    body["decisions"] = {"HGNC:7577": {"confidence_level": "amber", "reason": "letter"}}
    [merged] = ask.post(f"{made.json()['id']}/merge/", body, If_Match=made["ETag"]).json()["genes"]

    assert merged["custom_confidence"] == "amber"


def test_retention_is_set_by_managers(ask, panel, alice, bob):
    share_panel(panel=panel.pk, by=alice, user="bob", level="EDIT")

    assert ask.get(f"{panel.pk}/retention/").json()["is_set"] is False
    assert ask.ask("put", f"{panel.pk}/retention/", {"max_versions": 5}).json()["max_versions"] == 5
    assert ask.ask("put", f"{panel.pk}/retention/", {"max_versions": -3}).status_code == 400
    assert Program(bob).ask("put", f"{panel.pk}/retention/", {"max_versions": 1}).status_code == 403
    assert Program(bob).get(f"{panel.pk}/retention/").json()["is_set"] is True
