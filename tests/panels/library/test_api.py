"""The library over HTTP: who is let in, what is found, what is recorded. SP-10, SP-12, SP-16, A-1, A-18."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from panels.actions.library import create_panel
from panels.actions.sharing import share_panel
from panels.models import Gene, GeneRelease
from tests.panels.library.asking import Program, names
from tests.panels.library.seeing import events

pytestmark = pytest.mark.django_db


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


@pytest.mark.parametrize("act", ["export", "page", "change", "copy"])
def test_whatever_a_share_was_used_for_is_its_last_use(ask, panel, alice, bob, act):
    share_panel(panel=panel.pk, by=alice, user="bob", level="EDIT")
    program, tag = Program(bob), ask.get(f"{panel.pk}/")["ETag"]

    {
        "export": lambda: program.get(f"{panel.pk}/export/csv/"),
        "page": lambda: program.client.post(f"/panels/{panel.pk}/download/", {"format": "csv"}),
        "change": lambda: program.patch(f"{panel.pk}/", {"name": "Heart"}, match=tag),
        "copy": lambda: program.post(f"{panel.pk}/duplicate/"),
    }[act]()

    [share] = ask.get(f"{panel.pk}/shares/").json()["results"]
    assert share["last_accessed_at"]


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


def test_hand_over_to_somebody_else(ask, panel, bob):
    answer = ask.post(f"{panel.pk}/hand-over/", {"user": "bob", "keep": "EDIT"})

    assert (answer.status_code, answer.json()["owner"]["username"], answer.json()["level"]) == (200, "bob", "EDIT")
    assert ask.post(f"{panel.pk}/hand-over/", {"user": "bob"}).status_code == 403
    assert Program(bob).get(f"{panel.pk}/").json()["level"] == "OWNER"


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


TTN_IN_ENSEMBL = "ENSG00000155657"


@pytest.mark.parametrize("written", [TTN_IN_ENSEMBL, TTN_IN_ENSEMBL.lower(), f"%20{TTN_IN_ENSEMBL}.29%20"])
def test_panels_are_found_by_the_ensembl_id_of_a_gene(ask, panel, bob, written):
    """SP-10: what the symbol finds, rows of earlier releases too, and no panel that one may not see."""
    create_panel(by=bob, name="Secret", genes=["TTN"])
    older = create_panel(by=panel.owner, name="Older", genes=["TTN"]).panel
    older.genes.update(hgnc_id=None, ensembl_id=None)
    with CaptureQueriesContext(connection) as by_symbol:
        expected = ask.get("?ordering=name&gene=TTN").json()["results"]
    with CaptureQueriesContext(connection) as by_id:
        answer = ask.get(f"?ordering=name&gene={written}")

    assert answer.json()["results"] == expected
    assert [one["name"] for one in expected] == ["Hearts", "Older"]
    assert len(by_id) <= len(by_symbol)


def test_an_ensembl_id_that_no_gene_name_bears_is_refused_and_finds_not_nothing(ask, panel):
    answer = ask.get("?gene=ENSG00000999999")

    assert answer.status_code == 400
    [told] = answer.json()["errors"]["gene"]
    assert told.startswith("The Ensembl id ENSG00000999999 is not known to the gene names in use (HGNC ")


def test_an_ensembl_id_that_two_genes_bear_is_refused_with_both(ask, panel):
    Gene.objects.filter(symbol="MYH7").update(ensembl_id=TTN_IN_ENSEMBL)
    GeneRelease.objects.update(loaded_at=timezone.now())

    answer = ask.get(f"?gene={TTN_IN_ENSEMBL}")

    assert answer.status_code == 400
    assert "borne by TTN (HGNC:12403) or MYH7 (HGNC:7577)" in answer.json()["detail"]


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
