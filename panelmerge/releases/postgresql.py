"""Reaching a PostgreSQL beside Django's own connection: for looking, for locks, and for PostgreSQL's own tools."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg
from psycopg import conninfo

from panelmerge.lib.errors import Refusal

# Options of Django's own, which libpq does not know.
_DJANGO_ONLY = ("pool", "assume_role", "isolation_level", "server_side_binding", "cursor_factory", "context")
APPLICATION = "panelmerge"


def parameters(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What libpq is told to reach the database of these settings."""
    named = {
        "dbname": settings.get("NAME"),
        "user": settings.get("USER"),
        "password": settings.get("PASSWORD"),
        "host": settings.get("HOST"),
        "port": settings.get("PORT"),
    }
    options = {key: value for key, value in settings.get("OPTIONS", {}).items() if key not in _DJANGO_ONLY}
    return {key: value for key, value in (named | options).items() if value not in (None, "")}


def connect(settings: Mapping[str, Any], *, reading: bool = False, **changed: Any) -> psycopg.Connection:
    """A connection of its own, each statement for itself. ``reading``: the server refuses to write for it."""
    told = parameters(settings) | changed
    if reading:
        told["options"] = f"{told.get('options', '')} -c default_transaction_read_only=on".strip()
    told.setdefault("application_name", APPLICATION)
    told.setdefault("connect_timeout", 10)
    return psycopg.connect(**told, autocommit=True)


def tool(name: str, *, at_least: int = 0) -> str:
    """The path of pg_dump or pg_restore, of a version not below the server's. Raises Refusal where there is none."""
    found = [path for path in (shutil.which(name),) if path]
    # Debian keeps each version in a folder of its own.
    found += sorted(map(str, Path("/usr/lib/postgresql").glob(f"*/bin/{name}")), key=_version, reverse=True)
    for path in found:
        if _version(path) >= at_least:
            return path
    raise Refusal(
        f"{name} of PostgreSQL {at_least or ''} or newer is not on this machine. Install the client programs "
        f"(Debian: apt-get install postgresql-client-{at_least or '15'}).".replace("  ", " "),
        code="tool_missing",
        status=503,
    )


def _version(path: str) -> int:
    parts = Path(path).resolve().parts
    numbers = [int(part) for part in parts if part.isdecimal()]
    # Where the folder does not say, the program itself is believed later, when it runs.
    return numbers[-1] if numbers else 999


def environment(settings: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """(connection string, environment) for a tool: the password is in neither the process list nor a file."""
    told = parameters(settings)
    password = told.pop("password", None)
    env = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    if password:
        env["PGPASSWORD"] = password
    return conninfo.make_conninfo(**told), env
