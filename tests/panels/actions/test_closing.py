"""Closing an account: lists go with their files, panels are archived, downloads name nobody, and the record says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import DatabaseError

from accounts.actions.profile import close_account, hand_out_data
from accounts.models import User
from audit.models import AuditLog
from panelmerge.lib.errors import Unavailable
from panels.actions.uploads import add_text
from panels.models import PanelDownload, SavedPanel, Upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(settings, tmp_path) -> User:
    settings.MEDIA_ROOT = str(tmp_path / "uploads")
    return User.objects.create_user("ada", "ada@example.org")


@pytest.fixture
def bob() -> User:
    return User.objects.create_user("bob", "bob@example.org")


def files(settings) -> list[Path]:
    return list(Path(settings.MEDIA_ROOT).glob("*"))


def test_close_removes_uploads_with_their_files_and_nobody_elses(
    ada, bob, settings, django_capture_on_commit_callbacks
):
    add_text(text="BRCA1", owner=ada, by=ada)
    kept = add_text(text="TP53", owner=bob, by=bob)

    with django_capture_on_commit_callbacks(execute=True):
        close_account(person=ada, by=ada)

    assert list(Upload.objects.all()) == [kept]
    assert [file.name for file in files(settings)] == [kept.stored_as]
    assert AuditLog.objects.filter(action_type="UPLOAD_DELETE", user_id=ada.pk).count() == 1


def test_close_archives_what_is_open_and_leaves_the_rest(ada, bob):
    for name, status in (("a", "ACTIVE"), ("b", "DRAFT"), ("c", "ARCHIVED"), ("d", "DELETED")):
        SavedPanel.objects.create(name=name, status=status, owner=ada)
    SavedPanel.objects.create(name="his", owner=bob)

    close_account(person=ada, by=ada)

    event = AuditLog.objects.get(action_type="PANEL_UPDATE")
    assert dict(SavedPanel.objects.values_list("name", "status")) == {
        "a": "ARCHIVED",
        "b": "ARCHIVED",
        "c": "ARCHIVED",
        "d": "DELETED",
        "his": "ACTIVE",
    }
    assert sorted(event.old_values["panels"].values()) == ["ACTIVE", "DRAFT"]
    assert set(SavedPanel.objects.filter(status="ARCHIVED").values_list("owner", flat=True)) == {ada.pk}


def test_close_takes_the_name_off_downloads_and_keeps_their_count(ada, bob):
    for person in (ada, bob):
        PanelDownload.objects.create(user=person, ip_address="192.0.2.7", panel_ids="uk:1@1.0", list_types="green")

    close_account(person=ada, by=ada)

    assert list(PanelDownload.objects.order_by("pk").values_list("user", "ip_address")) == [
        (None, ""),
        (bob.pk, "192.0.2.7"),
    ]


def test_close_without_a_record_closes_nothing(ada, settings, monkeypatch):
    def fails(**columns):
        raise DatabaseError("the disk is full")

    add_text(text="BRCA1", owner=ada, by=ada)
    SavedPanel.objects.create(name="a", owner=ada)
    monkeypatch.setattr(AuditLog.objects, "create", fails)

    with pytest.raises(Unavailable):
        close_account(person=ada, by=ada)

    assert (Upload.objects.count(), SavedPanel.objects.get().status, len(files(settings))) == (1, "ACTIVE", 1)
    assert User.objects.get().is_active


def test_close_and_handing_out_do_not_grow_in_queries(ada, django_assert_max_num_queries):
    for number in range(12):
        add_text(text=f"BRCA1 TP53 row{number}", owner=ada, by=ada)
        SavedPanel.objects.create(name=str(number), owner=ada)

    with django_assert_max_num_queries(15):
        found = hand_out_data(by=ada)
    with django_assert_max_num_queries(45):
        close_account(person=ada, by=ada)

    assert (len(found["uploads"]), len(found["saved_panels"])) == (12, 12)
