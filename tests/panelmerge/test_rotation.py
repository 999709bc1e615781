"""Key rotation: everything readable at any time, nothing left under the old key. EN-01, F-16."""

from __future__ import annotations

import io
import json
import os
import sys
from contextlib import contextmanager

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, models, transaction

from accounts.models import User
from audit.events import Action
from audit.models import AuditLog
from audit.record import record
from panelmerge import rotation
from panelmerge.lib.crypto import key_id
from panelmerge.lib.errors import Unavailable
from panelmerge.rotation import count_by_key, encrypted_columns, rotate_keys
from tests.browser.serving import database
from tests.panelmerge.running import SOUND, run

pytestmark = pytest.mark.django_db
# The key under which the events of loading the gene names were written before the first test.
OLD = SOUND["ENCRYPTION_KEY"]
NEW, LOST = (Fernet.generate_key().decode() for _ in range(2))
LONG = bool(os.environ.get("PANELMERGE_PROOF"))


@pytest.fixture
def keys(settings):
    """keys(OLD) sets the ring of ENCRYPTION_KEY from here on."""

    def ring(*given: str) -> None:
        settings.ENCRYPTION_KEYS = list(given)

    return ring


def fill(number: int = 3) -> list[User]:
    people = [
        User.objects.create_user(f"ada{place}", f"ada{place}@example.org", first_name=f"Ada {place} 王")
        for place in range(number)
    ]
    with transaction.atomic():
        record(Action.VIEW, by=people[0], description="looked", details={"long": "x" * 500}, old=[1], new={"a": None})
    return people


