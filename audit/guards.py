"""Triggers that keep the record append-only, on both databases.

They stop accidents and everybody who may only write SQL as the web role; the
proof, not the trigger, is what shows an owner's tampering. What they let pass:
other ciphertext in the three encrypted columns (key rotation), and a pseudonym
over name, address and agent (erasure). Migrations lift them, because SQLite's
table rebuilds would drop them silently.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, connections, transaction

ERASED = "erased"
# What both databases raise when a trigger refuses.
Refused = IntegrityError
# May be encrypted anew, or emptied by an erasure.
_CONTENT = ("old_values_encrypted", "new_values_encrypted", "details_encrypted")
_PERSON = ("username", "ip_address", "user_agent")
_FIXED = (
    *("id", "event_id", "timestamp", "user_id", "action_type", "action_description", "session_id", "resource_type"),
    *("resource_id", "success", "error_message", "duration_ms", "request_id", "person_digest", "content_digest"),
    *("mac_key_id", "row_mac", "tx_id"),
)
TABLES = ("audit_log", "audit_chain", "audit_seal")
_SAY = "the record is append-only"


def _changed(columns: tuple[str, ...], differs: str) -> str:
    return " OR ".join(f"NEW.{column} {differs} OLD.{column}" for column in columns)


def _unlawful_update(differs: str) -> str:
    """Whether an update of audit_log does more than the two things that are let pass."""
    person = _changed(_PERSON, differs)
    pseudonym = (
        f"(NEW.username IS NULL OR NEW.username LIKE '{ERASED}-%') AND NEW.ip_address = '{ERASED}'"
        " AND NEW.user_agent IS NULL"
    )
    return f"({_changed(_FIXED, differs)}) OR (({person}) AND NOT ({pseudonym}))"


def _sqlite() -> list[str]:
    made = [
        f"CREATE TRIGGER audit_log_keep_update BEFORE UPDATE ON audit_log WHEN {_unlawful_update('IS NOT')} "
        f"BEGIN SELECT RAISE(ABORT, '{_SAY}'); END"
    ]
    for table in ("audit_chain", "audit_seal"):
        made.append(
            f"CREATE TRIGGER {table}_keep_update BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, '{_SAY}'); END"
        )
    for table in TABLES:
        made.append(
            f"CREATE TRIGGER {table}_keep_delete BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, '{_SAY}'); END"
        )
    return made


def _postgresql() -> list[str]:
    refuse = f"RAISE EXCEPTION '{_SAY}' USING ERRCODE = 'integrity_constraint_violation'"
    made = [
        f"CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {refuse}; END $$",
        "CREATE OR REPLACE FUNCTION audit_refuse_unlawful() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF {_unlawful_update('IS DISTINCT FROM')} THEN {refuse}; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER audit_log_keep_update BEFORE UPDATE ON audit_log FOR EACH ROW "
        "EXECUTE FUNCTION audit_refuse_unlawful()",
    ]
    for table in ("audit_chain", "audit_seal"):
        made.append(
            f"CREATE TRIGGER {table}_keep_update BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION audit_refuse()"
        )
    for table in TABLES:
        made.append(
            f"CREATE TRIGGER {table}_keep_delete BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION audit_refuse()"
        )
        made.append(
            f"CREATE TRIGGER {table}_keep_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT "
            "EXECUTE FUNCTION audit_refuse()"
        )
    return made


def names(vendor: str) -> set[str]:
    """The triggers that must be there."""
    kinds = ("update", "delete", "truncate") if vendor == "postgresql" else ("update", "delete")
    return {f"{table}_keep_{kind}" for table in TABLES for kind in kinds}


def present(using: str = "default") -> set[str]:
    """The triggers of ours that are there now."""
    connection = connections[using]
    question = (
        "SELECT tgname FROM pg_trigger WHERE tgname LIKE 'audit_%' AND tgenabled <> 'D'"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'audit_%'"
    )
    with connection.cursor() as cursor:
        cursor.execute(question)
        return {name for (name,) in cursor.fetchall()} & names(connection.vendor)


def lift(using: str = "default") -> None:
    """Take the triggers away, those that are there."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for name in sorted(present(using)):
            table = name.partition("_keep_")[0]
            on = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER {name}{on}")


def set_up(using: str = "default") -> None:
    """Put the triggers on, where the tables are."""
    connection = connections[using]
    with transaction.atomic(using=using), connection.cursor() as cursor:
        if not set(TABLES) <= set(connection.introspection.table_names(cursor)):
            return
        lift(using)
        for statement in _postgresql() if connection.vendor == "postgresql" else _sqlite():
            cursor.execute(statement)


@contextmanager
def lifted(using: str = "default") -> Iterator[None]:
    """Without the triggers inside one transaction: nobody else ever sees the tables without them."""
    with transaction.atomic(using=using):
        lift(using)
        yield
        set_up(using)
