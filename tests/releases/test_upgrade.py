"""Upgrading, from every release and from nothing: looked at first, backed up, verified, recorded. RL-01 to RL-12."""

from __future__ import annotations

import json
import os
import stat
from io import StringIO
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from audit import guards
from audit.verifying import verify
from panelmerge.releases import applying, lock, preflight
from panelmerge.releases.backups import manifest
from panelmerge.releases.checking.schema import compare
from panelmerge.releases.current import current_release
from panelmerge.releases.lock import running
from panelmerge.releases.looking import look
from panelmerge.releases.manifest import NEWEST, RELEASES
from panelmerge.releases.planning import plan_upgrade, state_after
from panelmerge.releases.postgresql import parameters
from tests.releases.installing import IN_FULL, ON_POSTGRESQL, go_to
from tests.releases.rows import encrypted, one
from tests.releases.test_backup import dumped

UP = list(RELEASES)


def upgrade(*arguments: str, **options) -> str:
    out = StringIO()
    call_command("upgrade", *arguments, stdout=out, **options)
    return out.getvalue()


def refused(*arguments: str) -> CommandError:
    with pytest.raises(CommandError) as error:
        upgrade(*arguments)
    return error.value


# Every release under PANELMERGE_PROOF; test_walk takes each step of each anyway.
@pytest.mark.parametrize("start", ["empty", *UP[:-1]] if IN_FULL else ["empty", "1.3.0", "1.5.1"])
def test_upgrade_brings_every_release_to_the_newest_and_keeps_its_rows(database_at, start):
    """RL-12."""
    database_at(start)
    before = {} if start == "empty" else dumped(connection.settings_dict)

    said = upgrade()

    seen = look()
    assert current_release() == NEWEST
    assert compare(state_after(set(seen.applied)), seen) == []
    assert guards.present() == guards.names(connection.vendor)
    assert set(verify().kinds) <= {"unsealed"}
    for table in before.keys() - {"django_migrations", "audit_log", "panelmerge_release"}:
        assert one(f'SELECT COUNT(*) FROM "{table}"') == len(before[table]), table
    assert f"The database is at {NEWEST}" in said and "Migrating to 2.0.0:" in said


@pytest.mark.parametrize("target", UP if IN_FULL else ["1.4.1", "1.5.1"])
def test_upgrade_to_a_release_stops_there(database_at, target):
    """RL-02, RL-03, RL-04, RL-05: each with its own command."""
    database_at("empty")

    upgrade("--to", target, "--no-backup", verbosity=0)

    assert current_release() == target
    assert one("SELECT COUNT(*) FROM panelmerge_release WHERE kind = 'journal'") == UP.index(target) + 1


def test_the_backup_is_proven_before_anything_changes_and_is_of_the_release_before(database_at):
    """BK-05, BK-07."""
    database_at("1.5.1")
    before = dumped(connection.settings_dict)

    upgrade(verbosity=0)

    folder = settings.BACKUP_ROOT / os.readlink(settings.BACKUP_ROOT / "latest")
    made = manifest.read(folder)
    assert (made.release, made.proven) == ("1.5.1", True)
    assert {table: content.rows for table, content in made.tables.items()} == {
        table: len(rows) for table, rows in before.items()
    }


def test_no_backup_makes_none(database_at):
    database_at("1.5.1")

    upgrade("--no-backup", verbosity=0)

    assert not settings.BACKUP_ROOT.exists()


def test_a_second_upgrade_has_nothing_to_do_and_says_so(database_at):
    database_at("1.5.1")
    upgrade(verbosity=0)
    backups, rows = sorted(settings.BACKUP_ROOT.iterdir()), dumped(connection.settings_dict)["audit_log"]

    said = upgrade()

    assert f"The database is at {NEWEST}; there is nothing to do." in said
    assert sorted(settings.BACKUP_ROOT.iterdir()) == backups
    assert dumped(connection.settings_dict)["audit_log"] == rows


