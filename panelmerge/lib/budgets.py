"""How many requests somebody may still make: the rule, without a clock and without a store.

A budget is a number of requests in a window that begins with its first request.
A request is admitted when every budget it draws on has something left, and then
draws one from each; a refused one draws nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

SECONDS = {"minute": 60, "hour": 3600, "day": 86400}


@dataclass(frozen=True, slots=True)
class Budget:
    """``key`` names whose it is and of which window, ``window`` is minute, hour or day."""

    key: str
    window: str
    limit: int

    @property
    def seconds(self) -> int:
        return SECONDS[self.window]


@dataclass(frozen=True, slots=True)
class Standing:
    """``used`` with the request that was just admitted, ``left`` seconds to the end of the window."""

    budget: Budget
    used: int
    left: float

    @property
    def remaining(self) -> int:
        return max(0, self.budget.limit - self.used)

    @property
    def reset(self) -> int:
        """Whole seconds, at least one: who waits so long finds a new window."""
        return max(1, math.ceil(round(self.left, 3)))


@dataclass(frozen=True, slots=True)
class Verdict:
    """``standings`` has one for each budget and is never empty."""

    admitted: bool
    standings: Sequence[Standing]

    @property
    def tightest(self) -> Standing:
        """The one with the least left; of several the one that takes longest to begin anew."""
        return min(self.standings, key=lambda standing: (standing.remaining, -standing.left))

    def headers(self) -> dict[str, str]:
        """``RateLimit-…`` of the tightest budget, and ``Retry-After`` for who was refused."""
        tightest = self.tightest
        found = {
            "RateLimit-Limit": str(tightest.budget.limit),
            "RateLimit-Remaining": str(tightest.remaining),
            "RateLimit-Reset": str(tightest.reset),
        }
        return found if self.admitted else found | {"Retry-After": str(tightest.reset)}
