"""Time zones: which there are, and which one a reader's times are shown in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.utils import timezone

DEFAULT_ZONE = "UTC"
# Keys of the session and name of the cookie in which a script of ours writes the browser's zone. It is a cookie
# and not a request of its own, so that looking around makes no session and needs no token against forgery.
SESSION_ZONE, SESSION_FORMAT = "timezone", "time_format"
COOKIE = "timezone"
# Files that stand beside the zones on some systems and are none.
_NO_ZONES = {"localtime", "posixrules", "Factory"}


class TimeFormat(StrEnum):
    TWELVE = "12h"
    TWENTY_FOUR = "24h"


class Source(StrEnum):
    """Who said so. In this order: what the person chose, what was set for this session, the browser, nobody."""

    PREFERENCE = "preference"
    SESSION = "session"
    BROWSER = "browser"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Reader:
    """In which zone and format somebody reads times."""

    zone: str = DEFAULT_ZONE
    source: Source = Source.DEFAULT
    time_format: str = TimeFormat.TWENTY_FOUR

    @property
    def has_chosen(self) -> bool:
        return self.source in (Source.PREFERENCE, Source.SESSION)


NOBODY = Reader()
_current: ContextVar[Reader] = ContextVar("reader", default=NOBODY)


@cache
def available_zones() -> tuple[str, ...]:
    """The names of all zones, sorted; from the system, or from tzdata where it has none."""
    return tuple(sorted(available_timezones() - _NO_ZONES))


@cache
def _known() -> frozenset[str]:
    return frozenset(available_zones())


def is_zone(name: object) -> bool:
    """Whether this is a zone's exact name. Nothing else ever reaches the files in which zones lie."""
    return isinstance(name, str) and name in _known()


@cache
def zone_info(name: str) -> ZoneInfo:
    """The zone of a name that ``is_zone``. Kept, because reading all of them takes a while."""
    return ZoneInfo(name)


def zone_abbreviation(moment: datetime) -> str:
    """BST, or UTC+05:45 where a zone has only numbers."""
    name = moment.tzname() or DEFAULT_ZONE
    if name[0] not in "+-":
        return name
    return f"UTC{name[:3]}:{name[3:]}" if name[3:] else f"UTC{name}"


def reader_of(user: Any, session: Mapping[str, Any], cookies: Mapping[str, str]) -> Reader:
    """What holds for this person in this browser. A stored name that is no zone is passed over."""
    preference, time_format = None, session.get(SESSION_FORMAT)
    if user.is_authenticated:
        if user.timezone_is_chosen:
            preference, time_format = user.timezone_preference, None
        time_format = time_format or user.time_format
    said = {
        Source.PREFERENCE: preference,
        Source.SESSION: session.get(SESSION_ZONE),
        Source.BROWSER: cookies.get(COOKIE),
        Source.DEFAULT: DEFAULT_ZONE,
    }
    source, zone = next((source, zone) for source, zone in said.items() if is_zone(zone))
    return Reader(zone, source, time_format if time_format in list(TimeFormat) else TimeFormat.TWENTY_FOUR)


def current_reader() -> Reader:
    """Who reads what is being made now."""
    return _current.get()


@contextmanager
def reading_as(reader: Reader) -> Iterator[None]:
    """Inside, Django's templates and forms speak in the reader's zone."""
    token = _current.set(reader)
    try:
        with timezone.override(zone_info(reader.zone)):
            yield
    finally:
        _current.reset(token)