def stored(column: str, table: str = '"user"') -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def put(pk: int, value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute('UPDATE "user" SET first_name_encrypted = %s WHERE id = %s', [value, pk])


def rotated() -> str:
    out = io.StringIO()
    call_command("rotate_keys", stdout=out)
    return out.getvalue()


def test_every_encrypted_column_is_found():
    found = {".".join(column.name) for column in encrypted_columns()}

    assert found >= {
        "user.first_name_encrypted",
        "user.last_name_encrypted",
        "user.organization_encrypted",
        "audit_log.old_values_encrypted",
        "audit_log.new_values_encrypted",
        "audit_log.details_encrypted",
    }


def test_rotate_brings_every_value_under_the_first_key(keys):
    """EN-01: afterwards the old key can be removed."""
    keys(OLD)
    fill()
    keys(NEW, OLD)

    done = rotate_keys()

    keys(NEW)
    event = AuditLog.objects.get(action_type="VIEW")
    assert done.rewritten[("user", "first_name_encrypted")] == 3 and (done.unreadable, done.left) == ([], 0)
    assert {key for _, _, key, _ in count_by_key()} == {key_id(NEW)}
    assert [person.first_name for person in User.objects.order_by("pk")] == [f"Ada {place} 王" for place in range(3)]
    assert (event.details, event.old_values, event.new_values) == ({"long": "x" * 500}, [1], {"a": None})


def test_rotate_again_does_nothing_and_records_nothing(keys):
    keys(OLD)
    fill()
    keys(NEW, OLD)
    rotate_keys()
    before, events = stored("first_name_encrypted"), AuditLog.objects.count()

    again = rotate_keys()

    assert (not again.rewritten, again.left, again.unreadable) == (True, 0, [])
    assert (stored("first_name_encrypted"), AuditLog.objects.count()) == (before, events)


def test_rotate_goes_on_over_many_batches(keys, monkeypatch):
    monkeypatch.setattr(rotation, "BATCH", 2)
    keys(OLD)
    fill(7)
    keys(NEW, OLD)
    seen = []

    done = rotate_keys(progress=seen.append)

    assert done.rewritten[("user", "first_name_encrypted")] == 7
    assert seen[:4] == [2, 2, 2, 1]


def test_rotate_records_how_much(keys):
    keys(OLD)
    fill()
    keys(NEW, OLD)

    rotate_keys()

    event = AuditLog.objects.get(action_type="SYSTEM_SECURITY")
    assert (event.resource_type, event.resource_id, event.success) == ("encryption_key", key_id(NEW), True)
    assert event.details["rewritten"]["user.first_name_encrypted"] == 3


def test_rotate_whose_record_cannot_be_written_says_so_and_every_value_is_readable(keys, monkeypatch):
    keys(OLD)
    fill()
    keys(NEW, OLD)

    def fails(**columns):
        raise DatabaseError("the disk is full")

    monkeypatch.setattr(AuditLog.objects, "create", fails)

    with pytest.raises(Unavailable):
        rotate_keys()
    keys(NEW)
    assert [person.first_name[:3] for person in User.objects.all()] == ["Ada"] * 3


@pytest.mark.parametrize("value", ["Ada", "", "pm1:", "pm2:12345678:x", "legacy=="])
def test_values_that_cannot_be_read_are_kept_and_named(keys, value):
    """Exit 1; the rest is rewritten."""
    keys(OLD)
    damaged, lost, sound = fill()
    put(damaged.pk, value)
    keys(LOST)
    lost.save()
    before = stored("first_name_encrypted")
    keys(NEW, OLD)

    with pytest.raises(CommandError, match="2 values cannot be read") as told:
        rotated()

    assert told.value.returncode == 1
    assert stored("first_name_encrypted")[:2] == before[:2]
    assert User.objects.values_list("first_name", flat=True).get(pk=sound.pk) == "Ada 2 王"
    assert not AuditLog.objects.get(action_type="SYSTEM_SECURITY").success


def test_command_names_table_row_column_and_key(keys, capsys):
    keys(LOST)
    [ada] = fill(1)
    keys(NEW, OLD)

    with pytest.raises(CommandError):
        call_command("rotate_keys")

    told = capsys.readouterr().out
    assert f"Kept as it is: user, row {ada.pk}, column first_name_encrypted." in told
    assert f"key {key_id(LOST)}, which ENCRYPTION_KEY does not hold" in told


def test_a_value_swapped_from_another_column_is_not_made_sound(keys):
    keys(OLD)
    [ada] = fill(1)
    User.objects.update(last_name="Lovelace")
    put(ada.pk, stored("last_name_encrypted")[0])
    keys(NEW, OLD)

    done = rotate_keys()

    assert [(one.column, one.pk) for one in done.unreadable] == [("first_name_encrypted", ada.pk)]
    assert "belongs to user.last_name_encrypted" in done.unreadable[0].reason


def test_details_in_the_clear_are_left_as_they_are(keys, settings):
    """AUDIT_ENCRYPTION=False stores them readable."""
    keys(OLD)
    settings.AUDIT_ENCRYPTION = False
    fill(1)
    settings.AUDIT_ENCRYPTION = True
    keys(NEW, OLD)

    done = rotate_keys()

    assert '{"long":"' + "x" * 500 + '"}' in stored("details_encrypted", "audit_log")
    assert (done.unreadable, done.left) == ([], 0)


def test_dry_run_counts_and_writes_nothing(keys):
    keys(OLD)
    fill()
    keys(NEW, OLD)
    before, out = stored("first_name_encrypted"), io.StringIO()

    call_command("rotate_keys", "--dry-run", stdout=out)

    assert f"user.first_name_encrypted: 3 values, key {key_id(OLD)}, to rewrite" in out.getvalue()
    assert stored("first_name_encrypted") == before
    assert not AuditLog.objects.filter(action_type="SYSTEM_SECURITY").exists()


def test_command_says_when_the_old_keys_can_go(keys):
    keys(OLD)
    fill()
    keys(NEW, OLD)

    waiting = sum(values for _, _, key, values in count_by_key() if key == key_id(OLD))

    told = rotated()

    assert f"Re-encrypted {waiting} values" in told and waiting >= 6
    assert f"Every encrypted value is under key {key_id(NEW)}. Keys after the first can be removed." in told


@contextmanager
def meanwhile(monkeypatch, act):
    """Act between the reading of a batch of first names and its swap."""
    swap = rotation._swap

    def late(column, fresh):
        if column.field.name == "first_name":
            act()
        return swap(column, fresh)

    monkeypatch.setattr(rotation, "_swap", late)
    yield
    monkeypatch.setattr(rotation, "_swap", swap)


def test_what_somebody_writes_meanwhile_wins(keys, monkeypatch):
    keys(OLD)
    [ada] = fill(1)
    keys(NEW, OLD)

    def rename():
        User.objects.filter(pk=ada.pk).update(first_name="Augusta")

    with meanwhile(monkeypatch, rename):
        rotate_keys()

    assert User.objects.get().first_name == "Augusta"
    assert stored("first_name_encrypted")[0].startswith(f"pm1:{key_id(NEW)}:")


def test_a_server_that_goes_on_under_the_old_key_is_told_of(keys, monkeypatch, settings):
    keys(OLD)
    [ada] = fill(1)
    monkeypatch.setattr(rotation, "PAUSE_SECONDS", 0)
    keys(NEW, OLD)

    def old_server():
        keys(OLD)
        User.objects.filter(pk=ada.pk).update(first_name="Augusta")
        keys(NEW, OLD)

    with meanwhile(monkeypatch, old_server), pytest.raises(CommandError, match="1 are left") as told:
        rotated()

    assert told.value.returncode == 1
    assert User.objects.get().first_name == "Augusta"


def test_counting_asks_one_query_a_column(keys, django_assert_num_queries):
    keys(OLD)
    fill(20)

    # And one for the secrets inside a column of a package.
    with django_assert_num_queries(len(encrypted_columns()) + 1):
        count_by_key()


def test_a_column_of_a_new_model_is_found_without_being_named():
    """Whoever adds an encrypted field need not think of rotation."""
    found = {(column.model, column.field.name) for column in encrypted_columns()}

    for model in (User, AuditLog):
        for field in model._meta.local_fields:
            is_one = not type(field).__module__.startswith("django.") and isinstance(field, models.TextField)
            assert ((model, field.name) in found) is is_one


def test_rotation_under_writers_and_kills(tmp_path):
    """F-16: four writers, kill -9 at random instants; nothing unreadable, nothing lost, nothing under the old key."""
    values, kills = (100_000, 50) if LONG else (4_000, 20)
    with database(tmp_path) as address:
        keys = {"ENCRYPTION_KEY": f"{NEW},{OLD}"}
        command = ("-m", "tests.panelmerge.rotating", str(values), str(kills), str(tmp_path))
        done = run(*command, timeout=3600 if LONG else 300, **(SOUND | keys | {"DATABASE_URL": address}))

    assert done.returncode == 0, done.stdout
    told = json.loads(done.stdout.splitlines()[-1])
    sys.stdout.write(f"{told}\n")
    assert (told["wrong"], told["left"], told["unreadable"], told["under"]) == ([], 0, 0, [key_id(NEW)])
    assert told["kills"] == kills and told["killed_at_work"] >= kills // 2 and told["edits"] > 100
    assert told["readable"] >= values
