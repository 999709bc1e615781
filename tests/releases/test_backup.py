"""Backups are one moment of everything, and proven by restoring them. BK-01 to BK-05, F-21."""

from __future__ import annotations

import json
import os
import stat
from contextlib import closing
from io import StringIO
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from panelmerge.releases.backups import making, manifest, proving
from panelmerge.releases.backups.making import make_backup
from panelmerge.releases.backups.manifest import Damaged
from panelmerge.releases.content import canonical_rows, contents
from panelmerge.releases.manifest import NEWEST, RELEASES
from panelmerge.releases.snapshots import snapshot
from tests.releases.installing import ADDRESS, ON_POSTGRESQL, server
from tests.releases.rows import one

SECRETS = "SECRET_KEY=s3cret\nDEBUG=True # x\nexport ENCRYPTION_KEY='k'\nDATABASE_URL=postgres://u:pw@h/n\n"


def dumped(given: dict) -> dict[str, list[bytes]]:
    """The canonical dump of a database: every row of every table as a line."""
    with snapshot(given) as moment:
        tables = moment.look.tables
        return {
            table: sorted(canonical_rows(moment.raw, moment.look, table, sorted(tables[table]))) for table in tables
        }


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def site(database_at, tmp_path):
    """An installation at the newest release with settings, an upload and a log."""
    database_at(NEWEST)
    settings.ENV_FILE.write_text(SECRETS)
    for name in ("uploads/a.xlsx", "uploads/deep/b.csv", "logs/panelmerge.log", "logs/panelmerge.log.1"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)


@pytest.mark.parametrize("release", RELEASES)
def test_a_backup_restored_elsewhere_is_byte_for_byte_the_same_rows(database_at, release):
    """BK-01, F-21: the canonical dump, for every release."""
    database_at(release)
    before = dumped(connection.settings_dict)

    folder, made = make_backup()
    with proving.restored_into_scratch(folder, connection.settings_dict, None) as (place, _):
        after = dumped(place)

    assert after == before
    assert (made.release, made.proven, made.rows) == (release, True, sum(map(len, before.values())))
    assert folder.name.startswith(f"v{release}-")
    assert os.readlink(settings.BACKUP_ROOT / "latest") == folder.name


def test_a_backup_holds_settings_uploads_logs_and_says_what_is_in_it(site):
    """BK-02, BK-03, BK-04: each with its hash, the folder for nobody else to read."""
    folder, made = make_backup()

    written = json.loads((folder / manifest.NAME).read_text())
    assert (folder / ".env").read_text() == SECRETS
    assert {mode(path) for path in folder.rglob("*") if path.is_file()} == {0o600}
    assert mode(folder) == 0o700
    assert set(made.files) >= {".env", "uploads/a.xlsx", "uploads/deep/b.csv", "logs/panelmerge.log"}
    assert written["code"]["version"] and written["code"]["commit"]
    assert written["env"] == "with its keys"
    assert "Redis holds only what can be rebuilt" in written["redis"]
    assert written["proof"]["restored"] and written["proof"]["rows"] == made.rows
    assert "s3cret" not in (folder / manifest.NAME).read_text()


def test_without_keys_no_secret_is_in_any_file_of_the_backup(site):
    folder, made = make_backup(with_keys=False)

    kept = (folder / ".env").read_text()
    assert made.env == "without keys"
    assert "DEBUG=True" in kept and "# SECRET_KEY was left out" in kept
    everything = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert not any(secret in everything for secret in (b"s3cret", b"'k'", b"u:pw"))


def test_people_may_write_while_a_backup_is_made(site, monkeypatch):
    """BK-01: what is dumped and what is counted are one moment."""
    count = making.contents

    def written_meanwhile(*arguments):
        with closing(psycopg.connect(**_reached()) if ON_POSTGRESQL else _second()) as other:
            other.execute("INSERT INTO rate_window (key, count, ends_at) VALUES ('later', 1, '2026-01-01 00:00:00')")
            other.commit()
        return count(*arguments)

    monkeypatch.setattr(making, "contents", written_meanwhile)

    _, made = make_backup()

    assert made.proven and made.tables["rate_window"].rows == 0
    assert one("SELECT COUNT(*) FROM rate_window") == 1


