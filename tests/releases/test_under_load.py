"""A later, additive release is taken while people read and write. Issue: reads go on, no acknowledged write is lost.

Release 2.0.1 is there for this test alone: a copy of the code that knows one
more migration. The servers stay those of 2.0.0 and go on, because it says so.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from audit.verifying import verify
from panelmerge.releases.manifest import NEWEST, RELEASES
from tests.panelmerge.running import ROOT, SOUND, copy_of_the_project, environment, free_port
from tests.releases.rows import one

LATER = "2.0.1"
MIGRATION = '''"""Release 2.0.1: one more column that may be empty. Takes its time before it touches a table."""

import time

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("panels", "{last}")]
    operations = [
        migrations.RunPython(lambda apps, schema_editor: time.sleep(3), migrations.RunPython.noop),
        migrations.AddField("savedpanel", "remark", models.CharField(max_length=50, null=True)),
    ]
'''
FORMS = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def newer_code(tmp_path) -> Path:
    """The project with release 2.0.1, which lets the code of 2.0.0 go on."""
    copy = copy_of_the_project(tmp_path)
    last = RELEASES[NEWEST]["panels"]
    name = f"{int(last[:4]) + 1:04}_release_2_0_1"
    (copy / "panels" / "migrations" / f"{name}.py").write_text(MIGRATION.format(last=last))
    manifest = copy / "panelmerge" / "releases" / "manifest.py"
    text = manifest.read_text()
    text = text.replace(
        "NEWEST = next(",
        f'RELEASES["{LATER}"] = RELEASES["{NEWEST}"] | {{"panels": "{name}"}}\nNEWEST = next(',
        1,
    )
    text = text.replace(
        "\n\nclass UnknownRelease",
        f'\nABOUT["{LATER}"] = About("A remark", ("saved_panels.remark",), ("remarks",), also_serves=("{NEWEST}",))\n'
        "\n\nclass UnknownRelease",
        1,
    )
    manifest.write_text(text)
    return copy


class Load:
    """Readers, and writers who remember what they were told."""

    def __init__(self, addresses: list[str], token: str) -> None:
        self.addresses, self.token = addresses, token
        self.ended = threading.Event()
        self.reads: list[tuple[float, int, str]] = []
        self.acknowledged: list[str] = []
        self.refused: list[tuple[str, int, str | None]] = []
        self.kept: list[tuple[str, str]] = []
        self.odd: list[tuple[str, int, str]] = []

    def run(self) -> list[threading.Thread]:
        work = [self._read, self._read, self._write, self._write, self._fill_in]
        threads = [threading.Thread(target=one, args=(number,), daemon=True) for number, one in enumerate(work)]
        for thread in threads:
            thread.start()
        return threads

    def ask(self, number: int, path: str, body: bytes | None = None, headers: dict[str, str] | None = None):
        address = f"{self.addresses[number % len(self.addresses)]}{path}"
        request = urllib.request.Request(address, data=body, headers=headers or {})
        request.add_header("Authorization", f"Bearer {self.token}")
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read().decode()

    def _turns(self) -> Iterator[int]:
        turn = 0
        while not self.ended.is_set():
            yield turn
            turn += 1
            time.sleep(0.02)

    def _read(self, number: int) -> None:
        pages = ("/api/v1/saved-panels/", "/catalogue/", "/api/v1/version/", "/")
        for turn in self._turns():
            status, _, said = self.ask(number, pages[turn % len(pages)])
            self.reads.append((time.monotonic(), status, "" if status == 200 else said))

    def _write(self, number: int) -> None:
        for turn in self._turns():
            name = f"by {number}, the {turn}th"
            body = json.dumps({"name": name, "gene_list": "BRCA1, TP53"}).encode()
            status, headers, said = self.ask(
                number, "/api/v1/saved-panels/", body, {"Content-Type": "application/json"}
            )
            if status == 201:
                self.acknowledged.append(name)
            elif status == 503:
                self.refused.append((name, status, headers["Retry-After"]))
            else:
                self.odd.append((name, status, said))

    def _fill_in(self, number: int) -> None:
        """A form of a page. Its token is nobody's, so that it is refused unless the page is kept before that."""
        for turn in self._turns():
            typed = f"typed <{turn}> & kept"
            status, _, said = self.ask(
                number, "/announcements/1/dismiss/", urllib.parse.urlencode({"note": typed}).encode(), FORMS
            )
            if status == 503:
                self.kept.append((typed, said))


