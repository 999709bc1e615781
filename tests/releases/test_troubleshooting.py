"""Every symptom of UPGRADING.md is brought about, and its words are what the operator sees. TR-01 to TR-10.

A row of the document without a reproduction here, or the other way round, fails.
"""

from __future__ import annotations

import os
import re
import sqlite3
import zlib
from collections.abc import Callable
from contextlib import ExitStack, closing
from io import StringIO
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.core import checks
from django.core.cache import caches
from django.core.management import CommandError, call_command
from django.core.signals import setting_changed
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from panelmerge.checks import check_stored_values
from panelmerge.lib.sqlite3 import maintenance
from panelmerge.releases import applying, back_to_backup, fitting, preflight
from panelmerge.releases.backups.making import make_backup
from panelmerge.releases.lock import running
from panelmerge.releases.manifest import NEWEST
from panelmerge.releases.postgresql import parameters
from tests.panelmerge.running import ROOT, SOUND, run
from tests.releases.installing import ON_POSTGRESQL, go_to

SECTION = (ROOT / "UPGRADING.md").read_text(encoding="utf-8").partition("## When something is wrong\n")[2]
ROWS = [line.split(" | ") for line in SECTION.partition("\n## ")[0].splitlines() if line.startswith("| `")]
SYMPTOMS = {row[0].removeprefix("| "): row[2:] for row in ROWS}
REPRODUCED: dict[str, Callable] = {}


def seen_as(beginning: str, only_on: str = "") -> Callable[[Callable], Callable]:
    """The function brings about the symptom whose first words these are, and returns what is seen."""

    def keep(function: Callable) -> Callable:
        function.only_on = only_on
        [symptom] = [one for one in SYMPTOMS if one.removeprefix("`").startswith(beginning)]
        REPRODUCED[symptom] = function
        return function

    return keep


def command(*arguments) -> str:
    """Everything that a command says, its error too."""
    out = StringIO()
    try:
        call_command(*arguments, stdout=out)
    except CommandError as error:
        return f"{out.getvalue()}\n{error}"
    return out.getvalue()


def page(address: str = "/panels/", data: dict | None = None) -> str:
    fitting.forget()
    client = Client(raise_request_exception=False)
    return (client.get(address) if data is None else client.post(address, data)).content.decode()


def sql(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


# --- Pages and the start ------------------------------------------------------------------------------


@seen_as('"database": "failed"')
def _(at, monkeypatch):
    at(NEWEST)
    _nowhere(monkeypatch)
    return page("/readyz")


@seen_as("The database cannot be reached just now")
def _(at, monkeypatch):
    at(NEWEST)
    _nowhere(monkeypatch)
    return page()


def _nowhere(monkeypatch) -> None:
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "NAME", "/nowhere/at/all" if not ON_POSTGRESQL else "nowhere_at_all")


@seen_as('"cache": "degraded: redis"')
def _(at, monkeypatch):
    at(NEWEST)
    away = {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": "redis://127.0.0.1:1/0",
        "OPTIONS": {"IGNORE_EXCEPTIONS": True, "SOCKET_CONNECT_TIMEOUT": 0.25},
    }
    monkeypatch.setattr(settings, "CACHES", {"default": away})
    setting_changed.send(sender=None, setting="CACHES", value=settings.CACHES, enter=True)
    try:
        return page("/readyz")
    finally:
        monkeypatch.undo()
        setting_changed.send(sender=None, setting="CACHES", value=settings.CACHES, enter=False)
        assert caches["default"] is not None


@seen_as("The database is at 1.5.1, and this program needs 2.0.0")
def _(at, monkeypatch):
    at("1.5.1")
    return page()


@seen_as("The database is at a newer release")
def _(at, monkeypatch):
    at(NEWEST)
    MigrationRecorder(connection).record_applied("panels", "0999_later")
    return page()


@seen_as("The database is being changed")
def _(at, monkeypatch):
    at(NEWEST)
    with running("upgrade --to 9.9.9") as lease, lease.maintenance():
        # The locks of this very process count as somebody else's.
        monkeypatch.setattr(maintenance, "_mine", set())
        return page("/announcements/1/dismiss/", {"note": "typed"})


@seen_as("PanelMerge does not start.")
def _(at, monkeypatch):
    said = run(
        "-c", "import panelmerge.wsgi", **(SOUND | {"AUDIT_KEY": "", "DATABASE_URL": "sqlite://:memory:"})
    ).stdout
    assert "AUDIT_KEY is not set" in said
    return said


