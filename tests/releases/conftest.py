from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from panelmerge.releases.elsewhere import default_is
from tests.releases import rows
from tests.releases.installing import Databases


@pytest.fixture(scope="session")
def databases(tmp_path_factory) -> Iterator[Databases]:
    made = Databases(tmp_path_factory.mktemp("databases"))
    yield made
    if made.made:
        made.drop_all()


@pytest.fixture
def database_at(databases, tmp_path, settings, django_db_blocker) -> Iterator[Callable[[str], str]]:
    """``database_at("1.5.1")``: the default database is one of its own, at that release, with rows in every table
    ("empty": with nothing at all). Returns its name: a path, or a database of the server."""
    settings.MEDIA_ROOT, settings.STATIC_ROOT = str(tmp_path / "uploads"), str(tmp_path)
    settings.AUDIT_CHECKPOINT_FILE = str(tmp_path / "audit.checkpoints")
    settings.VAR_DIR, settings.BACKUP_ROOT = tmp_path / "var", tmp_path / "backups"
    settings.ENV_FILE, settings.LOG_FILE = tmp_path / ".env", str(tmp_path / "logs" / "panelmerge.log")
    (tmp_path / "logs").mkdir(exist_ok=True)
    standing = []

    def become(release: str) -> str:
        folder = tmp_path / "var"
        folder.mkdir(exist_ok=True)
        if release == "empty":
            name = databases.empty(folder)
        else:
            name = databases.copy_of(release, lambda: rows.fill(release), folder)
        standing.append(default_is(databases.settings(name)))
        standing[-1].__enter__()
        return name

    with django_db_blocker.unblock():
        yield become
        while standing:
            standing.pop().__exit__(None, None, None)


@pytest.fixture
def files_below() -> Callable[[Path], dict[str, bytes]]:
    """Every file below a folder with its bytes."""
    return lambda folder: {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
