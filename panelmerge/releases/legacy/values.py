"""What the older application's values become, pure: times, roles, words, hashes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

# The first day on which a version wrote local times. What is older may be UTC although the database is newer.
FIRST_LOCAL = datetime(2025, 8, 2)
# Beyond these no zone can show a moment; 9999-12-31 is what people write who mean never.
FIRST_SHOWN, LAST_SHOWN = datetime(1, 1, 3), datetime(9999, 12, 29, 23, 59, 59)
ROLES = ("VIEWER", "USER", "EDITOR", "ADMIN")
NOBODYS = "@panelmerge.local"
_HIDDEN_TAG = re.compile(r"^tag:(?P<name>.+):(?P<kind>[A-Z]+)$", re.DOTALL)


@dataclass
class Clock:
    """From naive times of a zone to UTC. Counts what does not fit the zone."""

    zone: ZoneInfo
    now: datetime
    never: int = 0
    ahead: int = 0
    early: int = 0
    unreadable: int = 0
    beyond: int = 0

    def __post_init__(self) -> None:
        self.soon = self.now + timedelta(minutes=5)

    def utc(self, value: str | datetime | None) -> datetime | None:
        """The moment. A local time that a clock skipped is taken as if it had not; one that it showed twice, as the
        first. None for what is no time."""
        if value is None or value == "":
            return None
        if isinstance(value, str):
            try:
                value = datetime.fromisoformat(value.strip())
            except ValueError:
                self.unreadable += 1
                return None
        if not 1 < value.year < 9999 and not FIRST_SHOWN <= value.replace(tzinfo=None) <= LAST_SHOWN:
            self.beyond += 1
            value = FIRST_SHOWN if value.year == 1 else LAST_SHOWN
        if value.tzinfo is not None:
            return value.astimezone(UTC)
        if self.zone.key == "UTC":
            moment = value.replace(tzinfo=UTC)
        else:
            moment = value.replace(tzinfo=self.zone).astimezone(UTC)
            if moment.astimezone(self.zone).replace(tzinfo=None) != value:
                self.never += 1
        if moment > self.soon:
            self.ahead += 1
        if value < FIRST_LOCAL:
            self.early += 1
        return moment

    def past(self, value: str | datetime | None) -> datetime | None:
        """The same for a time that may well lie ahead, as the end of a share does."""
        ahead = self.ahead
        moment = self.utc(value)
        self.ahead = ahead
        return moment


def role_of(text: str | None) -> tuple[str, bool]:
    """(role, whether it is what stood there but for its case)."""
    upper = (text or "").strip().rpartition(".")[2].upper()
    return (upper, True) if upper in ROLES else ("USER", False)


def hash_of(text: str) -> str:
    """A Werkzeug hash as ours keeps it; anything else as it is, which matches no password."""
    return f"werkzeug${text}" if text.startswith(("scrypt:", "pbkdf2:")) else text


def hidden_tags(storage_path: str | None) -> list[tuple[str, str]]:
    """[(name, kind)] of the tags that the older application's restore wrote into ``storage_path``."""
    parts = (storage_path or "").split("|")
    return [(found["name"][:100], found["kind"]) for part in parts if (found := _HIDDEN_TAG.match(part.strip()))]
