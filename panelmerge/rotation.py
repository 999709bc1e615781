"""Re-encrypting every stored value under the first key of ENCRYPTION_KEY, while the servers go on working.

A value is replaced only if it still is what was read, one batch in one
transaction: whoever writes meanwhile wins, and a process that is killed leaves
every value under one key or the other. What is done is what is left: a second
run goes on where the first one ended.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import Case, Count, F, Q, Value, When
from django.db.models.functions import Cast, Substr

from accounts import second_factor_secrets
from audit.events import Action
from audit.record import record
from panelmerge.lib.crypto import SCHEME, Undecryptable, keyring
from panelmerge.lib.fields import EncryptedJSONField, EncryptedTextField

BATCH = 500
# Rows that somebody held or changed are tried again; who goes on writing under an old key is told of in the end.
MOST_PASSES = 20
PAUSE_SECONDS = 0.1
# Secrets inside a JSON column of a package.
CODES = ("mfa_authenticator", "data")
Progress = Callable[[int], None]


class Counted(NamedTuple):
    """How many values of a column are under a key. The key id is "" for what is not in the form of encrypted text."""

    table: str
    column: str
    key_id: str
    values: int


class Unreadable(NamedTuple):
    table: str
    column: str
    pk: Any
    reason: str


@dataclass(slots=True)
class Rotation:
    """``rewritten`` counts by (table, column); ``left`` counts values that are still under another key and readable."""

    rewritten: Counter[tuple[str, str]] = field(default_factory=Counter)
    unreadable: list[Unreadable] = field(default_factory=list)
    left: int = 0


@dataclass(frozen=True, slots=True)
class EncryptedColumn:
    """One encrypted field of one model, and its rows with their ciphertext as ``stored``."""

    model: type[models.Model]
    field: EncryptedTextField | EncryptedJSONField

    @property
    def name(self) -> tuple[str, str]:
        return self.model._meta.db_table, self.field.column

    def rows(self) -> models.QuerySet:
        stored = Cast(F(self.field.name), models.TextField())
        return self.model._base_manager.annotate(stored=stored).exclude(stored=None).order_by("pk")

    def to_rewrite(self) -> models.QuerySet:
        """Values under another key; of texts also what has no key at all and so cannot be read."""
        under_a_key = Q(stored__startswith=f"{SCHEME}:")
        other = ~Q(stored__startswith=f"{SCHEME}:{keyring().primary_id}:")
        # A JSON value in the clear was written with AUDIT_ENCRYPTION switched off, and is sound.
        return self.rows().filter(other & under_a_key if isinstance(self.field, EncryptedJSONField) else other)


def encrypted_columns() -> list[EncryptedColumn]:
    """Every encrypted column of every table of ours, found by asking the models."""
    return [
        EncryptedColumn(model, found)
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
        for found in model._meta.local_fields
        if isinstance(found, EncryptedTextField | EncryptedJSONField)
    ]


def count_by_key() -> list[Counted]:
    """How many values each column holds under each key. Reads no value."""
    has_key = When(stored__startswith=f"{SCHEME}:", then=Substr("stored", len(SCHEME) + 2, 8))
    found = []
    for column in encrypted_columns():
        keys = column.rows().order_by().values(key_used=Case(has_key, default=Value("")))
        found += [
            Counted(*column.name, key, number)
            for key, number in keys.annotate(number=Count("pk")).order_by("key_used").values_list("key_used", "number")
        ]
    codes = sorted(second_factor_secrets.count_by_key().items())
    return found + [Counted(*CODES, key, number) for key, number in codes]


def keys_that_are_missing() -> set[str]:
    """Ids of keys under which the newest value of some column lies, and which ENCRYPTION_KEY does not hold. One query
    a column, and reads no value."""
    missing = set()
    for column in encrypted_columns():
        newest = column.rows().filter(stored__startswith=f"{SCHEME}:").order_by("-pk")
        for stored in newest.values_list("stored", flat=True)[:1]:
            missing.add(stored.split(":")[1])
    return missing - keyring().ids


def rotate_keys(*, by: Any = None, progress: Progress | None = None) -> Rotation:
    """Bring every value under the first key. ``progress`` is told the number of values of each batch.

    Values that no key opens are kept as they are and named in the result. When
    something was rewritten, the record says so in the end.
    """
    done = Rotation()
    for column in encrypted_columns():
        done.left += _rotate(column, done, progress)
    done.rewritten[CODES], unreadable = second_factor_secrets.rewrite_secrets()
    done.unreadable += [Unreadable(*CODES, pk, reason) for pk, reason in unreadable.items()]
    done.rewritten += Counter()  # Forgets columns with nothing rewritten.
    if done.rewritten:
        _record(done, by)
    return done


def _rotate(column: EncryptedColumn, done: Rotation, progress: Progress | None) -> int:
    """Returns how many readable values are left under another key."""
    unreadable: dict[Any, Unreadable] = {}
    missed = 0
    for number in range(MOST_PASSES):
        if number:
            time.sleep(PAUSE_SECONDS)
        unreadable.clear()
        missed = 0
        for batch in _batches(column):
            fresh = _fresh(column, batch, unreadable)
            rewritten = _swap(column, fresh) if fresh else 0
            done.rewritten[column.name] += rewritten
            missed += len(fresh) - rewritten
            if progress and not number:
                progress(len(batch))
        if not missed:
            break
    done.unreadable += unreadable.values()
    return missed


def _batches(column: EncryptedColumn) -> Iterator[list[tuple[Any, str]]]:
    rows = column.to_rewrite().values_list("pk", "stored")
    batch = list(rows[:BATCH])
    while batch:
        yield batch
        batch = list(rows.filter(pk__gt=batch[-1][0])[:BATCH])


def _fresh(
    column: EncryptedColumn, batch: list[tuple[Any, str]], unreadable: dict[Any, Unreadable]
) -> list[tuple[str, Any, str]]:
    """(new ciphertext, key of the row, what it replaces) of what can be read."""
    ring, place, found = keyring(), column.field.place, []
    for pk, stored in batch:
        try:
            found.append((ring.encrypt(ring.decrypt(stored, place), place), pk, stored))
        except Undecryptable as error:
            unreadable[pk] = Unreadable(*column.name, pk, str(error))
    return found


def _swap(column: EncryptedColumn, fresh: list[tuple[str, Any, str]]) -> int:
    """Replace what still is as it was read. Returns how many were."""
    key = column.model._meta.pk
    table, name, pk_name = map(connection.ops.quote_name, (*column.name, key.column))
    # By hand: the field would encrypt again what is encrypted, and one statement for many rows is quick.
    statement = " ".join(("UPDATE", table, "SET", name, "= %s WHERE", pk_name, "= %s AND", name, "= %s"))
    with transaction.atomic():
        # Waits for nobody, so that it can be part of no deadlock; rows that are held come with the next pass.
        rows = column.model._base_manager.filter(pk__in=[pk for _, pk, _ in fresh])
        free = set(rows.select_for_update(skip_locked=True).order_by("pk").values_list("pk", flat=True))
        values = [(new, key.get_db_prep_value(pk, connection), old) for new, pk, old in fresh if pk in free]
        if not values:
            return 0
        with connection.cursor() as cursor:
            cursor.executemany(statement, values)
            return cursor.rowcount


@transaction.atomic
def _record(done: Rotation, by: Any) -> None:
    total = sum(done.rewritten.values())
    record(
        Action.SYSTEM_SECURITY,
        by=by,
        resource_type="encryption_key",
        resource_id=keyring().primary_id,
        description=f"Re-encrypted {total} values under key {keyring().primary_id}",
        details={
            "rewritten": {".".join(name): number for name, number in done.rewritten.items()},
            "unreadable": len(done.unreadable),
            "left": done.left,
        },
        success=not (done.unreadable or done.left),
    )