def test_the_upgrade_and_what_waited_for_the_record_are_in_it(database_at):
    database_at("1.4.0")
    call_command("backup", "--no-proof", verbosity=0)

    upgrade("--to", "1.5.0", verbosity=0)
    upgrade(verbosity=0)

    with connection.cursor() as cursor:
        cursor.execute("SELECT resource_type, action_description FROM audit_log ORDER BY id")
        acts = cursor.fetchall()
    assert [kind for kind, _ in acts[-4:]] == ["audit_genesis", "upgrade", "backup", "upgrade"]
    assert acts[-3][1] == "Upgraded from 1.5.0 to 2.0.0" and acts[-1][1] == "Upgraded from 1.4.0 to 1.5.0"
    assert one("SELECT COUNT(*) FROM panelmerge_release WHERE kind = 'event'") == 0


def test_plan_says_what_each_step_changes_and_changes_nothing(database_at, files_below, tmp_path):
    """RL-01: rows touched, the time to expect, what going back would lose."""
    database_at("1.4.0")
    before, rows = files_below(tmp_path / "var"), dumped(connection.settings_dict)

    said = upgrade("--plan")

    assert "Plan: from 1.4.0 to 2.0.0 in 4 steps, about" in said
    assert "rows touched: 4 of user" in said and "the time zones that people chose" in said
    assert "+ saved_panels, panel_versions, panel_genes, panel_shares, panel_changes" in said
    assert dumped(connection.settings_dict) == rows
    assert {name: content for name, content in files_below(tmp_path / "var").items() if name in before} == before
    assert not (tmp_path / "var" / "reports").exists() or not list((tmp_path / "var" / "reports").iterdir())


def test_plan_as_json_has_the_same_in_it(database_at):
    database_at("1.5.0")

    told = json.loads(upgrade("--plan", "--json"))

    assert (told["database"], told["target"]) == ("1.5.0", NEWEST)
    assert [step["release"] for step in told["steps"]] == ["1.5.1", "2.0.0"]
    assert told["steps"][0]["migrations"][0] == "panels.0005_release_1_5_1_check"
    assert {point["state"] for point in told["preflight"]} <= {"ok", "warn"}


def test_what_was_done_as_json_is_all_that_is_said(database_at):
    database_at("1.5.1")

    told = json.loads(upgrade("--json"))

    assert told["release"] == NEWEST and Path(told["backup"]).is_dir()
    assert any(step.startswith("Migrating to 2.0.0") for step in told["steps"])


def test_the_report_outlives_the_run_and_names_every_migration(database_at, tmp_path):
    """TR-08."""
    database_at("1.5.0")

    upgrade("--to", "1.5.1", verbosity=0)

    [report] = (tmp_path / "var" / "reports").iterdir()
    text = report.read_text()
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    assert "Migrating to 1.5.1 …" in text and "panels.0006_release_1_5_1" in text
    assert "proven by restoring it" in text


# --- What stops it ------------------------------------------------------------------------------------


def test_a_second_command_meanwhile_is_refused_with_who_runs(database_at):
    """Exit code 75."""
    database_at("1.5.1")

    with running("upgrade --to 2.0.0"):
        error = refused()

    assert error.returncode == 75
    assert f"Already running: upgrade --to 2.0.0 {os.getpid()}@" in str(error) and " UTC" in str(error)
    assert current_release() == "1.5.1"
    assert lock.holder() is None


def test_doubled_tokens_stop_it_before_anything_changes(database_at):
    """TR-06: counted, named, with what to do."""
    database_at("1.5.0")
    shares = go_to("1.5.0").get_model("panels", "PanelShare").objects
    shares.create(panel_id=1, shared_by_id=1, share_token="t")

    error = refused()

    assert error.returncode == 1
    assert current_release() == "1.5.0"
    assert not settings.BACKUP_ROOT.exists()
    points = [point for point in preflight.preflight(plan_upgrade(), backup=True) if point.state == preflight.STOP]
    assert [(point.title, point.found, point.hint) for point in points] == [
        (
            "Rows",
            'panel_shares.share_token: 1 values are there more than once ("id" 1, 2)',
            "Change all but one of each",
        )
    ]


