"""Django's default connection pointed at another database for a while: a copy, or one that is being restored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import connections
from django.db.utils import load_backend


@contextmanager
def default_is(settings: Mapping[str, Any]) -> Iterator[None]:
    """Everything that uses the default connection in this thread works on the database of these settings."""
    before = connections["default"]
    connections["default"] = load_backend(settings["ENGINE"]).DatabaseWrapper(dict(settings), "default")
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"] = before


def named(name: str) -> dict[str, Any]:
    """The settings of the default database with another name, which is a path on SQLite."""
    return {**connections["default"].settings_dict, "NAME": name}
