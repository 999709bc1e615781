"""Days and moments that people name: within what every time zone can show."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError

FIRST_YEAR, LAST_YEAR = 2, 9998
BEYOND = f"Years from {FIRST_YEAR} to {LAST_YEAR} can be shown everywhere. For no end, leave it empty."


def is_beyond(moment: date) -> bool:
    """Whether it (a date or a datetime) would be no moment any more in some zone."""
    return not FIRST_YEAR <= moment.year <= LAST_YEAR


def within_the_calendar(moment: date) -> None:
    """For the validators of a field."""
    if is_beyond(moment):
        raise ValidationError(BEYOND)
