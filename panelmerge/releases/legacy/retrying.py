"""Values of the older application that no key has opened yet, tried with another one."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection, transaction

from accounts.models import User
from audit.events import Action
from audit.models import AuditLog
from panelmerge.lib.crypto import keyring
from panelmerge.lib.errors import Refusal
from panelmerge.releases.content import quoted
from panelmerge.releases.legacy.copying import UNREADABLE
from panelmerge.releases.legacy.keys import Reader, Unreadable
from panelmerge.releases.lock import running
from panelmerge.releases.looking import look
from panelmerge.releases.progress import Progress
from panelmerge.releases.recording import note


def retry(keys: Sequence[str], *, progress: Progress, dry_run: bool = False) -> str:
    """Put every value that one of the keys opens where it belongs; what was done, in a sentence.

    A value that somebody has given anew meanwhile stays as it is. Entries of a
    record that is already under its proof are not altered: what was read goes
    into a new entry that names them.
    """
    if not look().has(UNREADABLE):
        return "There is nothing to try: every value of the older application was read."
    if not keys:
        raise Refusal("Give the key to try: --encryption-key=… or --encryption-key-file …", code="no_key")
    reader = Reader(keys)
    with running("adopt_legacy --retry"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SELECT table_name, column_name, row_id, stored FROM {UNREADABLE} ORDER BY 1, 2, 3")
        rows = cursor.fetchall()
        opened = []
        for table, column, pk, stored in rows:
            try:
                opened.append((table, column, pk, _anew(reader, table, column, stored)))
            except Unreadable:
                continue
        told = f"{len(opened)} of {len(rows)} values can be read now, {len(rows) - len(opened)} still not."
        if dry_run or not opened:
            return told
        proven = _proven(cursor)
        for table, column, pk, (value, anew) in opened:
            if table == "audit_log" and proven:
                note(
                    Action.COMPLIANCE_EVENT,
                    kind="adoption",
                    description=f"{column.removesuffix('_encrypted')} of entry {pk} were read under another key",
                    details={"entry": pk, "column": column, "value": value},
                )
            else:
                cursor.execute(
                    f"UPDATE {quoted(table)} SET {quoted(column)} = %s WHERE id = %s AND {quoted(column)} IS NULL",
                    [anew, pk],
                )
            cursor.execute(
                f"DELETE FROM {UNREADABLE} WHERE table_name = %s AND column_name = %s AND row_id = %s",
                [table, column, pk],
            )
    return told


def _anew(reader: Reader, table: str, column: str, stored: str) -> tuple[object, str]:
    """(the value, as it is stored today)"""
    name = column.removesuffix("_encrypted")
    if table == "audit_log":
        value = reader.value(stored)
        return value, AuditLog._meta.get_field(name).get_prep_value(value)
    text = reader.text(stored)
    if table == "user":
        return text, User._meta.get_field(name).get_prep_value(text)
    return text, keyring().encrypt(text.encode(), f"{table}.{column}")


def _proven(cursor) -> bool:
    return "audit_chain" in connection.introspection.table_names(cursor)
