"""What is odd, as data: rates and differences, never the words somebody typed. Pure.

Quotes and SQL words are normal in a phenotype, so nothing is refused for its
content. A rule counts signals of one kind for one actor in a time; the
sensitivity of the installation moves all thresholds.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

SENSITIVITY = {"LOW": 2.0, "MEDIUM": 1.0, "HIGH": 0.5}


class Signal(StrEnum):
    """What is counted. The first four are answers with that status."""

    REFUSED_STRANGER = "401"
    REFUSED = "403"
    NOT_FOUND = "404"
    MALFORMED = "400"
    SPRAYED = "sign-in failed, other account"
    GUESSED = "sign-in failed, same account"


@dataclass(frozen=True, slots=True)
class Rule:
    """``threshold`` signals within ``seconds`` make ``action``; ``distinct`` counts different subjects, such as
    accounts. ``blocks`` is what is closed to the network then: "" nothing, "sign_in", "all"."""

    signal: Signal
    threshold: int
    seconds: int
    action: str
    sentence: str
    distinct: bool = False
    blocks: str = ""


def rules(*, brute_force_threshold: int, lockout_seconds: int) -> dict[Signal, Rule]:
    """The rules of an installation, at sensitivity medium."""
    return {
        rule.signal: rule
        for rule in (
            Rule(Signal.REFUSED_STRANGER, 40, 300, "SUSPICIOUS_ACTIVITY", "asked for much without signing in"),
            Rule(Signal.REFUSED, 10, 300, "PRIVILEGE_ESCALATION", "tried again and again what the role may not do"),
            Rule(
                Signal.NOT_FOUND,
                60,
                300,
                "SUSPICIOUS_ACTIVITY",
                "asked for many things that are not there",
                blocks="all",
            ),
            Rule(Signal.MALFORMED, 60, 300, "SUSPICIOUS_ACTIVITY", "sent many malformed requests", blocks="all"),
            Rule(
                Signal.SPRAYED,
                brute_force_threshold,
                lockout_seconds,
                "BRUTE_FORCE_ATTEMPT",
                "failed to sign in to many different accounts",
                distinct=True,
                blocks="sign_in",
            ),
            Rule(
                Signal.GUESSED,
                3,
                3600,
                "SUSPICIOUS_ACTIVITY",
                "signed in from a new network after failed attempts",
            ),
        )
    }


def threshold_of(rule: Rule, sensitivity: str) -> int:
    """How many signals it takes here: twice as many at low, half at high, one at least."""
    return max(1, round(rule.threshold * SENSITIVITY[sensitivity]))
