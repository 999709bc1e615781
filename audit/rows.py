"""A row of the record and its proof: written with it, checked against it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db.models import BigIntegerField, Func

from audit.keys import signing_key
from audit.proof import COVERED, ProofKey, as_read_back, content_digest, person_digest, row_mac

CONTENT = ("old_values", "new_values", "details")


class CurrentTransaction(Func):
    """PostgreSQL's number of the transaction that writes; NULL on SQLite, where writers come one by one."""

    output_field = BigIntegerField()
    arity = 0

    def as_postgresql(self, compiler, connection, **extra):
        return "pg_current_xact_id()::text::bigint", []

    def as_sqlite(self, compiler, connection, **extra):
        return "NULL", []


def proven(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a row with those of its proof, signed by the first key."""
    key = signing_key()
    columns = dict(fields)
    columns["event_id"] = uuid.uuid4()
    columns["person_digest"] = digest_of_person(key, columns)
    plain = {name: as_read_back(columns.get(name)) for name in CONTENT}
    columns["content_digest"] = digest_of_content(key, {**columns, **plain})
    columns["mac_key_id"] = key.id
    columns["row_mac"] = mac_of(key, columns)
    return columns


def digest_of_person(key: ProofKey, columns: Mapping[str, Any]) -> str:
    return person_digest(
        key, columns["event_id"], columns.get("username"), columns.get("ip_address"), columns.get("user_agent")
    )


def digest_of_content(key: ProofKey, columns: Mapping[str, Any]) -> str:
    """Of a row that was read: its values are as JSON gave them back."""
    return content_digest(key, columns["event_id"], *(columns.get(name) for name in CONTENT))


def mac_of(key: ProofKey, columns: Mapping[str, Any]) -> str:
    return row_mac(key, [columns.get(name) for name in COVERED])