def test_a_key_that_reads_nothing_stops_it(database_at, settings):
    database_at("1.5.1")
    settings.ENCRYPTION_KEYS = settings.AUDIT_KEYS

    said = StringIO()
    with pytest.raises(CommandError, match="nothing was changed"):
        call_command("upgrade", stdout=said)

    assert "STOP Keys: user.first_name_encrypted: was encrypted under key" in said.getvalue()
    assert current_release() == "1.5.1"


def test_a_setting_that_is_missing_stops_it(database_at, settings):
    """RL-05."""
    database_at("1.3.0")
    settings.AUDIT_KEYS = []

    said = StringIO()
    with pytest.raises(CommandError):
        call_command("upgrade", "--plan", stdout=said)

    assert "STOP Configuration: panelmerge.E004: AUDIT_KEY is not set." in said.getvalue()


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("POSTGRESQL", 99, "99 or newer needed"),
        ("SQLITE", (9, 0), "3.37 or newer needed"),
        ("PYTHON", (9, 0), "3.11 or newer needed"),
        ("SPARE_MIB", 10**9, "MiB free at"),
    ],
)
def test_what_is_too_old_or_too_small_is_said_with_what_is_needed(database_at, monkeypatch, name, value, sentence):
    """RL-08, RL-09."""
    database_at("1.5.1")
    monkeypatch.setattr(preflight, name, value)

    points = preflight.preflight(plan_upgrade(), backup=True)

    stops = [str(point) for point in points if point.state == preflight.STOP]
    if name == ("SQLITE" if ON_POSTGRESQL else "POSTGRESQL"):
        assert stops == []
    else:
        assert stops and all(sentence in line for line in stops)


def test_the_odd_rows_of_the_older_application_stop_nothing(database_at):
    """Words in capitals, addresses that differ in case: the data steps mend them, so the preflight says nothing."""
    database_at("1.5.1")
    apps = go_to("1.5.1")
    people = apps.get_model("accounts", "User").objects
    people.create(username="x", email="P0@example.org", first_name=encrypted("X", "user", "first_name_encrypted"))
    for word in ("WARNING", "danger", ""):
        apps.get_model("announcements", "AdminMessage").objects.create(
            title=word, message="m", message_type=word, created_by=people.get(username="ada")
        )

    upgrade(verbosity=0)

    assert current_release() == NEWEST


def test_a_step_that_fails_says_where_why_and_what_next_and_leaves_a_named_release(database_at, monkeypatch):
    """TR-03, TR-08."""
    database_at("1.5.0")
    go_to("1.5.0").get_model("panels", "PanelShare").objects.create(panel_id=1, shared_by_id=1, share_token="t")
    monkeypatch.setattr(preflight, "scan", lambda *arguments: [])

    error = refused("--no-backup")

    assert error.returncode == 1
    assert "Migrating to 1.5.1 failed" in str(error)
    assert "panel_shares has the same share_token twice, in rows [1, 2]" in str(error)
    assert "run the same command again" in str(error)
    assert current_release() == "1.5.0"
    with connection.cursor() as cursor:
        cursor.execute("UPDATE panel_shares SET share_token = 'u' WHERE id = 2")
    upgrade("--no-backup", verbosity=0)
    assert current_release() == NEWEST


