"""The library in the back office: found, looked at, acted on by the site's own actions; genes only where it is said."""

from __future__ import annotations

import csv
import io
import re

import pytest
from django.apps import apps
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from audit.models import AuditLog
from panels.models import PanelChange, PanelShare, PanelVersionTag, SavedPanel, Team
from tests.accounts.acting import Browser, break_the_record
from tests.panels.admin.conftest import GENE, furnished

pytestmark = pytest.mark.django_db
MODELS = (
    *("savedpanel", "panelversion", "panelshare", "panelcomment", "panelversiontag", "retentionpolicy"),
    *("exporttemplate", "team"),
)
WITH_GENES = ("savedpanel", "panelversion")
FORBIDDEN_BY_POLICY = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=")


def address(model: str, rest: str = "") -> str:
    return f"/admin/panels/{model}/{rest}"


def one_of(model: str) -> int:
    return apps.get_model("panels", model).objects.order_by("pk").values_list("pk", flat=True)[0]


def act(office: Browser, model: str, action: str, *rows: int, **sent: str) -> HttpResponse:
    """The action on these rows, confirmed."""
    sent = {"action": action, "_selected_action": rows, "confirmed": "yes", **sent}
    return office.post(address(model), sent, follow=True)


def readings() -> list[str]:
    """Panels whose genes an administrator read though nobody shared them."""
    found = AuditLog.objects.filter(action_type="VIEW", action_description__startswith="Read the genes")
    return list(found.order_by("pk").values_list("resource_id", flat=True))


def queries(browser: Browser, path: str) -> int:
    browser.get(path)
    with CaptureQueriesContext(connection) as asked:
        browser.get(path)
    return len(asked)


@pytest.mark.parametrize("model", MODELS)
def test_a_list_costs_the_same_queries_for_one_row_and_twenty(office, alice, model):
    browser = office()
    furnished(alice)
    one = queries(browser, address(model))

    for number in range(20):
        furnished(alice, f"Panel{number}")

    assert queries(browser, address(model)) == one <= 12


def test_the_list_of_panels_costs_the_same_for_ten_thousand(office, panel, alice):
    browser = office()
    one = queries(browser, address("savedpanel"))

    rows = (SavedPanel(owner=alice, name=f"Panel {number}", gene_count=number) for number in range(10_000))
    SavedPanel.objects.bulk_create(rows, batch_size=500)

    assert queries(browser, address("savedpanel")) == one
    page = browser.get(address("savedpanel", "?p=101")).content.decode()
    assert page.count('class="action-checkbox"') == 1 and "10001 saved panels" in page


@pytest.mark.parametrize("model", MODELS)
def test_no_list_page_or_file_names_a_gene_of_somebody_elses_panel(office, panel, model):
    """What shows genes is an act of its own."""
    browser = office()
    chosen = {"action": "download_list", "_selected_action": [one_of(model)]}

    answers = [browser.get(address(model)), browser.get(address(model, f"{one_of(model)}/change/"))]
    answers += [] if model == "team" else [browser.post(address(model), chosen)]

    for answer in answers:
        text = answer.content.decode()
        assert answer.status_code == 200 and GENE not in text and "HGNC:" not in text
        assert not FORBIDDEN_BY_POLICY.search(text)
    assert readings() == []


@pytest.mark.parametrize("model", WITH_GENES)
def test_reading_genes_that_nobody_shared_is_recorded_each_time(office, panel, model):
    browser = office()
    page = browser.get(address(model, f"{one_of(model)}/change/")).content.decode()
    path = re.search(r'href="([^"]+/genes/)"[^>]*>Read its genes \(goes into the record\)', page)[1]

    first, second = browser.get(path), browser.get(path)

    assert GENE in first.content.decode() and GENE in second.content.decode()
    assert readings() == [str(panel.pk)] * 2


@pytest.mark.parametrize("model", WITH_GENES)
def test_genes_whose_reading_cannot_be_recorded_are_not_shown(office, panel, model, monkeypatch):
    """AU-01"""
    browser = office()
    break_the_record(monkeypatch)

    answer = browser.get(address(model, f"{one_of(model)}/genes/"))

    assert answer.status_code == 503 and GENE not in answer.content.decode()


def test_the_genes_of_a_version_are_its_own(office, panel):
    page = office().get(address("panelversion", f"{panel.versions.get(version_number=1).pk}/genes/")).content.decode()

    assert "TTN" in page and "BRCA1" not in page


