"""The rule of the limits: which budget speaks for all."""

from __future__ import annotations

import pytest

from panelmerge.lib.budgets import Budget, Standing, Verdict

MINUTE = Budget("ada:minute", "minute", 60)
HOUR = Budget("ada:hour", "hour", 1000)


def test_the_headers_are_those_of_the_budget_with_the_least_left():
    verdict = Verdict(True, [Standing(MINUTE, 10, 30.2), Standing(HOUR, 990, 1800)])

    assert verdict.headers() == {
        "RateLimit-Limit": "1000",
        "RateLimit-Remaining": "10",
        "RateLimit-Reset": "1800",
    }


def test_who_is_refused_waits_for_the_last_of_the_full_windows():
    verdict = Verdict(False, [Standing(MINUTE, 60, 30.2), Standing(HOUR, 1000, 1800)])

    assert verdict.headers()["Retry-After"] == "1800"


@pytest.mark.parametrize(("left", "told"), [(30.2, 31), (30, 30), (60.0000004, 60), (0.001, 1), (0, 1)])
def test_who_waits_as_long_as_told_finds_a_new_window(left, told):
    assert Standing(MINUTE, 60, left).reset == told


def test_less_than_nothing_is_never_left():
    """Two stores may have counted together more than the limit."""
    assert Standing(MINUTE, 63, 1).remaining == 0
