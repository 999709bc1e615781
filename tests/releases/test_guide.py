"""The old guide's statements run word for word, its tables are ours, and none of its commands is forgotten.
RL-15, PF-01, PF-02, PT-06, SP-01, SP-09."""

from __future__ import annotations

import re
import subprocess
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command, get_commands
from django.db import IntegrityError, connection, transaction
from django.test import Client

from panelmerge.releases.manifest import NEWEST, RELEASES
from tests.panelmerge.running import is_understood

ROOT = Path(__file__).parents[2]
UPGRADING = (ROOT / "UPGRADING.md").read_text(encoding="utf-8")
ON_POSTGRESQL = "only PostgreSQL knows the statement"
QUERIES = (
    "SELECT COUNT(*) FROM admin_message;",
    "SELECT action_type, COUNT(*) FROM audit_log \n   GROUP BY action_type \n   ORDER BY COUNT(*) DESC;",
    'SELECT role, COUNT(*) FROM "user" GROUP BY role;',
    "ANALYZE audit_log;",
    "ANALYZE admin_message;",
    'ANALYZE "user";',
)
QUERIES_OF_POSTGRESQL = (
    "REINDEX TABLE audit_log;",
    "REINDEX TABLE admin_message;",
    'REINDEX TABLE "user";',
    "SELECT schemaname, tablename, attname, n_distinct, correlation \nFROM pg_stats \n"
    "WHERE tablename IN ('audit_log', 'admin_message', 'user');",
)
SCRIPTS = (
    *("pg_dump panelmerge", "cp -r .", "git checkout v1.5.0", "pip install -r requirements.txt", "npm install"),
    *("npm run build:css", "flask db init", "flask db migrate", "flask db upgrade", "flask db current"),
    *("scripts/check_enum_types.py", "scripts/db/check_db.py", "--verify-integrity", "run.py", "run.py --profile"),
    *("add_timezone_preference.py", "add_audit_action_types.py migrate", "add_audit_action_types.py info"),
    *("add_audit_action_types.py rollback", "create_admin_messages_table.py migrate"),
    *("create_admin_messages_table.py info", "create_admin_messages_table.py rollback"),
    *("migrate_user_panels_v1.2_to_v1.4.py", "migrate_cache_structure_v1.1_to_v1.4.py"),
    *("migrate_config_v1.3_to_v1.4.sh", "validate_v1.4_config.py", "migrate_timezone_preferences.py"),
    *("migrate_sessions_v1.3_to_v1.4.py", "migrate_uploads_v1.3_to_v1.4.py", "migrate_cache_v1.3_to_v1.4.py"),
    *("verify_migration_v1.4.1.py", "emergency_rollback_v1.4_to_v1.3.sh", "psql panelmerge", "redis-cli FLUSHDB"),
    *("redis-cli FLUSHALL", "systemctl restart panelmerge", "chmod -R 755", "rm -rf migrations/", "alembic_version"),
    *(">> .env",),
)
# What the guide's CREATE statements say: width (None: text or no width), whether NULL is allowed, default.
NO, YES = False, True
NOW, TRUE, FALSE = "now", "true", "false"
TABLES = {
    "admin_message": {
        "id": (None, NO, "next"),
        "title": (200, NO, None),
        "message": (None, NO, None),
        "message_type": (20, NO, "info"),
        "is_active": (None, NO, TRUE),
        "created_at": (None, NO, NOW),
        "expires_at": (None, YES, None),
        "created_by_id": (None, NO, None),
    },
    "saved_panels": {
        "id": (None, NO, "next"),
        "name": (255, NO, None),
        "description": (None, YES, None),
        "tags": (500, YES, None),
        "owner_id": (None, NO, None),
        "status": ("word", NO, "ACTIVE"),
        "visibility": ("word", NO, "PRIVATE"),
        "gene_count": (None, NO, "0"),
        "source_type": (50, YES, None),
        "source_reference": (255, YES, None),
        "current_version_id": (None, YES, None),
        "version_count": (None, NO, "1"),
        "created_at": (None, NO, NOW),
        "updated_at": (None, NO, NOW),
        "last_accessed_at": (None, NO, NOW),
        "storage_backend": (20, NO, "local"),
        "storage_path": (500, YES, None),
    },
    "panel_versions": {
        "id": (None, NO, "next"),
        "panel_id": (None, NO, None),
        "version_number": (None, NO, None),
        "comment": (None, YES, None),
        "created_by_id": (None, NO, None),
        "created_at": (None, NO, NOW),
        "gene_count": (None, YES, None),
        "changes_summary": (None, YES, None),
        "storage_path": (500, YES, None),
    },
    "panel_genes": {
        "id": (None, NO, "next"),
        "panel_id": (None, NO, None),
        "gene_symbol": (50, NO, None),
        "gene_name": (255, YES, None),
        "ensembl_id": (50, YES, None),
        "hgnc_id": (20, YES, None),
        "confidence_level": (20, YES, None),
        "mode_of_inheritance": (100, YES, None),
        "phenotype": (None, YES, None),
        "evidence_level": (20, YES, None),
        "source_panel_id": (50, YES, None),
        "source_list_type": (20, YES, None),
        "is_active": (None, NO, TRUE),
        "added_by_id": (None, YES, None),
        "added_at": (None, NO, NOW),
        "user_notes": (None, YES, None),
        "custom_confidence": (20, YES, None),
        "is_modified": (None, YES, FALSE),
    },
    "panel_shares": {
        "id": (None, NO, "next"),
        "panel_id": (None, NO, None),
        "shared_by_id": (None, NO, None),
        "shared_with_user_id": (None, YES, None),
        "shared_with_team_id": (None, YES, None),
        "permission_level": ("word", NO, "VIEW"),
        "can_reshare": (None, NO, FALSE),
        "is_active": (None, NO, TRUE),
        "expires_at": (None, YES, None),
        "created_at": (None, NO, NOW),
        "last_accessed_at": (None, YES, None),
        "share_token": (255, YES, None),
    },
    "panel_changes": {
        "id": (None, NO, "next"),
        "panel_id": (None, NO, None),
        "version_id": (None, NO, None),
        "change_type": ("word", NO, None),
        "target_type": (50, NO, None),
        "target_id": (100, YES, None),
        "old_value_encrypted": (None, YES, None),
        "new_value_encrypted": (None, YES, None),
        "changed_by_id": (None, NO, None),
        "changed_at": (None, NO, NOW),
        "change_reason": (255, YES, None),
    },
}
# Words are text under a named CHECK (contract §3); nothing else differs at 1.5.0.
WORD_WIDTHS = {"status": 20, "visibility": 20, "permission_level": 20, "change_type": 30}
CONSTRAINTS = ("uq_panel_version", "uq_panel_gene_symbol", "check_share_target")
INDEXES = (
    *("idx_saved_panels_owner_status", "idx_panel_versions_panel_version", "idx_panel_genes_panel_symbol"),
    *("idx_panel_shares_panel_active", "idx_panel_changes_panel_version"),
    *("idx_admin_message_active", "idx_admin_message_expires"),
)


