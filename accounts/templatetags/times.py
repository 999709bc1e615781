"""Times as the reader reads them: in their zone, with its name, and in UTC for everybody on hover."""

from __future__ import annotations

from datetime import UTC, datetime

from django import template
from django.utils import timezone
from django.utils.dateformat import format as written
from django.utils.html import format_html

from accounts.zones import TimeFormat, current_reader, zone_abbreviation

register = template.Library()
CLOCKS = {TimeFormat.TWELVE: "g:i a", TimeFormat.TWENTY_FOUR: "H:i"}


def in_words(moment: datetime) -> str:
    """29 March 2026, 01:59 BST."""
    there = timezone.localtime(moment)
    clock = CLOCKS[TimeFormat(current_reader().time_format)]
    return f"{written(there, f'j F Y, {clock}')} {zone_abbreviation(there)}"


@register.filter
def utc_iso(moment: datetime) -> str:
    """2026-03-29T00:59:00Z, for programs that read the page."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


@register.filter
def local_words(moment: datetime | None) -> str:
    """The same as ``local_time``, as text alone."""
    return in_words(moment) if moment else ""


@register.filter
def local_time(moment: datetime | None) -> str:
    return _element(moment, in_words(moment)) if moment else ""


@register.filter
def local_day(moment: datetime | None) -> str:
    """The day it was or will be where the reader is."""
    return _element(moment, written(timezone.localtime(moment), "j F Y")) if moment else ""


@register.simple_tag
def reader_zone() -> str:
    """Europe/London (BST): what the times on this page are in."""
    zone, short = timezone.get_current_timezone_name(), zone_abbreviation(timezone.localtime())
    return zone if zone == short else f"{zone} ({short})"


def _element(moment: datetime, words: str) -> str:
    utc = f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return format_html('<time datetime="{}" title="{}">{}</time>', utc_iso(moment), utc, words)
