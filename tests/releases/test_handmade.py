"""What somebody made by hand from the old guide is taken when it fits, and named when not. RL-15, contract §3."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from panelmerge.releases.checking.schema import compare
from panelmerge.releases.current import current_release
from panelmerge.releases.handmade import ASIDE, judge
from panelmerge.releases.looking import look
from panelmerge.releases.planning import plan_upgrade, state_after
from tests.releases.installing import ON_POSTGRESQL
from tests.releases.rows import one

ZONE = """ALTER TABLE "user" ADD COLUMN timezone_preference VARCHAR(50) DEFAULT 'UTC'"""
KEY = "SERIAL PRIMARY KEY" if ON_POSTGRESQL else "INTEGER PRIMARY KEY"
WORDS = {
    "panelstatus": "'ACTIVE', 'ARCHIVED', 'DELETED', 'DRAFT'",
    "panelvisibility": "'PRIVATE', 'SHARED', 'PUBLIC'",
    "sharepermission": "'VIEW', 'COMMENT', 'EDIT', 'ADMIN'",
}
MOMENT = "TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP"
# In the guide's own types: enumerations, times without a zone.
SAVED_PANELS = f"""CREATE TABLE saved_panels (
    id {KEY}, name VARCHAR(255) NOT NULL, description TEXT, tags VARCHAR(500), owner_id INTEGER NOT NULL,
    status panelstatus NOT NULL DEFAULT 'ACTIVE', visibility panelvisibility NOT NULL DEFAULT 'PRIVATE',
    gene_count INTEGER NOT NULL DEFAULT 0, source_type VARCHAR(50), source_reference VARCHAR(255),
    current_version_id INTEGER, version_count INTEGER NOT NULL DEFAULT 1, created_at {MOMENT}, updated_at {MOMENT},
    last_accessed_at {MOMENT}, storage_backend VARCHAR(20) NOT NULL DEFAULT 'local', storage_path VARCHAR(500),
    FOREIGN KEY (owner_id) REFERENCES "user"(id))"""
VERSIONS = f"""CREATE TABLE panel_versions (
    id {KEY}, panel_id INTEGER NOT NULL, version_number INTEGER NOT NULL, comment TEXT, created_by_id INTEGER NOT NULL,
    created_at {MOMENT}, gene_count INTEGER, changes_summary TEXT, storage_path VARCHAR(500),
    FOREIGN KEY (created_by_id) REFERENCES "user"(id), FOREIGN KEY (panel_id) REFERENCES saved_panels(id),
    CONSTRAINT uq_panel_version UNIQUE (panel_id, version_number))"""
SHARES = f"""CREATE TABLE panel_shares (
    id {KEY}, panel_id INTEGER NOT NULL, shared_by_id INTEGER NOT NULL, shared_with_user_id INTEGER,
    shared_with_team_id INTEGER, permission_level sharepermission NOT NULL DEFAULT 'VIEW',
    can_reshare BOOLEAN NOT NULL DEFAULT false, is_active BOOLEAN NOT NULL DEFAULT true, expires_at TIMESTAMP,
    created_at {MOMENT}, last_accessed_at TIMESTAMP, share_token VARCHAR(255),
    FOREIGN KEY (panel_id) REFERENCES saved_panels(id),
    CONSTRAINT check_share_target CHECK (shared_with_user_id IS NOT NULL OR share_token IS NOT NULL))"""
ROWS = (
    "INSERT INTO saved_panels (id, name, owner_id, status, created_at) "
    "VALUES (7, 'By hand', 1, 'DRAFT', '2025-03-30 00:59:59')",
    "INSERT INTO panel_versions (id, panel_id, version_number, created_by_id) VALUES (3, 7, 1, 1)",
    "UPDATE saved_panels SET current_version_id = 3 WHERE id = 7",
    "INSERT INTO panel_shares (panel_id, shared_by_id, share_token) VALUES (7, 1, 'by hand')",
)


def sql(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def upgrade(to: str) -> None:
    call_command("upgrade", "--to", to, "--no-backup", verbosity=0)


def asserted_clean() -> None:
    seen = look()
    assert compare(state_after(set(seen.applied)), seen) == []
    assert [table for table in seen.tables if ASIDE in table] == []
    assert set(WORDS) & seen.labels.keys() == set()


def test_a_column_made_by_hand_is_taken_with_what_people_chose(database_at):
    """RL-15."""
    database_at("1.4.0")
    sql(ZONE, "UPDATE \"user\" SET timezone_preference = 'Europe/Helsinki' WHERE username = 'ada'")

    upgrade("1.4.1")

    assert current_release() == "1.4.1"
    assert one("SELECT timezone_preference FROM \"user\" WHERE username = 'ada'") == "Europe/Helsinki"
    assert one("SELECT COUNT(*) FROM \"user\" WHERE timezone_preference = 'UTC'") == 3
    asserted_clean()


def test_tables_in_the_guides_own_types_are_converted_with_every_row(database_at):
    """RL-15: Enumerations become text, times without a zone are UTC, numbers and the circular key stay."""
    database_at("1.4.1")
    types = [f"CREATE TYPE {name} AS ENUM ({words})" for name, words in WORDS.items()] if ON_POSTGRESQL else []
    sql(*types, SAVED_PANELS, VERSIONS, SHARES, *ROWS)

    upgrade("1.5.0")

    with connection.cursor() as cursor:
        cursor.execute("SELECT id, status, visibility, current_version_id, created_at FROM saved_panels")
        [(panel, status, visibility, version, created)] = cursor.fetchall()
    assert (panel, status, visibility, version) == (7, "DRAFT", "PRIVATE", 3)
    assert str(created).startswith("2025-03-30 00:59:59")
    assert one("SELECT permission_level FROM panel_shares WHERE share_token = 'by hand'") == "VIEW"
    sql("INSERT INTO saved_panels (name, owner_id) VALUES ('next', 1)")
    assert one("SELECT id FROM saved_panels WHERE name = 'next'") == 8
    asserted_clean()


def test_an_index_made_by_hand_is_taken(database_at):
    """RL-15."""
    database_at("1.5.1")
    sql("CREATE INDEX idx_audit_log_timestamp ON audit_log (timestamp)")

    upgrade("2.0.0")

    assert current_release() == "2.0.0"
    asserted_clean()


WRONG = {
    "another type": (
        "1.4.0",
        'ALTER TABLE "user" ADD COLUMN timezone_preference INTEGER',
        "user.timezone_preference was made by hand as integer",
    ),
    "wider": (
        "1.4.0",
        'ALTER TABLE "user" ADD COLUMN timezone_preference VARCHAR(99)',
        "user.timezone_preference was made by hand as",
    ),
    "a column too many": (
        "1.3.0",
        f"CREATE TABLE admin_message (id {KEY}, title VARCHAR(200) NOT NULL, message TEXT NOT NULL, "
        "created_by_id INTEGER NOT NULL, colour VARCHAR(9))",
        "admin_message.colour was made by hand and is no column of the release",
    ),
    "a column too few": (
        "1.3.0",
        f"CREATE TABLE admin_message (id {KEY}, message TEXT NOT NULL, created_by_id INTEGER NOT NULL)",
        "admin_message.title is missing in the table that was made by hand",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_anything_else_is_named_before_anything_changes(database_at, what):
    """RL-15."""
    release, statement, sentence = WRONG[what]
    database_at(release)
    sql(statement)

    found = [f"{one.where} {one.sentence}" for one in judge(plan_upgrade(), look())]
    with pytest.raises(CommandError, match="Stopped, nothing was changed") as error:
        upgrade("1.5.1")

    assert error.value.returncode == 1
    assert any(line.startswith(sentence) for line in found), found
    assert current_release() == release


@pytest.mark.parametrize("release", ["1.3.0", "1.4.0", "1.5.0"])
def test_where_nobody_made_anything_there_is_nothing_to_judge(database_at, release):
    database_at(release)

    assert judge(plan_upgrade(), look()) == []
