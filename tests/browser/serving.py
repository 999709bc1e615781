"""The project served as an operator serves it: its own process, its own database, its own folders."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from tests.panelmerge.running import ROOT, SOUND, environment, free_port, run

READY_WITHIN_SECONDS = 60


@contextmanager
def database(folder: Path) -> Iterator[str]:
    """The address of an empty database: in the PostgreSQL that the tests run on, or else a file."""
    given = os.environ.get("DATABASE_URL", "")
    if not given.startswith("postgres"):
        yield f"sqlite:///{folder / 'site.sqlite3'}"
        return
    name = f"panelmerge_browser_{os.getpid()}"
    with psycopg.connect(given, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield urlsplit(given)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def served(folder: Path, **changed: str) -> Iterator[str]:
    """The address of a site with gene names and the demonstration catalogue, under settings of its own; its mails are
    files in ``mails``."""
    port = free_port()
    with ExitStack() as stack:
        address = changed.get("DATABASE_URL") or stack.enter_context(database(folder))
        settings = SOUND | {
            "DEBUG": "True",
            "DATABASE_URL": address,
            "REDIS_URL": os.environ.get("REDIS_URL", ""),
            "MEDIA_ROOT": str(folder / "uploads"),
            "LOG_LEVEL": "WARNING",
            "EMAIL_URL": f"filemail://{folder / 'mails'}",
            "PORT": str(port),
            "WEB_CONCURRENCY": "1",
            "RATE_LIMIT_PER_MINUTE": "0",
            "RATE_LIMIT_PER_HOUR": "0",
            "RATE_LIMIT_PER_DAY": "0",
            **changed,
        }
        made = run("manage.py", "first_run", **settings)
        assert made.returncode == 0, made.stdout
        (folder / "first_run").write_text(made.stdout)
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [sys.executable, "-m", "gunicorn"], cwd=ROOT, env=environment(settings), stdout=log, stderr=log
            )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(f"{url}/readyz", server, folder / "log")
            yield url
        finally:
            server.terminate()
            server.wait(timeout=30)


def _wait_for(address: str, server: subprocess.Popen, log: Path) -> None:
    until = time.monotonic() + READY_WITHIN_SECONDS
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, TimeoutError):
            assert server.poll() is None and time.monotonic() < until, log.read_text()
            time.sleep(0.1)
