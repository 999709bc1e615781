"""The release is something the database can be asked. RL-07, RL-13, TR-05."""

from __future__ import annotations

import json
import sqlite3
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from panelmerge.releases.current import standing
from panelmerge.releases.manifest import NEWEST, RELEASES, UnknownRelease, named
from tests.releases.installing import ON_POSTGRESQL


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("release", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("release", RELEASES)
def test_every_release_is_told_from_its_database(database_at, release):
    """RL-07, TR-05."""
    database_at(release)

    found = json.loads(said("--json"))

    assert set(found) == {"database", "code", "made_by", "missing", "next"}
    assert (found["database"], found["code"], found["made_by"]) == (release, NEWEST, "panelmerge")
    assert found["next"] == (None if release == NEWEST else "python manage.py upgrade")
    assert bool(found["missing"]) == (release != NEWEST)


def test_an_empty_database_is_told_and_not_made(database_at):
    """RL-07."""
    name = database_at("empty")

    found = standing()

    assert (found.database, found.made_by, found.next) == (None, "empty", "python manage.py upgrade")
    assert ON_POSTGRESQL or not Path(name).exists()


def test_between_two_releases_the_lower_is_named(database_at):
    """RL-07."""
    database_at("1.5.1")
    MigrationRecorder(connection).record_unapplied("panels", "0007_release_1_5_1_widths")

    found = standing()

    assert (found.database, found.made_by) == (None, "panelmerge")
    assert "1.5.0 is complete" in found.notes[0]
    assert "between two releases" in said()


def test_a_package_that_lags_is_no_release(database_at):
    """RL-07."""
    database_at(NEWEST)
    MigrationRecorder(connection).record_unapplied("mfa", "0003_authenticator_type_uniq")

    found = standing()

    assert (found.database, found.missing) == (None, ("mfa.0003_authenticator_type_uniq",))


def test_migrations_of_newer_code_are_named_and_no_upgrade_is_advised(database_at):
    database_at(NEWEST)
    MigrationRecorder(connection).record_applied("panels", "0099_release_9_0_0")

    found = standing()

    assert (found.database, found.unknown, found.next) == (None, ("panels.0099_release_9_0_0",), None)
    assert "A newer PanelMerge has been here" in said()


@pytest.mark.skipif(ON_POSTGRESQL, reason="files of SQLite")
@pytest.mark.parametrize("state", ["closed", "open", "crashed", "crashed, no shared memory"])
def test_asking_changes_no_byte_of_the_file_or_beside_it(database_at, files_below, tmp_path, state):
    """Contract §4: recognition opens SQLite read-only, with what a writer or a crash left beside the file."""
    path = Path(database_at("1.5.1"))
    writer = sqlite3.connect(path)
    writer.execute("PRAGMA journal_mode=WAL")
    writer.execute("CREATE TABLE another (x)")
    if state == "closed":
        writer.close()
    crashed = tmp_path / "crashed.sqlite3"
    if state.startswith("crashed"):
        for end in ("", "-wal", "-shm"):
            Path(f"{crashed}{end}").write_bytes(Path(f"{path}{end}").read_bytes())
        if "no shared" in state:
            Path(f"{crashed}-shm").unlink()
        connection.settings_dict["NAME"] = str(crashed)
    before = files_below(tmp_path)

    found = standing()
    others = json.loads(said("--json"))["database"]

    # A writer in this very process shares its memory with the reader.
    after = files_below(tmp_path)
    assert set(after) == set(before)
    assert [name for name in after if after[name] != before[name]] == ([f"{path}-shm"] if state == "open" else [])
    assert (found.database, others) == ("1.5.1", "1.5.1")
    writer.close()


@pytest.mark.parametrize(
    ("typed", "means"),
    [
        *(("1.4.1", "1.4.1"), ("v1.4.1", "1.4.1"), ("1.4.x", "1.4.1"), ("1.4", "1.4.1")),
        *(("1.2", "1.3.0"), ("1.1.x", "1.3.0"), ("V2.0.0", "2.0.0"), (" 1.5.x ", "1.5.1")),
    ],
)
def test_releases_are_understood_as_people_write_them(typed, means):
    assert named(typed) == means


@pytest.mark.parametrize("typed", ["", "1.6", "1.4.7", "latest", "2", "1.x", "1.4.1; DROP"])
def test_other_words_are_no_release_and_those_that_there_are_are_named(typed):
    with pytest.raises(UnknownRelease, match=r"1\.3\.0, 1\.4\.0"):
        named(typed)