def test_genes_of_ones_own_panel_are_read_without_a_word(office):
    browser = office()
    own = furnished(User.objects.get(username="admin"))

    assert browser.get(address("savedpanel", f"{own.pk}/genes/")).status_code == 200
    assert readings() == []


@pytest.mark.parametrize("path", ["savedpanel/999999/genes/", "panelversion/999999/genes/", "savedpanel/0/genes/"])
def test_genes_of_what_is_not_there_are_not_there(office, path):
    assert office().get(f"/admin/panels/{path}").status_code in (302, 404)


@pytest.mark.parametrize("model", WITH_GENES)
def test_an_auditor_reads_lists_and_neither_genes_nor_buttons(office, panel, model):
    browser = office("AUDITOR")

    page = browser.get(address(model, f"{one_of(model)}/change/")).content.decode()

    assert "Hearts" in page and "Read its genes" not in page and 'aria-label="What to do"' not in page
    assert browser.get(address(model, f"{one_of(model)}/genes/")).status_code == 403
    assert readings() == []


@pytest.mark.parametrize("role", ["USER", "EDITOR"])
@pytest.mark.parametrize("model", MODELS[:-1])
def test_who_may_not_sees_nothing_of_it(office, panel, role, model):
    browser = office(role)

    statuses = {
        browser.get(address(model, rest)).status_code
        for rest in ("", f"{one_of(model)}/change/", f"{one_of(model)}/genes/")
    }

    assert statuses <= {403, 302}
    assert model not in browser.get("/admin/").content.decode()


def test_panels_are_found_by_name_tag_and_owner_and_not_by_gene(office, panel, alice):
    browser = office()
    SavedPanel.objects.filter(pk=panel.pk).update(tags="cardiac")
    furnished(User.objects.create_user("bob", "bob@example.org", role="EDITOR"), "Bones")

    found = {
        asked: re.findall(r'field-name"><a[^>]*>([^<]*)<', browser.get(address("savedpanel", asked)).content.decode())
        for asked in ("?q=heart", "?q=cardiac", "?q=bob", f"?q={GENE}", "?status__exact=ACTIVE&q=bones")
    }

    assert list(found.values()) == [["Hearts"], ["Hearts"], ["Bones"], [], ["Bones"]]


@pytest.mark.parametrize(
    ("query", "number"), [("state=stands", 3), ("state=revoked", 0), ("with=link", 1), ("with=team", 1)]
)
def test_shares_are_filtered_and_never_show_their_token(office, panel, query, number):
    page = office().get(address("panelshare", f"?{query}")).content.decode()

    assert page.count('class="action-checkbox"') == number
    assert "sha256:" not in page


def test_archive_and_activate_go_through_the_sites_own_action(office, panel):
    browser = office()

    act(browser, "savedpanel", "archive", panel.pk)
    archived = SavedPanel.objects.get().status
    act(browser, "savedpanel", "activate", panel.pk)

    assert (archived, SavedPanel.objects.get().status) == ("ARCHIVED", "ACTIVE")
    assert PanelChange.objects.filter(target_id="status", changed_by__username="admin").count() == 2
    assert AuditLog.objects.filter(action_type="PANEL_UPDATE", username="admin").count() == 2


def test_delete_and_bring_back_keep_every_version(office, panel):
    browser = office()

    act(browser, "savedpanel", "remove", panel.pk)
    deleted = SavedPanel.objects.get().status
    act(browser, "savedpanel", "bring_back", panel.pk)

    assert (deleted, SavedPanel.objects.get().status, panel.versions.count()) == ("DELETED", "ACTIVE", 2)


def test_hand_over_to_nobody_changes_nothing_and_says_why(office, panel, alice):
    page = act(office(), "savedpanel", "hand_over", panel.pk, to="nobody-so-called", keep="").content.decode()

    assert "Nothing was changed. user: Nobody has this user name." in page
    assert SavedPanel.objects.get().owner == alice


def test_one_refusal_undoes_the_whole_choice(office, panel, alice):
    other = furnished(alice, "Bones")
    SavedPanel.objects.filter(pk=other.pk).update(status="DELETED")

    page = act(office(), "savedpanel", "archive", panel.pk, other.pk).content.decode()

    assert "Nothing was changed." in page
    assert SavedPanel.objects.get(pk=panel.pk).status == "ACTIVE"


