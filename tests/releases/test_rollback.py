"""Going back: counted, accepted, written away first, and loaded again. RB-01 to RB-06."""

from __future__ import annotations

import json
import os
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection

from audit import guards
from audit.sealing import seal_now
from audit.verifying import verify
from panelmerge.lib.sqlite3 import maintenance
from panelmerge.releases import applying, back_to_backup, fitting
from panelmerge.releases.backups import restoring
from panelmerge.releases.backups.making import make_backup
from panelmerge.releases.current import current_release
from panelmerge.releases.lock import running
from panelmerge.releases.losing import losses
from panelmerge.releases.manifest import NEWEST, RELEASES
from panelmerge.releases.planning import plan_rollback
from panelmerge.releases.rollback_file import Unusable, read
from tests.releases.installing import IN_FULL, ON_POSTGRESQL, go_to
from tests.releases.rows import one
from tests.releases.test_backup import dumped

# Every release under PANELMERGE_PROOF, else the next one and the last.
DOWN = list(RELEASES)[::-1][1:] if IN_FULL else ["1.5.1", "1.3.0"]
# Not there again after going back and forth: made by whoever serves, or numbered by Django.
REBUILT = {"django_migrations", "django_content_type", "auth_permission", "panelmerge_release", "django_session"}


def rollback(*arguments, **options) -> str:
    out = StringIO()
    call_command("rollback", *arguments, stdout=out, **options)
    return out.getvalue()


def refused(*arguments) -> tuple[str, CommandError]:
    out = StringIO()
    with pytest.raises(CommandError) as error:
        call_command("rollback", *arguments, stdout=out)
    return out.getvalue(), error.value


def the_file() -> Path:
    [found] = settings.BACKUP_ROOT.glob("rollback-*.file")
    return found


def the_changes() -> Path:
    [found] = settings.BACKUP_ROOT.glob("changes-since-*.file")
    return found


def show(path: Path) -> list[dict]:
    """What the operator reads of such a file."""
    return [json.loads(line) for line in rollback("--show", path).splitlines()]


@pytest.mark.parametrize("target", DOWN)
def test_rollback_goes_to_every_release_and_what_went_is_loaded_again(database_at, target):
    """RB-01 to RB-04: there and back, row by row."""
    database_at(NEWEST)
    seal_now()
    before = dumped(connection.settings_dict)

    rollback("--to", target, "--accept-loss", "--no-backup", verbosity=0)
    below = current_release()
    call_command("upgrade", "--load", the_file(), "--no-backup", verbosity=0)

    after = dumped(connection.settings_dict)
    assert (below, current_release()) == (target, NEWEST)
    for table in sorted(before.keys() - REBUILT - {"audit_log", "audit_chain", "audit_seal"}):
        assert after[table] == before[table], table
    assert len(after["audit_log"]) > len(before["audit_log"])
    assert guards.present() == guards.names(connection.vendor)


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


def test_losses_are_counted_in_rows_and_users_and_nothing_happens_unasked(database_at):
    """RB-02, AU-06, AN-03: one message of one user."""
    database_at(NEWEST)
    before = dumped(connection.settings_dict)

    said, error = refused("--to", "1.3.0")

    assert error.returncode == 1 and "--accept-loss" in str(error)
    assert "admin_message: 1 row of 1 user; the table goes" in said
    assert "api_token: 1 row of 1 user; the table goes" in said
    assert "user.role: 1 row of 1 user; auditors become viewers" in said
    assert "user.timezone_preference: 1 row of 1 user; the column goes" in said
    assert f"This code serves only {NEWEST}" in said
    assert dumped(connection.settings_dict) == before
    assert not list(settings.BACKUP_ROOT.glob("*")) if settings.BACKUP_ROOT.exists() else True


def test_going_back_where_nothing_is_lost_asks_for_nothing(database_at):
    database_at("1.5.1")

    said = rollback("--to", "1.5.0", "--no-backup")

    assert "Nothing is lost." in said
    assert current_release() == "1.5.0"


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


def test_a_one_way_step_is_refused_before_the_first_is_taken(database_at, monkeypatch):
    """The planner asks every migration; met halfway, tables would be gone already."""
    database_at(NEWEST)
    plan = plan_rollback("1.4.0")
    one_way = next(m for step in plan.steps for m, _ in step.plan if m.name == "0006_release_1_4_1_set_utc")
    monkeypatch.setattr(type(one_way.operations[0]), "reversible", property(lambda self: False))
    before = dumped(connection.settings_dict)

    _, error = refused("--to", "1.4.0", "--accept-loss")

    assert "cannot be undone, so none is taken" in str(error) and "accounts.0006_release_1_4_1_set_utc" in str(error)
    assert "--from-backup" in str(error)
    assert dumped(connection.settings_dict) == before


