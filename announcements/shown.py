"""Which announcements a page shows to its reader."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from announcements.models import AdminMessage

# Without an account the browser remembers what was dismissed, as marks of the announcements.
COOKIE = "__Host-dismissed" if settings.HTTPS else "dismissed"
MOST_MARKS = 50


def shown_to(request: HttpRequest) -> list[AdminMessage]:
    """Active, for this person, and not dismissed. One query, asked anew for every page."""
    active = AdminMessage.objects.active_for(request.user, timezone.now()).not_dismissed_by(request.user)
    dismissed = _marks(request)
    return [one for one in active if one.mark not in dismissed]


def remember_dismissed(request: HttpRequest, response: HttpResponse, announcement: AdminMessage) -> None:
    """For somebody without an account."""
    marks = [mark for mark in _marks(request) if mark != announcement.mark][1 - MOST_MARKS :]
    response.set_cookie(
        COOKIE,
        ".".join([*marks, announcement.mark]),
        max_age=365 * 24 * 3600,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


def announcements(request: HttpRequest) -> dict:
    """The context processor. Asks nothing before a template shows them."""
    return {"shown_announcements": SimpleLazyObject(lambda: shown_to(request))}


def _marks(request: HttpRequest) -> list[str]:
    return request.COOKIES.get(COOKIE, "").split(".")
