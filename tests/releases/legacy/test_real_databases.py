"""Databases that the older application itself made and filled, where PANELMERGE_REAL_DATA has them."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from accounts.models import User
from panelmerge.lib.crypto import keyring
from panelmerge.releases import postgresql
from panelmerge.releases.current import current_release
from panelmerge.releases.legacy.adopting import adopt
from panelmerge.releases.legacy.aside import TABLES
from panelmerge.releases.progress import silent

pytestmark = pytest.mark.real_data
STAGES = {"v1.3": "1.4.0", "v1.4.1": "1.4.1", "v1.4.1-evolved": "1.4.1", "s1.5.1": "1.5.0", "v1.5.1": "1.5.1"}


@pytest.fixture
def real_database(database_at, real_data, monkeypatch):
    """The default database is a copy of that one; gives what is known of it."""
    monkeypatch.delenv("ENCRYPTION_MASTER_KEY", raising=False)
    folder = real_data / "legacy_databases"

    def become(stage: str) -> dict:
        truth = json.loads((folder / f"{stage}.truth.json").read_text(encoding="utf-8"))
        name = database_at("empty")
        if connection.vendor == "sqlite":
            kept = folder / f"{stage}.sqlite3.gz"
            if not kept.exists():
                pytest.skip(f"{stage} is there for PostgreSQL alone")
            Path(name).write_bytes(gzip.decompress(kept.read_bytes()))
            return truth | {"here": truth.get("sqlite", truth)}
        address, env = postgresql.environment(connection.settings_dict)
        dump = gzip.decompress((folder / f"{stage}.pg.sql.gz").read_bytes())
        subprocess.run(
            ["psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", address], input=dump, env=env, check=True, capture_output=True
        )
        return truth | {"here": truth.get("pg", truth)}

    return become


def rows(statement: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


@pytest.mark.parametrize("stage", STAGES)
def test_a_real_database_is_adopted_and_goes_to_the_newest_release(real_database, stage):
    truth = real_database(stage)
    here = truth["here"]

    report, _ = adopt(keys=[truth["encryption"]["fernet_key"]], zone=ZoneInfo("UTC"), progress=silent())

    assert current_release() == STAGES[stage]
    counted = {table: rows(f'SELECT COUNT(*) FROM "{table}"')[0][0] for table in TABLES if table in report.after}
    assert counted == {table: number for table, number in here["row_counts"].items() if table in counted}
    lost = set(report.unreadable.get("user.first_name_encrypted", ()))
    names = dict(rows('SELECT id, first_name_encrypted FROM "user"'))
    for person in (one for one in here.get("users", ()) if one["id"] not in lost):
        assert (plain(names[person["id"]]) or "") == first_name(person)
    genes = dict(rows("SELECT panel_id, COUNT(*) FROM panel_genes GROUP BY panel_id")) if "panels" in here else {}
    assert genes == {one["id"]: one["genes"] for one in here.get("panels", ()) if one["genes"]}
    call_command("migrate", verbosity=0)
    assert current_release() == "2.0.0"
    call_command("verify_audit", stdout=io.StringIO())


def first_name(person: dict) -> str:
    """What was encrypted later wins over what was left beside it in plain text."""
    if "first_name" in person:
        return person["first_name"] or ""
    return person["encrypted_decoded"][0] or person["plain"][0] or ""


def plain(stored: str | None) -> str | None:
    return None if stored is None else keyring().decrypt(stored, "user.first_name_encrypted").decode()


@pytest.mark.parametrize("stage", ["v1.4.1", "v1.5.1"])
def test_everybody_signs_in_over_http_with_their_old_password(real_database, stage, settings, tmp_path):
    settings.STATIC_ROOT = str(tmp_path)
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.Argon2PasswordHasher",
        "accounts.hashers.WerkzeugPasswordHasher",
    ]
    settings.MAX_LOGIN_ATTEMPTS = 1000
    truth = real_database(stage)
    adopt(keys=[truth["encryption"]["fernet_key"]], zone=ZoneInfo("UTC"), progress=silent())
    call_command("migrate", verbosity=0)

    wrong = []
    for person in truth["passwords"]:
        browser = Client()
        browser.post("/account/login/", {"login": person["username"], "password": person["password"]})
        is_in = "_auth_user_id" in browser.session
        if is_in != person["is_active"]:
            wrong.append(person["username"])

    assert wrong == []
    upgraded = [one.password.partition("$")[0] for one in User.objects.filter(is_active=True)]
    assert set(upgraded) == {"argon2"}
