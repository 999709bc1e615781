"""What protects versions and how long they are kept, for members of staff."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from panelmerge.lib.confirming import confirmed
from panels.actions.keeping_versions import remove_tag
from panels.admin.office import LibraryAdmin
from panels.models import PanelVersionTag, RetentionPolicy


def _take_off(request: HttpRequest, tag: PanelVersionTag) -> None:
    version = tag.version
    remove_tag(panel=version.panel_id, by=request.user, number=version.version_number, tag_name=tag.tag_name)


@admin.register(PanelVersionTag)
class PanelVersionTagAdmin(LibraryAdmin):
    list_display = ["tag_name", "tag_type", "panel", "version", "is_protected", "created_by", "created_at"]
    list_filter = ["tag_type", "is_protected"]
    list_select_related = ["version__panel", "created_by"]
    search_fields = ["tag_name", "version__panel__name", "created_by__username"]
    ordering = ["-id"]
    downloaded = (
        *("tag_name", "tag_type", "version__panel", "version__panel__name", "version__version_number"),
        *("created_by__username", "created_at"),
    )
    actions = [
        confirmed(
            "take_off",
            label="Take off",
            says="The version loses the tag, and with it what kept it from pruning.",
            act=_take_off,
        ),
        "download_list",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[PanelVersionTag]:
        return super().get_queryset(request).defer("version__recipe", "version__metadata")

    @admin.display(ordering="version__panel__name")
    def panel(self, tag: PanelVersionTag) -> str:
        return tag.version.panel.name


@admin.register(RetentionPolicy)
class RetentionPolicyAdmin(LibraryAdmin):
    """Only to look at: how long a panel's versions are kept is for its owner to say."""

    list_display = ["panel", "max_versions", "backup_retention_days", "auto_cleanup_enabled", "last_cleanup_at"]
    list_filter = ["auto_cleanup_enabled"]
    list_select_related = ["panel"]
    search_fields = ["panel__name"]
    ordering = ["-id"]
    downloaded = (
        *("panel", "panel__name", "max_versions", "backup_retention_days", "auto_cleanup_enabled"),
        *("cleanup_frequency_hours", "last_cleanup_at"),
    )

    def has_change_permission(self, request: HttpRequest, obj: RetentionPolicy | None = None) -> bool:
        return False
