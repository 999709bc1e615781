"""AU-07: forgetting by rule leaves the proof whole, and forgetting beside the rule shows."""

from __future__ import annotations

import csv
import hashlib
import json
import random
from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit import guards
from audit.events import Action
from audit.models import AuditLog, ChainLink, Seal
from audit.proof import signed_by
from audit.pruning import erase_person, plan_pruning, prune
from audit.record import record
from audit.sealing import seal_now
from audit.verifying import verify
from panelmerge.lib.errors import Refusal
from tests.audit.tampering import begin_anew, write

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def two_years(transactional_db, settings, tmp_path):
    """Ten entries of two years ago with two of a panel among them, ten of today; each under its own seal."""
    settings.AUDIT_CHECKPOINT_FILE = str(tmp_path / "audit.checkpoints")
    begin_anew()
    for name in ("ada", "grace"):
        User.objects.create_user(name, f"{name}@example.org")
    with time_machine.travel(timezone.now() - timedelta(days=730)):
        write(8)
        for panel in ("7", "8"):
            with transaction.atomic():
                record(Action.PANEL_CREATE, resource_type="savedpanel", resource_id=panel, description="Created")
        seal_now()
    write(10, first=50)
    seal_now()


def checkpoints(settings) -> list[str]:
    with open(settings.AUDIT_CHECKPOINT_FILE) as file:
        return file.read().splitlines()


def test_prune_removes_old_sealed_entries_and_the_record_stays_whole(settings):
    done = prune(living_panels=["7"])
    seal_now()

    verdict = verify(anchor=checkpoints(settings))
    assert (done.through, done.old, done.removed) == (10, 10, 9)
    assert AuditLog.objects.filter(resource_type="savedpanel").get().resource_id == "7"
    assert verdict.whole, verdict.findings
    assert (verdict.pruned, verdict.entries) == (9, 12)


def test_prune_again_after_a_panel_died_stays_whole():
    prune(living_panels=["7", "8"])
    seal_now()

    done = prune(living_panels=["7"])
    seal_now()

    assert done.removed == 1
    assert verify().whole


def test_prune_takes_no_entry_that_no_seal_covers():
    with time_machine.travel(timezone.now() + timedelta(days=1000)):
        AuditLog.objects.count()
        with guards.lifted():
            Seal.objects.filter(number=2).delete()

        planned = plan_pruning(living_panels=[])

    assert planned.through == 10


def test_deleting_one_more_than_was_pruned_shows():
    prune(living_panels=["7"])
    seal_now()
    with guards.lifted():
        AuditLog.objects.get(resource_type="savedpanel").delete()

    assert verify().kinds == {"deleted": 1}


def test_a_made_up_pruning_excuses_nothing():
    with guards.lifted():
        AuditLog.objects.create(
            action_type="COMPLIANCE_EVENT",
            action_description="Pruned",
            ip_address="local",
            resource_type="audit_prune",
            details={"through": 20, "removed": 1, "sha256_of_places": "0"},
        )
        link = random.Random(3).choice(list(ChainLink.objects.all()))
        AuditLog.objects.filter(pk=link.entry_id).delete()

    kinds = verify().kinds

    assert kinds["deleted"] >= 1
    assert kinds["forged"] == 1


def test_prune_whose_record_fails_removes_nothing(monkeypatch):
    def fails(**columns):
        raise RuntimeError("no disk")

    monkeypatch.setattr("audit.pruning.record", fails)

    with pytest.raises(TypeError):
        prune(living_panels=[])

    assert AuditLog.objects.count() == 20


def test_prune_audit_says_what_it_would_do_and_does_it(capsys):
    call_command("prune_audit", "--dry-run")
    call_command("prune_audit")

    would, did = capsys.readouterr().out.splitlines()
    # The panels that these entries are about are not there any more.
    assert would.startswith("10 of 10 old entries would be removed, up to place 10")
    assert did.startswith("10 of 10 old entries were removed")
    assert AuditLog.objects.count() == 11


def test_erasing_a_person_leaves_the_chain_whole_and_names_nobody():
    ada = User.objects.get(username="ada")

    erase_person(user_id=ada.pk)
    seal_now()

    rows = AuditLog.objects.filter(user_id=ada.pk)
    assert set(rows.values_list("username", "ip_address", "user_agent")) == {(f"erased-{ada.pk}", "erased", None)}
    assert all(row.details is None and row.old_values is None for row in rows)
    assert verify().whole
    assert verify().erased == rows.count()


def test_overwriting_a_name_without_an_erasure_shows():
    ada = User.objects.get(username="ada")

    AuditLog.objects.filter(user_id=ada.pk).update(username=f"erased-{ada.pk}", ip_address="erased", user_agent=None)

    assert set(verify().kinds) == {"altered"}


def test_erasing_nobody_is_refused():
    with pytest.raises(Refusal, match="knows nobody"):
        erase_person(user_id=987654)


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_export_audit_writes_every_entry_under_a_signature(tmp_path, suffix):
    """AU-05"""
    file = tmp_path / f"record.{suffix}"

    call_command("export_audit", "-o", str(file), verbosity=0)

    *lines, last = file.read_text().splitlines(keepends=True)
    _, _, digest, _, _, _, public, _, signature = last.split()
    assert hashlib.sha256("".join(lines).encode()).hexdigest() == digest
    assert signed_by(public, digest, signature)
    rows = list(csv.DictReader(lines)) if suffix == "csv" else [json.loads(line) for line in lines]
    assert len(rows) == 20
    assert {row["resource_id"] for row in rows} >= {"0", "7", "59"}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["-o", "x.pdf"], "ends in .csv or .jsonl"),
        (["-o", "/nowhere/x.csv"], "cannot be made"),
        (["-o", "x.csv", "--since", "yesterday"], "write e.g. 2026-01-31"),
        (["-o", "x.csv", "--until", "2026-02-30"], "--until 2026-02-30"),
        (["-o", "x.csv", "--until", "9999-12-31T23:59:59-17:38"], "Years from 2 to 9998"),
    ],
)
def test_export_audit_with_what_it_cannot_take_says_so(arguments, sentence, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    with pytest.raises(CommandError, match=sentence):
        call_command("export_audit", *arguments)


def test_export_audit_takes_every_offset_that_iso_8601_has(tmp_path):
    """PostgreSQL has only those below sixteen hours."""
    file = tmp_path / "record.jsonl"

    call_command("export_audit", "-o", str(file), "--since", "2001-01-01T00:00:00+23:59", verbosity=0)

    assert len(file.read_text().splitlines()) == 21


def test_an_erased_administrator_leaves_the_erasures_they_made_proven():
    ada, grace = User.objects.get(username="ada"), User.objects.get(username="grace")
    erase_person(user_id=ada.pk, by=grace)

    erase_person(user_id=grace.pk)
    seal_now()

    verdict = verify()
    assert verdict.whole, verdict.kinds
    assert not AuditLog.objects.filter(username="grace").exists()
