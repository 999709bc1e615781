"""Saved panels, their versions, and templates of files, for members of staff."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from panelmerge.lib.confirming import confirmed
from panelmerge.lib.errors import NotHere
from panels.access import panel_to_read
from panels.actions.differences import records_of
from panels.actions.library import set_state, version_of
from panels.actions.lifecycle import delete_panel, hand_over, undelete_panel
from panels.actions.lists import current_records
from panels.actions.sharing import person_named
from panels.admin.genes import GenesPage
from panels.admin.office import LibraryAdmin, number_of
from panels.engine.records import Record
from panels.models import ExportTemplate, PanelShare, PanelVersion, SavedPanel

Status, Visibility = SavedPanel.Status, SavedPanel.Visibility


class VisibilityForm(forms.Form):
    visibility = forms.ChoiceField(choices=Visibility.choices)


class NewOwnerForm(forms.Form):
    to = forms.CharField(max_length=80, label="User name of the new owner")
    keep = forms.ChoiceField(
        choices=[("", "nothing"), *PanelShare.Level.choices], required=False, label="The old owner keeps"
    )


def _state(**wanted: str) -> Any:
    return lambda request, panel: set_state(panel=panel.pk, by=request.user, **wanted)


ACTIONS = [
    confirmed(
        "archive",
        label="Archive",
        says="It stays readable for whoever sees it now, and cannot be changed. All its versions are kept.",
        act=_state(status=Status.ARCHIVED),
    ),
    confirmed(
        "activate",
        label="Make active",
        says="An archived panel or a draft is in use again and can be changed.",
        act=_state(status=Status.ACTIVE),
    ),
    confirmed(
        "change_visibility",
        label="Change who sees it",
        says="PUBLIC shows it to everybody, also without an account. PRIVATE and SHARED take it from the public; "
        "shares that stand go on, and are revoked one by one.",
        act=lambda request, panel, visibility: set_state(panel=panel.pk, by=request.user, visibility=visibility),
        form=VisibilityForm,
    ),
    confirmed(
        "hand_over",
        label="Hand over",
        says="Another person owns it from now on, with all its versions and shares.",
        act=lambda request, panel, to, keep: hand_over(
            panel=panel.pk, by=request.user, to=person_named(to), keep=keep or None
        ),
        form=NewOwnerForm,
    ),
    confirmed(
        "remove",
        label="Delete",
        says="It is out of everybody's sight. All its versions are kept, and it can be brought back.",
        act=lambda request, panel: delete_panel(panel=panel.pk, by=request.user),
    ),
    confirmed(
        "bring_back",
        label="Bring back",
        says="A deleted panel is again what it was, for everybody who saw it.",
        act=lambda request, panel: undelete_panel(panel=panel.pk, by=request.user),
    ),
]


@admin.register(SavedPanel)
class SavedPanelAdmin(GenesPage, LibraryAdmin):
    list_display = [
        *("name", "owner", "status", "visibility", "gene_count", "version_count", "shares"),
        *("updated_at", "last_accessed_at"),
    ]
    list_filter = ["status", "visibility", "source_type"]
    list_select_related = ["owner"]
    search_fields = ["name", "tags", "owner__username", "owner__email"]
    exclude = ["source_reference"]
    actions = [*ACTIONS, "download_list"]
    downloaded = (
        *("pk", "name", "tags", "owner__username", "status", "visibility", "gene_count"),
        *("version_count", "created_at", "updated_at", "last_accessed_at"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[SavedPanel]:
        return super().get_queryset(request).annotate(shares_now=number_of(PanelShare.objects.standing(), "panel"))

    def genes_of(self, by: Any, number: int) -> tuple[str, list[Record]]:
        panel, _ = panel_to_read(by, number)
        return f"Genes of “{panel.name}”", current_records(panel)

    def leads_from(self, panel: str) -> list[tuple[str, str]]:
        """What else there is of it: (address, words)."""
        words = {"panelversion": "Versions", "panelshare": "Shares", "panelcomment": "Remarks"}
        return [(f"{reverse(f'admin:panels_{name}_changelist')}?panel={panel}", word) for name, word in words.items()]

    @admin.display(description="shares", ordering="shares_now")
    def shares(self, panel: SavedPanel) -> int:
        return panel.shares_now


@admin.register(PanelVersion)
class PanelVersionAdmin(GenesPage, LibraryAdmin):
    """Only to look at. What a version changed names genes, so it is on the page of its genes and in the library."""

    list_display = ["panel", "version_number", "gene_count", "comment", "created_by", "created_at"]
    list_select_related = ["panel", "created_by"]
    search_fields = ["panel__name", "comment", "created_by__username", "content_hash"]
    ordering = ["-id"]
    exclude = ["recipe", "snapshot", "changes_summary", "storage_path"]
    downloaded = (
        *("panel", "panel__name", "version_number", "gene_count", "comment", "created_by__username"),
        *("created_at", "content_hash"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[PanelVersion]:
        return super().get_queryset(request).defer("recipe", "metadata")

    def has_change_permission(self, request: HttpRequest, obj: PanelVersion | None = None) -> bool:
        return False

    def genes_of(self, by: Any, number: int) -> tuple[str, list[Record]]:
        found = PanelVersion.objects.filter(pk=number).values_list("panel", "version_number").first()
        if found is None:
            raise NotHere("There is no such version.")
        panel, _ = panel_to_read(by, found[0])
        records = records_of(version_of(panel=panel.pk, by=by, number=found[1]))
        return f"Genes of “{panel.name}”, version {found[1]}", records

    def leads_from(self, version: str) -> list[tuple[str, str]]:
        return [(f"{reverse('admin:panels_panelversiontag_changelist')}?version={version}", "Tags")]


@admin.register(ExportTemplate)
class ExportTemplateAdmin(LibraryAdmin):
    list_display = ["name", "user", "format", "is_default", "usage_count", "last_used_at"]
    list_filter = ["format", "is_default"]
    list_select_related = ["user"]
    search_fields = ["name", "user__username", "filename_pattern"]
    downloaded = ("name", "user__username", "format", "filename_pattern", "usage_count", "last_used_at")

    def has_change_permission(self, request: HttpRequest, obj: ExportTemplate | None = None) -> bool:
        return False
