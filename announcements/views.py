"""Dismissing an announcement."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from announcements.actions import dismiss as dismiss_for_good
from announcements.models import AdminMessage
from announcements.shown import remember_dismissed, shown_to
from panelmerge.lib.errors import NotHere

GONE = "That announcement is over, or not meant for you. There is nothing to dismiss."


@require_POST
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    """For good with an account, in this browser without one; then the page again, or with htmx what is left."""
    announcement = AdminMessage.objects.active_for(request.user, timezone.now()).filter(pk=pk).first()
    if announcement is None:
        raise NotHere(GONE)
    back = request.POST.get("next", "")
    # Only what stands before the query can lead elsewhere; a basket in the query may be long.
    if not (back.startswith("/") and url_has_allowed_host_and_scheme(back.partition("?")[0], allowed_hosts=None)):
        back = "/"
    if request.user.is_authenticated:
        dismiss_for_good(announcement=announcement, by=request.user)
    if request.htmx:
        left = [one for one in shown_to(request) if one.pk != pk]
        response = render(
            request, "announcements/shown.html", {"shown_announcements": left, "back": back, "is_update": True}
        )
    else:
        response = redirect(back)
    if not request.user.is_authenticated:
        remember_dismissed(request, response, announcement)
    return response
