"""Encryption of single values, and keyed digests.

A stored value is ``pm1:<key id>:<Fernet token>``. The token's plain text begins
with the place the value belongs to (``table.column``), so that a value copied
to another column does not decrypt there.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

SCHEME = "pm1"


class KeyMalformed(ValueError):
    """A key is not 44 characters of URL-safe base64 over 32 bytes."""


class Undecryptable(Exception):
    """A stored value that none of the keys opens. Never answered with None, never written back."""


def key_id(key: str) -> str:
    """Eight hexadecimal digits that name a key without giving it away."""
    return hashlib.sha256(b"panelmerge key id\0" + key.encode()).hexdigest()[:8]


def check_key(key: str) -> None:
    """Raise KeyMalformed unless ``key`` is a Fernet key as ``Fernet.generate_key`` writes it."""
    try:
        sound = len(key) == 44 and len(base64.urlsafe_b64decode(key)) == 32
    except (binascii.Error, ValueError):
        sound = False
    if not sound:
        raise KeyMalformed("a key is 44 characters of URL-safe base64 over 32 bytes")


class Keyring:
    """Several keys in order: the first encrypts, all decrypt."""

    def __init__(self, keys: list[str]) -> None:
        if not keys:
            raise KeyMalformed("no key was given")
        for key in keys:
            check_key(key)
        self._fernets = {key_id(key): Fernet(key) for key in keys}
        self.primary_id = key_id(keys[0])

    @property
    def ids(self) -> set[str]:
        return set(self._fernets)

    def encrypt(self, plain: bytes, place: str) -> str:
        token = self._fernets[self.primary_id].encrypt(place.encode() + b"\0" + plain)
        return f"{SCHEME}:{self.primary_id}:{token.decode()}"

    def decrypt(self, stored: str, place: str) -> bytes:
        """The plain bytes, or Undecryptable with what is wrong: scheme, missing key, damage or wrong place."""
        scheme, _, rest = stored.partition(":")
        used_id, _, token = rest.partition(":")
        if scheme != SCHEME or not token:
            raise Undecryptable(f"{place}: the stored value is not in the form {SCHEME}:<key id>:<token>")
        fernet = self._fernets.get(used_id)
        if fernet is None:
            raise Undecryptable(f"{place}: was encrypted under key {used_id}, which ENCRYPTION_KEY does not hold")
        try:
            found_place, _, plain = fernet.decrypt(token.encode()).partition(b"\0")
        except InvalidToken as error:
            raise Undecryptable(f"{place}: the stored value is damaged (key {used_id})") from error
        if found_place != place.encode():
            raise Undecryptable(f"{place}: the stored value belongs to {found_place.decode(errors='replace')}")
        return plain


@lru_cache(maxsize=4)
def _keyring(keys: tuple[str, ...]) -> Keyring:
    return Keyring(list(keys))


def keyring() -> Keyring:
    """The ring of ``ENCRYPTION_KEY``."""
    return _keyring(tuple(settings.ENCRYPTION_KEYS))


def keyed_digest(value: str, purpose: str) -> str:
    """HMAC-SHA256 in hexadecimal under a key derived from the first ``AUDIT_KEY`` for this purpose."""
    derived = hmac.new(settings.AUDIT_KEYS[0].encode(), f"panelmerge {purpose}".encode(), hashlib.sha256).digest()
    return hmac.new(derived, value.encode(), hashlib.sha256).hexdigest()
