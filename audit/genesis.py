"""Rows from before the proof: they get it right after the migration that brings it, and an event says so."""

from __future__ import annotations

import hashlib
import uuid

from django.db import connection, transaction

from audit import guards
from audit.events import Action
from audit.keys import signing_key
from audit.models import AuditLog, ChainLink
from audit.record import record
from audit.rows import digest_of_content, digest_of_person, mac_of
from audit.sealing import _link

BATCH = 1000
SIGNED = ("event_id", "person_digest", "content_digest", "mac_key_id", "row_mac")


def begin() -> int:
    """Sign the rows that are there and open the chain with them; how many. Nothing where a chain is already:
    a row that appears later without a MAC is a forgery, not history."""
    if ChainLink.objects.exists() or not AuditLog.objects.filter(row_mac=None).exists():
        return 0
    with guards.lifted():
        signed, digest = _sign_all()
        record(
            Action.SYSTEM_SECURITY,
            resource_type="audit_genesis",
            description=f"The proof of the record begins; {signed} entries were there before",
            details={"entries": signed, "sha256_of_macs": digest},
        )
    return signed


def go_on(*, sha256: str) -> int:
    """Sign the rows that an older release wrote after the proof was taken out, which is back now, and put them at the
    chain's end; how many. ``sha256`` is that of the file the proof came back from."""
    with guards.lifted():
        signed, digest = _sign_all()
        record(
            Action.SYSTEM_SECURITY,
            resource_type="audit_genesis",
            description=f"The proof of the record goes on; {signed} entries were written without it",
            details={"entries": signed, "sha256_of_macs": digest, "sha256_of_file": sha256},
        )
    return signed


def _sign_all() -> tuple[int, str]:
    key, total, last = signing_key(), 0, 0
    digest = hashlib.sha256()
    while True:
        rows = list(AuditLog.objects.filter(pk__gt=last, row_mac=None).order_by("pk")[:BATCH])
        if not rows:
            return total, digest.hexdigest()
        for row in rows:
            row.event_id = uuid.uuid4()
            columns = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
            row.person_digest = columns["person_digest"] = digest_of_person(key, columns)
            row.content_digest = columns["content_digest"] = digest_of_content(key, columns)
            row.mac_key_id, row.row_mac = key.id, mac_of(key, columns)
            digest.update(bytes.fromhex(row.row_mac))
        _write(rows)
        _link([(row.pk, row.row_mac) for row in rows])
        total, last = total + len(rows), rows[-1].pk


def _write(rows: list[AuditLog]) -> None:
    """One prepared statement for all of them; Django's own bulk_update takes six times as long."""
    fields = [AuditLog._meta.get_field(name) for name in SIGNED]
    named = ", ".join(f"{connection.ops.quote_name(field.column)} = %s" for field in fields)
    told = [
        [*(field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields), row.pk] for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {AuditLog._meta.db_table} SET {named} WHERE id = %s", told)  # noqa: S608


def after_migrate(sender, using: str, **kwargs) -> None:
    """``post_migrate``: the record is guarded again, and what came before the proof is under it."""
    if using != "default":
        return
    guards.set_up(using)
    with connection.cursor() as cursor:
        ready = set(guards.TABLES) <= set(connection.introspection.table_names(cursor))
    if ready:
        with transaction.atomic():
            begin()


def before_migrate(sender, using: str, **kwargs) -> None:
    """``pre_migrate``: SQLite rebuilds tables and would drop the triggers without a word."""
    with transaction.atomic(using=using):
        guards.lift(using)