def test_more_than_a_page_can_ask_about_is_refused_before_anything_happens(office, panel, alice):
    rows = (SavedPanel(owner=alice, name=f"Panel {number}") for number in range(501))
    SavedPanel.objects.bulk_create(rows)

    page = act(office(), "savedpanel", "remove", panel.pk, select_across="1").content.decode()

    assert "Nothing was changed. Choose at most 500 at once." in page
    assert not SavedPanel.objects.filter(status="DELETED").exists()


def test_revoke_holds_at_once(office, panel):
    share = PanelShare.objects.get(shared_with_email="hearts@example.org")

    act(office(), "panelshare", "revoke", share.pk)

    assert not PanelShare.objects.get(pk=share.pk).is_active
    assert AuditLog.objects.filter(action_type="PANEL_SHARE", username="admin").count() == 1


def test_a_tag_is_taken_off(office, panel):
    act(office(), "panelversiontag", "take_off", one_of("panelversiontag"))

    assert not PanelVersionTag.objects.exists()


def test_a_file_of_all_that_was_found_is_whole_recorded_and_runs_in_no_spreadsheet(office, panel, alice):
    browser = office()
    SavedPanel.objects.bulk_create(SavedPanel(owner=alice, name=f"=HYPERLINK({number})") for number in range(150))

    sent = {"action": "download_list", "_selected_action": panel.pk, "select_across": "1"}
    with CaptureQueriesContext(connection) as asked:
        answer = browser.post(address("savedpanel", "?q=hyperlink"), sent)

    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert len(rows) == 150 and {row["name"][:12] for row in rows} == {"'=HYPERLINK("}
    assert len(asked) < 20
    assert AuditLog.objects.get(action_type="DATA_EXPORT").action_description.startswith("Exported 150 rows")


def test_an_editor_sees_and_runs_the_own_teams_alone(office, panel):
    browser = office("EDITOR")

    browser.post(address("team", "add/"), {"name": "Ours", "description": ""})
    page = browser.get(address("team")).content.decode()
    act(browser, "team", "add_member", Team.objects.get(name="Ours").pk, user="alice")

    assert "Ours" in page and "Team Hearts" not in page
    assert list(Team.objects.get(name="Ours").memberships.values_list("user__username", "is_manager")) == [
        ("editor", True),
        ("alice", False),
    ]
    theirs = address("team", f"{Team.objects.get(name='Team Hearts').pk}/change/")
    assert browser.get(theirs).status_code == 302 and browser.post(theirs, {"name": "Mine"}).status_code == 302
    assert Team.objects.filter(name="Team Hearts").exists()


def test_a_name_that_a_team_has_in_other_letters_is_refused_beside_the_field(office, panel):
    answer = office().post(address("team", "add/"), {"name": "team  HEARTS", "description": ""})

    assert answer.status_code == 200 and "There is a team of this name already." in answer.content.decode()
    assert Team.objects.count() == 1


def test_the_last_manager_stays_in_the_team(office, panel):
    page = act(office(), "team", "remove_member", one_of("team"), user="alice").content.decode()

    assert "Nothing was changed." in page and "last manager" in page


@pytest.mark.parametrize("role", ["ADMIN", "AUDITOR"])
@pytest.mark.parametrize(
    "question",
    [
        *("panels/panelcomment/?text__contains=right", f"panels/panelcomment/?entity_name={GENE}"),
        *("panels/panelversion/?changes_summary__contains=added", "panels/panelshare/?share_token__startswith=sha256"),
        "accounts/user/?password__startswith=a",
    ],
)
def test_no_list_is_asked_for_what_its_pages_leave_out(office, panel, role, question):
    """Whether a row is found would tell a remark, a gene or the hash of a password, letter by letter."""
    assert office(role).get(f"/admin/{question}").status_code == 400


@pytest.mark.parametrize("action", ["archive", "download_list"])
@pytest.mark.parametrize("chosen", ["abc", "9" * 30, "a\0b"])
def test_an_action_on_what_is_no_row_is_refused(office, panel, action, chosen):
    sent = {"action": action, "_selected_action": [panel.pk, chosen], "confirmed": "yes"}

    assert office().post(address("savedpanel"), sent).status_code == 400
    panel.refresh_from_db()
    assert panel.status == "ACTIVE"


@pytest.mark.parametrize("number", ["0", "012", "9" * 30])
def test_a_row_that_cannot_be_is_not_there(office, panel, number):
    assert office().get(address("savedpanel", f"{number}/change/")).status_code == 302
