"""Reading settings from the environment: secrets from files, several keys in one value."""

from __future__ import annotations

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def secret(name: str, default: str = "") -> str:
    """The value of NAME, or the content of the file that NAME_FILE points to.

    Raises ImproperlyConfigured when NAME_FILE cannot be read: a secret that was
    meant to be there is never quietly replaced by nothing.
    """
    path = os.environ.get(f"{name}_FILE")
    if path and not os.environ.get(name):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ImproperlyConfigured(f"{name}_FILE names {path}, which cannot be read: {error}") from error
    return os.environ.get(name, default)


def comma_list(value: str) -> list[str]:
    """The parts of a comma-separated value, without blanks and empty parts."""
    return [part.strip() for part in value.split(",") if part.strip()]
