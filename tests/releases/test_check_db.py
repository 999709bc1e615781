"""Tables, words, indexes, rows: what is wrong is named, what is safe is mended. VE-08, VE-09, AU-04, TR-04 to TR-07."""

from __future__ import annotations

import json
import sqlite3
import zlib
from contextlib import closing
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from audit import guards
from panelmerge.releases.manifest import NEWEST, RELEASES
from tests.releases.installing import ON_POSTGRESQL
from tests.releases.rows import one
from tests.releases.test_backup import dumped


def check(*arguments: str) -> str:
    out = StringIO()
    call_command("check_db", *arguments, stdout=out)
    return out.getvalue()


def findings(*arguments: str) -> list[str]:
    out = StringIO()
    with pytest.raises(CommandError) as error:
        call_command("check_db", "--json", *arguments, stdout=out)
    assert error.value.returncode == 1
    return [f"{one['kind']} {one['where']} {one['says']}" for one in json.loads(out.getvalue())["findings"]]


def sql(*statements: str) -> None:
    """As somebody with a prompt would."""
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.mark.parametrize("release", RELEASES)
def test_a_sound_database_is_clean_at_every_release_and_stays_as_it_is(database_at, files_below, tmp_path, release):
    """VE-08, TR-04."""
    database_at(release)
    connection.close()
    before = files_below(tmp_path / "var")

    said = check("--verify-integrity")

    assert said.splitlines()[0] == f"Database at {release}" and said.splitlines()[-1] == "Clean."
    assert "WRONG" not in said
    assert files_below(tmp_path / "var") == before


def test_each_enumeration_is_shown_with_the_use_of_each_word(database_at):
    """AU-04, TR-04: the words, and the key from a panel to its current version."""
    database_at("1.5.0")

    said = check()

    assert "user.role: ADMIN 1, EDITOR 1, USER 1, VIEWER 1" in said
    assert "saved_panels.status: ACTIVE 1, ARCHIVED 0, DELETED 0, DRAFT 0" in said
    assert "PANEL_SHARE 1" in said and "PANEL_CREATED 1" in said
    assert "circular key: saved_panels.current_version_id → panel_versions.id" in said


DAMAGES = {
    "table": (
        ["DROP TABLE panel_changes"],
        "table panel_changes is missing; run manage.py upgrade or restore a backup",
    ),
    "column": (["ALTER TABLE panel_genes DROP COLUMN user_notes"], "column panel_genes.user_notes is missing"),
    "index": (
        ["DROP INDEX idx_saved_panels_owner_status"],
        "index saved_panels.idx_saved_panels_owner_status is missing",
    ),
}
DAMAGES_OF_POSTGRESQL = {
    "check": (
        ["ALTER TABLE panel_shares DROP CONSTRAINT check_share_target"],
        "constraint panel_shares.check_share_target is missing",
    ),
    "circular key": (
        ["ALTER TABLE saved_panels DROP CONSTRAINT fk_saved_panels_current_version"],
        "foreign key saved_panels.current_version_id has no foreign key to panel_versions.id",
    ),
    "default": (
        ["ALTER TABLE saved_panels ALTER COLUMN status DROP DEFAULT"],
        "default saved_panels.status has the server default none",
    ),
    "null": (
        ["ALTER TABLE saved_panels ALTER COLUMN name DROP NOT NULL"],
        "null saved_panels.name may be NULL; it should not be NULL",
    ),
    "type": (
        ["ALTER TABLE saved_panels ALTER COLUMN name TYPE varchar(300)"],
        "type saved_panels.name is character varying(300) instead of character varying(255)",
    ),
    "unique": (
        ["ALTER TABLE panel_versions DROP CONSTRAINT uq_panel_version"],
        "constraint panel_versions.uq_panel_version is missing",
    ),
    "words": (
        [
            'ALTER TABLE "user" DROP CONSTRAINT check_user_role',
            "ALTER TABLE \"user\" ADD CONSTRAINT check_user_role CHECK (role <> 'ROOT' OR role IN ('X'))",
        ],
        "enumeration user.role check_user_role lacks ADMIN, EDITOR, USER, VIEWER; also allows ROOT, X",
    ),
}


@pytest.mark.parametrize("damage", [*DAMAGES, *(DAMAGES_OF_POSTGRESQL if ON_POSTGRESQL else ())])
def test_what_is_missing_or_otherwise_is_named(database_at, damage):
    """VE-08, TR-07: each missing column, key, constraint and server default."""
    database_at("1.5.1")
    statements, sentence = (DAMAGES | DAMAGES_OF_POSTGRESQL)[damage]
    sql(*statements)

    assert sentence in findings()


MENDED = ["column", "index", *(["check", "circular key", "default", "unique", "words"] if ON_POSTGRESQL else [])]


