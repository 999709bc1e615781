"""Redis as the cache. When it is away or slow, nobody waits for it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any

from django_redis.cache import RedisCache as DjangoRedisCache
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


class Breaker:
    """Opens after ``failures`` failed or slow calls in a row; open, every call fails at once.

    After ``rest`` seconds one call tries, and what becomes of it decides: the
    others go on failing at once until then. Times are in seconds.
    """

    def __init__(
        self, *, failures: int = 3, slow: float = 0.1, rest: float = 5.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.failures, self.slow, self.rest, self.clock = failures, slow, rest, clock
        self._failed = 0
        self._try_at = 0.0
        self._lock = threading.Lock()

    @property
    def is_open(self) -> bool:
        return self._failed >= self.failures

    def call(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """What the function returns. ConnectionInterrupted when it failed or was not called."""
        if not self._lets_through():
            raise ConnectionInterrupted(None) from RedisConnectionError("Redis is left alone for some seconds")
        started = self.clock()
        try:
            result = function(*args, **kwargs)
        except ConnectionInterrupted:
            self._count(worked=False)
            raise
        except (RedisError, OSError) as error:
            self._count(worked=False)
            raise ConnectionInterrupted(None) from error
        self._count(worked=self.clock() - started <= self.slow)
        return result

    def _lets_through(self) -> bool:
        with self._lock:
            if self.is_open and self.clock() < self._try_at:
                return False
            if self.is_open:
                # This one tries; whoever comes meanwhile does not wait behind it.
                self._try_at = self.clock() + self.rest
            return True

    def _count(self, *, worked: bool) -> None:
        with self._lock:
            was_open = self.is_open
            self._failed = 0 if worked else self._failed + 1
            if self.is_open and not was_open:
                log.warning("Redis is away or slow. Everything goes on without it; it is tried every %g s.", self.rest)
            self._try_at = self.clock() + self.rest


@cache
def breaker_of(server: str) -> Breaker:
    """One for all threads of the process: each has a cache object of its own."""
    return Breaker()


class _Guarded:
    """A client of django_redis whose every call goes through the breaker."""

    def __init__(self, client: Any, breaker: Breaker) -> None:
        self._client, self._breaker = client, breaker

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        return partial(self._breaker.call, found) if callable(found) else found


class RedisCache(DjangoRedisCache):
    @property
    def client(self) -> Any:
        return _Guarded(super().client, self.breaker)

    @property
    def breaker(self) -> Breaker:
        return breaker_of(self._server)

    def add(self, *args: Any, **kwargs: Any) -> bool:
        """Without Redis as a cache that forgets at once: a lock is had, not waited for though nobody holds it."""
        stored = super().add(*args, **kwargs)
        return True if stored is None else stored

    def run_script(self, script: str, keys: Sequence[str], arguments: Sequence[int]) -> list[int]:
        """What a Lua script returns, at once or not at all. ConnectionInterrupted when Redis is away."""
        redis = super().client.get_client(write=True)
        return self.breaker.call(redis.register_script(script), keys=keys, args=arguments)
