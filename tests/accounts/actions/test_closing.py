"""Closing an account: nothing names the person any more, in the record neither, and the proof stays whole. AC-02."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axes.models import AccessAttempt, AccessFailureLog
from django.core.management import call_command
from django.db import connection, transaction

from accounts.actions.profile import change_profile, close_account
from accounts.models import User
from audit.context import AuditContext, acting_from
from audit.events import Action
from audit.models import AuditLog
from audit.pruning import waiting_erasures
from audit.record import record
from audit.sealing import seal_now
from audit.verifying import verify
from panelmerge.attention import matters_for
from panelmerge.lib.errors import Unavailable
from tests.accounts.acting import PASSWORD, Browser, break_the_record
from tests.audit.tampering import begin_anew

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[3]
on_postgresql = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no roles")


@pytest.fixture
def kim(transactional_db, settings, tmp_path) -> User:
    """Somebody who did things, from an address."""
    settings.AUDIT_CHECKPOINT_FILE = str(tmp_path / "audit.checkpoints")
    begin_anew()
    kim = User.objects.create_user("kim", "kim@example.org", PASSWORD, is_verified=True)
    Browser().sign_in("kim", "wrong")
    Browser(headers={"User-Agent": "Kim's own browser"}).sign_in("kim")
    change_profile(by=kim, first_name="Kimberley")
    seal_now()
    return kim


def everything_recorded() -> str:
    return "\n".join(str(row) for row in AuditLog.objects.order_by("pk").values())


def close(kim: User) -> None:
    """As the page does, from the person's own browser."""
    with acting_from(AuditContext("203.0.113.9", "Kim's own browser")):
        close_account(person=kim, by=kim)


def test_close_leaves_nothing_in_the_record_that_names_the_person(kim):
    """GDPR 17: the events of the closing itself included."""
    before = everything_recorded()

    close(kim)

    named = re.compile("'kim|Kimberley|Kim's own|203.0.113.9")
    assert named.search(before) and not named.search(everything_recorded())
    assert not AccessAttempt.objects.exists() and not AccessFailureLog.objects.exists()


def test_close_leaves_the_proof_whole(kim, settings):
    """AU-07: before the next seal and after it, against the checkpoints too."""
    did = AuditLog.objects.filter(user_id=kim.pk).count()

    close(kim)
    early = verify()
    seal_now()

    late = verify(anchor=Path(settings.AUDIT_CHECKPOINT_FILE).read_text().splitlines())
    assert early.whole and late.whole, (early.kinds, late.kinds)
    assert late.erased == did + 1
    call_command("verify_audit", "--anchor", settings.AUDIT_CHECKPOINT_FILE, verbosity=0)


def test_close_by_an_administrator_says_who_did_it(kim):
    root = User.objects.create_superuser("root", "root@example.org", PASSWORD)

    close_account(person=kim, by=root)

    deeds = AuditLog.objects.filter(user_id=root.pk).values_list("action_type", "resource_type")
    assert list(deeds.order_by("pk")) == [("USER_DELETE", "user"), ("COMPLIANCE_EVENT", "audit_erasure")]
    assert verify().whole


def test_close_keeps_what_was_done_to_panels(kim):
    with transaction.atomic():
        record(
            Action.PANEL_UPDATE,
            by=kim,
            resource_type="savedpanel",
            resource_id="7",
            description="Changed",
            old={"a": 1},
        )

    close(kim)

    event = AuditLog.objects.get(resource_type="savedpanel")
    assert (event.username, event.old_values) == (f"erased-{kim.pk}", {"a": 1})
    assert verify().whole


def test_close_without_a_record_changes_nothing(kim, monkeypatch):
    before = User.objects.values().get(), everything_recorded()
    break_the_record(monkeypatch)

    with pytest.raises(Unavailable):
        close(kim)

    assert (User.objects.values().get(), everything_recorded()) == before


@on_postgresql
def test_close_as_the_servers_role_leaves_the_erasing_to_the_owner_and_says_so(kim, capsys):
    """docs/audit.md: that role adds to the record and changes nothing in it."""
    root = User.objects.create_superuser("root", "root@example.org", PASSWORD)
    with as_the_servers_role():
        close(kim)
    waiting, shown = waiting_erasures(), [matter for matter in matters_for(root) if matter.name == "People to erase"]

    call_command("prune_audit")

    assert waiting == [kim.pk] and "prune_audit as the owner" in shown[0].says
    assert "Closed accounts erased from the record: 1." in capsys.readouterr().out
    assert waiting_erasures() == [] and "Kimberley" not in everything_recorded()
    seal_now()
    assert verify().whole


@contextmanager
def as_the_servers_role() -> Iterator[None]:
    statements = re.search(r"```sql\n(.*?)```", (ROOT / "docs" / "audit.md").read_text(), re.S)[1].split(";")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE ROLE web")
        for statement in statements[1:-1]:
            cursor.execute(statement)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL ROLE web")
            yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP OWNED BY web")
            cursor.execute("DROP ROLE web")