def _reached() -> dict:
    from panelmerge.releases.postgresql import parameters

    return parameters(connection.settings_dict)


def _second():
    import sqlite3

    return sqlite3.connect(connection.settings_dict["NAME"])


def test_a_backup_that_cannot_be_proven_gets_no_name_and_latest_stays(site, monkeypatch):
    """BK-05."""
    first, _ = make_backup(settings.BACKUP_ROOT / "first")

    def different(*arguments):
        raise Damaged("audit_log: 5 rows expected, 4 found")

    monkeypatch.setattr(proving, "compare", different)
    with pytest.raises(Damaged):
        make_backup(settings.BACKUP_ROOT / "second")

    assert sorted(path.name for path in settings.BACKUP_ROOT.iterdir()) == ["first", "latest"]
    assert os.readlink(settings.BACKUP_ROOT / "latest") == first.name


def test_comparing_names_the_table_that_differs(site):
    with snapshot(connection.settings_dict) as moment:
        expected = contents(moment.raw, moment.look)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE saved_panels SET name = 'Q'")

    with pytest.raises(Damaged, match=r"saved_panels: 2 rows .* expected, 2 rows .* found"):
        proving.compare(connection.settings_dict, expected)


def test_no_backup_is_ever_written_over(site, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "note.txt").write_text("mine")

    with pytest.raises(CommandError, match="no backup is ever overwritten") as refused:
        call_command("backup", tmp_path / "mine")

    assert refused.value.returncode == 1
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["note.txt"]


def test_the_command_says_what_it_did_in_numbers_and_records_it(site, tmp_path):
    out = StringIO()

    call_command("backup", tmp_path / "here", "--no-proof", stdout=out)

    assert "NOT proven (--no-proof)" in out.getvalue() and "rows of" in out.getvalue()
    assert json.loads((tmp_path / "here" / manifest.NAME).read_text())["proof"]["why"] == "--no-proof"
    assert one("SELECT action_description FROM audit_log ORDER BY id DESC LIMIT 1") == "Backed up into here, not proven"
    [report] = (tmp_path / "var" / "reports").iterdir()
    assert "Copying the database" in report.read_text()


def test_at_an_older_release_the_record_waits(database_at):
    database_at("1.3.0")

    call_command("backup", "--no-proof", verbosity=0)

    assert "Backed up into" in one("SELECT body FROM panelmerge_release WHERE kind = 'event'")


@pytest.mark.skipif(not ON_POSTGRESQL, reason="roles of PostgreSQL")
def test_a_role_that_may_create_no_database_proves_in_one_it_is_given(site, databases, tmp_path):
    role = f"{connection.settings_dict['NAME']}_plain"
    scratch = databases.empty(tmp_path)
    server(f'CREATE ROLE "{role}" LOGIN')
    server(f'GRANT ALL ON DATABASE "{scratch}" TO "{role}"')
    server(f'ALTER DATABASE "{scratch}" OWNER TO "{role}"')
    server(f'GRANT pg_read_all_data TO "{role}"')
    connection.close()
    connection.settings_dict["USER"] = role
    address = databases.address(scratch).replace("//panelmerge@", f"//{role}@")
    assert address != ADDRESS

    with pytest.raises(proving.NoScratch, match="CREATEDB"):
        make_backup(tmp_path / "refused")
    from panelmerge.lib.env import address as read

    _, made = make_backup(tmp_path / "here", scratch=read("--scratch-url", address))
    again = make_backup(tmp_path / "again", scratch=read("--scratch-url", address))[1]

    assert made.proven and again.proven and made.proof["into"] == f"database {scratch}"