def say(statement: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


@pytest.mark.parametrize("release", ["1.5.1", "2.0.0"])
def test_the_guides_queries_run_word_for_word(database_at, release):
    """PF-01, PF-02."""
    database_at(release)

    for statement in (*QUERIES, *(QUERIES_OF_POSTGRESQL if connection.vendor == "postgresql" else ())):
        say(statement)


@pytest.mark.parametrize("release", ["1.5.0", "1.5.1", "2.0.0"])
def test_plain_inserts_with_the_guides_columns_work_and_get_its_defaults(database_at, release):
    """SP-01, SP-04."""
    database_at(release)
    [(person,)] = say('SELECT MIN(id) FROM "user"')

    with transaction.atomic():
        say(f"INSERT INTO saved_panels (name, owner_id) VALUES ('By hand', {person})")
        [(panel, status, visibility, genes, backend)] = say(
            "SELECT id, status, visibility, gene_count, storage_backend FROM saved_panels WHERE name = 'By hand'"
        )
        say(f"INSERT INTO panel_genes (panel_id, gene_symbol) VALUES ({panel}, 'BRCA1')")
        say(f"INSERT INTO admin_message (title, message, created_by_id) VALUES ('t', 'm', {person})")

    assert (status, visibility, genes, backend) == ("ACTIVE", "PRIVATE", 0, "local")
    assert say(f"SELECT COUNT(*) FROM panel_genes WHERE panel_id = {panel} AND is_active")[0][0] == 1
    for refused in (
        f"INSERT INTO panel_shares (panel_id, shared_by_id) VALUES ({panel}, {person})",
        f"INSERT INTO panel_genes (panel_id, gene_symbol) VALUES ({panel}, 'BRCA1')",
        f"UPDATE saved_panels SET status = 'GONE' WHERE id = {panel}",
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            say(refused)


def test_the_guides_tables_are_ours_column_by_column(database_at):
    database_at("1.5.0")
    wrong = []
    for table, columns in TABLES.items():
        with connection.cursor() as cursor:
            there = {one.name: one for one in connection.introspection.get_table_description(cursor, table)}
        for name, (width, nullable, default) in columns.items():
            one = there.get(name)
            wanted = WORD_WIDTHS[name] if width == "word" else width
            if one is None:
                wrong.append(f"{table}.{name} is not there")
            elif wanted is not None and _width(one) != wanted:
                wrong.append(f"{table}.{name}: {_width(one)} characters, the guide says {wanted}")
            elif bool(one.null_ok) != nullable and name != "id":
                wrong.append(f"{table}.{name}: NULL allowed is {bool(one.null_ok)}")
            elif default not in (None, "next") and not _is_default(one.default, default):
                wrong.append(f"{table}.{name}: default {one.default!r}, the guide says {default}")

    assert wrong == []


def _width(one) -> int | None:
    return one.display_size if connection.vendor == "sqlite" else one.display_size or one.internal_size


def _is_default(found: str | None, default: str) -> bool:
    text = str(found).lower()
    if default == NOW:
        return any(word in text for word in ("now", "current_timestamp", "statement_timestamp", "strftime"))
    if default in (TRUE, FALSE):
        return text in ((TRUE, "1", "(1)") if default == TRUE else (FALSE, "0", "(0)"))
    return default.lower() in text


def test_the_guides_constraints_and_indexes_bear_its_names(database_at):
    database_at("1.5.0")
    found = set()
    for table in TABLES:
        with connection.cursor() as cursor:
            found |= set(connection.introspection.get_constraints(cursor, table))

    assert set(INDEXES) <= found
    assert {name for name in CONSTRAINTS if name not in found} == set()
    assert connection.vendor == "sqlite" or "fk_saved_panels_current_version" in found


def test_no_command_and_no_script_of_the_guide_is_forgotten():
    """PT-06."""
    assert [script for script in SCRIPTS if script not in UPGRADING] == []


def test_upgrading_names_every_release_and_no_command_that_is_not_there():
    """PT-06."""
    named = set(re.findall(r"manage\.py ([a-z_]+)", UPGRADING))

    assert [release for release in RELEASES if f"| {release} |" not in UPGRADING] == []
    assert sorted(named - set(get_commands())) == []


def commands_of_the_document() -> list[str]:
    """Every command with words behind it, in a line of its own or between backticks."""
    lines = re.findall(r"^    manage\.py ([^#\n]+)", UPGRADING, re.MULTILINE)
    said = [*lines, *re.findall(r"`manage\.py ([^`]+)`", UPGRADING)]
    return sorted({" ".join(one.split()) for one in said if " " in one.strip()})


@pytest.mark.parametrize("command", commands_of_the_document())
def test_every_command_of_the_document_is_understood_with_its_options(command):
    assert is_understood(command.replace(" APP NAME", " panels 0001"))


def after(heading: str) -> str:
    return UPGRADING.partition(f"## {heading}\n")[2].partition("\n## ")[0]


def test_what_is_normal_afterwards_is_what_a_sound_database_says(database_at):
    """PT-04."""
    database_at(NEWEST)
    said = {}
    for command in ("release", "verify_release", "check_db"):
        out = StringIO()
        call_command(command, stdout=out)
        said[command] = out.getvalue()
    ready = Client().get("/readyz")

    told = after("Afterwards")
    for command, words in (("release", "nothing, the database fits the code"), ("check_db", "Clean.")):
        assert f"| `manage.py {command}` | `{words}`" in told and words in said[command], said[command]
    assert all(line.startswith(("ok ", "-")) for line in said["verify_release"].splitlines()[:12]), said
    assert '`"status": "ok"`' in told and (ready.status_code, ready.json()["status"]) == (200, "ok")


def test_there_are_tables_for_contacts_for_what_is_ones_own_and_for_what_happened():
    """PT-03, PT-05, PT-06: to be filled in; a request id has its column."""
    for role in ("Technical lead", "Database", "System", "Development"):
        assert f"| {role} | | |" in after("Whom to call")
    assert "| what | why | since |" in after("What is ours alone here")
    assert "request ids |" in after("What happened")


@pytest.mark.django_db
def test_migrations_are_whole_and_nobody_makes_them_on_a_server():
    """RL-11."""
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)

    assert "migrations are never generated on a server" in " ".join(UPGRADING.split())


def test_requirements_are_pinned_and_nothing_is_built_with_node():
    """RL-10."""
    lines = [line.split("#")[0].strip() for line in (ROOT / "requirements.txt").read_text().splitlines()]

    assert [line for line in lines if line and "==" not in line] == []
    assert not (ROOT / "package.json").exists()


def test_the_port_of_the_older_application_is_a_word_away():
    """VE-07."""
    said = subprocess.run(
        ["make", "-n", "-s", "PORT=5000", "run"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout

    assert "runserver 5000" in said and "http://127.0.0.1:5000/" in said


def test_the_unit_starts_the_server_that_ships():
    """RL-14."""
    unit = (ROOT / "deploy" / "panelmerge.service").read_text(encoding="utf-8")

    assert "ExecStart=/srv/panelmerge/.venv/bin/gunicorn" in unit and "KillSignal=SIGTERM" in unit