@pytest.fixture
def served(database_at, databases, tmp_path):
    """Two nodes of this release on a database with people. (Load, the environment of the nodes.)"""
    from accounts.actions.tokens import create_token
    from accounts.models import User

    name = database_at(NEWEST)
    grace = User.objects.get(username="grace")
    _, token = create_token(by=grace, name="load", scope="write", expires_at=timezone.now() + timedelta(days=1))
    connection.close()
    env = SOUND | {"DATABASE_URL": databases.address(name), "DEBUG": "True", "WEB_CONCURRENCY": "1"}
    env |= {f"RATE_LIMIT_PER_{span}": "0" for span in ("MINUTE", "HOUR", "DAY")}
    env |= {"MEDIA_ROOT": str(tmp_path / "uploads"), "AUDIT_CHECKPOINT_FILE": str(tmp_path / "audit.checkpoints")}
    nodes, addresses = [], []
    with (tmp_path / "nodes.log").open("wb") as log:
        for _ in range(2):
            port = free_port()
            own = environment(env | {"PORT": str(port)})
            nodes.append(
                subprocess.Popen([sys.executable, "-m", "gunicorn"], cwd=ROOT, env=own, stdout=log, stderr=log)
            )
            addresses.append(f"http://127.0.0.1:{port}")
    load = Load(addresses, token)
    try:
        for number, node in enumerate(nodes):
            while not _answers(load, number):
                assert node.poll() is None, (tmp_path / "nodes.log").read_text()
                time.sleep(0.1)
        yield load, environment(env)
    finally:
        load.ended.set()
        for node in nodes:
            node.terminate()
            node.wait(timeout=30)


def _answers(load: Load, number: int) -> bool:
    try:
        return load.ask(number, "/healthz")[0] == 200
    except OSError:
        return False


def wait_until(there, *, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_an_additive_release_is_taken_while_people_work(served, newer_code):
    load, env = served
    threads = load.run()
    wait_until(lambda: len(load.acknowledged) > 3 and len(load.reads) > 10)

    began = time.monotonic()
    command = [sys.executable, "manage.py", "upgrade", "--yes"]
    done = subprocess.run(command, cwd=newer_code, env=env, capture_output=True, text=True, timeout=300, check=False)
    ended = time.monotonic()
    before, turned_away = len(load.acknowledged), len(load.refused)
    wait_until(lambda: len(load.acknowledged) > before + 3)
    load.ended.set()
    for thread in threads:
        thread.join(timeout=90)

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"The database is at {LATER}" in done.stdout
    # Readers read on, the whole time.
    assert [(status, said[:300]) for _, status, said in load.reads if status != 200] == []
    assert len([at for at, _, _ in load.reads if began < at < ended]) > 20
    # Writers were told when to come again, and what they had typed came back.
    assert turned_away and {(status, after) for _, status, after in load.refused} == {(503, "10")}
    assert load.odd == []
    for typed, said in load.kept:
        [again] = re.findall(r'<input type="hidden" name="note" value="([^"]*)">', said)
        assert again == typed.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert load.kept
    # What was acknowledged is there once, with its entry in the record; what was refused is not.
    assert_kept(load)


def assert_kept(load: Load) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM saved_panels WHERE name LIKE 'by %' ORDER BY name")
        there = [name for (name,) in cursor.fetchall()]
    assert there == sorted(load.acknowledged)
    made = one("SELECT COUNT(*) FROM audit_log WHERE action_type = 'PANEL_CREATE' AND resource_type = 'savedpanel'")
    assert made >= len(there)
    assert one("SELECT COUNT(*) FROM saved_panels WHERE remark IS NULL") >= len(there)
    assert set(verify().kinds) <= {"unsealed"}
