"""Going back to a backup: what was written since is counted and kept, and any failure changes nothing. RB-05, RB-06."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection

from panelmerge.lib.sqlite3 import maintenance
from panelmerge.releases import back_to_backup, fitting
from panelmerge.releases.backups import restoring
from panelmerge.releases.backups.making import make_backup
from panelmerge.releases.current import current_release
from panelmerge.releases.manifest import NEWEST
from tests.releases.going_back import refused, rollback, show, the_changes
from tests.releases.installing import ON_POSTGRESQL
from tests.releases.rows import one
from tests.releases.test_backup import dumped


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
    """RB-06."""
    latest = settings.BACKUP_ROOT / "latest"
    assert os.readlink(latest) == older_backup.name

    _, error = refused("--to", "1.3.0", "--from-backup", latest, "--accept-loss")

    assert "is a backup of 1.5.1, not of 1.3.0" in str(error)