@seen_as("ENCRYPTION_KEY: what is stored")
def _(at, monkeypatch):
    at(NEWEST)
    monkeypatch.setattr(settings, "ENCRYPTION_KEYS", settings.AUDIT_KEYS)
    return "\n".join(message.msg for message in check_stored_values())


@seen_as("can be read by other users")
def _(at, monkeypatch):
    at(NEWEST)
    Path(settings.MEDIA_ROOT).mkdir()
    Path(settings.MEDIA_ROOT).chmod(0o755)
    return "\n".join(message.msg for message in checks.run_checks())


@seen_as("degraded: an entry has waited")
def _(at, monkeypatch):
    at(NEWEST)
    monkeypatch.setattr("panelmerge.health.unsealed_for", lambda: 90.4)
    return page("/readyz")


# --- upgrade -------------------------------------------------------------------------------------------


@seen_as("Already running")
def _(at, monkeypatch):
    at("1.5.1")
    with running("upgrade"):
        return command("rollback", "--to", "1.5.0")


@seen_as("Stopped, nothing was changed.")
def _(at, monkeypatch):
    at("1.5.1")
    monkeypatch.setattr(settings, "AUDIT_KEYS", [])
    return command("upgrade")


@seen_as("rows point at nothing in")
def _(at, monkeypatch):
    at("1.4.1")
    orphan = "INSERT INTO panel_download (ip_address, panel_ids, list_types, user_id) VALUES ('::1', '1', '', 4711)"
    with ExitStack() as stack:
        # As somebody with a prompt left it, before there was a key.
        if ON_POSTGRESQL:
            sql("SET session_replication_role = replica")
            stack.callback(sql, "SET session_replication_role = DEFAULT")
        else:
            sql("PRAGMA foreign_keys = OFF")
            stack.callback(sql, "PRAGMA foreign_keys = ON")
        sql(orphan)
    return command("upgrade", "--plan")


@seen_as("values are there more than once")
def _(at, monkeypatch):
    at("1.5.0")
    go_to("1.5.0").get_model("panels", "PanelShare").objects.create(panel_id=1, shared_by_id=1, share_token="t")
    return command("upgrade", "--plan")


@seen_as("Free some space below")
def _(at, monkeypatch):
    at("1.5.1")
    monkeypatch.setattr(preflight, "SPARE_MIB", 10**9)
    return command("upgrade", "--plan")


@seen_as("a table is held by", only_on="PostgreSQL")
def _(at, monkeypatch):
    at("1.5.0")
    monkeypatch.setattr(applying, "ATTEMPTS", 1)
    monkeypatch.setattr(applying, "LOCK_TIMEOUT", "100ms")
    with psycopg.connect(**parameters(connection.settings_dict)) as other:
        other.execute("SELECT * FROM panel_genes")
        return command("upgrade", "--to", "1.5.1", "--no-backup")


@seen_as("is still open in process", only_on="SQLite")
def _(at, monkeypatch):
    name = at("1.5.1")
    folder, _ = make_backup()
    monkeypatch.setattr("panelmerge.releases.exchange.PATIENCE", 0.1)
    connection.close()
    ready, go = os.pipe(), os.pipe()
    child = os.fork()
    if not child:
        with closing(sqlite3.connect(name)) as other:
            other.execute("SELECT * FROM saved_panels").fetchall()
            os.write(ready[1], b"x")
            os.read(go[0], 1)
        os._exit(0)
    os.read(ready[0], 1)
    try:
        return command("restore", folder)
    finally:
        os.write(go[1], b"x")
        os.waitpid(child, 0)


@seen_as("Nothing of this step was kept.")
def _(at, monkeypatch):
    at("1.5.1")

    def broken(step, progress):
        sql("INSERT INTO no_such_table VALUES (1)")

    monkeypatch.setattr(applying, "_migrate", broken)
    said = command("upgrade", "--no-backup")
    assert "The statement was: INSERT INTO no_such_table" in said and "-v 2 shows every statement" in said
    return said


@seen_as("The database is between two releases")
def _(at, monkeypatch):
    at("1.4.0")
    ahead = [("accounts", "0006_release_1_4_1_set_utc"), ("panels", "0003_release_1_5_0")]
    MigrationExecutor(connection).migrate(ahead)
    return command("release")


@seen_as("alembic_version says")
def _(at, monkeypatch):
    at("1.5.1")
    sql("CREATE TABLE alembic_version (version_num VARCHAR(32))", "INSERT INTO alembic_version VALUES ('64ca2e43ca66')")
    return command("release")


