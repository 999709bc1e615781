"""The back office of announcements: written, previewed and switched here; never deleted."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from announcements.actions import FIELDS, change, publish, switch
from announcements.models import AdminMessage, State
from panelmerge.lib.admin import BackOfficeAdmin


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return State.choices

    def queryset(self, request, queryset):
        return queryset.filter(state=self.value()) if self.value() in State.values else queryset


@admin.register(AdminMessage)
class AdminMessageAdmin(BackOfficeAdmin):
    list_display = ["title", "state", "message_type", "audience", "starts_at", "expires_at", "created_by", "created_at"]
    list_filter = [StateFilter, "message_type", "audience"]
    list_select_related = ["created_by"]
    search_fields = ["title", "message"]
    fields = [*FIELDS, "created_by", "created_at"]
    readonly_fields = ["created_by", "created_at"]
    actions = ["switch_on", "switch_off"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[AdminMessage]:
        return super().get_queryset(request).with_state(timezone.now())

    @admin.display(ordering="state")
    def state(self, announcement: AdminMessage) -> str:
        return State(announcement.state).label

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: AdminMessage | None = None) -> bool:
        """What was once shown to people stays on record. It is switched off."""
        return False

    def get_fields(self, request: HttpRequest, obj: AdminMessage | None = None) -> Sequence:
        return super().get_fields(request, obj) if obj else list(FIELDS)

    def save_model(self, request: HttpRequest, obj: AdminMessage, form, change: bool) -> None:
        values = {name: form.cleaned_data[name] for name in FIELDS}
        if change:
            _change(obj, request, values)
        else:
            obj.pk = publish(by=request.user, **values).pk

    def changeform_view(self, request: HttpRequest, object_id=None, form_url="", extra_context=None) -> HttpResponse:
        """As Django's, and ``_preview`` shows what is in the form as a page will, if it is right."""
        if request.method == "POST" and "_preview" in request.POST and self.has_change_permission(request):
            found = self.get_object(request, object_id) if object_id else None
            form = self.get_form(request, found, change=found is not None)(request.POST, instance=found)
            if form.is_valid():
                shown = {"announcement": form.instance, "shown_announcements": [form.instance], "is_preview": True}
                return render(request, "announcements/preview.html", shown)
        return super().changeform_view(request, object_id, form_url, extra_context)

    @admin.action(description="Switch on", permissions=["change"])
    def switch_on(self, request: HttpRequest, chosen: QuerySet[AdminMessage]) -> None:
        self._switch(request, chosen, on=True)

    @admin.action(description="Switch off", permissions=["change"])
    def switch_off(self, request: HttpRequest, chosen: QuerySet[AdminMessage]) -> None:
        self._switch(request, chosen, on=False)

    @transaction.atomic
    def _switch(self, request: HttpRequest, chosen: QuerySet[AdminMessage], *, on: bool) -> None:
        turned = [switch(announcement=one, by=request.user, on=on) for one in chosen if one.is_active != on]
        messages.success(request, f"Switched {'on' if on else 'off'}: {len(turned)}.")


def _change(announcement: AdminMessage, request: HttpRequest, values: dict) -> None:
    change(announcement=announcement, by=request.user, **values)
