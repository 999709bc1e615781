"""Passwords as the Flask application stored them; read only."""

from __future__ import annotations

import hashlib

from django.contrib.auth.hashers import BasePasswordHasher, mask_hash
from django.utils.crypto import constant_time_compare

PREFIX = "werkzeug"


class WerkzeugPasswordHasher(BasePasswordHasher):
    """``werkzeug$scrypt:32768:8:1$<salt>$<hex>`` or ``werkzeug$pbkdf2:sha256:<iterations>$<salt>$<hex>``.

    The prefix is ours, because Django reads the algorithm up to the first ``$``.
    The salt is used as ASCII text. Anything malformed matches no password.
    """

    algorithm = PREFIX

    def encode(self, password: str, salt: str) -> str:
        raise NotImplementedError("New passwords are not stored in this form.")

    def salt(self) -> str:
        raise NotImplementedError("New passwords are not stored in this form.")

    def decode(self, encoded: str) -> dict:
        """{method, salt, hash}; ValueError when it is not of this form."""
        prefix, method, salt, digest = encoded.split("$")
        if prefix != self.algorithm:
            raise ValueError("not of this form")
        return {"algorithm": prefix, "method": method, "salt": salt, "hash": digest}

    def verify(self, password: str, encoded: str) -> bool:
        try:
            parts = self.decode(encoded)
            return constant_time_compare(_digest(parts["method"], password, parts["salt"]), parts["hash"])
        except (ValueError, OverflowError):
            return False

    def safe_summary(self, encoded: str) -> dict:
        parts = self.decode(encoded)
        return {"algorithm": parts["method"], "hash": mask_hash(parts["hash"])}

    def must_update(self, encoded: str) -> bool:
        return True

    def harden_runtime(self, password: str, encoded: str) -> None:
        """Nothing to make up for: a sign-in replaces the hash at once."""


def _digest(method: str, password: str, salt: str) -> str:
    """The digest in hexadecimal; ValueError for a method that Werkzeug never wrote."""
    name, *numbers = method.split(":")
    if name == "scrypt" and len(numbers) == 3:
        n, r, p = map(int, numbers)
        return hashlib.scrypt(
            password.encode(), salt=salt.encode(), n=n, r=r, p=p, maxmem=132 * n * r * p, dklen=64
        ).hex()
    if name == "pbkdf2" and len(numbers) == 2:
        return hashlib.pbkdf2_hmac(numbers[0], password.encode(), salt.encode(), int(numbers[1])).hex()
    raise ValueError(f"unknown method {name}")
