"""Choosing the zone and format in which times are shown."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpResponse

from accounts.models import User
from accounts.zones import COOKIE, SESSION_FORMAT, SESSION_ZONE, TimeFormat, is_zone
from audit.events import Action
from audit.record import record
from panelmerge.lib.errors import Refusal

COOKIE_AGE = 365 * 24 * 3600


@transaction.atomic
def choose_zone(*, by: User, zone: str, time_format: str | None = None) -> User:
    """Write the zone, that it was chosen, and the format where one is given. Returns the person as written.

    Refusal that names the field for what is no zone or format. The same choice
    again changes nothing and is not recorded.
    """
    _check(zone, time_format)
    person = User.objects.select_for_update().get(pk=by.pk)
    old = _choice(person)
    person.timezone_preference, person.timezone_is_chosen = zone, True
    person.time_format = time_format or person.time_format
    if _choice(person) != old:
        person.save(update_fields=["timezone_preference", "timezone_is_chosen", "time_format"])
        record(
            Action.PROFILE_UPDATE,
            by=person,
            target=person,
            description=f"Chose the time zone {zone}",
            old=old,
            new=_choice(person),
        )
    for name in ("timezone_preference", "timezone_is_chosen", "time_format"):
        setattr(by, name, getattr(person, name))
    return person


def choose_zone_for_now(*, session: MutableMapping[str, Any], zone: str, time_format: str | None = None) -> None:
    """The same for somebody without an account: for as long as the browser's session lasts."""
    _check(zone, time_format)
    session[SESSION_ZONE] = zone
    if time_format:
        session[SESSION_FORMAT] = time_format


def detect_zone(*, response: HttpResponse, zone: str) -> None:
    """Let the browser remember its zone in a cookie, which counts only where nobody has chosen one."""
    _check(zone, None)
    # Our script must be able to correct it when the browser travels.
    response.set_cookie(
        COOKIE, zone, max_age=COOKIE_AGE, samesite="Lax", secure=bool(settings.SESSION_COOKIE_SECURE), httponly=False
    )


def _check(zone: str, time_format: str | None) -> None:
    if not is_zone(zone):
        told = f"There is no time zone {zone[:50]!a}. Write it as in Europe/London; timezone/available/ lists all."
        raise Refusal(told, errors={"timezone": [told]})
    if time_format is not None and time_format not in list(TimeFormat):
        told = f"{time_format[:10]!a} is no time format. Write 12h or 24h."
        raise Refusal(told, errors={"time_format": [told]})


def _choice(person: User) -> dict[str, Any]:
    return {
        "timezone": person.timezone_preference,
        "timezone_is_chosen": person.timezone_is_chosen,
        "time_format": person.time_format,
    }
