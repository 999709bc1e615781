"""F-1, SP-02, SP-17: many writers at one panel, over HTTP, at real workers. None lost, no number missing, no 5xx.

A few writers here; 32 of 50 edits on PostgreSQL and 8 of 50 on SQLite in ``make proof``.
"""

from __future__ import annotations

import http.client
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from tests.browser.serving import database, served
from tests.panelmerge.running import SOUND, run
from tests.panels.library.asking import BASE

POSTGRESQL = os.environ.get("DATABASE_URL", "").startswith("postgres")
WRITERS, EDITS = ((32 if POSTGRESQL else 8), 50) if os.environ.get("PANELMERGE_PROOF") else (6, 6)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("writers")
    with database(folder) as address:
        settings = {"DATABASE_URL": address, "WEB_CONCURRENCY": "3", "REDIS_URL": os.environ.get("REDIS_URL", "")}
        with served(folder, **settings) as url:
            yield url, SOUND | settings | {"LOG_LEVEL": "ERROR", "DJANGO_SETTINGS_MODULE": "tests.settings"}


@pytest.fixture(scope="module")
def made(site):
    return told(site[1], "make")


def told(settings: dict[str, str], *arguments: str) -> dict:
    done = run("-m", "tests.panels.library.writers", *arguments, **settings)
    assert done.returncode == 0, done.stdout
    return json.loads(done.stdout.splitlines()[-1])


class Writer:
    """One program with a connection of its own. Half of them name the version they read, half do not."""

    def __init__(self, url: str, token: str, panel: int, genes: list[str], is_blind: bool) -> None:
        self.connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=120)
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self.path, self.genes, self.is_blind = f"{BASE}{panel}/", genes, is_blind
        self.statuses: list[int] = []
        self.accepted: list[str] = []
        self.longest = 0.0

    def ask(self, method: str, body: dict | None = None, **headers: str) -> str:
        """The ETag of the answer, "" without one."""
        begun = time.monotonic()
        content = None if body is None else json.dumps(body)
        self.connection.request(method, self.path, content, self.headers | headers)
        answer = self.connection.getresponse()
        answer.read()
        self.longest = max(self.longest, time.monotonic() - begun)
        self.statuses.append(answer.status)
        return answer.headers.get("ETag", "")

    def work(self) -> Writer:
        tag = "" if self.is_blind else self.ask("GET")
        for gene in self.genes:
            while True:
                headers = {"If-Match": tag} if tag else {}
                tag = self.ask("PATCH", {"gene_changes": {"add": [gene]}}, **headers)
                if self.statuses[-1] == 200:
                    self.accepted.append(gene)
                if self.statuses[-1] != 412:
                    break
        self.connection.close()
        return self


def test_of_many_writers_at_one_panel_no_edit_is_lost(site, made):
    url, settings = site
    shares = [made["genes"][place * EDITS : (place + 1) * EDITS] for place in range(WRITERS)]
    writers = [Writer(url, made["token"], made["panel"], share, bool(place % 2)) for place, share in enumerate(shares)]

    with ThreadPoolExecutor(WRITERS) as pool:
        done = list(pool.map(Writer.work, writers))

    seen = told(settings, "look", str(made["panel"]))
    accepted = sorted(gene for writer in done for gene in writer.accepted)
    assert {status for writer in done for status in writer.statuses} <= {200, 412, 428}
    assert {status for writer in done if writer.is_blind for status in writer.statuses} == {428}
    assert len(accepted) == WRITERS // 2 * EDITS
    assert seen["genes"] == seen["rows"] == seen["added"] == accepted
    assert seen["numbers"] == list(range(1, len(accepted) + 2))
    assert seen["sizes"] == list(range(len(accepted) + 1))
    assert seen["is_fold"]
    assert seen["head"] == [len(accepted), len(accepted) + 1, len(accepted) + 1]


def test_a_post_that_many_send_under_one_key_is_done_once(site, made):
    """A-6: also when they come at the same instant."""
    writers = [Writer(site[0], made["token"], made["panel"], [], True) for _ in range(6)]
    for writer in writers:
        writer.path = BASE

    def create(writer: Writer) -> str:
        tag = writer.ask("POST", {"name": "Once"}, **{"Idempotency-Key": "k"})
        writer.connection.close()
        return tag

    with ThreadPoolExecutor(6) as pool:
        tags = set(pool.map(create, writers))

    assert len(tags) == 1
    assert {status for writer in writers for status in writer.statuses} == {201}
