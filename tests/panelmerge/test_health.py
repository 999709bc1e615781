"""Is it alive, is it ready, which one is it."""

from __future__ import annotations

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from audit.sealing import seal_now
from panelmerge import __version__
from panelmerge.releases.manifest import NEWEST, RELEASES
from tests.panelmerge.running import run

pytestmark = pytest.mark.django_db


def test_alive_asks_nothing_else(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "version": __version__})


def test_ready_when_everything_is_there(client):
    """TR-01."""
    # What the tests' own gene names left.
    seal_now()

    answer = client.get("/readyz")

    assert answer.status_code == 200
    parts = {"database": "ok", "migrations": "ok", "cache": "ok", "sealing": "ok"}
    assert answer.json() == {"status": "ok", **parts, "seal_waits_seconds": 0}


def test_entries_that_wait_too_long_for_their_seal_are_told_and_people_can_work(client, monkeypatch):
    """TR-01."""
    monkeypatch.setattr("panelmerge.health.unsealed_for", lambda: 90.4)

    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["sealing"] == "degraded: an entry has waited 90 s, run manage.py seal_audit"


def test_not_ready_while_a_migration_is_missing(client):
    """TR-01."""
    MigrationRecorder(connection).record_unapplied("panels", "0017_release_2_0_0_library_guards")

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["status"]) == (503, "failed")
    assert answer.json()["migrations"] == (
        f"The database is between two releases, and this program needs {NEWEST}. "
        "An administrator runs: python manage.py upgrade"
    )


@pytest.mark.parametrize("error", [OperationalError("gone"), InterfaceError("closed")])
def test_not_ready_without_a_database(client, monkeypatch, error):
    """TR-01."""

    def broken(*args):
        raise error

    monkeypatch.setattr("panelmerge.health.connection.cursor", broken)
    monkeypatch.setattr("panelmerge.releases.fitting._applied", broken)

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert (answer.json()["database"], answer.json()["migrations"]) == ("failed", "failed")


def test_ready_but_slower_without_its_cache(client, settings):
    """CF-05: a Redis that is away costs speed only."""
    settings.CACHES = {
        "default": {
            "BACKEND": "django_redis.cache.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
            "OPTIONS": {"IGNORE_EXCEPTIONS": True, "SOCKET_CONNECT_TIMEOUT": 0.25},
        }
    }

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["cache"]) == (200, "degraded: redis")


def test_version_says_at_which_release_the_database_stands(client):
    answer = client.get("/api/v1/version/")

    assert answer.json() == {"name": "PanelMerge", "version": __version__, "database_release": NEWEST}


def test_between_two_releases_everything_but_the_watch_answers_503(client):
    MigrationRecorder(connection).record_unapplied("audit", RELEASES["2.0.0"]["audit"])

    answer = client.get("/api/v1/version/")

    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    assert "between two releases" in answer.json()["detail"]
    assert client.get("/healthz").status_code == 200


def test_a_database_that_is_not_migrated_answers_503_with_the_command(tmp_path):
    """RL-14, in its first form."""
    said = run(
        "-c",
        "import django; django.setup()\n"
        "from django.test import Client\n"
        "for address in ('/', '/api/v1/catalogue/panels/'):\n"
        "    answer = Client(raise_request_exception=False).get(address)\n"
        "    print(answer.status_code, 'manage.py upgrade' in answer.content.decode())\n",
        DJANGO_SETTINGS_MODULE="tests.settings",
        DATABASE_URL=f"sqlite:///{tmp_path / 'empty.sqlite3'}",
    )

    assert said.stdout.count("503 True") == 2, said.stdout
