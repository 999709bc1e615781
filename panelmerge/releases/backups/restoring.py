"""Restoring a backup: beside the present database, compared row by row, then exchanged for it.

Until the exchange nothing is changed; after it the old database is still there
under another name.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from panelmerge.configuration import names_in, values_in
from panelmerge.lib.env import comma_list
from panelmerge.lib.errors import Refusal
from panelmerge.releases import files, postgresql
from panelmerge.releases.backups import proving
from panelmerge.releases.backups.making import ENV, UPLOADS
from panelmerge.releases.backups.manifest import DATABASE, Damaged, Manifest, check_files, own_keys, read
from panelmerge.releases.elsewhere import named
from panelmerge.releases.exchange import aside_name, exchange
from panelmerge.releases.lock import Lease
from panelmerge.releases.progress import Progress, stamp


class OtherKeys(Refusal):
    """The keys that read what is in the backup are not here."""

    code = "other_keys"


@dataclass(slots=True)
class Restored:
    """``aside``: where the database that was replaced is now, None where there was none. ``notes`` are for the
    operator."""

    manifest: Manifest
    aside: str | None
    notes: list[str] = field(default_factory=list)


def check_backup(folder: Path) -> Manifest:
    """The manifest of a backup that is whole, fits this kind of database, and whose keys are here. Raises Refusal."""
    manifest = read(folder)
    check_files(folder, manifest)
    if manifest.vendor != connection.vendor:
        raise Damaged(
            f"The backup is of {manifest.server}, and DATABASE_URL names {connection.display_name}. Restore it to a "
            "database of its own kind."
        )
    if DATABASE[manifest.vendor] not in manifest.files:
        raise Damaged(f"{folder} holds no database.")
    _check_keys(folder, manifest)
    return manifest


def restore(
    folder: Path,
    *,
    lease: Lease,
    progress: Progress,
    why: str = "restore",
    before_exchange: Callable[[dict[str, Any]], None] | None = None,
    around_exchange: Callable[[dict[str, Any]], AbstractContextManager[None]] | None = None,
) -> Restored:
    """Bring the database, uploads and ``.env`` of a backup back. The lock is held by who calls.

    ``before_exchange`` is called with the settings of the restored database, to
    look at it before it takes its place, or to refuse; people still work.
    ``around_exchange`` is entered with the same when writers are turned away
    already, and left after the exchange, or with why there was none.
    """
    folder = folder.resolve()
    with progress.step("Checking every hash of the backup"):
        manifest = check_backup(folder)
    fresh = _fresh_name()
    try:
        with progress.step("Restoring into a new database"):
            notes = _restore_into(fresh, folder)
        with progress.step("Comparing every table"):
            proving.compare(named(fresh), manifest.tables)
        if before_exchange:
            before_exchange(named(fresh))
        uploads = _laid_out(folder)
        aside = aside_name(str(connection.settings_dict["NAME"]), why) if _is_there() else None
        with lease.maintenance(), ExitStack() as stack, progress.step("Exchanging the databases"):
            if around_exchange:
                stack.enter_context(around_exchange(named(fresh)))
            exchange(fresh, aside=aside, lease=lease)
    except BaseException:
        _drop(fresh)
        raise
    done = Restored(manifest, aside, notes)
    with progress.step("Bringing uploads and settings back"):
        _uploads(uploads, done)
        _env(folder, done)
    return done


def _fresh_name() -> str:
    name = str(connection.settings_dict["NAME"])
    return f"{name[:35]}_restoring" if connection.vendor == "postgresql" else f"{name}-restoring"


def _is_there() -> bool:
    if connection.vendor == "sqlite":
        return Path(connection.settings_dict["NAME"]).exists()
    with closing(postgresql.beside(connection.settings_dict)) as raw:
        return postgresql.exists(raw, connection.settings_dict["NAME"])


def _restore_into(fresh: str, folder: Path) -> list[str]:
    """Notes for the operator."""
    if connection.vendor == "sqlite":
        files.copy(folder / DATABASE["sqlite"], Path(fresh))
        proving.check_sqlite(Path(fresh))
        return []
    with closing(postgresql.beside(connection.settings_dict)) as raw:
        if not postgresql.may_create_databases(raw):
            raise proving.NoScratch(
                "The role may not create databases, so there is nowhere to restore to. Nothing was changed. Let an "
                'administrator of PostgreSQL say: ALTER ROLE "…" CREATEDB'
            )
        postgresql.drop_database(raw, fresh)
        postgresql.create_database(raw, fresh)
        major = postgresql.server_major(raw)
    if postgresql.restore(named(fresh), folder / DATABASE["postgresql"], major=major):
        return []
    return ["Rights of roles that this server does not have were left out; grant them again where you use two roles."]


def _drop(fresh: str) -> None:
    if connection.vendor == "sqlite":
        for end in ("", "-wal", "-shm", "-journal", "-lock"):
            Path(f"{fresh}{end}").unlink(missing_ok=True)
        return
    with suppress(Refusal), closing(postgresql.beside(connection.settings_dict)) as raw:
        postgresql.drop_database(raw, fresh)


def _check_keys(folder: Path, manifest: Manifest) -> None:
    here = own_keys()
    lacking = [
        f"{variable} {', '.join(missing)}"
        for kind, variable in (("encryption", "ENCRYPTION_KEY"), ("audit", "AUDIT_KEY"))
        # The first one wrote last; older ones may have been retired since.
        if (missing := [key for key in manifest.keys[kind][:1] if key not in here[kind]])
    ]
    if lacking and not _env_returns(folder):
        where = f"They are in {folder / ENV}" if ENV in manifest.files else "They are not in the backup either"
        raise OtherKeys(
            f"The backup was made under keys that are not in the settings here: {'; '.join(lacking)}. {where}; write "
            "them into .env, after the present ones where those are still needed, and run this again. Nothing was "
            "changed."
        )


def _env_returns(folder: Path) -> bool:
    """Whether the ``.env`` of the backup may take the place of the present one: it names this very database."""
    saved = folder / ENV
    if not saved.is_file():
        return False
    then = values_in(saved.read_text(encoding="utf-8")).get("DATABASE_URL", "")
    present = Path(settings.ENV_FILE)
    now = values_in(present.read_text(encoding="utf-8")).get("DATABASE_URL", "") if present.is_file() else then
    return then == now


def _env(folder: Path, done: Restored) -> None:
    """Put the ``.env`` back, with the present one kept; never one that names another database, or has no keys."""
    saved, present = folder / ENV, Path(settings.ENV_FILE)
    if not saved.is_file():
        return
    text = saved.read_bytes()
    if present.is_file() and present.read_bytes() == text:
        return
    if not _env_returns(folder):
        done.notes.append(f".env was left as it is, because {saved} names another database.")
    elif not {"SECRET_KEY", "ENCRYPTION_KEY"} <= set(names_in(text.decode())):
        done.notes.append(f".env was left as it is, because {saved} was made without keys.")
    else:
        if present.is_file():
            kept = files.unused(present.with_name(f"{present.name}.backup.{stamp()}"))
            files.copy(present, kept)
            done.notes.append(f".env is that of the backup; the one before is {kept.name}.")
        files.write(present, text)
        _take_keys(values_in(text.decode()))


def _take_keys(values: dict[str, str]) -> None:
    """The rest of this process reads and signs under the keys that came back."""
    settings.SECRET_KEY = values["SECRET_KEY"]
    settings.ENCRYPTION_KEYS = comma_list(values["ENCRYPTION_KEY"])
    if values.get("AUDIT_KEY"):
        settings.AUDIT_KEYS = comma_list(values["AUDIT_KEY"])


def _laid_out(folder: Path) -> Path | None:
    """The uploads of the backup beside the present ones, ready to take their place."""
    saved, present = folder / UPLOADS, Path(settings.MEDIA_ROOT)
    if not saved.is_dir():
        return None
    fresh = present.with_name(f".{present.name}.restoring")
    shutil.rmtree(fresh, ignore_errors=True)
    for path in files.below(saved):
        files.copy(path, fresh / path.relative_to(saved))
    files.flush_below(fresh)
    return fresh


def _uploads(fresh: Path | None, done: Restored) -> None:
    present = Path(settings.MEDIA_ROOT)
    if fresh is None:
        return
    if present.is_dir():
        kept = files.unused(present.with_name(f"{present.name}_before_restore_{stamp()}"))
        files.rename(present, kept)
        done.notes.append(f"The uploads that were there are in {kept}.")
    files.rename(fresh, present)
