"""The record in the back office: read, filtered, never changed."""

from __future__ import annotations

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html

from audit.models import AuditLog
from audit.pictures import days_drawn
from audit.presenters import before_and_after
from audit.reading import EventFilter, activity, page_of, proof_state
from panelmerge.lib.admin import ReadOnlyAdmin


@admin.register(AuditLog)
class AuditLogAdmin(ReadOnlyAdmin):
    """A list of its own: Django's counts all rows twice, and a million of them are usual here."""

    def changelist_view(self, request: HttpRequest, extra_context=None) -> HttpResponse:
        self._only_looking(request)
        asked = request.GET.copy()
        before, after = _whole(asked.pop("before", [""])[-1]), _whole(asked.pop("after", [""])[-1])
        wanted = EventFilter(asked, queryset=AuditLog.objects.defer("old_values", "new_values", "details"))
        page = page_of(wanted.qs if wanted.is_valid() else AuditLog.objects.none(), before=before, after=after)
        days, kinds = activity()
        context = {
            **self.admin_site.each_context(request),
            "title": "Record of changes",
            "opts": self.opts,
            "filter": wanted,
            "page": page,
            "query": asked.urlencode(),
            "proof": proof_state(),
            "days": days_drawn(days),
            "kinds": kinds,
        }
        return TemplateResponse(request, "audit/events.html", context)

    def change_view(self, request: HttpRequest, object_id: str, form_url="", extra_context=None) -> HttpResponse:
        self._only_looking(request)
        event = AuditLog.objects.filter(pk=_whole(object_id)).first()
        if event is None:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "title": format_html("{} of {}", event.get_action_type_display(), event.username or "nobody signed in"),
            "opts": self.opts,
            "event": event,
            "rows": before_and_after(event.old_values, event.new_values),
        }
        return TemplateResponse(request, "audit/event.html", context)

    def _only_looking(self, request: HttpRequest) -> None:
        if request.method not in ("GET", "HEAD") or not self.has_view_permission(request):
            raise PermissionDenied


def _whole(text: str) -> int | None:
    """A positive number that a database takes, or None."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
