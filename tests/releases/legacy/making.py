"""Databases as the older Flask application left them, made small and synthetic, at every stage it had.

The columns and types are facts about its tables; the rows are invented and odd on purpose.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from typing import Any

from cryptography.fernet import Fernet
from django.db import connection

KEY = base64.urlsafe_b64encode(b"k" * 32).decode()
OTHER_KEY = base64.urlsafe_b64encode(b"o" * 32).decode()
MASTER_KEY = base64.urlsafe_b64encode(KEY.encode()).decode()
PASSWORD = "Corr3ct-horse"
SCRYPT = (
    "scrypt:32768:8:1$w9oK7t7UF6NuKN9W$63a8736ea1440fdfa31cd23bda251e157dd7507453141ab520bf9ef5bff1df735e7e91dcc41c175"
    "a1319cc3061d28a412264fa819684ddc09f092cc3fb7d44da"
)
PBKDF2 = "pbkdf2:sha256:260000$tDOiBjaJRVRByiJp$f557b3ad387be8dab2cc43930b07f8ce07a39ea92b8a3f32c067ebf980028157"
STAGES = ("first", "1.3", "between", "1.4.0", "1.4.1", "evolved", "1.5.0", "1.5.1", "late")

WORDS = {
    "userrole": ["VIEWER", "USER", "EDITOR", "ADMIN"],
    "auditactiontype": ["LOGIN", "LOGOUT", "PANEL_UPLOAD", "ADMIN_ACTION", "SYSTEM_SECURITY"],
    "panelstatus": ["ACTIVE", "ARCHIVED", "DELETED", "DRAFT"],
    "panelvisibility": ["PRIVATE", "SHARED", "PUBLIC"],
    "sharepermission": ["VIEW", "COMMENT", "EDIT", "ADMIN"],
    "changetype": ["GENE_ADDED", "METADATA_CHANGED", "PANEL_CREATED"],
    "tagtype": ["PRODUCTION", "STAGING", "RELEASE", "HOTFIX", "FEATURE", "BACKUP"],
}
PERSON_1_4 = (
    "email VARCHAR(120) NOT NULL UNIQUE, first_name_encrypted TEXT, last_name_encrypted TEXT, "
    "organization_encrypted TEXT, role {userrole} NOT NULL, is_active BOOLEAN NOT NULL, is_verified BOOLEAN NOT NULL, "
    "created_at {time} NOT NULL, last_login {time}, login_count INTEGER, last_ip_address VARCHAR(45), "
    "failed_login_attempts INTEGER, locked_until {time}"
)
PERSON_LATE = (
    "time_format_preference VARCHAR(10), force_password_change BOOLEAN NOT NULL DEFAULT {no}, "
    "pending_email VARCHAR(120), temp_password_token VARCHAR(255), reset_locked_until {time}"
)
EVENTS = (
    "CREATE TABLE audit_log (id {id}, user_id INTEGER REFERENCES {user} (id), username VARCHAR(80), "
    "action_type {auditactiontype} NOT NULL, action_description VARCHAR(500) NOT NULL, "
    "ip_address VARCHAR(45) NOT NULL, user_agent VARCHAR(500), session_id VARCHAR(200), "
    "resource_type VARCHAR(50), resource_id VARCHAR(100), "
    "old_values_encrypted TEXT, new_values_encrypted TEXT, details_encrypted TEXT, timestamp {time} NOT NULL, "
    "success BOOLEAN NOT NULL, error_message VARCHAR(1000), duration_ms INTEGER)"
)
MESSAGES = (
    "CREATE TABLE admin_message (id {id}, title VARCHAR(200) NOT NULL, message TEXT NOT NULL, "
    "message_type VARCHAR(20) NOT NULL, created_by_id INTEGER NOT NULL REFERENCES {user} (id), "
    "created_at {time} NOT NULL, expires_at {time}, is_active BOOLEAN NOT NULL)"
)
PANELS = [
    "CREATE TABLE saved_panels (id {id}, name VARCHAR(255) NOT NULL, description TEXT, tags VARCHAR(500), "
    "owner_id INTEGER NOT NULL REFERENCES {user} (id), status {panelstatus} NOT NULL, "
    "visibility {panelvisibility} NOT NULL, gene_count INTEGER NOT NULL, source_type VARCHAR(50), "
    "source_reference VARCHAR({reference}), current_version_id INTEGER, version_count INTEGER NOT NULL, "
    "created_at {time} NOT NULL, updated_at {time} NOT NULL, last_accessed_at {time} NOT NULL, "
    "storage_backend VARCHAR(20) NOT NULL, storage_path VARCHAR(500))",
    "CREATE TABLE panel_versions (id {id}, panel_id INTEGER NOT NULL REFERENCES saved_panels (id), "
    "version_number INTEGER NOT NULL, comment TEXT, created_by_id INTEGER NOT NULL REFERENCES {user} (id), "
    "created_at {time} NOT NULL, gene_count INTEGER, changes_summary TEXT, storage_path VARCHAR(500){late_version}, "
    "CONSTRAINT uq_panel_version UNIQUE (panel_id, version_number))",
    "CREATE TABLE panel_genes (id {id}, panel_id INTEGER NOT NULL REFERENCES saved_panels (id), "
    "gene_symbol VARCHAR(50) NOT NULL, gene_name VARCHAR(255), ensembl_id VARCHAR({wide}), hgnc_id VARCHAR(100), "
    "confidence_level VARCHAR(100), mode_of_inheritance VARCHAR(500), phenotype TEXT, evidence_level VARCHAR(200), "
    "source_panel_id VARCHAR(100), source_list_type VARCHAR(100), is_active BOOLEAN NOT NULL, "
    "added_by_id INTEGER REFERENCES {user} (id), added_at {time} NOT NULL, user_notes TEXT, "
    "custom_confidence VARCHAR(20), is_modified BOOLEAN, "
    "CONSTRAINT uq_panel_gene_symbol UNIQUE (panel_id, gene_symbol))",
    "CREATE TABLE panel_shares (id {id}, panel_id INTEGER NOT NULL REFERENCES saved_panels (id), "
    "shared_by_id INTEGER NOT NULL REFERENCES {user} (id), shared_with_user_id INTEGER REFERENCES {user} (id), "
    "shared_with_team_id INTEGER, permission_level {sharepermission} NOT NULL, can_reshare BOOLEAN NOT NULL, "
    "is_active BOOLEAN NOT NULL, expires_at {time}, created_at {time} NOT NULL, last_accessed_at {time}, "
    "share_token VARCHAR(255))",
    "CREATE TABLE panel_changes (id {id}, panel_id INTEGER NOT NULL REFERENCES saved_panels (id), "
    "version_id INTEGER NOT NULL REFERENCES panel_versions (id), change_type {changetype} NOT NULL, "
    "target_type VARCHAR(50) NOT NULL, target_id VARCHAR(100), old_value_encrypted TEXT, new_value_encrypted TEXT, "
    "changed_by_id INTEGER NOT NULL REFERENCES {user} (id), changed_at {time} NOT NULL, change_reason VARCHAR(255))",
    "CREATE INDEX ix_saved_panels_name ON saved_panels (name)",
    "CREATE INDEX idx_saved_panels_owner_status ON saved_panels (owner_id, status)",
]
LATE = [
    "CREATE TABLE panel_version_tags (id {id}, "
    "version_id INTEGER NOT NULL REFERENCES panel_versions (id) ON DELETE CASCADE, tag_name VARCHAR(100) NOT NULL, "
    "tag_type {tagtype} NOT NULL, description TEXT, created_by_id INTEGER NOT NULL REFERENCES {user} (id), "
    "created_at {time} NOT NULL, is_protected BOOLEAN NOT NULL, "
    "CONSTRAINT uq_version_tag_name UNIQUE (version_id, tag_name))",
    "CREATE TABLE password_history (id {id}, user_id INTEGER NOT NULL REFERENCES {user} (id) ON DELETE CASCADE, "
    "password_hash VARCHAR(255) NOT NULL, created_at {time} NOT NULL)",
    "CREATE TABLE literature_searches (id {id}, user_id INTEGER NOT NULL REFERENCES {user} (id) ON DELETE CASCADE, "
    "query TEXT NOT NULL, created_at {time} NOT NULL)",
]


def encrypted(value: Any, key: str = KEY, *, times: int = 0) -> str:
    """As the older application stored it; ``times`` written as JSON first."""
    for _ in range(times):
        value = json.dumps(value)
    return base64.urlsafe_b64encode(Fernet(key).encrypt(value.encode())).decode()


def make(stage: str) -> None:
    """Tables and rows of the stage, in the default database, which is empty."""
    is_postgresql = connection.vendor == "postgresql"
    words = {
        "id": "SERIAL PRIMARY KEY" if is_postgresql else "INTEGER NOT NULL PRIMARY KEY",
        "time": "TIMESTAMP WITHOUT TIME ZONE" if is_postgresql else "DATETIME",
        "user": '"user"',
        "no": "FALSE" if is_postgresql else "0",
        "reference": "255" if stage == "1.5.0" else "1000",
        "wide": "50" if stage == "1.5.0" else "100",
        "late_version": ", is_protected BOOLEAN NOT NULL DEFAULT {no}" if stage == "late" else "",
    }
    words["late_version"] = words["late_version"].format(**words)
    words |= {kind: kind if is_postgresql else "VARCHAR(30)" for kind in WORDS}
    with connection.cursor() as cursor:
        if is_postgresql:
            for kind, labels in WORDS.items():
                cursor.execute(f"CREATE TYPE {kind} AS ENUM ({', '.join(repr(label) for label in labels)})")
        for statement in _statements(stage):
            cursor.execute(statement.format(**words))
    _fill(stage)


def _statements(stage: str) -> Iterable[str]:
    reached = STAGES.index(stage)
    person = "CREATE TABLE {user} (id {id}, username VARCHAR(80) NOT NULL UNIQUE, password_hash VARCHAR(255) NOT NULL"
    if reached >= STAGES.index("between"):
        person += f", {PERSON_1_4}"
    if stage == "evolved":
        person = person.replace("role {userrole} NOT NULL", "role VARCHAR(20) DEFAULT 'user'")
        person += ", first_name VARCHAR(50), last_name VARCHAR(50), organization VARCHAR(100)"
    if reached >= STAGES.index("1.4.1"):
        person += ", timezone_preference VARCHAR(50)"
    if stage == "late":
        person += f", {PERSON_LATE}"
    yield f"{person})"
    if stage == "first":
        return
    downloads = (
        "CREATE TABLE panel_download (id {id}, ip_address VARCHAR(45) NOT NULL, download_date {time} NOT NULL, "
        "panel_ids VARCHAR(255) NOT NULL, list_types VARCHAR(255) NOT NULL, gene_count INTEGER"
    )
    yield downloads + (", user_id INTEGER REFERENCES {user} (id))" if reached > 1 else ")")
    yield (
        "CREATE TABLE visit (id {id}, ip_address VARCHAR(45) NOT NULL, visit_date {time} NOT NULL, "
        "path VARCHAR(255) NOT NULL, user_agent VARCHAR(255))"
    )
    if reached >= STAGES.index("between"):
        yield EVENTS
    if reached >= STAGES.index("1.4.0"):
        yield MESSAGES
    if reached >= STAGES.index("1.5.0"):
        yield from PANELS
    if stage == "late":
        yield from LATE


def put(table: str, **columns: Any) -> None:
    named = ", ".join(f'"{column}"' for column in columns)
    places = ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        cursor.execute(f'INSERT INTO "{table}" ({named}) VALUES ({places})', list(columns.values()))


def _fill(stage: str) -> None:
    reached = STAGES.index(stage)
    if reached < STAGES.index("between"):
        put("user", id=1, username="admin", password_hash=SCRYPT)
        if stage == "1.3":
            put(
                "panel_download",
                id=1,
                ip_address="192.0.2.1",
                download_date="2025-06-20 08:00:00",
                panel_ids="245,3149",
                list_types="Green genes,Whole gene panel",
                gene_count=12,
            )
            put("visit", id=1, ip_address="192.0.2.1", visit_date="2025-06-20 08:00:00", path="/")
        return
    for pk, name, email, role, hashed in (
        (1, "admin", "admin@panelmerge.local", "ADMIN", SCRYPT),
        (2, "Ada", "Ada.Lovelace@Example.ORG", "EDITOR", PBKDF2),
        (3, "ada", "ada.lovelace@example.org", "USER", SCRYPT),
    ):
        put(
            "user",
            id=pk,
            username=name,
            password_hash=hashed,
            email=email,
            role=role if stage != "evolved" else role.lower(),
            is_active=pk != 3,
            is_verified=True,
            created_at="2025-08-10 08:00:00.000001",
            first_name_encrypted=None if stage == "evolved" else encrypted(f"Åsa {pk}"),
            last_name_encrypted=encrypted("") if pk == 1 else None,
            organization_encrypted=encrypted("Lost", OTHER_KEY) if pk == 2 else None,
        )
    if stage == "evolved":
        _say("UPDATE \"user\" SET first_name = 'Plain ' || id")
    if reached >= STAGES.index("1.4.1"):
        _say("UPDATE \"user\" SET timezone_preference = 'Europe/Helsinki' WHERE id = 2")
    put(
        "audit_log",
        id=7,
        user_id=2,
        action_type="LOGIN",
        action_description="Signed in",
        ip_address="192.0.2.9",
        details_encrypted=encrypted({"panel_ids": "1,2"}, times=2),
        old_values_encrypted=encrypted({"role": "USER"}, times=1),
        timestamp="2025-08-10 12:00:00",
        success=True,
    )
    if reached >= STAGES.index("1.4.0"):
        put(
            "admin_message",
            id=3,
            title="Maintenance",
            message="On <Sunday>",
            message_type="warning",
            created_by_id=1,
            created_at="2025-08-10 12:00:00",
            expires_at="2035-01-01 00:00:00",
            is_active=True,
        )
    if reached >= STAGES.index("1.5.0"):
        _panels(stage)
    if stage == "late":
        _late()


def _panels(stage: str) -> None:
    for pk, status, current in ((1, "ACTIVE", 12), (2, "ARCHIVED", None)):
        put(
            "saved_panels",
            id=pk,
            name="Hjärta ♥",
            owner_id=2,
            status=status,
            visibility="SHARED",
            gene_count=99,
            current_version_id=current,
            version_count=1,
            created_at="2025-08-10 08:00:00",
            updated_at="2025-08-10 08:00:00",
            last_accessed_at="2025-08-10 08:00:00",
            storage_backend="gcs",
        )
    for pk, panel, number, path in ((11, 1, 1, "tag:v9.9-ä:RELEASE|branches/x/1"), (12, 1, 2, None), (13, 2, 1, None)):
        put(
            "panel_versions",
            id=pk,
            panel_id=panel,
            version_number=number,
            comment=f"Version {number}",
            created_by_id=2,
            created_at="2025-08-10 08:00:00",
            gene_count=3,
            storage_path=path,
        )
    for pk, panel, symbol, is_active in ((1, 1, "BRCA1", True), (2, 1, "brca1", True), (3, 1, "TP53", False)):
        put(
            "panel_genes",
            id=pk,
            panel_id=panel,
            gene_symbol=symbol,
            hgnc_id="HGNC:1100" if pk < 3 else "HGNC:11998",
            confidence_level="3; 2",
            source_panel_id="uk-1; aus-7",
            phenotype="O'Brien; DROP TABLE x",
            is_active=is_active,
            added_by_id=2,
            added_at="2025-08-10 08:00:00",
            user_notes="see <b>letter</b>",
            custom_confidence="green" if pk == 1 else None,
            is_modified=pk == 1,
        )
    put(
        "panel_shares",
        id=1,
        panel_id=1,
        shared_by_id=2,
        permission_level="VIEW",
        can_reshare=False,
        is_active=True,
        created_at="2025-08-10 08:00:00",
        share_token="tok-1",
    )
    put(
        "panel_changes",
        id=1,
        panel_id=1,
        version_id=12,
        change_type="METADATA_CHANGED",
        target_type="panel",
        target_id="1",
        old_value_encrypted=encrypted({"name": "Hjerta"}, times=1),
        changed_by_id=2,
        changed_at="2025-08-10 08:00:00",
    )


def _late() -> None:
    _say("UPDATE \"user\" SET time_format_preference = '12h' WHERE id = 2")
    _say("UPDATE \"user\" SET temp_password_token = 'x', pending_email = 'new@example.org' WHERE id = 3")
    put(
        "panel_version_tags",
        id=5,
        version_id=11,
        tag_name="live",
        tag_type="PRODUCTION",
        created_by_id=2,
        created_at="2025-08-10 08:00:00",
        is_protected=True,
    )
    put("password_history", id=1, user_id=2, password_hash=PBKDF2, created_at="2025-08-10 08:00:00")
    put("literature_searches", id=1, user_id=2, query="MYH7", created_at="2025-08-10 08:00:00")


def _say(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
