"""The older application's encryption: its keys in every form they were kept, and reading what they encrypted.

It stored ``base64(Fernet token)``. The key was the text of
``instance/.encryption_key``, or ``ENCRYPTION_MASTER_KEY``, which is that text in
base64 once more. ``ENCRYPTION_KEY``, which its guide names, was never read.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from panelmerge.lib.errors import Refusal

VARIABLE, FILE = "ENCRYPTION_MASTER_KEY", "instance/.encryption_key"
# What base64 makes of the first bytes of every Fernet token, twice and once.
TWICE, ONCE = "Z0FBQUFB", "gAAAAA"
_LINE = re.compile(rf"^\s*(?:export\s+)?{VARIABLE}\s*=\s*['\"]?([A-Za-z0-9_=-]+)", re.MULTILINE)


class Unreadable(Exception):
    """No key opens this value."""


def key_of(text: str, *, where: str) -> str:
    """The Fernet key that a text is, in either of its forms. Refusal that names where it came from, never the text."""
    stripped = text.strip().strip("'\"")
    for candidate in (stripped, _decoded(stripped)):
        if _is_key(candidate):
            return candidate
    raise Refusal(
        f"{where} holds no key of the older application. Give the text of {FILE} (44 characters) or the value of "
        f"{VARIABLE} (60 characters).",
        code="no_key",
    )


def _decoded(text: str) -> str:
    try:
        return base64.urlsafe_b64decode(text.encode()).decode("ascii")
    except (binascii.Error, ValueError):
        return ""


def _is_key(text: str) -> bool:
    try:
        return len(text) == 44 and len(base64.urlsafe_b64decode(text.encode())) == 32
    except (binascii.Error, ValueError):
        return False


def keys_found(*, given: Iterable[str] = (), files: Iterable[Path] = ()) -> list[str]:
    """Every candidate once: those given, those of the files, then where the older application itself looked."""
    found = [key_of(text, where=f"--encryption-key number {n}") for n, text in enumerate(given, start=1)]
    for path in files:
        found.append(key_of(_of_file(path), where=f"--encryption-key-file {path}"))
    if os.environ.get(VARIABLE):
        found.append(key_of(os.environ[VARIABLE], where=VARIABLE))
    own = Path(settings.BASE_DIR) / FILE
    if own.is_file():
        found.append(key_of(_of_file(own), where=str(own)))
    return list(dict.fromkeys(found))


def _of_file(path: Path) -> str:
    """The text of a key file, or the value of the variable in an old ``.env``."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal(f"--encryption-key-file {path} cannot be read: {error}", code="no_key") from error
    line = _LINE.search(text)
    return line[1] if line else text


# json.loads asks first what it was given.
_JSON = json.JSONDecoder()


class Reader:
    """Reads values under several keys. ``used`` counts how many values each key opened."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._fernets = [Fernet(key) for key in keys]
        self.used = [0] * len(self._fernets)

    def text(self, stored: str) -> str:
        """The text. Raises Unreadable when no key opens it. A text that never was encrypted is itself."""
        token = self.token(stored)
        if token is None:
            return stored
        for place, fernet in enumerate(self._fernets):
            try:
                plain = fernet.decrypt(token).decode("utf-8")
            except (InvalidToken, UnicodeDecodeError):
                continue
            self.used[place] += 1
            return plain
        raise Unreadable

    def opens(self, stored: str) -> bool:
        """Whether it is encrypted and can be read."""
        try:
            return self.is_encrypted(stored) and self.text(stored) is not None
        except Unreadable:
            return False

    def value(self, stored: str) -> Any:
        """The JSON value, however often it was written as JSON. Raises Unreadable."""
        found: Any = self.text(stored)
        try:
            found = _JSON.decode(found)
        except ValueError:
            if not self.is_encrypted(stored):
                raise Unreadable from None
            return found
        while isinstance(found, str):
            try:
                found = _JSON.decode(found)
            except ValueError:
                break
        return found

    @staticmethod
    def is_encrypted(stored: str) -> bool:
        return stored.startswith((TWICE[:4], ONCE))

    @staticmethod
    def token(stored: str) -> bytes | None:
        """The Fernet token in it; None for a text that never was encrypted. A damaged one is a token, too."""
        if stored.startswith(ONCE):
            return stored.encode("utf-8", "replace")
        if not stored.startswith(TWICE[:4]):
            return None
        try:
            return base64.urlsafe_b64decode(stored.encode("ascii"))
        except (binascii.Error, ValueError):
            return stored.encode("utf-8", "replace")
