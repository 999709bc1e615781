"""WITHOUT_DB: one temporary SQLite file that the worker processes share, gone when the server ends."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

# Tells child processes (workers, the reloader) where their parent put the file.
VARIABLE = "PANELMERGE_TEMPORARY_DATABASE"


def temporary_database() -> Path:
    """The file's path. The first process that asks makes its folder, and removes it at its exit."""
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
    """Migrate the file, load the gene names, and the demonstration catalogue or that of ``CATALOGUE_PATH``."""
    from django.conf import settings
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("load_genes", verbosity=0)
    call_command("load_catalogue", *([settings.CATALOGUE_PATH] if settings.CATALOGUE_PATH else []), verbosity=0)
