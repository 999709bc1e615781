"""What a rollback writes away: encrypted, whole or refused, and loaded with the proof of the record going on. RB-04."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from audit import guards
from audit.sealing import seal_now
from audit.verifying import verify
from panelmerge.releases.current import current_release
from panelmerge.releases.manifest import NEWEST
from panelmerge.releases.rollback_file import Unusable, read
from tests.releases.going_back import rollback, the_file
from tests.releases.installing import go_to
from tests.releases.rows import one
from tests.releases.test_backup import dumped


@pytest.mark.parametrize("target", ["1.5.1", "1.3.0"])
def test_the_proof_of_the_record_goes_on_when_the_file_is_loaded(database_at, target):
    """Every old entry bears its old MAC at its old place; what came meanwhile is signed and named."""
    database_at(NEWEST)
    seal_now()
    lines = Path(settings.AUDIT_CHECKPOINT_FILE).read_text().splitlines()
    rollback("--to", target, "--accept-loss", "--no-backup", verbosity=0)
    if target == "1.5.1":
        go_to("1.5.1").get_model("audit", "AuditLog").objects.create(
            action_type="LOGIN", action_description="by the older release", ip_address="::1"
        )

    call_command("upgrade", "--load", the_file(), "--no-backup", verbosity=0)

    verdict = verify(anchor=lines)
    assert set(verdict.kinds) <= {"unsealed"}, verdict.findings
    assert one("SELECT COUNT(*) FROM audit_log WHERE resource_type = 'audit_genesis'") == 2


def test_without_the_file_the_proof_starts_again_and_the_old_checkpoints_are_excused(database_at):
    """BG-13: going back on purpose raises no false alarm, and the event carries the file's hash."""
    database_at(NEWEST)
    seal_now()
    lines = Path(settings.AUDIT_CHECKPOINT_FILE).read_text().splitlines()

    said = rollback("--to", "1.5.1", "--accept-loss", "--no-backup")
    call_command("upgrade", "--no-backup", verbosity=0)

    verdict = verify(anchor=lines)
    assert set(verdict.kinds) <= {"unsealed"}, verdict.findings
    from audit.models import AuditLog

    [event] = AuditLog.objects.filter(resource_type="rollback")
    assert event.details["sha256"] in said and event.details["excused_until"] == lines[-1]


def test_a_database_that_is_set_back_without_an_event_is_still_found(database_at):
    """Only what an event under the proof names is excused."""
    database_at(NEWEST)
    seal_now()
    rollback("--to", "1.5.1", "--accept-loss", "--no-backup", verbosity=0)
    call_command("upgrade", "--no-backup", verbosity=0)
    seal_now()
    later = Path(settings.AUDIT_CHECKPOINT_FILE).read_text().splitlines()
    with guards.lifted(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM audit_seal")

    assert verify(anchor=later).kinds["rolled_back"] == 1


def test_values_that_the_older_columns_cannot_hold_go_into_the_file_and_nothing_is_cut(database_at):
    """Widths of 1.5.0: a value is taken out of a column that may be empty, a row of one that may not."""
    database_at(NEWEST)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE panel_genes SET mode_of_inheritance = %s WHERE gene_symbol = 'GBA'", ["m" * 101])
        cursor.execute("UPDATE panel_download SET panel_ids = %s", ["9" * 256])
    empty = one("SELECT COUNT(*) FROM panel_genes WHERE mode_of_inheritance IS NULL")
    before = dumped(connection.settings_dict)

    said = rollback("--to", "1.5.0", "--accept-loss", "--no-backup")

    assert "panel_genes.mode_of_inheritance: 1 row" in said and "longer than the 100 characters of 1.5.0" in said
    assert "panel_download.panel_ids: 1 row" in said and "longer than the 255 characters of 1.5.1" in said
    assert one("SELECT COUNT(*) FROM panel_download") == 0
    # One more is empty, and the region whose name does not fit is in the file as a whole.
    assert one("SELECT COUNT(*) FROM panel_genes WHERE mode_of_inheritance IS NULL") == empty + 1 - 1
    call_command("upgrade", "--load", the_file(), "--no-backup", verbosity=0)
    after = dumped(connection.settings_dict)
    assert (after["panel_genes"], after["panel_download"]) == (before["panel_genes"], before["panel_download"])


def test_what_people_did_meanwhile_is_not_undone_by_loading(database_at):
    """An auditor who was made an editor since stays one; who is gone stays gone; new people keep their address."""
    database_at(NEWEST)
    rollback("--to", "1.5.1", "--accept-loss", "--no-backup", verbosity=0)
    people = go_to("1.5.1").get_model("accounts", "User").objects
    people.filter(username="kim").update(role="EDITOR")
    people.create(username="newcomer", email="new@example.org", password="x")
    people.filter(username="grace").delete()

    out = StringIO()
    call_command("upgrade", "--load", the_file(), "--no-backup", stdout=out)

    assert one("SELECT role FROM \"user\" WHERE username = 'kim'") == "EDITOR"
    assert one("SELECT COUNT(*) FROM account_emailaddress WHERE email = 'new@example.org'") == 1
    assert one("SELECT COUNT(*) FROM account_emailaddress WHERE email = 'p3@example.org'") == 0
    assert one("SELECT COUNT(*) FROM api_token") == 1


def test_the_file_is_encrypted_for_its_owner_alone_and_tells_no_secret(database_at):
    database_at(NEWEST)

    rollback("--to", "1.3.0", "--accept-loss", "--no-backup", verbosity=0)

    content = the_file().read_bytes()
    assert the_file().stat().st_mode & 0o777 == 0o600
    assert b"example.org" not in content and b"nightly" not in content
    assert [part.release for part in read(the_file()).parts] == ["2.0.0", "1.5.1", "1.5.0", "1.4.1", "1.4.0"]


@pytest.mark.parametrize("damage", ["cut", "altered", "another key", "no such file"])
def test_a_damaged_file_is_refused_before_anything_changes(database_at, settings, damage):
    database_at(NEWEST)
    rollback("--to", "1.5.1", "--accept-loss", "--no-backup", verbosity=0)
    path, content = the_file(), the_file().read_bytes()
    if damage == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "altered":
        path.write_bytes(content.replace(b"pm1:", b"pm2:", 3).replace(b"pm2:", b"pm1:", 2))
    elif damage == "another key":
        settings.ENCRYPTION_KEYS = settings.AUDIT_KEYS
    else:
        path.unlink()

    with pytest.raises(CommandError):
        call_command("upgrade", "--load", path, "--no-backup", verbosity=0)

    assert current_release() == "1.5.1"


def test_a_file_that_this_upgrade_cannot_load_is_refused(database_at):
    database_at(NEWEST)
    rollback("--to", "1.5.0", "--accept-loss", "--no-backup", verbosity=0)

    with pytest.raises(CommandError, match="does not pass by that release"):
        call_command("upgrade", "--to", "1.5.1", "--load", the_file(), "--no-backup", verbosity=0)

    assert current_release() == "1.5.0"
    with pytest.raises(Unusable):
        read(Path(__file__))
