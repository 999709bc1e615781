"""F-11: what is ended is over with the next request, on every worker, with Redis up, flushed, hanging or down."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
from urllib.parse import urlsplit

import pytest

from tests.accounts.ending import HOWS
from tests.browser.serving import database, served
from tests.panelmerge.running import ROOT, SOUND, environment

ROUNDS = 1000 if os.environ.get("PANELMERGE_PROOF") else 50
REDIS = ("up", "flushed", "hanging", "down")


@pytest.fixture
def site(tmp_path, own_redis):
    with database(tmp_path) as address:
        changed = {"DATABASE_URL": address, "REDIS_URL": own_redis.address, "WEB_CONCURRENCY": "3"}
        with served(tmp_path, **changed) as url:
            yield url, changed


@pytest.fixture
def administrator(site):
    settings = SOUND | {"DJANGO_SETTINGS_MODULE": "tests.settings", "LOG_LEVEL": "ERROR"} | site[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.accounts.ending"],
        cwd=ROOT,
        env=environment(settings),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def ask(line: str) -> str:
        process.stdin.write(line + "\n")
        process.stdin.flush()
        answer = process.stdout.readline().strip()
        assert answer, f"{line} failed"
        return answer

    yield ask
    process.stdin.close()
    process.stdout.close()
    process.wait(timeout=30)


def status(url: str, key: str) -> int:
    """Over a connection of its own, so that any worker answers."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
    connection.request("GET", "/account/email/", headers={"Cookie": f"sessionid={key}"})
    answer = connection.getresponse().status
    connection.close()
    return answer


def test_an_ended_session_is_over_on_every_worker(site, administrator, own_redis):
    url, found = site[0], []
    for number in range(ROUNDS):
        state, how = REDIS[number * len(REDIS) // ROUNDS], HOWS[number % len(HOWS)]
        key = administrator("open")
        before = {status(url, key) for _ in range(3)}
        if state == "hanging" and number == ROUNDS // 2:
            own_redis.hang()
        if state == "down" and own_redis.process.poll() is None:
            own_redis.kill()

        administrator(f"end {how} {key}")
        if state == "flushed":
            own_redis.client().flushall()

        found.append((state, how, before, {status(url, key) for _ in range(4)}))

    assert [one for one in found if one[2:] != ({200}, {302})] == []
    assert len(found) == ROUNDS
