"""WITHOUT_DB: one temporary SQLite file that the worker processes share, gone when the server ends.

``settings`` asks for its place, ``wsgi`` fills it. Under gunicorn the place is
made by the master (``gunicorn.conf.py``), so that all workers have the same.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import tempfile
from pathlib import Path

from django.http import HttpRequest, HttpResponse

# Tells child processes (workers, the reloader) where their parent put the file.
VARIABLE = "PANELMERGE_TEMPORARY_DATABASE"
NEEDS_ACCOUNTS = ("/admin/",)


def temporary_database() -> Path:
    """The file's path. The first process that asks makes its folder, for uploads too, and removes it at its exit."""
    known = os.environ.get(VARIABLE)
    if known:
        return Path(known)
    folder = Path(tempfile.mkdtemp(prefix="panelmerge-"))
    owner = os.getpid()

    def remove() -> None:
        # A forked worker inherits this hook; only the maker removes.
        if os.getpid() == owner:
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)
    os.environ[VARIABLE] = str(folder / "panelmerge.sqlite3")
    return folder / "panelmerge.sqlite3"


def fill() -> None:
    """Migrate the file, load gene names, and the demonstration catalogue or that of ``CATALOGUE_PATH``.

    The first worker does it, the others wait for it.
    """
    from django.conf import settings
    from django.core.management import call_command

    file = temporary_database()
    done = file.with_suffix(".filled")
    with file.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if done.exists():
            return
        call_command("migrate", verbosity=0)
        call_command("load_genes", verbosity=0)
        call_command("load_catalogue", settings.CATALOGUE_PATH or settings.DEMO_CATALOGUE, verbosity=0)
        done.touch()


class WithoutDatabaseMiddleware:
    """What would have to be kept answers 503 with a sentence. CF-07."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        from django.conf import settings

        from panelmerge.errors import error_page

        if settings.WITHOUT_DB and request.path_info.startswith(NEEDS_ACCOUNTS):
            return error_page(
                request,
                503,
                detail="This server runs without a database (WITHOUT_DB): there are no accounts and nothing is kept. "
                "Search, upload, merge and download work.",
            )
        return self.get_response(request)