@seen_as("This database was made by the older")
def _(at, monkeypatch):
    at("empty")
    sql('CREATE TABLE "user" (id INTEGER PRIMARY KEY, username VARCHAR(80), password_hash VARCHAR(255))')
    return command("upgrade")


# --- check_db ------------------------------------------------------------------------------------------


def checked_after(statement: str) -> Callable:
    """This is done to a database at 1.5.1, which is then checked."""

    def bring_about(at, monkeypatch) -> str:
        at("1.5.1")
        sql(statement)
        return command("check_db")

    return bring_about


seen_as("table: panel_shares")(checked_after("DROP TABLE panel_shares"))
seen_as("column: panel_genes.evidence_level")(checked_after("ALTER TABLE panel_genes DROP COLUMN evidence_level"))
seen_as("index: ")(checked_after("DROP INDEX idx_panel_genes_panel_symbol"))


@seen_as("constraint: saved_panels")
def _(at, monkeypatch):
    at("1.5.1")
    if ON_POSTGRESQL:
        sql("ALTER TABLE saved_panels DROP CONSTRAINT fk_saved_panels_current_version")
    else:
        _rewritten("saved_panels", r'(?:CONSTRAINT "\w+" )?REFERENCES "panel_versions" \("id"\)[^,)]*', "")
    return command("check_db")


def _rewritten(table: str, words: str, instead: str) -> None:
    """SQLite: the table's own text, as an older tool might have left it."""
    name = connection.settings_dict["NAME"]
    connections["default"].close()
    with closing(sqlite3.connect(name)) as raw:
        [(text,)] = raw.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchall()
        changed = re.sub(words, instead, text)
        assert changed != text, text
        raw.execute("PRAGMA writable_schema = ON")
        raw.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", (changed, table))
        raw.execute("PRAGMA writable_schema = OFF")
        raw.commit()


@seen_as("does not have the hash")
def _(at, monkeypatch):
    at(NEWEST)
    with connection.cursor() as cursor:
        cursor.execute("SELECT sha256, body FROM panel_snapshots LIMIT 1")
        name, body = cursor.fetchone()
        altered = bytearray(zlib.decompress(bytes(body)))
        altered[10] ^= 1
        cursor.execute(f"DROP TRIGGER panel_snapshots_fixed{' ON panel_snapshots' if ON_POSTGRESQL else ''}")
        cursor.execute("UPDATE panel_snapshots SET body = %s WHERE sha256 = %s", [zlib.compress(bytes(altered)), name])
    return command("check_db", "--verify-integrity")


# --- Backups -------------------------------------------------------------------------------------------


@seen_as("The backup … is damaged")
def _(at, monkeypatch):
    at("1.5.1")
    folder, manifest = make_backup()
    path = folder / next(name for name in manifest.files if name.startswith("database"))
    path.write_bytes(path.read_bytes()[:-100])
    return command("restore", folder)


@seen_as("The backup was made under keys")
def _(at, monkeypatch):
    at("1.5.1")
    folder, _ = make_backup()
    monkeypatch.setattr(settings, "ENCRYPTION_KEYS", [SOUND["AUDIT_KEY"]])
    return command("restore", folder)


@seen_as("The present database cannot be read")
def _(at, monkeypatch):
    at("1.5.1")
    folder, _ = make_backup()

    def damaged(*arguments, **options):
        raise sqlite3.DatabaseError("database disk image is malformed")

    monkeypatch.setattr(back_to_backup, "changes_since", damaged)
    return command("rollback", "--to", "1.5.1", "--from-backup", folder)


# --- The document ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("symptom", SYMPTOMS)
def test_what_the_document_says_is_what_is_seen(database_at, monkeypatch, symptom):
    bring_about = REPRODUCED[symptom]
    if bring_about.only_on and bring_about.only_on != connection.display_name:
        pytest.skip(f"only {bring_about.only_on} knows it")
    phrases = re.findall(r"`([^`]+)`", symptom)

    said = bring_about(database_at, monkeypatch)

    words = [".+".join(map(re.escape, phrase.rstrip("…").split("…"))) for phrase in phrases]
    plain = said.replace("&quot;", '"').replace("&#x27;", "'")
    assert any(re.search(one, plain) for one in words), f"{phrases} is not in: {said[-2000:]}"


def test_every_row_has_its_reproduction_and_what_to_do():
    assert set(REPRODUCED) == set(SYMPTOMS) and len(SYMPTOMS) >= 25
    assert all(len(rest) == 2 and len(rest[1].rstrip(" |")) > 3 for rest in SYMPTOMS.values())
