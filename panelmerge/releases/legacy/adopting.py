"""Adopting a database of the Flask application: look, find the keys, back up, take over, keep a report."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import OperationalError, connection

from audit.events import Action
from panelmerge.lib.errors import Refusal
from panelmerge.releases import files, postgresql
from panelmerge.releases.backups.making import make_backup
from panelmerge.releases.content import quoted
from panelmerge.releases.elsewhere import default_is, named
from panelmerge.releases.exchange import exchange
from panelmerge.releases.legacy.frozen import frozen_times
from panelmerge.releases.legacy.keys import FILE, VARIABLE, Reader
from panelmerge.releases.legacy.recognise import LegacyStage, recognise
from panelmerge.releases.legacy.report import Report
from panelmerge.releases.legacy.taking import clock_for, take_over
from panelmerge.releases.lock import running
from panelmerge.releases.looking import Look, look, sqlite_reading
from panelmerge.releases.progress import Progress, stamp
from panelmerge.releases.recording import note
from panelmerge.releases.snapshots import copy_sqlite, sqlite_connection
from panelmerge.releases.transactions import one_transaction

ENCRYPTED = {
    "user": ("first_name_encrypted", "last_name_encrypted", "organization_encrypted"),
    "audit_log": ("old_values_encrypted", "new_values_encrypted", "details_encrypted"),
    "panel_changes": ("old_value_encrypted", "new_value_encrypted"),
}
LOCK_TIMEOUT = "5s"


def survey(*, keys: Sequence[str], zone: ZoneInfo, progress: Progress) -> Report:
    """What ``adopt`` would find and do. Not a byte of the database changes."""
    seen, stage = _recognised()
    report = _begun(stage, zone)
    report.is_dry = True
    reader = Reader(keys)
    with _reading() as raw, progress.step("Reading every encrypted value"):
        for table in seen.tables:
            [(rows,)] = raw.execute(f"SELECT COUNT(*) FROM {quoted(table)}").fetchall()
            report.before[table] = rows
        report.notes += frozen_times(lambda statement: raw.execute(statement).fetchall(), seen)
        for place, pk, stored in _encrypted_values(raw, seen):
            if not reader.is_encrypted(stored):
                report.plain[place] += 1
            elif reader.opens(stored):
                report.encrypted[place] += 1
            else:
                report.unreadable.setdefault(place, []).append(pk)
        _check_some_key(reader, report)
    report.moved |= {table: f"legacy_{table}" for table in stage.later}
    report.left_alone += stage.left_alone
    return report


def adopt(
    *,
    keys: Sequence[str],
    zone: ZoneInfo,
    progress: Progress,
    proof: bool = True,
) -> tuple[Report, Path]:
    """Adopt the default database; (what was done, the report's file).

    A proven backup comes first, and is the only way back to the older
    application. Then everything happens in one transaction, or on SQLite in a
    copy that is exchanged for the file: a failure leaves the database as it was.
    Raises Refusal for a database that the older application did not make, for a
    key that reads nothing, and while somebody else has the database open.
    """
    with running("adopt_legacy") as lease:
        seen, stage = _recognised()
        report = _begun(stage, zone)
        reader = Reader(keys)
        with _reading() as raw, progress.step("Trying the keys"):
            _try_keys(raw, seen, reader, keys)
        folder, _ = make_backup(proof=proof, progress=progress)
        report.backup = str(folder)
        clock = clock_for(report.release, zone, datetime.now(UTC))
        if connection.vendor == "postgresql":
            with lease.maintenance(), one_transaction():
                with connection.cursor() as cursor:
                    cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
                try:
                    take_over(seen, stage, reader, clock, report, progress)
                except OperationalError as error:
                    if "lock timeout" not in str(error):
                        raise
                    raise Refusal(
                        "The older application, or something else, has the database open. Stop it and run this again. "
                        "Nothing was changed.",
                        code="still_open",
                        status=409,
                    ) from error
                _noted(report)
        else:
            _adopt_file(seen, stage, reader, clock, report, progress, lease)
    return report, _written(report)


def _adopt_file(seen, stage, reader, clock, report, progress, lease) -> None:
    """On a copy of the file, which takes its place when it is whole."""
    name = str(connection.settings_dict["NAME"])
    copy = Path(f"{name}-adopting")
    _remove(copy)
    with lease.maintenance():
        try:
            with progress.step("Copying the file"), closing(sqlite_connection(Path(name))) as raw:
                copy_sqlite(raw, copy)
            with default_is(named(str(copy))):
                _hurry()
                connection.disable_constraint_checking()
                take_over(seen, stage, reader, clock, report, progress)
                _noted(report)
                with connection.cursor() as cursor:
                    cursor.execute("VACUUM")
                    cursor.execute("PRAGMA journal_mode = DELETE")
            with progress.step("Exchanging the files"):
                exchange(str(copy), aside=None, lease=lease)
        finally:
            _remove(copy)


def _hurry() -> None:
    """Nobody needs the copy before it is whole: what a power failure leaves of it is thrown away. The exchange writes
    it to the disk."""
    with connection.cursor() as cursor:
        for pragma in ("journal_mode = TRUNCATE", "synchronous = OFF", "cache_size = -65536"):
            cursor.execute(f"PRAGMA {pragma}")


def _remove(path: Path) -> None:
    for end in ("", "-wal", "-shm", "-journal", "-lock"):
        Path(f"{path}{end}").unlink(missing_ok=True)


def _recognised() -> tuple[Look, LegacyStage]:
    seen = look()
    stage = recognise(seen)
    if stage is None:
        what = "is one of PanelMerge's own: go on with manage.py upgrade" if seen.ours else "is not of its making"
        raise Refusal(
            f"The database of DATABASE_URL was not made by the older Flask application; it {what}. Nothing changed.",
            code="not_legacy",
        )
    return seen, stage


def _begun(stage: LegacyStage, zone: ZoneInfo) -> Report:
    release = stage.adopted_as
    found = f"release {stage.release}" if stage.release else f"a stage before {release}, which has room for all of it"
    taken = zone.key if release >= "1.4.1" else "UTC"
    report = Report(found=f"a database of the older Flask application, {found}", release=release, zone=taken)
    report.notes += stage.notes
    if release < "1.4.1" and zone.key != "UTC":
        report.notes.append("up to 1.4.0 the older application wrote UTC; --legacy-timezone was not needed")
    return report


# --- Keys -----------------------------------------------------------------------------------------


@contextmanager
def _reading() -> Iterator[Any]:
    if connection.vendor == "sqlite":
        with sqlite_reading(Path(connection.settings_dict["NAME"])) as raw:
            yield raw
        return
    with closing(postgresql.connect(connection.settings_dict, reading=True)) as raw, raw.transaction():
        yield raw


def _encrypted_values(raw: Any, seen: Look) -> Iterator[tuple[str, int, str]]:
    """(table.column, id, what is stored)"""
    for table, columns in ENCRYPTED.items():
        for column in columns:
            if seen.has(table, column):
                statement = (
                    f"SELECT id, {quoted(column)} FROM {quoted(table)} WHERE {quoted(column)} IS NOT NULL ORDER BY id"
                )
                yield from ((f"{table}.{column}", pk, stored) for pk, stored in _rows(raw, statement))


def _rows(raw: Any, statement: str) -> Iterator[tuple]:
    if connection.vendor == "sqlite":
        yield from raw.execute(statement)
        return
    with raw.cursor(name="panelmerge_keys") as cursor:
        cursor.itersize = 2000
        yield from cursor.execute(statement)


def _try_keys(raw: Any, seen: Look, reader: Reader, keys: Sequence[str]) -> None:
    """Every key opens something, or nothing is done."""
    encrypted = 0
    for _, _, stored in _encrypted_values(raw, seen):
        if reader.is_encrypted(stored):
            encrypted += 1
            reader.opens(stored)
        if all(reader.used):
            break
    if encrypted:
        _refuse_idle_keys(reader, keys)


def _check_some_key(reader: Reader, report: Report) -> None:
    if report.encrypted or report.unreadable:
        _refuse_idle_keys(reader, reader.used)


def _refuse_idle_keys(reader: Reader, keys: Sequence[Any]) -> None:
    if not keys:
        raise Refusal(
            f"Names and records in this database are encrypted, and no key was given. Give --encryption-key-file with "
            f"the older application's {FILE}, or --encryption-key= with its {VARIABLE}. Nothing was changed.",
            code="no_key",
        )
    idle = [str(number) for number, used in enumerate(reader.used, start=1) if not used]
    if idle:
        raise Refusal(
            f"Key number {', '.join(idle)} of {len(reader.used)} opens not one value of this database: it is another "
            "one's key. Leave it out, or give the right one. Nothing was changed.",
            code="wrong_key",
        )


# --- Afterwards -----------------------------------------------------------------------------------


def _noted(report: Report) -> None:
    note(
        Action.SYSTEM_SECURITY,
        kind="adoption",
        description=f"Adopted {report.found}",
        details={
            "release": report.release,
            "rows": report.after,
            "unreadable": {place: len(ids) for place, ids in report.unreadable.items()},
            "mended": report.mended,
            "gene_lists": {str(panel): digest for panel, digest in report.panels.items()},
        },
    )


def _written(report: Report) -> Path:
    path = files.unused(Path(settings.VAR_DIR) / "reports" / f"adopt_legacy-{stamp()}.json")
    files.make_folder(path.parent)
    files.write(path, (json.dumps(report.as_json(), ensure_ascii=False, indent=1) + "\n").encode())
    return path


def zone_of(text: str) -> ZoneInfo:
    """The zone that a name is; Refusal for what is none."""
    try:
        return ZoneInfo(text)
    except (ValueError, OSError) as error:
        raise Refusal(
            f"--legacy-timezone {text!r} is no time zone. Give the zone of the old server as the IANA database names "
            "it, e.g. Europe/Helsinki.",
            code="unknown_zone",
        ) from error
