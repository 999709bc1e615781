"""Going back: counted, accepted, written away first, and loaded again. RB-01 to RB-04."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from audit import guards
from audit.sealing import seal_now
from panelmerge.releases import applying
from panelmerge.releases.current import current_release
from panelmerge.releases.lock import running
from panelmerge.releases.losing import losses
from panelmerge.releases.manifest import NEWEST, RELEASES
from panelmerge.releases.planning import plan_rollback
from tests.releases.going_back import refused, rollback, the_file
from tests.releases.installing import IN_FULL, ON_POSTGRESQL, go_to
from tests.releases.rows import one
from tests.releases.test_backup import dumped

# Every release under PANELMERGE_PROOF, else the next one and the last.
DOWN = list(RELEASES)[::-1][1:] if IN_FULL else ["1.5.1", "1.3.0"]
# Not there again after going back and forth: made by whoever serves, or numbered by Django.
REBUILT = {"django_migrations", "django_content_type", "auth_permission", "panelmerge_release", "django_session"}


@pytest.mark.parametrize("target", DOWN)
def test_rollback_goes_to_every_release_and_what_went_is_loaded_again(database_at, target):
    """RB-01, RB-02, RB-04: there and back, row by row."""
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


@pytest.mark.parametrize("length", [486, 487])
def test_words_that_leave_an_enumeration_are_counted_and_come_back(database_at, length):
    """RB-03: the CHECK is replaced; the word stays beside the description, or the whole entry goes into the file. It is
    counted once."""
    database_at("1.5.1")
    shared = go_to("1.5.1").get_model("audit", "AuditLog").objects.filter(action_type="PANEL_SHARE")
    shared.update(action_description="d" * length)
    before = dumped(connection.settings_dict)["audit_log"]

    said = rollback("--to", "1.4.1", "--accept-loss", "--no-backup")

    older = go_to("1.4.1").get_model("audit", "AuditLog").objects
    assert ("audit_log.action_type: 1 row; words that 1.4.1 does not know" in said) == (length == 486)
    assert ("entries whose description has no room" in said) == (length == 487)
    assert older.filter(action_description__startswith="[PANEL_SHARE] ddd").count() == (length == 486)
    with pytest.raises(IntegrityError), transaction.atomic():
        older.create(action_type="PANEL_SHARE", action_description="", ip_address="")
    call_command("upgrade", "--to", "1.5.1", "--load", the_file(), "--no-backup", verbosity=0)
    assert dumped(connection.settings_dict)["audit_log"] == before


def test_going_back_where_nothing_is_lost_asks_for_nothing(database_at):
    """RL-02: the small step back, with data in the tables."""
    database_at("1.5.1")

    said = rollback("--to", "1.5.0", "--no-backup")

    assert "Nothing is lost." in said
    assert current_release() == "1.5.0"


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


def test_what_was_done_as_json_is_all_that_is_said(database_at):
    database_at("1.5.1")

    told = json.loads(rollback("--to", "1.5.0", "--json"))

    assert told["release"] == "1.5.0" and Path(told["backup"]).is_dir()


def test_losses_of_an_older_release_are_read_through_its_own_models(database_at):
    database_at("1.5.0")

    found = {loss.what: loss.rows for loss in losses(plan_rollback("1.4.1"))}

    assert found.pop("audit_log.action_type") == 1
    assert found == {"saved_panels": 1, "panel_versions": 1, "panel_genes": 2, "panel_shares": 1, "panel_changes": 1}
