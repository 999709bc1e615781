"""Databases of their own for tests of releases: made once at each release, copied for each test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from panelmerge.releases.elsewhere import default_is
from panelmerge.releases.manifest import targets

ADDRESS = os.environ.get("DATABASE_URL", "")
ON_POSTGRESQL = ADDRESS.startswith("postgres")
IN_FULL = bool(os.environ.get("PANELMERGE_PROOF"))
_number = count(1)


def server(statement: str) -> None:
    """Tell the PostgreSQL that the tests run on."""
    with psycopg.connect(ADDRESS, autocommit=True) as raw:
        raw.execute(statement)


class Databases:
    """Makes databases below a folder (SQLite) or on the server, and takes them away in the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made: list[str] = []
        self.templates: dict[str, str] = {}

    def settings(self, name: str) -> dict:
        return dict(connections["default"].settings_dict) | {"NAME": name}

    def address(self, name: str) -> str:
        return urlsplit(ADDRESS)._replace(path=f"/{name}").geturl() if ON_POSTGRESQL else f"sqlite:///{name}"

    def name(self, folder: Path | None = None) -> str:
        made = f"panelmerge_{os.getpid()}_{next(_number)}"
        if not ON_POSTGRESQL:
            return str((folder or self.folder) / f"{made}.sqlite3")
        self.made.append(made)
        return made

    def empty(self, folder: Path) -> str:
        name = self.name(folder)
        if ON_POSTGRESQL:
            server(f'CREATE DATABASE "{name}"')
        return name

    def copy_of(self, template: str, make: Callable[[], None], folder: Path) -> str:
        """A copy of the database that ``make`` fills when it is asked for first."""
        if template not in self.templates:
            made = self.empty(self.folder)
            with default_is(self.settings(made)):
                make()
                if not ON_POSTGRESQL:
                    connections["default"].cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self.templates[template] = made
        name = self.name(folder)
        if ON_POSTGRESQL:
            server(f'CREATE DATABASE "{name}" TEMPLATE "{self.templates[template]}"')
        else:
            shutil.copyfile(self.templates[template], name)
        return name

    def drop_all(self) -> None:
        with psycopg.connect(ADDRESS) as raw:
            [(safe,)] = raw.execute("SHOW fsync").fetchall()
        # A server that keeps nothing is thrown away as a whole.
        for name in self.made if safe == "on" else ():
            server(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def go_to(release: str):
    """Bring our apps to the release; returns its historical models."""
    executor = MigrationExecutor(connections["default"])
    executor.migrate(targets(release))
    executor = MigrationExecutor(connections["default"])
    nodes = [(app, name) for app, name in targets(release) if name]
    return executor.loader.project_state(nodes).apps