@pytest.mark.parametrize("damage", MENDED)
def test_what_can_be_made_again_is_mended_and_keeps_every_row(database_at, damage):
    database_at(NEWEST)
    sql(*(DAMAGES | DAMAGES_OF_POSTGRESQL)[damage][0])
    before = dumped(connection.settings_dict)["panel_genes"]

    said = check("--repair")

    assert "Mended: " in said and said.splitlines()[-1].endswith("clean.")
    assert check().splitlines()[-1] == "Clean."
    assert len(dumped(connection.settings_dict)["panel_genes"]) == len(before)
    assert one("SELECT action_description FROM audit_log ORDER BY id DESC LIMIT 1").startswith("Mended ")


def test_what_a_person_must_decide_is_left_and_said(database_at):
    """SP-01: a plain INSERT leaves counts; a table is not made again out of nothing."""
    database_at(NEWEST)
    sql("UPDATE saved_panels SET gene_count = 99, version_count = 7", "DROP TABLE panel_comments")

    out = StringIO()
    with pytest.raises(CommandError, match="1 findings are left") as error:
        call_command("check_db", "--repair", stdout=out)

    assert error.value.returncode == 1
    assert "saved_panels.gene_count: panel 1 says 99, it is 2" in out.getvalue()
    assert one("SELECT gene_count FROM saved_panels WHERE id = 1") == 2
    assert one("SELECT version_count FROM saved_panels WHERE id = 2") == 2


def test_triggers_that_are_gone_are_named_and_set_again(database_at):
    database_at(NEWEST)
    guards.lift()
    table = " ON panel_snapshots" if ON_POSTGRESQL else ""
    sql(f"DROP TRIGGER panel_snapshots_fixed{table}")

    found = findings()
    check("--repair")

    assert "trigger panel_snapshots_fixed is missing: versions of panels can be altered" in found
    assert "trigger audit_log_keep_delete is missing: the record can be altered" in found
    assert guards.present() == guards.names(connection.vendor)
    assert check().splitlines()[-1] == "Clean."


def test_one_altered_byte_of_a_version_is_found_and_named(database_at):
    """VE-09."""
    database_at(NEWEST)
    with connection.cursor() as cursor:
        cursor.execute("SELECT sha256, body FROM panel_snapshots LIMIT 1")
        name, body = cursor.fetchone()
        body = bytearray(zlib.decompress(bytes(body)))
        body[10] ^= 1
        table = " ON panel_snapshots" if ON_POSTGRESQL else ""
        cursor.execute(f"DROP TRIGGER panel_snapshots_fixed{table}")
        cursor.execute("UPDATE panel_snapshots SET body = %s WHERE sha256 = %s", [zlib.compress(bytes(body)), name])

    found = findings("--verify-integrity")

    assert f"hash panel_snapshots.body row {name} does not have the hash {name}" in found
    assert not [one for one in findings() if one.startswith("hash")]


def test_altered_entries_unreadable_values_and_orphans_are_found(database_at):
    """VE-09."""
    database_at(NEWEST)
    guards.lift()
    sql(
        "UPDATE audit_log SET action_description = 'nothing happened' WHERE id = 1",
        "UPDATE \"user\" SET first_name_encrypted = 'pm1:00000000:x' WHERE username = 'grace'",
    )
    guards.set_up()
    if not ON_POSTGRESQL:
        # SQLite's own prompt looks at no key unless it is told to.
        with closing(sqlite3.connect(connection.settings_dict["NAME"])) as prompt:
            prompt.execute("UPDATE panel_shares SET shared_by_id = 999 WHERE id = 1")
            prompt.commit()

    found = findings("--verify-integrity")

    assert "record altered Entry 1 at place 1 was altered" in found
    assert any("user.first_name_encrypted row 4: " in sentence and "00000000" in sentence for sentence in found)
    assert ON_POSTGRESQL or any(sentence.startswith("orphans panel_shares.shared_by_id 1 rows") for sentence in found)


def test_columns_that_somebody_added_are_told_and_no_finding(database_at):
    database_at("1.5.1")
    sql("ALTER TABLE saved_panels ADD COLUMN our_own text")

    said = check()

    assert "extra column: saved_panels.our_own" in said and said.splitlines()[-1] == "Clean."


def test_doubled_indexes_and_keys_without_one_are_remarks(database_at):
    """PF-02."""
    database_at("1.5.1")
    sql("CREATE INDEX once_more ON saved_panels (owner_id, status)")

    said = check()

    assert "note   saved_panels: idx_saved_panels_owner_status, once_more are on the same columns" in said
    assert "note   admin_message.created_by_id: a foreign key without an index" in said
    assert said.splitlines()[-1] == "Clean."


def test_an_empty_database_and_one_of_the_older_application_are_refused_with_the_next_command(database_at):
    """TR-05."""
    database_at("empty")
    with pytest.raises(CommandError, match=r"manage\.py upgrade"):
        check()
    sql('CREATE TABLE "user" (id INTEGER PRIMARY KEY, username VARCHAR(80), password_hash VARCHAR(255))')

    with pytest.raises(CommandError, match="adopt_legacy"):
        check()


def test_a_file_that_is_not_there_is_not_made(database_at):
    name = database_at("empty")

    with pytest.raises(CommandError):
        check()

    assert ON_POSTGRESQL or not Path(name).exists()
