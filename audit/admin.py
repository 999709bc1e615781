"""The record in the back office: read, filtered, never changed."""

from __future__ import annotations

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.html import format_html

from audit import watching
from audit.forms import BlockForm
from audit.models import AuditLog, BlockedAddress
from audit.pictures import days_drawn, kinds_drawn
from audit.presenters import before_and_after
from audit.reading import EventFilter, activity, page_of, proof_state
from panelmerge.lib.admin import BackOfficeAdmin, ReadOnlyAdmin


@admin.register(AuditLog)
class AuditLogAdmin(ReadOnlyAdmin):
    """A list of its own: Django's counts all rows twice, and a million of them are usual here."""

    def changelist_view(self, request: HttpRequest, extra_context=None) -> HttpResponse:
        self._only_looking(request)
        asked = request.GET.copy()
        before, after = _whole(asked.pop("before", [""])[-1]), _whole(asked.pop("after", [""])[-1])
        wanted = EventFilter(asked, queryset=AuditLog.objects.defer("old_values", "new_values", "details"))
        page = page_of(wanted.qs if wanted.is_valid() else AuditLog.objects.none(), before=before, after=after)
        done = activity()
        context = {
            **self.admin_site.each_context(request),
            "title": "Record of changes",
            "opts": self.opts,
            "filter": wanted,
            "page": page,
            "query": asked.urlencode(),
            "proof": proof_state(),
            "days": days_drawn(done.by_day()),
            "kinds": done.by_kind(),
            "picture_of_kinds": kinds_drawn(done.by_kind()),
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


@admin.register(BlockedAddress)
class BlockedAddressAdmin(BackOfficeAdmin):
    """SM-03: networks that are kept out. Blocks are lifted, not deleted or edited."""

    list_display = ["network", "extent", "reason", "created_at", "ends_at", "state"]
    list_filter = ["extent"]
    search_fields = ["network", "reason"]
    form = BlockForm
    fields = ["network", "extent", "reason", "ends_at"]
    actions = ["lift_blocks"]

    @admin.display(description="State")
    def state(self, block: BlockedAddress) -> str:
        if block.lifted_at:
            return "lifted"
        return "stands" if block.ends_at > timezone.now() else "over"

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        return obj is None and super().has_change_permission(request)

    def get_form(self, request: HttpRequest, obj=None, **kwargs):
        form = super().get_form(request, obj, **kwargs)
        # A class made for this request alone.
        form.asked_by = request
        return form

    def save_model(self, request: HttpRequest, obj: BlockedAddress, form, change: bool) -> None:
        obj.pk = watching.block(by=request.user, **form.wanted()).pk

    @admin.action(description="Lift the chosen blocks", permissions=["change"])
    def lift_blocks(self, request: HttpRequest, chosen: QuerySet[BlockedAddress]) -> None:
        for one in chosen:
            watching.lift(block=one, by=request.user)
        messages.success(request, f"Lifted: {len(chosen)}.")