@pytest.mark.parametrize("target", ["2.0.0", "1.5.1"])
def test_going_back_to_where_one_is_or_up_is_refused(database_at, target):
    database_at("1.5.1")

    assert "is not below it" in str(refused("--to", target)[1])


def test_a_second_command_meanwhile_is_refused(database_at):
    database_at("1.5.1")

    with running("upgrade"):
        assert refused("--to", "1.5.0")[1].returncode == 75


def test_a_step_back_that_fails_leaves_a_named_release_and_the_file_that_belongs_to_it(database_at, monkeypatch):
    database_at("1.5.1")
    migrate = applying._migrate

    def broken(step, progress):
        if step.release == "1.4.1":
            raise RuntimeError("the disk is full")
        migrate(step, progress)

    monkeypatch.setattr(applying, "_migrate", broken)

    _, error = refused("--to", "1.4.1", "--accept-loss", "--no-backup")

    assert error.returncode == 1
    assert current_release() == ("1.5.0" if ON_POSTGRESQL else "1.5.1")
    assert one("SELECT COUNT(*) FROM panel_genes") == 2


# --- From a backup ------------------------------------------------------------------------------------------


@pytest.fixture
def older_backup(database_at) -> Path:
    """A backup of 1.5.1, from before the upgrade; people have worked since."""
    database_at("1.5.1")
    folder, _ = make_backup()
    call_command("upgrade", "--no-backup", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE saved_panels SET name = 'later'")
        cursor.execute("INSERT INTO panel_genes (panel_id, gene_symbol) VALUES (1, 'TP53')")
    return folder


def test_what_was_written_since_the_backup_is_counted_and_nothing_happens_unasked(older_backup):
    before = dumped(connection.settings_dict)

    said, error = refused("--to", "1.5.1", "--from-backup", older_backup)

    assert error.returncode == 1
    assert "saved_panels: 1 row of 1 user; written since the backup" in said
    assert "panel_genes: 1 row" in said
    assert dumped(connection.settings_dict) == before


def test_going_back_to_a_backup_keeps_the_newer_database_and_what_was_written(older_backup, databases):
    """RB-05, RB-06."""
    said = rollback("--to", "1.5.1", "--from-backup", older_backup, "--accept-loss")

    assert current_release() == "1.5.1"
    assert one("SELECT name FROM saved_panels") == "P" and one("SELECT COUNT(*) FROM panel_genes") == 2
    kept = the_changes()
    rows = [line["row"] for line in show(kept) if line["kind"] == "rows"]
    assert any(row.get("gene_symbol") == "TP53" for row in rows) and any(row.get("name") == "later" for row in rows)
    assert kept.stat().st_mode & 0o777 == 0o600 and b"TP53" not in kept.read_bytes()
    assert "commit" in said and "_before_rollback_" in said
    databases.made += [word.strip(";") for word in said.split() if "_before_rollback_" in word and ON_POSTGRESQL]


def test_what_was_removed_since_the_backup_is_counted_because_it_comes_back(older_backup):
    """A share that was taken away would be open again."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM panel_shares")

    said, _ = refused("--to", "1.5.1", "--from-backup", older_backup)
    rollback("--to", "1.5.1", "--from-backup", older_backup, "--accept-loss", verbosity=0)

    assert "panel_shares: 1 row removed since the backup; back again with it" in said
    assert {"table": "panel_shares", "kind": "removed", "id": 1} in show(the_changes())
    assert one("SELECT COUNT(*) FROM panel_shares") == 1


def test_what_the_upgrade_itself_wrote_is_not_laid_to_people(older_backup):
    said, _ = refused("--to", "1.5.1", "--from-backup", older_backup)

    assert "account_emailaddress: 4 rows of 4 users; the table came with the upgrade from 1.5.1" in said
    assert "user: 1 row of 1 user; written since the backup, or by the upgrade since" in said


def test_changes_since_a_backup_are_for_reading_and_not_for_loading(older_backup):
    rollback("--to", "1.5.1", "--from-backup", older_backup, "--accept-loss", verbosity=0)

    with pytest.raises(CommandError, match=r"It is for reading: manage\.py rollback --show"):
        call_command("upgrade", "--load", the_changes(), "--no-backup", verbosity=0)

    assert current_release() == "1.5.1"


@pytest.mark.parametrize("damage", [lambda text: text[: len(text) // 2], lambda text: text[: text.rindex("pm1:")]])
def test_a_file_that_was_cut_is_not_shown_as_whole(older_backup, damage):
    rollback("--to", "1.5.1", "--from-backup", older_backup, "--accept-loss", verbosity=0)
    the_changes().write_text(damage(the_changes().read_text()))

    with pytest.raises(CommandError, match=r"cut off|cannot be read|was altered"):
        show(the_changes())


def test_what_is_written_to_the_very_end_is_kept_in_a_file_of_its_own(older_backup, monkeypatch):
    """Somebody who began before writers were turned away, and ends after what there was had been written away."""
    exchange = restoring.exchange

    def after_one_more(*arguments, **options):
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO panel_genes (panel_id, gene_symbol) VALUES (1, 'LATE')")
        exchange(*arguments, **options)

    monkeypatch.setattr(restoring, "exchange", after_one_more)

    said = rollback("--to", "1.5.1", "--from-backup", older_backup, "--accept-loss")

    first, late = sorted(settings.BACKUP_ROOT.glob("changes-since-*"))
    assert "kept in a file of its own: 1 row" in said and str(late) in said
    assert [line["row"]["gene_symbol"] for line in show(late)] == ["LATE"]
    assert "LATE" not in [line.get("row", {}).get("gene_symbol") for line in show(first)]


def test_writers_are_turned_away_while_it_is_written_away(older_backup, monkeypatch):
    write, seen = back_to_backup._Keeper._write, []

    def asked(*arguments, **options):
        with monkeypatch.context() as patch:
            # The locks of this very process count as somebody else's.
            patch.setattr(maintenance, "_mine", set())
            seen.append(fitting.fit(anew=True).changing)
        return write(*arguments, **options)

    monkeypatch.setattr(back_to_backup._Keeper, "_write", asked)

    rollback("--to", "1.5.1", "--from-backup", older_backup, "--accept-loss", verbosity=0)

    assert len(seen) == 1 and "rollback --to 1.5.1" in seen[0]


def test_where_the_exchange_fails_nothing_has_changed_and_nothing_is_kept(older_backup, monkeypatch):
    """RB-06: any failure leaves the state as it was."""
    before = dumped(connection.settings_dict)

    def fails(*arguments, **options):
        raise OSError("no space left")

    monkeypatch.setattr(restoring, "exchange", fails)

    _, error = refused("--to", "1.5.1", "--from-backup", older_backup, "--accept-loss")

    assert error.returncode == 1 and "no space left" in str(error)
    assert dumped(connection.settings_dict) == before
    assert list(settings.BACKUP_ROOT.glob("changes-since-*")) == []


def test_a_present_database_that_cannot_be_compared_is_left_with_what_to_do(older_backup, monkeypatch):
    def unreadable(*arguments, **options):
        raise DatabaseError("database disk image is malformed")

    monkeypatch.setattr(back_to_backup, "changes_since", unreadable)

    _, error = refused("--to", "1.5.1", "--from-backup", older_backup, "--accept-loss")

    assert "cannot be read (database disk image is malformed)" in str(error) and "manage.py restore" in str(error)
    assert current_release() == NEWEST


def test_latest_is_understood_and_a_backup_of_another_release_is_not(older_backup):
    latest = settings.BACKUP_ROOT / "latest"
    assert os.readlink(latest) == older_backup.name

    _, error = refused("--to", "1.3.0", "--from-backup", latest, "--accept-loss")

    assert "is a backup of 1.5.1, not of 1.3.0" in str(error)


def test_what_was_done_as_json_is_all_that_is_said(database_at):
    database_at("1.5.1")

    told = json.loads(rollback("--to", "1.5.0", "--json"))

    assert told["release"] == "1.5.0" and Path(told["backup"]).is_dir()


def test_losses_of_an_older_release_are_read_through_its_own_models(database_at):
    database_at("1.5.0")

    found = {loss.what: loss.rows for loss in losses(plan_rollback("1.4.1"))}

    assert found == {"saved_panels": 1, "panel_versions": 1, "panel_genes": 2, "panel_shares": 1, "panel_changes": 1}
