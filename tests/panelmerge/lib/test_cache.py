"""F-18: a Redis that is away, slow or unwilling costs next to nothing, and is used again when it is back."""

from __future__ import annotations

import time

import pytest
from django.core.cache import cache
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import AuthenticationError

from panelmerge.lib.cache import Breaker, breaker_of


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def breaker(clock):
    return Breaker(clock=clock)


def fail():
    raise ConnectionRefusedError


def trip(breaker) -> None:
    for _ in range(breaker.failures):
        with pytest.raises(ConnectionInterrupted):
            breaker.call(fail)


def test_three_failures_open_it_and_nobody_is_called_any_more(breaker):
    calls = []
    trip(breaker)

    with pytest.raises(ConnectionInterrupted):
        breaker.call(calls.append, 1)

    assert breaker.is_open and calls == []


def test_slow_calls_count_as_failures_and_keep_their_result(breaker, clock):
    def slow():
        clock.now += 0.2
        return "late"

    answers = [breaker.call(slow) for _ in range(3)]

    assert answers == ["late"] * 3
    assert breaker.is_open


def test_a_call_that_works_forgives_the_failures_before_it(breaker):
    for _ in range(5):
        with pytest.raises(ConnectionInterrupted):
            breaker.call(fail)
        breaker.call(str)

    assert not breaker.is_open


def test_after_a_rest_one_call_tries_and_the_others_do_not_wait_for_it(breaker, clock):
    trip(breaker)
    clock.now += breaker.rest
    calls = []

    def tries():
        with pytest.raises(ConnectionInterrupted):
            breaker.call(calls.append, "another")
        calls.append("this one")

    breaker.call(tries)

    assert calls == ["this one"]
    assert not breaker.is_open


def test_a_trial_that_fails_costs_one_call_only(breaker, clock):
    trip(breaker)
    clock.now += breaker.rest
    with pytest.raises(ConnectionInterrupted):
        breaker.call(fail)

    with pytest.raises(ConnectionInterrupted, match="left alone"):
        breaker.call(str)


def test_a_wrong_password_is_a_failure_like_another(breaker):
    def refused():
        raise AuthenticationError("WRONGPASS")

    with pytest.raises(ConnectionInterrupted):
        breaker.call(refused)

    assert breaker._failed == 1


def test_what_is_our_own_fault_is_not_hidden(breaker):
    with pytest.raises(TypeError):
        breaker.call(len)

    assert not breaker.is_open


def test_a_cache_without_its_redis_finds_nothing_and_raises_nothing(settings, own_redis):
    settings.CACHES = own_redis.cache_settings()
    cache.set("panel", {"name": "Epilepsy"})
    before = cache.get("panel")
    held = [cache.add("lock", 1), cache.add("lock", 1)]

    own_redis.kill()

    assert (before, held) == ({"name": "Epilepsy"}, [True, False])
    assert [cache.get("panel", "nothing") for _ in range(5)] == ["nothing"] * 5
    assert cache.get_many(["panel"]) == {}
    assert not cache.set("panel", 1)
    assert cache.add("panel:lock", 1)
    assert breaker_of(own_redis.address).is_open


def test_a_redis_that_hangs_is_asked_three_times_and_then_left_alone(settings, own_redis):
    settings.CACHES = own_redis.cache_settings()
    cache.set("panel", 1)
    own_redis.hang()
    breaker, asked = breaker_of(own_redis.address), []
    for _ in range(3):
        cache.get("panel")

    breaker.clock = lambda: asked.append(1) or time.monotonic()
    answers = [cache.get("panel") for _ in range(100)]

    assert answers == [None] * 100
    # Once to see that it is left alone; a call that was made would have looked at the clock again.
    assert breaker.is_open and len(asked) == 100


def test_a_redis_that_is_back_is_used_again(settings, own_redis):
    settings.CACHES = own_redis.cache_settings()
    breaker = breaker_of(own_redis.address)
    own_redis.kill()
    for _ in range(3):
        cache.get("panel")
    own_redis.start()

    breaker._try_at = 0
    cache.set("panel", "Epilepsy")

    assert cache.get("panel") == "Epilepsy"


def test_a_redis_that_takes_nothing_more_costs_only_what_it_would_have_kept(settings, own_redis):
    """Out of memory."""
    settings.CACHES = own_redis.cache_settings()
    cache.set("kept", 1)
    own_redis.client().config_set("maxmemory", "1")

    assert not cache.set("panel", "x" * 1000)
    assert cache.get("kept") == 1
