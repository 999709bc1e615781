"""No record, no change; and who did it from where is told truly. AU-01."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client

from accounts.models import User
from audit.context import AuditContext, acting_from
from audit.events import Action
from audit.models import AuditLog
from audit.record import record
from panelmerge.lib.crypto import keyed_digest
from panelmerge.lib.errors import Unavailable
from panels.actions.exporting import export_merge
from panels.actions.merging import merge_lists
from panels.actions.uploads import add_text, remove_upload
from panels.engine.request import ListChoice, MergeRequest
from panels.models import PanelDownload, Upload

SESSION = "a-browser-session"
ELSEWHERE = AuditContext(ip_address="203.0.113.5", user_agent="Firefox", session_ref="f" * 64)


@pytest.fixture
def broken_record(monkeypatch):
    """From here on nothing can be written to the record."""

    def fails(**columns):
        raise DatabaseError("the disk is full")

    def breaks() -> None:
        monkeypatch.setattr(AuditLog.objects, "create", fails)

    return breaks


@pytest.mark.django_db(transaction=True)
def test_record_outside_of_a_transaction_is_an_error():
    with pytest.raises(RuntimeError, match="VIEW was to be recorded outside of a transaction"):
        record(Action.VIEW, description="looked")

    assert not AuditLog.objects.filter(action_type="VIEW").exists()


@pytest.mark.django_db
def test_a_change_whose_record_cannot_be_written_does_not_happen(gene_list, broken_record):
    """AU-01: no entry, no change; the file stays as well."""
    upload = add_text(text="BRCA1", session_key=SESSION)
    broken_record()

    with pytest.raises(Unavailable, match="nothing was changed") as told:
        remove_upload(upload=upload)

    assert (told.value.status, told.value.code) == (503, "audit_unavailable")
    assert Upload.objects.filter(pk=upload.pk).exists()


@pytest.mark.django_db
def test_a_download_whose_record_cannot_be_written_is_not_handed_out(gene_list, broken_record):
    broken_record()

    with pytest.raises(Unavailable):
        export_merge(result=gene_list, format="csv")

    assert PanelDownload.objects.count() == 0


@pytest.mark.django_db
def test_an_upload_whose_record_cannot_be_written_answers_503(client, broken_record, tmp_path):
    """A-20: one answer on the page and in the API, and nothing is kept."""
    broken_record()

    page = client.post("/uploads/", {"text": "BRCA1"})
    answer = client.post("/api/v1/uploads/", {"text": "BRCA1"}, content_type="application/json")

    assert (page.status_code, answer.status_code, answer.json()["code"]) == (503, 503, "audit_unavailable")
    assert "nothing was changed" in page.content.decode()
    assert Upload.objects.count() == 0
    assert not [file for file in (tmp_path / "uploads").rglob("*") if file.is_file()]


@pytest.mark.django_db
def test_a_record_is_undone_with_the_change_it_belongs_to():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record(Action.VIEW, description="looked")
        raise ZeroDivisionError

    assert not AuditLog.objects.filter(action_type="VIEW").exists()


@pytest.mark.django_db
def test_record_writes_every_column():
    ada = User.objects.create_user("ada", "ada@example.org")

    with acting_from(ELSEWHERE), transaction.atomic():
        written = record(
            Action.ROLE_CHANGE,
            by=ada,
            target=ada,
            description="Made Ada an editor",
            details={"why": "asked"},
            old={"role": "USER"},
            new={"role": "EDITOR"},
            success=False,
        )

    row = AuditLog.objects.get(pk=written.pk)
    assert (row.user_id, row.username, row.action_type) == (ada.pk, "ada", "ROLE_CHANGE")
    assert (row.resource_type, row.resource_id) == ("user", str(ada.pk))
    assert (row.ip_address, row.user_agent, row.session_id) == ("203.0.113.5", "Firefox", "f" * 64)
    assert (row.details, row.old_values, row.new_values) == ({"why": "asked"}, {"role": "USER"}, {"role": "EDITOR"})
    assert (row.action_description, row.success, row.request_id) == ("Made Ada an editor", False, None)
    assert row.timestamp.utcoffset().total_seconds() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("nobody", [None, AnonymousUser()])
def test_record_of_nobody_in_particular_names_nobody(nobody):
    row = record(Action.VIEW, by=nobody, description="looked")

    assert (row.user_id, row.username, row.ip_address) == (None, None, "local")


@pytest.mark.django_db
def test_record_keeps_the_name_of_who_is_deleted_later():
    ada = User.objects.create_user("ada", "ada@example.org")
    number = ada.pk
    row = record(Action.VIEW, by=ada, description="looked")

    ada.delete()

    row.refresh_from_db()
    assert (row.user_id, row.username) == (number, "ada")


@pytest.mark.django_db
def test_record_cuts_what_is_too_long():
    row = record(Action.VIEW, description="x" * 600, resource_type="t" * 60, resource_id="i" * 200)

    row.refresh_from_db()
    assert (len(row.action_description), len(row.resource_type), len(row.resource_id)) == (460, 50, 100)


@pytest.mark.django_db
def test_the_database_refuses_a_word_that_is_no_action():
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditLog.objects.create(action_type="NONSENSE", action_description="x", ip_address="local")


@pytest.mark.django_db
def test_there_are_the_33_words_of_1_4_0_the_4_of_1_5_0_and_ours():
    """AU-01: every word fits its column and the CHECK allows it."""
    for word in Action.values:
        record(Action(word), description="every word")

    assert Action.values[36] == "PANEL_LIST" and Action.values[32] == "SYSTEM_SECURITY"
    assert AuditLog.objects.filter(action_description="every word").count() == len(set(Action.values))


@pytest.mark.django_db
def test_a_request_is_recorded_with_its_id_and_address_and_without_its_session_key(settings):
    """A-10, A-25: forged headers are ignored, and the session's key is in no row."""
    settings.TRUSTED_PROXIES = []
    browser = Client(headers={"x-forwarded-for": "1.1.1.1", "user-agent": "Firefox" * 100})
    browser.post("/api/v1/uploads/", {"text": "BRCA1"}, content_type="application/json")
    key = browser.session.session_key

    answer = browser.post("/api/v1/uploads/", {"text": "TP53"}, content_type="application/json")

    row = AuditLog.objects.first()
    assert (row.request_id, row.ip_address, len(row.user_agent)) == (answer["X-Request-ID"], "127.0.0.1", 500)
    assert row.session_id == keyed_digest(key, "session reference")
    assert key not in str(AuditLog.objects.values_list()[0])


@pytest.mark.django_db
def test_the_context_of_one_request_does_not_reach_the_next():
    with acting_from(ELSEWHERE), transaction.atomic():
        record(Action.VIEW, description="elsewhere")

    assert record(Action.VIEW, description="here").ip_address == "local"


@pytest.fixture
def gene_list():
    return merge_lists(request=MergeRequest(inputs=[ListChoice("mine", ("BRCA1", "TP53"))]))
