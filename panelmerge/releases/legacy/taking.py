"""Taking a database over: in one transaction on PostgreSQL, in a copy of the file on SQLite."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from panelmerge.lib.errors import Refusal
from panelmerge.releases.content import quoted
from panelmerge.releases.legacy.aside import TABLES, Asides, aside
from panelmerge.releases.legacy.copying import LEFTOVERS, Copying
from panelmerge.releases.legacy.frozen import frozen_times
from panelmerge.releases.legacy.keys import Reader
from panelmerge.releases.legacy.mending import mend
from panelmerge.releases.legacy.recognise import LegacyStage
from panelmerge.releases.legacy.report import Report
from panelmerge.releases.legacy.values import Clock, hidden_tags
from panelmerge.releases.looking import Look
from panelmerge.releases.manifest import targets
from panelmerge.releases.progress import Progress

# Waiting states that mean nothing any more, with what a person does instead.
STATES = {
    "pending_email": "waiting changes of address: ask for them again",
    "email_change_token_hash": "",
    "email_change_requested_at": "",
    "temp_password_token": "temporary passwords: these people choose a new one at their next sign-in",
    "temp_password_expires_at": "",
    "temp_password_created_by": "",
    "failed_reset_attempts": "",
    "reset_locked_until": "locks of password resets: resets are limited anew",
    "reset_locked_by_admin": "",
}


class NotTheSame(Refusal):
    """What was written is not what was there."""

    code = "not_the_same"
    status = 500


def take_over(
    look: Look, stage: LegacyStage, reader: Reader, clock: Clock, report: Report, progress: Progress
) -> Report:
    """Make the database ours at the release of its schema. The caller's transaction or copy stands around it."""
    ours = [table for table in TABLES if look.has(table)]
    asides = Asides(look, clock)
    report.before |= {table: _rows(asides, table) for table in (*ours, *stage.later)}
    report.notes += frozen_times(asides.execute, look)
    with progress.step("Putting the older tables aside"):
        asides.put_aside(ours)
        _move_later(asides, look, stage, report)
        keys = asides.drop([*ours, *(table for table in stage.later if look.has(table))])
        back = asides.put_by(table for table in stage.left_alone if look.has(table))
        if look.has("alembic_version"):
            asides.execute("ALTER TABLE alembic_version RENAME TO legacy_alembic_version")
            report.moved["alembic_version"] = "legacy_alembic_version"
        if asides.is_postgresql:
            asides.drop_enumerations()
    with progress.step(f"Making the tables of release {report.release}"):
        MigrationExecutor(connection).migrate(targets(report.release))
        # Panels and versions point at each other; everything is checked at the end.
        if asides.is_postgresql:
            asides.execute("SET CONSTRAINTS ALL DEFERRED")
        connection.disable_constraint_checking()
    with progress.step("Mending what cannot stay as it was"):
        mend(asides, ours, report)
    _move_columns(asides, look, report)
    _hidden_tags(asides, look, report)
    for table in ours:
        with progress.step(f"Copying {table}"):
            Copying(asides, reader, report, _teller(progress)).copy(table)
    with progress.step("Comparing"):
        asides.count_on(ours)
        asides.put_back(back)
        asides.restore(keys)
        connection.check_constraints()
        _compare(asides, ours, report)
    asides.take_away(ours)
    report.left_alone += [table for table in stage.left_alone if table != "alembic_version"]
    _doubts(clock, report)
    return report


def _teller(progress: Progress) -> Callable[[str, int], None]:
    def tell(table: str, rows: int) -> None:
        if rows % 50_000 == 0:
            progress.note(f"  {table}: {rows:,} rows")

    return tell


def _rows(asides: Asides, table: str) -> int:
    return asides.execute(f"SELECT COUNT(*) FROM {quoted(table)}")[0][0]


def _move_later(asides: Asides, look: Look, stage: LegacyStage, report: Report) -> None:
    for table in stage.later:
        number = asides.move(table, f"legacy_{table}")
        report.moved[table], report.after[table] = f"legacy_{table}", number
        if number != report.before[table]:
            raise NotTheSame(f"{table} had {report.before[table]} rows and legacy_{table} has {number}.")


def _move_columns(asides: Asides, look: Look, report: Report) -> None:
    """Columns that the release has not: kept beside, under the row's number."""
    for table in (table for table in TABLES if look.has(table)):
        ours = _columns(table)
        plain = {name for name in LEFTOVERS.get(table, ()) if look.has(table, f"{name}_encrypted") or name not in ours}
        extra = [name for name in look.tables[table] if name not in ours and name not in plain]
        if table == "user":
            extra = _states(asides, extra, report)
        for name in sorted(plain & set(look.tables[table])):
            report.notes.append(f"{table}.{name} held plain text beside the encrypted column; it is gone")
        if extra:
            target = "legacy_user" if table == "user" else f"legacy_{table}"
            asides.move(table, target, ["id", *extra], source=aside(table))
            report.moved[f"{table} ({', '.join(extra)})"] = target


def _columns(table: str) -> list[str]:
    with connection.cursor() as cursor:
        return [one.name for one in connection.introspection.get_table_description(cursor, table)]


