"""Django's default connection pointed at another database for a while: a copy, or one that is being restored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from django.db import connections
from django.db.utils import load_backend

from panelmerge.releases.looking import sqlite_address


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


@contextmanager
def reading_only() -> Iterator[None]:
    """Everything in this thread reads the default database and cannot change it, nor any file of it."""
    given = connections["default"].settings_dict
    if connections["default"].vendor == "sqlite":
        if connections["default"].is_in_memory_db():
            yield
            return
        options = {key: value for key, value in given["OPTIONS"].items() if key != "init_command"}
        options.pop("transaction_mode", None)
        with ExitStack() as stack:
            address = stack.enter_context(sqlite_address(Path(given["NAME"])))
            stack.enter_context(default_is(given | {"NAME": address, "FILE": given["NAME"], "OPTIONS": options}))
            yield
        return
    told = f"{given['OPTIONS'].get('options', '')} -c default_transaction_read_only=on".strip()
    with default_is(given | {"OPTIONS": {**given["OPTIONS"], "options": told}}):
        yield


def database_file() -> Path:
    """Where the SQLite database lies, also while it is only read."""
    given = connections["default"].settings_dict
    return Path(given.get("FILE", given["NAME"]))


def named(name: str) -> dict[str, Any]:
    """The settings of the default database with another name, which is a path on SQLite."""
    return {**connections["default"].settings_dict, "NAME": name}
