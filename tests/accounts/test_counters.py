"""F-9: what is admitted is the limit, over all workers, in Redis, in the database, and where one follows the other."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import DatabaseError
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone

from accounts.counters import count, forget, sweep
from accounts.models import RateWindow
from panelmerge.lib.budgets import Budget
from tests.browser.serving import database
from tests.panelmerge.running import ROOT, SOUND, environment, run

MINUTE = Budget("ada:minute", "minute", 5)
HOUR = Budget("ada:hour", "hour", 8)
WORKERS, TRIES, LIMIT = 4, 300, 600


@pytest.fixture(autouse=True)
def _nothing_seen():
    forget()
    yield
    forget()


@pytest.fixture(params=["redis", "database"])
def store(request, settings):
    """Either of the two, each alone."""
    if request.param == "redis":
        own = request.getfixturevalue("own_redis")
        settings.CACHES = own.cache_settings(SOCKET_CONNECT_TIMEOUT=5, SOCKET_TIMEOUT=5)
    else:
        settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    request.getfixturevalue("db")
    return request.param


def admitted(tries: int, *budgets: Budget) -> int:
    return sum(count(budgets, brief=False).admitted for _ in range(tries))


def test_exactly_the_limit_is_admitted(store):
    assert admitted(20, MINUTE) == 5


def test_every_window_holds_and_a_refused_request_is_charged_to_none(store):
    first = admitted(20, MINUTE, HOUR)

    later = admitted(20, Budget("ada:another minute", "minute", 5), HOUR)

    assert (first, later) == (5, 3)


def test_the_verdict_says_where_one_stands(store):
    count([MINUTE, HOUR], brief=False)

    verdict = count([MINUTE, HOUR], brief=False)

    assert verdict.admitted
    assert {standing.budget.window: standing.used for standing in verdict.standings} == {"minute": 2, "hour": 2}
    assert verdict.tightest.budget == MINUTE
    assert 55 < verdict.tightest.left <= 60


def test_a_refusal_says_when_the_window_ends(store):
    admitted(5, MINUTE)

    verdict = count([MINUTE, HOUR], brief=False)

    assert not verdict.admitted
    assert (verdict.tightest.budget, verdict.tightest.remaining) == (MINUTE, 0)
    assert 55 < verdict.tightest.left <= 60


@pytest.mark.django_db
def test_a_window_begins_anew_when_it_is_over(settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        admitted(9, MINUTE)

    with time_machine.travel(start + timedelta(seconds=59), tick=False):
        before = admitted(1, MINUTE)
    with time_machine.travel(start + timedelta(seconds=60), tick=False):
        after = admitted(9, MINUTE)

    assert (before, after) == (0, 5)


def test_redis_forgets_a_window_by_its_own_clock(settings, own_redis, db):
    settings.CACHES = own_redis.cache_settings(SOCKET_CONNECT_TIMEOUT=5, SOCKET_TIMEOUT=5)
    admitted(9, MINUTE)
    [key] = own_redis.client().keys("*")

    own_redis.client().pexpire(key, 1)
    while own_redis.client().exists(key):
        pass

    assert admitted(9, MINUTE) == 5
    assert 0 < own_redis.client().pttl(key) <= 60_000


def test_the_database_goes_on_where_redis_stopped(settings, own_redis, db):
    settings.CACHES = own_redis.cache_settings()
    first = admitted(3, MINUTE)
    own_redis.kill()

    second = admitted(20, MINUTE)

    assert (first, second) == (3, 2)
    assert RateWindow.objects.get().count == 5


def test_redis_goes_on_where_the_database_stopped(settings, own_redis, db):
    """Flapping does not give another budget."""
    settings.CACHES = own_redis.cache_settings()
    own_redis.kill()
    first = admitted(3, MINUTE)
    own_redis.start()
    cache.breaker._try_at = 0

    second = admitted(20, MINUTE)

    assert (first, second) == (3, 2)
    assert own_redis.client().keys("*") != []


def test_nothing_is_said_when_neither_can_count(settings, own_redis, db, monkeypatch):
    def broken(*args, **kwargs):
        raise DatabaseError("gone")

    settings.CACHES = own_redis.cache_settings()
    own_redis.kill()
    monkeypatch.setattr("accounts.counters.RateWindow.objects.raw", broken)
    monkeypatch.setattr(SQLCompiler, "execute_sql", broken)

    assert count([MINUTE], brief=False) is None


def test_windows_that_are_over_are_swept_and_others_stay(db):
    now = timezone.now()
    RateWindow.objects.create(key="over", count=1, ends_at=now - timedelta(seconds=1))
    RateWindow.objects.create(key="on", count=1, ends_at=now + timedelta(seconds=60))

    deleted = sweep()

    assert deleted == 1
    assert RateWindow.objects.get().key == "on"


def start_workers(folder, **settings: str) -> list[subprocess.Popen]:
    """Processes that ask at the same time."""
    go = folder / "go"
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.accounts.counting", str(go), str(TRIES), str(LIMIT)],
            cwd=ROOT,
            env=environment(SOUND | {"DJANGO_SETTINGS_MODULE": "tests.settings", "LOG_LEVEL": "ERROR"} | settings),
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(WORKERS)
    ]
    for worker in workers:
        assert worker.stdout.readline() == "ready\n"
    go.touch()
    return workers


def admitted_by(workers: list[subprocess.Popen]) -> int:
    return sum(int(worker.communicate(timeout=60)[0]) for worker in workers)


@pytest.fixture
def counting_database(tmp_path):
    """The address of a database with the table that counts."""
    with database(tmp_path) as address:
        made = run("manage.py", "migrate", "accounts", **(SOUND | {"DATABASE_URL": address}))
        assert made.returncode == 0, made.stdout
        yield address


def patient(own_redis) -> str:
    """A busy machine is no reason to count elsewhere."""
    return f"{own_redis.address}&socket_timeout=5&socket_connect_timeout=5"


def test_workers_together_admit_exactly_the_limit_with_redis(tmp_path, own_redis):
    workers = start_workers(tmp_path, REDIS_URL=patient(own_redis), DATABASE_URL="sqlite://:memory:")

    assert admitted_by(workers) == LIMIT


def test_workers_together_admit_exactly_the_limit_without_redis(tmp_path, counting_database):
    workers = start_workers(tmp_path, DATABASE_URL=counting_database)

    assert admitted_by(workers) == LIMIT


def test_redis_killed_in_the_middle_gives_nobody_a_second_budget(tmp_path, own_redis, counting_database):
    """What one worker let in before the others knew of it is a few when Redis dies, not another half of the limit."""
    workers = start_workers(tmp_path, REDIS_URL=patient(own_redis), DATABASE_URL=counting_database)
    with own_redis.client() as client:
        while int(client.get("panelmerge:1:rate:somebody:minute") or 0) < LIMIT // 2:
            pass
    own_redis.kill()

    # What Redis counted as it died, and told nobody, is spent (below): at most the one that each worker asked for.
    assert LIMIT - WORKERS <= admitted_by(workers) <= LIMIT + 5 * WORKERS


def test_what_redis_counted_as_it_died_and_told_nobody_is_spent(settings, own_redis, db):
    """Another worker has seen the count that it led to. The request itself is asked again, in the database."""
    settings.CACHES = own_redis.cache_settings()
    first = admitted(2, MINUTE)
    [key] = own_redis.client().keys("*")
    own_redis.client().incr(key)
    second = admitted(1, MINUTE)
    own_redis.kill()

    assert (first, second, admitted(20, MINUTE)) == (2, 1, 1)
