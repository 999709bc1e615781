"""Model fields whose column holds only ciphertext."""

from __future__ import annotations

import json
import zlib

from django.conf import settings
from django.db import models

from panelmerge.lib.crypto import SCHEME, keyring

# Short texts grow when compressed.
COMPRESS_FROM = 200
# Made once: json.dumps makes one at each call.
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=str)


class _EncryptedField(models.TextField):
    """Base: NULL stays NULL, everything else is encrypted for this table and column.

    Cannot be filtered or ordered by, because equal values have different ciphertexts.
    """

    def deconstruct(self):
        # To the database it is text: migrations do not depend on how we encrypt.
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", args, kwargs

    @property
    def place(self) -> str:
        return f"{self.model._meta.db_table}.{self.column}"

    def from_db_value(self, value, expression, connection):
        return None if value is None else self.from_plain(self._plain(value))

    def _plain(self, stored: str) -> bytes:
        return keyring().decrypt(stored, self.place)

    def get_prep_value(self, value):
        return None if value is None else keyring().encrypt(self.to_plain(value), self.place)

    def get_lookup(self, lookup_name):
        if lookup_name == "isnull":
            return super().get_lookup(lookup_name)
        raise TypeError(f"{self.name} is encrypted and cannot be searched")


class EncryptedTextField(_EncryptedField):
    """Text, encrypted."""

    def to_plain(self, value: str) -> bytes:
        return str(value).encode()

    def from_plain(self, plain: bytes) -> str:
        return plain.decode()


class EncryptedJSONField(_EncryptedField):
    """A JSON value: written as text, compressed when long, encrypted.

    ``AUDIT_COMPRESSION`` and ``AUDIT_ENCRYPTION`` switch the last two steps off
    for new values; values of every kind stay readable.
    """

    def to_plain(self, value) -> bytes:
        text = _JSON.encode(value).encode()
        if settings.AUDIT_COMPRESSION and len(text) >= COMPRESS_FROM:
            return b"z" + zlib.compress(text)
        return b"j" + text

    def from_plain(self, plain: bytes):
        text = zlib.decompress(plain[1:]) if plain[:1] == b"z" else plain[1:]
        return json.loads(text)

    def get_prep_value(self, value):
        if value is not None and not settings.AUDIT_ENCRYPTION:
            return _JSON.encode(value)
        return super().get_prep_value(value)

    def _plain(self, stored: str) -> bytes:
        if not stored.startswith(f"{SCHEME}:"):
            return b"j" + stored.encode()
        return super()._plain(stored)
