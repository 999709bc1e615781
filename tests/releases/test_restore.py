"""Restoring changes nothing until it is sure, and keeps what it replaces. BK-04, BK-06, RB-05, TR-10."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from io import StringIO
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from audit.verifying import verify
from panelmerge.releases.backups import manifest, restoring
from panelmerge.releases.backups.making import make_backup
from panelmerge.releases.manifest import NEWEST
from panelmerge.releases.postgresql import parameters
from tests.panelmerge.running import SOUND
from tests.releases.installing import ON_POSTGRESQL, server
from tests.releases.rows import one
from tests.releases.test_backup import dumped

KEYS = "".join(f"{name}={SOUND[name]}\n" for name in ("SECRET_KEY", "ENCRYPTION_KEY", "AUDIT_KEY"))


def restore(folder: Path) -> str:
    out = StringIO()
    call_command("restore", folder, stdout=out)
    return out.getvalue()


@pytest.fixture
def backup(database_at, tmp_path) -> Path:
    """A backup of an installation at the newest release, which has changed since."""
    database_at(NEWEST)
    settings.ENV_FILE.write_text(KEYS)
    uploads = Path(settings.MEDIA_ROOT)
    uploads.mkdir()
    (uploads / "a.xlsx").write_text("then")
    folder, _ = make_backup(tmp_path / "backup")
    (uploads / "a.xlsx").write_text("now")
    settings.ENV_FILE.write_text(KEYS + "DEBUG=False\n")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM panel_genes")
        cursor.execute("UPDATE saved_panels SET name = 'changed'")
        cursor.execute("CREATE TABLE made_since (id integer)")
    return folder


def test_restoring_brings_back_every_row_and_keeps_what_was_there(backup, tmp_path):
    """BK-04, RB-05."""
    told = manifest.read(backup)

    said = restore(backup)

    tables = {table: len(lines) for table, lines in dumped(connection.settings_dict).items()}
    assert {table: tables[table] for table in ("panel_genes", "user")} == {"panel_genes": 6, "user": 5}
    assert "made_since" not in tables
    assert one("SELECT name FROM saved_panels WHERE id = 1") == "P"
    assert f"Restored {told.rows:,} rows" in said
    assert (Path(settings.MEDIA_ROOT) / "a.xlsx").read_text() == "then"
    assert settings.ENV_FILE.read_text() == KEYS
    [kept] = tmp_path.glob(".env.backup.*")
    assert kept.read_text() == KEYS + "DEBUG=False\n"


def test_the_database_that_was_there_stays_under_another_name(backup, databases):
    name = connection.settings_dict["NAME"]

    said = restore(backup)

    [aside] = [word.strip(";") for word in said.split() if "_before_restore_" in word and "uploads" not in word]
    assert aside.startswith(name[:30])
    databases.made += [aside] if ON_POSTGRESQL else []
    given = connection.settings_dict | {"NAME": aside}
    assert dumped(given)["saved_panels"][0].count(b"changed") == 1


def test_the_restoring_is_in_the_record_and_the_record_is_whole(backup):
    restore(backup)

    assert one("SELECT action_description FROM audit_log ORDER BY id DESC LIMIT 1").startswith("Restored the backup of")
    assert set(verify().kinds) <= {"unsealed"}


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


DATABASE_FILE = manifest.DATABASE["postgresql" if ON_POSTGRESQL else "sqlite"]


def forge(folder: Path) -> None:
    """Change a count and the hash of the manifest with it; the seal needs the key."""
    content = json.loads((folder / manifest.NAME).read_text())
    content["tables"]["user"]["rows"] += 1
    seal = content.pop("seal")
    del content["sha256"]
    content |= {"sha256": manifest._hash(content), "seal": seal}
    (folder / manifest.NAME).write_text(json.dumps(content))


def foreign(folder: Path) -> None:
    content = json.loads((folder / manifest.NAME).read_text())
    content["vendor"] = "sqlite" if ON_POSTGRESQL else "postgresql"
    del content["sha256"], content["seal"]
    (folder / manifest.NAME).write_text(json.dumps(content | {"sha256": manifest._hash(content)}))


DAMAGES = {
    "database cut": (lambda folder: cut(folder / DATABASE_FILE), r"bytes instead of"),
    "database altered": (lambda folder: flip(folder / DATABASE_FILE), r"database\.\w+ was altered"),
    "database gone": (lambda folder: (folder / DATABASE_FILE).unlink(), r"database\.\w+ is missing"),
    "upload altered": (lambda folder: flip(folder / "uploads" / "a.xlsx"), r"uploads/a\.xlsx was altered"),
    "settings gone": (lambda folder: (folder / ".env").unlink(), r"\.env is missing"),
    "manifest cut": (lambda folder: cut(folder / manifest.NAME), r"no manifest of a backup"),
    "manifest altered": (lambda folder: flip(folder / manifest.NAME), r"own hash|no manifest"),
    "manifest forged": (forge, r"its seal is not that of AUDIT_KEY"),
    "manifest gone": (lambda folder: (folder / manifest.NAME).unlink(), r"no backup of PanelMerge"),
    "of the other kind": (foreign, r"database of its own kind"),
    "another program's": (
        lambda folder: (folder / manifest.NAME).write_text('{"format": "x"}'),
        r"no manifest|own hash",
    ),
    "a list": (lambda folder: (folder / manifest.NAME).write_text("[1]"), r"no manifest"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_backup_is_refused_and_nothing_changes(backup, files_below, tmp_path, damage):
    """BK-06."""
    spoil, sentence = DAMAGES[damage]
    spoil(backup)
    before, other = dumped(connection.settings_dict), files_below(tmp_path / "uploads")

    with pytest.raises(CommandError, match=sentence) as refused:
        restore(backup)

    assert refused.value.returncode == 1
    assert dumped(connection.settings_dict) == before
    assert files_below(tmp_path / "uploads") == other
    assert settings.ENV_FILE.read_text() == KEYS + "DEBUG=False\n"


def test_what_comes_out_different_takes_no_place(backup, monkeypatch):
    """A dump that its own tool restores, and that is not what was counted."""
    before = dumped(connection.settings_dict)
    told = manifest.read(backup)
    told.tables["user"] = manifest.Content(99, "0" * 64)
    monkeypatch.setattr(restoring, "read", lambda folder: told)

    with pytest.raises(CommandError, match="user: 99 rows"):
        restore(backup)

    assert dumped(connection.settings_dict) == before
    name = connection.settings_dict["NAME"]
    if ON_POSTGRESQL:
        with closing(psycopg.connect(**parameters(connection.settings_dict))) as raw:
            found = raw.execute("SELECT 1 FROM pg_database WHERE datname LIKE %s", (f"{name}%restoring",)).fetchall()
            assert found == []
    else:
        assert not Path(f"{name}-restoring").exists()


def test_a_plain_dump_made_the_guides_way_is_named_with_what_to_do(database_at, tmp_path):
    """BK-06."""
    database_at("1.5.1")
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "database.sql").write_text("CREATE TABLE x;")

    with pytest.raises(CommandError, match=r"plain dump: load it into an empty database .*psql -v ON_ERROR_STOP=1"):
        restore(tmp_path / "old")


def test_a_backup_under_other_keys_is_refused_naming_them(backup, settings):
    """EN-03: a database that nobody can read takes no place."""
    settings.ENV_FILE.write_text("DATABASE_URL=sqlite:///elsewhere\n")
    settings.ENCRYPTION_KEYS = [SOUND["AUDIT_KEY"]]

    with pytest.raises(
        CommandError, match=r"keys that are not in the settings here: ENCRYPTION_KEY \w{8}. They are in"
    ):
        restore(backup)


def test_a_rehearsal_elsewhere_leaves_its_own_settings(backup, settings):
    """PT-01: the .env of the backup names the real database."""
    (backup / ".env").write_text(KEYS + "DATABASE_URL=postgres://real\n")
    content = json.loads((backup / manifest.NAME).read_text())
    content["files"] = manifest.files_of(backup)
    del content["sha256"], content["seal"]
    (backup / manifest.NAME).write_text(json.dumps(content | {"sha256": manifest._hash(content)}))
    before = settings.ENV_FILE.read_text()

    said = restore(backup)

    assert ".env was left as it is" in said
    assert settings.ENV_FILE.read_text() == before


def test_a_database_that_is_gone_or_damaged_is_restored(backup):
    """TR-10: with the service stopped; the damaged one stays beside it."""
    name = connection.settings_dict["NAME"]
    connection.close()
    if ON_POSTGRESQL:
        server(f'DROP DATABASE "{name}"')
    else:
        for end in ("-wal", "-shm"):
            Path(f"{name}{end}").unlink(missing_ok=True)
        content = bytearray(Path(name).read_bytes())
        content[:2000] = b"\xff" * 2000
        Path(name).write_bytes(bytes(content))

    said = restore(backup)

    assert one("SELECT COUNT(*) FROM panel_genes") == 6
    assert ("_before_restore_" in said.replace("uploads_before", "")) == (not ON_POSTGRESQL)


@pytest.mark.skipif(ON_POSTGRESQL, reason="PostgreSQL ends the connections itself")
def test_a_database_that_another_process_has_open_is_not_exchanged(backup, monkeypatch):
    """An old connection would go on writing into the file that was put aside: refused, not lost."""
    monkeypatch.setattr("panelmerge.releases.exchange.PATIENCE", 0.1)
    path = connection.settings_dict["NAME"]
    with closing(sqlite3.connect(path)) as foreign_one:
        foreign_one.execute("SELECT * FROM saved_panels").fetchall()

        with pytest.raises(CommandError, match="is still open in"):
            restore(backup)

        foreign_one.execute("UPDATE saved_panels SET name = 'written'")
        foreign_one.commit()
    assert one("SELECT name FROM saved_panels WHERE id = 1") == "written"


def test_whoever_is_connected_to_postgresql_is_sent_away_and_comes_back_to_the_restored_one(backup):
    if not ON_POSTGRESQL:
        pytest.skip("connections of PostgreSQL")
    with closing(psycopg.connect(**parameters(connection.settings_dict), autocommit=True)) as other:
        other.execute("SELECT 1")

        restore(backup)

        with pytest.raises(psycopg.OperationalError):
            other.execute("UPDATE saved_panels SET name = 'lost'")
    assert one("SELECT name FROM saved_panels WHERE id = 1") == "P"


def test_restoring_leaves_no_backup_of_its_own_behind(backup, tmp_path):
    shutil.copytree(backup, tmp_path / "copy")

    restore(tmp_path / "copy")
    restore(tmp_path / "copy")

    assert [path.name for path in tmp_path.rglob("*") if "restoring" in path.name] == []
    assert len(list(tmp_path.glob("uploads_before_restore_*"))) == 2