def test_a_statement_that_fails_is_in_the_message(database_at, monkeypatch):
    database_at("1.4.0")

    def broken(step, progress):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE nowhere SET x = 1")

    monkeypatch.setattr(applying, "_migrate", broken)

    error = refused("--to", "1.4.1", "--no-backup")

    assert "The statement was: UPDATE nowhere SET x = 1" in str(error)
    assert current_release() == "1.4.0"


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        ("DELETE FROM panel_download", "panel_download has 0 rows instead of 1"),
        ("UPDATE \"user\" SET username = 'x' WHERE id = 1", "user holds other values than before"),
        ("DROP INDEX idx_admin_message_active", "idx_admin_message_active: is missing"),
    ],
)
def test_a_step_that_loses_or_alters_what_it_should_not_is_taken_back(database_at, monkeypatch, damage, sentence):
    """RL-03: existing users, messages and audit rows keep their hash."""
    database_at("1.4.1")
    migrate = applying._migrate

    def careless(step, progress):
        migrate(step, progress)
        with connection.cursor() as cursor:
            cursor.execute(damage)

    monkeypatch.setattr(applying, "_migrate", careless)

    error = refused("--to", "1.5.0", "--no-backup")

    assert "Migrating to 1.5.0 was taken back" in str(error) and sentence in str(error)
    assert current_release() == "1.4.1"
    assert one("SELECT COUNT(*) FROM panel_download") == 1


def test_a_mixed_state_is_completed_first(database_at):
    """One app is ahead of the others: what lags comes first."""
    database_at("1.4.0")
    executor = MigrationExecutor(connection)
    executor.migrate([("accounts", "0006_release_1_4_1_set_utc"), ("panels", "0003_release_1_5_0")])
    assert current_release() is None

    said = upgrade("--to", "1.5.0", "--no-backup")

    assert "Plan: from between two releases to 1.5.0 in 1 step" in said
    assert current_release() == "1.5.0"


def test_a_database_of_newer_code_is_refused(database_at):
    database_at(NEWEST)
    MigrationRecorder(connection).record_applied("panels", "0099_release_9_0_0")

    assert "A newer PanelMerge has been here" in str(refused())


def test_going_up_to_an_older_release_names_the_command_for_it(database_at):
    database_at("1.5.1")

    assert "manage.py rollback --to 1.4.0" in str(refused("--to", "1.4.0"))


def test_a_database_of_the_older_application_is_refused_with_the_command_that_takes_it(database_at):
    """RL-06."""
    database_at("empty")
    with connection.cursor() as cursor:
        cursor.execute('CREATE TABLE "user" (id INTEGER PRIMARY KEY, username VARCHAR(80), password_hash VARCHAR(255))')
    before = dumped(connection.settings_dict)

    error = refused()

    assert "adopt_legacy" in str(error) and error.returncode == 1
    assert dumped(connection.settings_dict) == before


@pytest.mark.skipif(not ON_POSTGRESQL, reason="locks of PostgreSQL")
def test_who_holds_a_table_that_is_only_needed_at_the_end_is_waited_for_and_the_step_stands(
    database_at, monkeypatch, caplog
):
    """F-4: Django puts the keys off to the end of a migration, where they ask for the table they point at."""
    database_at("1.4.1")
    monkeypatch.setattr(applying, "LOCK_TIMEOUT", "100ms")
    told = parameters(connection.settings_dict)
    with psycopg.connect(**told) as other:
        other.execute('LOCK TABLE "user" IN ROW EXCLUSIVE MODE')
        monkeypatch.setattr("panelmerge.releases.applying.time.sleep", lambda seconds: other.rollback())

        upgrade("--to", "1.5.0", "--no-backup")

    assert "trying again (1 of" in caplog.text
    with psycopg.connect(**told) as stranger:
        assert stranger.execute("SELECT to_regclass('saved_panels')::text").fetchone() == ("saved_panels",)


@pytest.mark.skipif(not ON_POSTGRESQL, reason="locks of PostgreSQL")
def test_somebody_who_holds_a_table_is_named_and_nothing_waits_behind_us(database_at, monkeypatch):
    database_at("1.5.0")
    monkeypatch.setattr(applying, "ATTEMPTS", 2)
    monkeypatch.setattr(applying, "LOCK_TIMEOUT", "100ms")
    told = parameters(connection.settings_dict) | {"application_name": "a report"}
    with psycopg.connect(**told) as other:
        other.execute("SELECT * FROM panel_genes")

        error = refused("--to", "1.5.1", "--no-backup")

    assert "a table is held by process" in str(error) and "(a report," in str(error)
    assert current_release() == "1.5.0"
