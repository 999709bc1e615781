"""Where requests are counted: in Redis, or in the database while there is none.

Both admit a request only when all of its budgets have something left, in one
step for all workers. A process remembers what it saw last; when the other store
has to go on, it starts from there, so that a Redis that comes and goes does not
give everybody a second budget.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from django.core.cache import cache
from django.db import DatabaseError, connection, transaction
from django_redis.exceptions import ConnectionInterrupted

from accounts.models import RateWindow
from panelmerge.lib.budgets import Budget, Standing, Verdict

# Redis' own clock ends the windows. For each key: limit, milliseconds, and what was counted elsewhere with its rest.
SCRIPT = """
local used, left, admitted = {}, {}, 1
for i, key in ipairs(KEYS) do
  local at = (i - 1) * 4
  used[i], left[i] = tonumber(redis.call('GET', key) or '0'), redis.call('PTTL', key)
  if left[i] <= 0 then used[i], left[i] = 0, tonumber(ARGV[at + 2]) end
  if tonumber(ARGV[at + 3]) > used[i] then used[i], left[i] = tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4]) end
  if used[i] >= tonumber(ARGV[at + 1]) then admitted = 0 end
end
local answer = {admitted}
for i, key in ipairs(KEYS) do
  if admitted == 1 then
    used[i] = used[i] + 1
    redis.call('SET', key, used[i], 'PX', left[i])
  end
  answer[#answer + 1], answer[#answer + 2] = used[i], left[i]
end
return answer
"""
STATEMENT = """
INSERT INTO rate_window ("key", "count", ends_at) VALUES (%(key)s, %(count)s, %(ends)s)
ON CONFLICT ("key") DO UPDATE SET
  "count" = CASE WHEN rate_window.ends_at <= %(now)s OR rate_window."count" < excluded."count" THEN excluded."count"
                 ELSE rate_window."count" + 1 END,
  ends_at = CASE WHEN rate_window.ends_at <= %(now)s THEN excluded.ends_at ELSE rate_window.ends_at END
WHERE rate_window.ends_at <= %(now)s OR rate_window."count" < %(limit)s
RETURNING "key", "count", ends_at
"""
REDIS, DATABASE = "redis", "database"
# What one process remembers, at most.
MOST_REMEMBERED = 10_000
# Ended windows are swept once in so many requests, so many at a time.
SWEPT_EVERY = 500
SWEPT_AT_ONCE = 5_000
# SQLite has one writer. Who only reads does not wait for long behind a catalogue that is being loaded.
BRIEF_MILLISECONDS = 1_000

# key: (store, used, end of the window as seconds since 1970)
_seen: dict[str, tuple[str, int, float]] = {}
_counted = itertools.count(1)


class _Full(Exception):
    """Undoes what other budgets of the same request were charged."""


def count(budgets: Sequence[Budget], *, brief: bool) -> Verdict | None:
    """Count one request, unless one of its budgets is used up; None when nothing can be counted just now.

    ``brief``: rather not counted than kept waiting for SQLite's one writer.
    """
    # Everybody locks rows in the same order.
    budgets = sorted(budgets, key=lambda budget: budget.key)
    try:
        verdict, store = _in_redis(budgets), REDIS
    except ConnectionInterrupted:
        verdict, store = count_in_database(budgets, brief=brief), DATABASE
    if verdict is not None:
        _remember(store, verdict)
    return verdict


def _in_redis(budgets: Sequence[Budget]) -> Verdict:
    if not hasattr(cache, "run_script"):
        raise ConnectionInterrupted(None)
    arguments = []
    for budget in budgets:
        elsewhere, left = _counted_elsewhere(budget, REDIS)
        arguments += [budget.limit, budget.seconds * 1000, elsewhere, max(1, int(left * 1000))]
    keys = [cache.make_key(f"rate:{budget.key}") for budget in budgets]
    admitted, *found = cache.run_script(SCRIPT, keys, arguments)
    standings = [
        Standing(budget, int(used), left / 1000)
        for budget, used, left in zip(budgets, found[::2], found[1::2], strict=True)
    ]
    return Verdict(bool(admitted), standings)


def count_in_database(budgets: Sequence[Budget], *, brief: bool = False) -> Verdict | None:
    """As ``count``, for what a flushed Redis must not forget."""
    now = time.time()
    hurried = brief and connection.vendor == "sqlite" and not connection.in_atomic_block
    try:
        if hurried:
            _wait_for_the_writer(BRIEF_MILLISECONDS)
        try:
            verdict = _charge(budgets, now)
        finally:
            if hurried:
                _wait_for_the_writer(int(connection.settings_dict["OPTIONS"].get("timeout", 5) * 1000))
        if next(_counted) % SWEPT_EVERY == 0:
            sweep()
    except DatabaseError:
        return None
    return verdict


def _charge(budgets: Sequence[Budget], now: float) -> Verdict:
    standings = []
    try:
        with transaction.atomic():
            for budget in budgets:
                standings.append(_charged(budget, now))
    except _Full:
        return Verdict(False, _standings(budgets, now))
    return Verdict(True, standings)


def _charged(budget: Budget, now: float) -> Standing:
    elsewhere, left = _counted_elsewhere(budget, DATABASE)
    if elsewhere >= budget.limit:
        raise _Full
    said = {
        "key": budget.key,
        "count": elsewhere + 1,
        "ends": _moment(now + (left if elsewhere else budget.seconds)),
        "now": _moment(now),
        "limit": budget.limit,
    }
    rows = list(RateWindow.objects.raw(STATEMENT, said))
    if not rows:
        raise _Full
    return Standing(budget, rows[0].count, rows[0].ends_at.timestamp() - now)


def _standings(budgets: Sequence[Budget], now: float) -> list[Standing]:
    rows = RateWindow.objects.filter(ends_at__gt=_moment(now)).in_bulk([budget.key for budget in budgets])
    found = []
    for budget in budgets:
        used, left = _counted_elsewhere(budget, DATABASE)
        row = rows.get(budget.key)
        if row and row.count >= used:
            used, left = row.count, row.ends_at.timestamp() - now
        found.append(Standing(budget, used, left or budget.seconds))
    return found


def _wait_for_the_writer(milliseconds: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA busy_timeout = {milliseconds:d}")


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _counted_elsewhere(budget: Budget, store: str) -> tuple[int, float]:
    """(requests, seconds left) that this process last saw in the other store; (0, 0) when that window is over."""
    seen_in, used, ends = _seen.get(budget.key, (store, 0, 0.0))
    left = ends - time.time()
    return (used, left) if seen_in != store and left > 0 else (0, 0.0)


def _remember(store: str, verdict: Verdict) -> None:
    now = time.time()
    if len(_seen) >= MOST_REMEMBERED:
        _seen.clear()
    for standing in verdict.standings:
        _seen[standing.budget.key] = (store, standing.used, now + standing.left)


def forget() -> None:
    """What this process saw; for tests."""
    _seen.clear()


def sweep() -> int:
    """Delete rows of windows that are over; how many."""
    over = RateWindow.objects.filter(ends_at__lt=_moment(time.time()))
    with transaction.atomic():
        # Rows that somebody is counting on stay for the next time, so that nobody waits for anybody crosswise.
        ended = over.select_for_update(skip_locked=True).values_list("pk", flat=True)[:SWEPT_AT_ONCE]
        deleted, _ = RateWindow.objects.filter(pk__in=list(ended)).delete()
    return deleted
