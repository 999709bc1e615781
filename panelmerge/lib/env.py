"""Reading settings from the environment. Every error names the variable, and none repeats a secret."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

_WORDS = dict.fromkeys(("true", "yes", "on", "ok", "y", "1"), True) | dict.fromkeys(
    ("false", "no", "off", "n", "0"), False
)
DATABASES = ("sqlite", "postgres", "postgresql", "pgsql", "psql")


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


def boolean(name: str, default: bool) -> bool:
    """True or False; any other word is an error, so that a misspelt AUDIT_ENCRYPTION=ture does not mean no."""
    value = os.environ.get(name, "").strip().lower()
    if value and value not in _WORDS:
        raise ImproperlyConfigured(f"{name}={value!r} is neither True nor False")
    return _WORDS[value] if value else default


def number(name: str, default: int) -> int:
    value = os.environ.get(name)
    try:
        return default if value is None else int(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}={value!r} is no whole number; write e.g. {name}={default}") from error


def one_of(name: str, default: str, allowed: Collection[str]) -> str:
    """The value in capitals."""
    value = os.environ.get(name, "").strip().upper() or default
    if value not in allowed:
        raise ImproperlyConfigured(f"{name}={value!r} is none of {', '.join(allowed)}")
    return value


def database(name: str, default: str) -> dict:
    """Django's settings for the address in NAME."""
    return address(name, secret(name) or default)


def address(name: str, url: str) -> dict:
    """Django's settings for the address of a database; an error names where it was given."""
    told = f"{name} cannot be read; write e.g. {name}=postgres://user:password@host:5432/name or sqlite:///path"
    if url.partition(":")[0] not in DATABASES:
        raise ImproperlyConfigured(told)
    try:
        return environ.Env.db_url_config(url)
    except ValueError:
        # The error would quote a part of the address, which may be the password.
        raise ImproperlyConfigured(told) from None


def make_folder_of(name: str, path: str) -> None:
    """Make the private folder that the file of this setting goes to; an error names the setting."""
    try:
        Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(f"{name}={path!r}: its folder cannot be made: {error}") from error


def comma_list(value: str) -> list[str]:
    """The parts of a comma-separated value, without blanks and empty parts."""
    return [part.strip() for part in value.split(",") if part.strip()]


@contextmanager
def env_file(path: str | Path) -> Iterator[None]:
    """The environment with what the file adds, while the block lasts. For who must not keep it, as gunicorn's master:
    workers that it makes after a reload would never see a changed file."""
    before = dict(os.environ)
    environ.Env.read_env(path)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
