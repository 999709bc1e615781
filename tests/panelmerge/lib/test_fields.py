"""Columns that hold only ciphertext. EN-03, AU-08, AU-09."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from django.db import connection, transaction
from django.db.models import F

from accounts.models import User
from audit.events import Action
from audit.models import AuditLog
from audit.record import record
from panelmerge.lib.crypto import Undecryptable

pytestmark = pytest.mark.django_db
LONG = {"genes": ["BRCA1"] * 200, "words": "Zoë 王"}


def column(table: str, name: str, pk: int) -> str | None:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT {name} FROM "{table}" WHERE id = %s', [pk])
        return cursor.fetchone()[0]


def person(**fields) -> User:
    return User.objects.create_user("ada", "ada@example.org", None, **fields)


def entry(details) -> AuditLog:
    with transaction.atomic():
        return record(Action.VIEW, description="a test", details=details)


def other_key(settings) -> None:
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]


@pytest.mark.parametrize("name", ["Ada", "", "O'Brien; DROP TABLE x", "王"])
def test_saving_a_name_stores_only_ciphertext(name):
    ada = person(first_name=name)

    stored = column("user", "first_name_encrypted", ada.pk)

    assert stored.startswith("pm1:")
    assert not name or name not in stored
    assert User.objects.get(pk=ada.pk).first_name == name


def test_saving_no_name_stores_null():
    ada = person(first_name=None)

    assert column("user", "first_name_encrypted", ada.pk) is None
    assert User.objects.get(pk=ada.pk).first_name is None


def test_reading_under_a_wrong_key_raises_and_never_gives_none(settings):
    """EN-03: a wrong key is an error, never empty data."""
    ada = person(first_name="Ada")
    other_key(settings)

    with pytest.raises(Undecryptable, match="first_name_encrypted"):
        User.objects.get(pk=ada.pk)
    with pytest.raises(Undecryptable):
        list(User.objects.values_list("first_name", flat=True))


def test_saving_another_field_under_a_wrong_key_keeps_the_ciphertext(settings):
    """EN-03: what cannot be read is never overwritten."""
    ada = person(first_name="Ada")
    before, right = column("user", "first_name_encrypted", ada.pk), settings.ENCRYPTION_KEYS
    other_key(settings)

    loaded = User.objects.only("username", "login_count").get(pk=ada.pk)
    loaded.login_count = 7
    loaded.save()

    settings.ENCRYPTION_KEYS = right
    assert column("user", "first_name_encrypted", ada.pk) == before
    assert (User.objects.get().first_name, User.objects.get().login_count) == ("Ada", 7)


def test_reading_a_value_copied_from_another_column_raises():
    ada = person(first_name="Ada", last_name="Lovelace")
    with connection.cursor() as cursor:
        cursor.execute('UPDATE "user" SET last_name_encrypted = first_name_encrypted')

    with pytest.raises(Undecryptable, match=r"belongs to user\.first_name_encrypted"):
        User.objects.get(pk=ada.pk)


@pytest.mark.parametrize("lookup", ["first_name", "first_name__iexact", "first_name__contains", "first_name__in"])
def test_searching_an_encrypted_column_raises(lookup):
    with pytest.raises(TypeError, match="first_name is encrypted and cannot be searched"):
        User.objects.filter(**{lookup: "Ada"})


def test_asking_whether_an_encrypted_column_is_null_works():
    ada = person(first_name="Ada")

    assert list(User.objects.filter(first_name__isnull=False, last_name__isnull=True)) == [ada]


def test_update_without_an_instance_encrypts_too():
    ada = person(first_name="Ada")

    User.objects.update(first_name="Augusta", login_count=F("login_count") + 1)

    assert column("user", "first_name_encrypted", ada.pk).startswith("pm1:")
    assert User.objects.get().first_name == "Augusta"


@pytest.mark.parametrize("details", [{"a": 1}, [], {}, "text", 0, False, LONG, {"x": "\0"}, "pm1:not:encrypted"])
@pytest.mark.parametrize("encrypted", [True, False])
@pytest.mark.parametrize("compressed", [True, False])
def test_details_of_every_kind_stay_readable(settings, details, encrypted, compressed):
    """AU-08, AU-09: whatever is set now, rows of every kind can be read."""
    settings.AUDIT_ENCRYPTION, settings.AUDIT_COMPRESSION = encrypted, compressed
    row = entry(details)

    settings.AUDIT_ENCRYPTION, settings.AUDIT_COMPRESSION = not encrypted, not compressed

    assert AuditLog.objects.get(pk=row.pk).details == details


def test_details_without_encryption_are_plain_json(settings):
    """AU-08: False writes plain JSON."""
    settings.AUDIT_ENCRYPTION = False

    row = entry({"gene": "BRCA1"})

    assert column("audit_log", "details_encrypted", row.pk) == '{"gene":"BRCA1"}'


def test_long_details_are_shorter_than_their_text(settings):
    """AU-09: True compresses before encryption."""
    whole = "".join(LONG["genes"])
    compressed = column("audit_log", "details_encrypted", entry(LONG).pk)
    settings.AUDIT_COMPRESSION = False
    plain = column("audit_log", "details_encrypted", entry(LONG).pk)

    assert len(compressed) < len(whole) < len(plain)


def test_no_details_are_null():
    row = entry(None)

    assert column("audit_log", "details_encrypted", row.pk) is None
