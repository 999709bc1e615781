"""Making a backup: one moment of the database, settings, uploads, logs; proven, then given its name."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from panelmerge.configuration import without_secrets
from panelmerge.lib.errors import Refusal
from panelmerge.releases import files, postgresql
from panelmerge.releases.backups import proving
from panelmerge.releases.backups.manifest import DATABASE, NAME, Manifest, files_of
from panelmerge.releases.content import Content, contents
from panelmerge.releases.current import Standing, standing
from panelmerge.releases.progress import Progress, silent, stamp
from panelmerge.releases.snapshots import copy_sqlite, snapshot

UPLOADS, LOGS, CHECKPOINTS, ENV = "uploads", "logs", "audit.checkpoints", ".env"
LATEST = "latest"


class NotEmpty(Refusal):
    code = "not_empty"


def default_folder(found: Standing, moment: datetime | None = None) -> Path:
    """backups/v<release>-<UTC time>."""
    return files.unused(Path(settings.BACKUP_ROOT) / f"v{found.database or found.made_by}-{stamp(moment)}")


def make_backup(
    folder: Path | None = None,
    *,
    with_keys: bool = True,
    proof: bool = True,
    scratch: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> tuple[Path, Manifest]:
    """Back everything up into a folder that is not there yet, or is empty. (The folder, its manifest.)

    People may go on working: the database is copied as it is at one moment. The
    folder gets its name when everything in it is on the disk and was proven, so
    that what has a name is good. Changes nothing else but ``backups/latest``.
    """
    progress = progress or silent()
    found = standing()
    target = (folder or default_folder(found)).absolute()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise NotEmpty(f"{target} is there already and not empty. Give another folder; no backup is ever overwritten.")
    files.remove_left_behind(target.parent)
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    files.make_folder(partial)
    try:
        with progress.step("Copying the database"):
            tables = _database(partial)
        with progress.step("Copying settings, uploads and logs"):
            env = _settings(partial, with_keys)
            _files(partial)
            kept = files_of(partial)
        proven: dict[str, Any] = {"restored": False, "why": "--no-proof"}
        if proof:
            with progress.step("Proving the backup by restoring it"):
                proven = proving.prove(partial, tables, connection.settings_dict, scratch)
        manifest = Manifest(
            made_at=datetime.now(UTC).isoformat(timespec="seconds"),
            release=found.database,
            made_by=found.made_by,
            vendor=connection.vendor,
            server=_server(),
            tables=tables,
            files=kept,
            env=env,
            proof=proven | ({"at": datetime.now(UTC).isoformat(timespec="seconds")} if proof else {}),
            checkpoint=_last_checkpoint(partial / CHECKPOINTS),
        )
        with progress.step("Naming it"):
            files.write(partial / NAME, manifest.written())
            files.flush_below(partial)
            files.rename(partial, target)
            if manifest.proven and target.parent == Path(settings.BACKUP_ROOT).absolute():
                _point_latest_at(target)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return target, manifest


def _database(partial: Path) -> dict[str, Content]:
    """Dump one moment, and count that same moment."""
    given = connection.settings_dict
    if connection.vendor == "sqlite" and not Path(given["NAME"]).is_file():
        raise Refusal(f"There is no database at {given['NAME']} yet, so there is nothing to back up.", code="empty")
    with snapshot(given) as moment:
        target = partial / DATABASE[connection.vendor]
        if connection.vendor == "postgresql":
            postgresql.dump(given, snapshot=moment.name, target=target, major=postgresql.server_major(moment.raw))
        else:
            copy_sqlite(moment.raw, target)
        return contents(moment.raw, moment.look)


def _settings(partial: Path, with_keys: bool) -> str:
    """Copy .env; what the manifest says of it."""
    source = Path(settings.ENV_FILE)
    if not source.is_file():
        return "none: the settings are in the environment"
    text = source.read_text(encoding="utf-8")
    files.write(partial / ENV, (text if with_keys else without_secrets(text)).encode())
    return "with its keys" if with_keys else "without keys"


def _files(partial: Path) -> None:
    uploads = Path(settings.MEDIA_ROOT)
    for path in files.below(uploads):
        # A list may expire while it is being copied.
        if path.exists():
            files.copy(path, partial / UPLOADS / path.relative_to(uploads))
    log = Path(settings.LOG_FILE) if settings.LOG_FILE else None
    for path in sorted(log.parent.glob(f"{log.name}*")) if log and log.parent.is_dir() else []:
        if path.is_file():
            files.copy(path, partial / LOGS / path.name)
    checkpoints = Path(settings.AUDIT_CHECKPOINT_FILE)
    if checkpoints.is_file():
        files.copy(checkpoints, partial / CHECKPOINTS)


def _server() -> str:
    if connection.vendor == "postgresql":
        return "PostgreSQL " + ".".join(map(str, connection.get_database_version()))
    return f"SQLite {'.'.join(map(str, connection.get_database_version()))}"


def _last_checkpoint(path: Path) -> str | None:
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return lines[-1] if lines else None


def _point_latest_at(target: Path) -> None:
    aside = target.parent / f".{LATEST}.{os.getpid()}"
    aside.unlink(missing_ok=True)
    aside.symlink_to(target.name)
    files.rename(aside, target.parent / LATEST)