def _states(asides: Asides, extra: list[str], report: Report) -> list[str]:
    """Without the states that wait for something; who has a temporary password has to choose a new one."""
    if "temp_password_token" in extra and "force_password_change" in extra:
        yes = "TRUE" if asides.is_postgresql else "1"
        asides.execute(
            f"UPDATE {aside('user')} SET force_password_change = {yes} WHERE temp_password_token IS NOT NULL"
        )
    for name, sentence in STATES.items():
        if name in extra and sentence:
            [(number,)] = asides.execute(f"SELECT COUNT(*) FROM {aside('user')} WHERE {name} IS NOT NULL")
            if number:
                report.dropped.append(f"{number} {sentence}")
    return [name for name in extra if name not in STATES]


def _hidden_tags(asides: Asides, look: Look, report: Report) -> None:
    """Tags that the older application's restore wrote into ``storage_path`` become tags."""
    if not look.has("panel_versions", "storage_path"):
        return
    found = [
        (version, name, kind, person, moment)
        for version, path, person, moment in asides.execute(
            f"SELECT id, storage_path, created_by_id, {asides.moment('panel_versions', 'created_at', is_aside=True)} "
            f"FROM {aside('panel_versions')} WHERE storage_path LIKE %s ORDER BY id",
            ["%tag:%"],
        )
        for name, kind in hidden_tags(path)
    ]
    if not found:
        return
    if "panel_version_tags" not in report.moved:
        text, moment, truth = ("TEXT", "TIMESTAMP WITH TIME ZONE", "BOOLEAN") if asides.is_postgresql else (
            "TEXT", "datetime", "bool")  # fmt: skip
        asides.execute(
            f"CREATE TABLE legacy_panel_version_tags (id INTEGER, version_id INTEGER, tag_name {text}, "
            f"tag_type {text}, description {text}, created_by_id INTEGER, created_at {moment}, is_protected {truth})"
        )
        report.moved["tags hidden in panel_versions.storage_path"] = "legacy_panel_version_tags"
    there = set(asides.execute("SELECT version_id, tag_name FROM legacy_panel_version_tags"))
    [(number,)] = asides.execute("SELECT COALESCE(MAX(id), 0) FROM legacy_panel_version_tags")
    made = 0
    for version, name, kind, person, moment in found:
        if (version, name) in there or kind not in (
            *("PRODUCTION", "STAGING", "RELEASE", "HOTFIX", "FEATURE", "BACKUP"),
        ):
            continue
        there.add((version, name))
        made += 1
        asides.execute(
            "INSERT INTO legacy_panel_version_tags VALUES (%s, %s, %s, %s, NULL, %s, %s, %s)",
            [number + made, version, name, kind, person, moment, kind in ("PRODUCTION", "STAGING")],
        )
    if made:
        report.mend(f"{made} tags were hidden in panel_versions.storage_path; they are tags of their versions now")


def _compare(asides: Asides, tables: list[str], report: Report) -> None:
    """Every row that was put aside is there, and every gene of every panel as it was."""
    for table in tables:
        report.after[table] = _rows(asides, table)
        expected = _rows(asides, aside(table))
        if report.after[table] != expected:
            raise NotTheSame(f"{table} had {expected} rows and has {report.after[table]}.")
    if "panel_genes" in tables:
        names = [
            name
            for name in _columns("panel_genes")
            if asides.look.has("panel_genes", name)
            and name not in ("id", "panel_id", "added_at", "added_by_id", "is_active", "is_modified")
        ]
        before, report.panels = (_gene_lists(asides, table, names) for table in (aside("panel_genes"), "panel_genes"))
        if before != report.panels:
            different = sorted(pk for pk in before if before[pk] != report.panels.get(pk))
            raise NotTheSame(f"The gene lists of panels {different[:20]} are not what they were.")


def _gene_lists(asides: Asides, table: str, names: list[str]) -> dict[int, str]:
    """{panel: SHA-256 over its genes in the order of their numbers, every field as JSON}"""
    digests: dict[int, hashlib._Hash] = {}
    fields = ", ".join(map(quoted, names))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT panel_id, CASE WHEN is_active THEN 1 ELSE 0 END, CASE WHEN is_modified THEN 1 ELSE 0 END, "
            f"{fields} FROM {quoted(table)} ORDER BY panel_id, id"
        )
        while rows := cursor.fetchmany(2000):
            for panel, *cells in rows:
                line = json.dumps(cells, ensure_ascii=False, separators=(",", ":"))
                digests.setdefault(panel, hashlib.sha256()).update(line.encode() + b"\n")
    return {panel: digest.hexdigest() for panel, digest in digests.items()}


def _doubts(clock: Clock, report: Report) -> None:
    zone = clock.zone.key
    if clock.ahead:
        report.warnings.append(
            f"{clock.ahead} times lie in the future when taken as {zone}: is --legacy-timezone right?"
        )
    if clock.never:
        report.warnings.append(f"{clock.never} times never were on a clock in {zone}: is --legacy-timezone right?")
    if clock.early and zone != "UTC":
        report.warnings.append(
            f"{clock.early} times are from before 2 August 2025, when the older application wrote UTC; they were "
            f"taken as {zone} like all others"
        )
    if clock.beyond:
        report.warnings.append(
            f"{clock.beyond} times lie beyond what every zone can show, 9999-12-31 for example; the first or last that "
            "can be shown stands there"
        )
    if clock.unreadable:
        report.warnings.append(f"{clock.unreadable} times could not be read; the moment of adoption stands there")


def clock_for(release: str, zone, now: datetime) -> Clock:
    """Up to 1.4.0 the older application wrote UTC, whatever the server's zone."""
    from zoneinfo import ZoneInfo

    return Clock(zone if release >= "1.4.1" else ZoneInfo("UTC"), now)
