"""``manage.py clear_catalogue_cache``: TR-09, PF-03."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from audit.models import AuditLog
from panels.models import CatalogueEntry, CataloguePanel, CatalogueVersion
from tests.accounts.acting import break_the_record

pytestmark = pytest.mark.django_db


def counted() -> tuple[list, list]:
    entries = CatalogueEntry.objects.order_by("panel", "entity_name", "pk").values_list(
        "panel", "entity_name", "hgnc_id"
    )
    versions = CatalogueVersion.objects.order_by("pk").values_list(
        "pk", "genes", "green", "amber", "red", "body_sha256"
    )
    return list(entries), list(versions)


def test_what_was_worked_out_comes_again_from_the_mirror(demo_catalogue, capsys):
    """TR-09, PF-03."""
    before = counted()
    CatalogueEntry.objects.filter(panel__source="uk").delete()
    current = CataloguePanel.objects.filter(source="uk").values("current_version")
    CatalogueVersion.objects.filter(pk__in=current).update(green=999)

    call_command("clear_catalogue_cache", "--source", "uk")

    assert counted() == before
    assert "25 panels" in capsys.readouterr().out
    assert AuditLog.objects.filter(action_type="CACHE_CLEAR").count() == 1


def test_dry_run_only_says_how_much_there_is(demo_catalogue, capsys):
    CataloguePanel.objects.filter(source="uk").update(name="Renamed")
    before = counted()

    call_command("clear_catalogue_cache", "--dry-run")

    assert counted() == before
    assert "would be worked out anew" in capsys.readouterr().out
    assert not AuditLog.objects.filter(action_type="CACHE_CLEAR").exists()


def test_without_a_record_nothing_is_cleared(demo_catalogue, monkeypatch):
    before = counted()
    break_the_record(monkeypatch)

    with pytest.raises(Exception, match="record of changes"):
        call_command("clear_catalogue_cache")

    assert counted() == before
