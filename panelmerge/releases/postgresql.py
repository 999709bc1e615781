"""Reaching a PostgreSQL beside Django's own connection: for looking, for locks, and for PostgreSQL's own tools."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg
from psycopg import conninfo, sql

from panelmerge.lib.errors import Refusal

# Options of Django's own, which libpq does not know.
_DJANGO_ONLY = ("pool", "assume_role", "isolation_level", "server_side_binding", "cursor_factory", "context")
APPLICATION = "panelmerge"
EXCHANGE_ATTEMPTS = 20


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


# --- Whole databases ------------------------------------------------------------------------------


def server_major(raw: psycopg.Connection) -> int:
    return raw.info.server_version // 10000


def may_create_databases(raw: psycopg.Connection) -> bool:
    return raw.execute("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()[0]


def exists(raw: psycopg.Connection, name: str) -> bool:
    return raw.execute("SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = %s)", (name,)).fetchone()[0]


def create_database(raw: psycopg.Connection, name: str) -> None:
    """An empty database with the encoding and the sorting of the one that ``raw`` is connected to."""
    encoding, collate, ctype = raw.execute(
        "SELECT pg_encoding_to_char(encoding), datcollate, datctype FROM pg_database WHERE datname = current_database()"
    ).fetchone()
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING {} LC_COLLATE {} LC_CTYPE {}")
    raw.execute(statement.format(sql.Identifier(name), *map(sql.Literal, (encoding, collate, ctype))))


def drop_database(raw: psycopg.Connection, name: str) -> None:
    raw.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def beside(settings: Mapping[str, Any]) -> psycopg.Connection:
    """A connection to a database of the same server that is not the one of the settings: that one can be renamed."""
    for name in ("postgres", "template1"):
        if name != settings["NAME"]:
            try:
                return connect(settings, dbname=name)
            except psycopg.OperationalError:
                continue
    raise Refusal(
        "Neither the database postgres nor template1 of the server can be reached. "
        "Grant the role the right to connect to one of them.",
        code="no_other_database",
        status=503,
    )


def exchange(raw: psycopg.Connection, *, current: str, aside: str, replacement: str) -> None:
    """In one transaction: ``current`` becomes ``aside``, ``replacement`` becomes ``current``. Ends every connection to
    both. Where there is no ``current`` yet, the replacement takes its name."""
    for attempt in range(EXCHANGE_ATTEMPTS):
        names = [current, replacement]
        raw.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ANY(%s)", (names,))
        try:
            with raw.transaction():
                if exists(raw, current):
                    _rename(raw, current, aside)
                _rename(raw, replacement, current)
            return
        except psycopg.errors.ObjectInUse:
            # Servers connect again at once; the next one may find the door closed in time.
            if attempt == EXCHANGE_ATTEMPTS - 1:
                raise


def _rename(raw: psycopg.Connection, old: str, new: str) -> None:
    raw.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(old), sql.Identifier(new)))


def dump(settings: Mapping[str, Any], *, snapshot: str, target: Path, major: int) -> None:
    """``pg_dump -Fc`` of the moment of a snapshot."""
    address, env = environment(settings)
    target.touch(mode=0o600)
    _run([tool("pg_dump", at_least=major), "-Fc", f"--snapshot={snapshot}", f"--file={target}", "-d", address], env)


def restore(settings: Mapping[str, Any], source: Path, *, major: int) -> bool:
    """Into an empty database, in one transaction: whole, or nothing. Whether rights of other roles could be granted."""
    address, env = environment(settings)
    program = tool("pg_restore", at_least=major)
    command = [program, "--exit-on-error", "--single-transaction", "--no-owner", "-d", address, str(source)]
    try:
        _run(command, env)
    except Refusal as refusal:
        # On another server the roles that were granted something may not be there.
        if "role" not in refusal.detail or "does not exist" not in refusal.detail:
            raise
        _run([*command[:-1], "--no-privileges", str(source)], env)
        return False
    return True


def _run(command: list[str], env: dict[str, str]) -> None:
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refusal(
            f"{Path(command[0]).name} failed: {done.stderr.strip()[-600:] or 'without a word'}",
            code="tool_failed",
            status=503,
        )


def is_empty(raw: psycopg.Connection) -> bool:
    """No table of anybody's in it."""
    return not raw.execute(
        "SELECT EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema')"
    ).fetchone()[0]
