"""Who is served while the database does not fit, or is being changed. RL-14, PT-02, issue: two nodes."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from django.test import Client

from panelmerge.lib.sqlite3 import doorway, maintenance
from panelmerge.releases import fitting, lock, store
from panelmerge.releases.lock import running
from panelmerge.releases.manifest import NEWEST
from tests.panelmerge.running import ROOT, SOUND, environment, free_port
from tests.releases.installing import ON_POSTGRESQL, go_to
from tests.releases.rows import one

ADDRESSES = ("/", "/catalogue/", "/account/login/", "/admin/", "/api/v1/version/", "/api/v1/catalogue/panels/")


@pytest.fixture
def client():
    return Client(raise_request_exception=False)


@pytest.fixture
def maintained(database_at, monkeypatch):
    """The newest release, and another process (by the look of it) that is changing it."""
    database_at(NEWEST)
    with ExitStack() as stack:
        lease = stack.enter_context(running("upgrade --to 9.9.9"))
        stack.enter_context(lease.maintenance())
        # The locks of this very process count as somebody else's.
        monkeypatch.setattr(maintenance, "_mine", set())
        connection.close()
        yield


@pytest.mark.parametrize("address", ADDRESSES)
def test_at_an_older_release_everything_answers_503_with_the_command(database_at, client, address):
    """RL-14."""
    database_at("1.5.1")

    answer = client.get(address)

    said = answer.content.decode()
    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    assert f"The database is at 1.5.1, and this program needs {NEWEST}" in said
    assert "python manage.py upgrade" in said
    assert "X-Request-ID" in answer and "Content-Security-Policy" in answer


def test_the_watch_is_answered_at_an_older_release(database_at, client):
    database_at("1.5.1")

    alive, ready = client.get("/healthz"), client.get("/readyz")

    assert (alive.status_code, ready.status_code) == (200, 503)
    assert "python manage.py upgrade" in ready.json()["migrations"]


def test_an_empty_database_names_the_command_too(database_at, client):
    database_at("empty")

    assert "The database is empty" in client.get("/").content.decode()


def test_a_node_serves_within_a_moment_of_the_upgrade_without_a_restart(database_at, client):
    """RL-14."""
    database_at("1.5.1")
    assert client.get("/announcements/1/").status_code == 503

    call_command("upgrade", "--no-backup", verbosity=0)
    time.sleep(fitting.SECONDS_WHEN_NOT)

    assert client.get("/api/v1/version/").json()["database_release"] == NEWEST


def test_asking_costs_a_page_no_query(database_at, client, django_assert_num_queries):
    database_at(NEWEST)

    with django_assert_num_queries(0):
        first, second = fitting.fit(), fitting.fit()

    assert first.fits and second is first


def test_older_code_goes_on_where_the_newer_release_says_that_it_may(database_at, client):
    """An additive release: the code before it serves until it is replaced."""
    database_at(NEWEST)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('panels', '0999_later', '2026-01-01 00:00:00')"
        )
    fitting.forget()
    before = client.get("/api/v1/version/")

    store.add(store.SERVES, release="9.9.9", also=[NEWEST])
    fitting.forget()

    assert before.status_code == 503 and "newer release than this program" in before.json()["detail"]
    assert client.get("/api/v1/version/").status_code == 200


# --- Maintenance --------------------------------------------------------------------------------------


def test_during_maintenance_readers_read_and_writers_are_told(maintained, client):
    """PT-02."""
    read, ready = client.get("/api/v1/version/"), client.get("/readyz")
    written = client.post("/api/v1/genes/resolve/", {"symbols": ["BRCA1"]}, content_type="application/json")

    assert (read.status_code, ready.status_code) == (200, 200)
    assert "degraded: The database is being changed" in ready.json()["migrations"]
    assert (written.status_code, written["Retry-After"]) == (503, "10")
    assert written.json()["code"] == "service_unavailable"


def test_what_was_typed_is_kept_and_can_be_sent_again(maintained, client):
    answer = client.post("/announcements/1/dismiss/", {"note": "<b>two\nlines</b>", "csrfmiddlewaretoken": "t"})

    said = answer.content.decode()
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert '<form method="post" action="/announcements/1/dismiss/">' in said
    assert '<input type="hidden" name="note" value="&lt;b&gt;two\nlines&lt;/b&gt;">' in said
    assert '<input type="hidden" name="csrfmiddlewaretoken" value="t">' in said
    assert "<dd>&lt;b&gt;two<br>lines&lt;/b&gt;</dd>" in said


def test_a_password_is_not_shown_again(maintained, client):
    said = client.post("/account/login/", {"login": "ada", "password": "Corr3ct-horse"}).content.decode()

    assert "Corr3ct-horse" not in said and "<form" not in said


def test_a_page_that_would_write_meets_a_refusal_and_not_a_wait(maintained):
    """Whoever writes under a GET all the same: refused at once on SQLite; PostgreSQL lets it, nothing is lost there."""
    if ON_POSTGRESQL:
        pytest.skip("PostgreSQL's writers write into the same database")
    began = time.monotonic()

    with pytest.raises(OperationalError, match="readonly"), transaction.atomic():
        connection.cursor().execute("UPDATE saved_panels SET name = 'x'")

    assert one("SELECT name FROM saved_panels WHERE id = 1") == "P"
    assert time.monotonic() - began < 10


def set_zone(client) -> int:
    return client.post(
        "/api/v1/timezone/set/", {"timezone": "Europe/London"}, content_type="application/json"
    ).status_code


def test_whoever_is_killed_leaves_nobody_at_503(database_at, client):
    """The lease dies with its process."""
    database_at(NEWEST)
    connection.close()
    child = os.fork()
    if not child:
        with running("upgrade") as lease, lease.maintenance():
            time.sleep(60)
    while not fitting.fit(anew=True).changing:
        time.sleep(0.02)
    during = set_zone(client)

    os.kill(child, 9)
    os.waitpid(child, 0)
    while fitting.fit(anew=True).changing:
        time.sleep(0.02)

    assert during == 503
    assert lock.holder() is None
    assert set_zone(client) == 200


# --- Two nodes, as they are started -----------------------------------------------------------------------


def ask(address: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except urllib.error.URLError:
        return 0, ""


def test_two_nodes_start_on_an_older_database_and_serve_after_the_upgrade(database_at, databases, tmp_path):
    """Issue: 503 with Retry-After and the command; served within 5 s, without a restart."""
    name = database_at("1.5.1")
    connection.close()
    settings = SOUND | {"DATABASE_URL": databases.address(name), "DEBUG": "True", "WEB_CONCURRENCY": "1"}
    settings |= {"MEDIA_ROOT": str(tmp_path / "uploads"), "AUDIT_CHECKPOINT_FILE": str(tmp_path / "audit.checkpoints")}
    nodes = []
    with (tmp_path / "log").open("wb") as log:
        for _ in range(2):
            port = free_port()
            started = [sys.executable, "-m", "gunicorn"]
            node = subprocess.Popen(
                started, cwd=ROOT, env=environment(settings | {"PORT": str(port)}), stdout=log, stderr=log
            )
            nodes.append((node, f"http://127.0.0.1:{port}"))
    try:
        for node, address in nodes:
            while ask(f"{address}/healthz")[0] != 200:
                assert node.poll() is None, (tmp_path / "log").read_text()
                time.sleep(0.1)
        before = [ask(f"{address}/api/v1/version/") for _, address in nodes]

        call_command("upgrade", "--no-backup", verbosity=0)
        until = time.monotonic() + 5
        after = [ask(f"{address}/api/v1/version/") for _, address in nodes]
        while [status for status, _ in after] != [200, 200] and time.monotonic() < until:
            time.sleep(0.1)
            after = [ask(f"{address}/api/v1/version/") for _, address in nodes]
    finally:
        for node, _ in nodes:
            node.terminate()
            node.wait(timeout=30)

    assert [status for status, _ in before] == [503, 503]
    assert all("python manage.py upgrade" in said for _, said in before)
    assert [status for status, _ in after] == [200, 200], (tmp_path / "log").read_text()


def test_the_door_of_sqlite_is_shut_only_when_nobody_is_inside(database_at, tmp_path):
    path = str(tmp_path / "x.sqlite3")
    doorway.enter(path)
    with doorway.shut(path, wait=0) as alone:
        inside = alone
    doorway.leave(path)
    with doorway.shut(path, wait=0) as alone:
        doorway.enter(path)
        assert alone and not inside
        child = os.fork()
        if not child:
            try:
                doorway.enter(path, wait=0.1)
            except Exception:
                os._exit(3)
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 3
    doorway.enter(path, wait=0)
    doorway.leave(path)


@pytest.mark.parametrize("said", ["database is locked", "canceling statement due to lock timeout"])
def test_whoever_waited_in_vain_for_a_lock_is_told_to_come_again(database_at, client, monkeypatch, said):
    database_at(NEWEST)

    def held(*arguments, **options):
        raise OperationalError(said)

    monkeypatch.setattr("django.db.models.query.QuerySet.count", held)

    answer = client.get("/api/v1/catalogue/panels/")

    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert answer.json()["detail"] == "Others are writing just now. Try again in a moment."


@pytest.mark.skipif(ON_POSTGRESQL, reason="the file of SQLite")
def test_a_connection_of_the_time_of_maintenance_writes_again_afterwards(database_at, monkeypatch):
    database_at(NEWEST)
    with running("upgrade") as lease, lease.maintenance(), monkeypatch.context() as patch:
        patch.setattr(maintenance, "_mine", set())
        connection.close()
        connection.ensure_connection()
        during = connection.reads_only

    fitting.fit(anew=True)

    assert during and not connection.reads_only
    with connection.cursor() as cursor:
        cursor.execute("UPDATE saved_panels SET name = 'x' WHERE id = 1")


@pytest.mark.skipif(ON_POSTGRESQL, reason="the file of SQLite")
def test_a_closed_connection_leaves_the_file_although_a_cursor_is_left(database_at):
    """SQLite keeps the file open for a statement that nobody has forgotten yet."""
    name = database_at(NEWEST)
    cursor = connection.cursor()
    cursor.execute('SELECT id FROM "user" UNION ALL SELECT id FROM panel_genes')
    cursor.fetchone()

    connection.close()

    with closing(sqlite3.connect(name)) as raw:
        assert raw.execute("PRAGMA journal_mode = DELETE").fetchone() == ("delete",)
    # The same once more, with the cursor of the closed one still in somebody's hands.
    assert one('SELECT COUNT(*) FROM "user"') > 0
    connection.close()
    assert cursor is not None


def come_and_go(path: str, book: Path) -> None:
    """Readers without an instant between them; each writes a letter into the book when it is inside."""

    def reads() -> None:
        while True:
            doorway.enter(path)
            with book.open("a") as file:
                file.write("x")
            time.sleep(0.05)
            doorway.leave(path)

    for _ in range(4):
        threading.Thread(target=reads, daemon=True).start()
        time.sleep(0.0125)
    time.sleep(120)


def test_the_door_is_shut_although_there_is_no_instant_without_a_reader(tmp_path):
    """Those who come while somebody waits to shut it wait outside; afterwards they come in."""
    path, book = str(tmp_path / "x.sqlite3"), tmp_path / "book"
    child = os.fork()
    if not child:
        come_and_go(path, book)
    try:
        while not (book.exists() and book.stat().st_size > 20):
            time.sleep(0.02)

        with doorway.shut(path, wait=20) as alone:
            before = book.stat().st_size
            time.sleep(0.3)
            during = book.stat().st_size

        while book.stat().st_size < during + 4:
            time.sleep(0.02)
    finally:
        os.kill(child, 9)
        os.waitpid(child, 0)

    assert alone and before == during


def test_at_an_older_release_nothing_is_written_by_a_request(database_at, client):
    database_at("1.4.0")
    go_to("1.4.0")

    client.post("/account/login/", {"login": "ada", "password": "x"})

    assert one("SELECT COUNT(*) FROM audit_log") == 3
