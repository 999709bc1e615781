"""Entries of older releases come under the proof once, and nothing later does so unseen. AU-01"""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from audit import genesis, guards
from audit.models import AuditLog, ChainLink
from audit.sealing import seal_now
from audit.verifying import verify
from tests.audit.tampering import begin_anew

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def old_entries(transactional_db, settings, tmp_path):
    """Three rows as an older release wrote them."""
    settings.AUDIT_CHECKPOINT_FILE = str(tmp_path / "audit.checkpoints")
    begin_anew()
    for number in range(3):
        AuditLog.objects.create(
            action_type="LOGIN",
            action_description=f"{number}",
            ip_address="local",
            details={"n": number} if number else None,
            timestamp=timezone.now(),
        )


def test_migrating_puts_old_entries_under_the_proof_and_says_how_many():
    call_command("migrate", verbosity=0)
    seal_now()

    event = AuditLog.objects.get(resource_type="audit_genesis")
    assert event.details["entries"] == 3
    assert ChainLink.objects.count() == 4
    assert verify().whole
    assert guards.present() == guards.names(connection.vendor)


def test_an_old_entry_that_is_altered_afterwards_shows():
    call_command("migrate", verbosity=0)
    seal_now()
    with guards.lifted():
        AuditLog.objects.filter(action_description="1").update(action_description="x")

    assert verify().kinds == {"altered": 1}


def test_migrating_again_makes_no_history_of_a_forged_entry():
    call_command("migrate", verbosity=0)
    with guards.lifted():
        AuditLog.objects.create(action_type="LOGIN", action_description="forged", ip_address="x")

    signed = genesis.begin()
    call_command("migrate", verbosity=0)
    seal_now()

    assert signed == 0
    assert verify().kinds == {"forged": 1}
