"""Who sees whose panels, and that they talk about them, for members of staff."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.admin.filters import Choice
from panelmerge.lib.confirming import confirmed
from panels.actions.sharing import change_share, revoke_share
from panels.admin.office import LibraryAdmin
from panels.models import PanelComment, PanelShare


class StateFilter(Choice):
    title = parameter_name = "state"

    def current(self) -> dict[str, tuple[str, Q]]:
        is_over = Q(expires_at__lte=timezone.now())
        return {
            "stands": ("Stands", Q(is_active=True) & (Q(expires_at=None) | ~is_over)),
            "ended": ("Past its end", Q(is_active=True) & is_over),
            "revoked": ("Revoked", Q(is_active=False)),
        }


class WithFilter(Choice):
    title = parameter_name = "with"
    narrowings = {
        "person": ("A person", Q(shared_with_user__isnull=False)),
        "team": ("A team", Q(shared_with_team__isnull=False)),
        "address": ("An e-mail address", Q(shared_with_email__isnull=False)),
        "link": ("Whoever has the link", Q(share_token__isnull=False)),
    }


class LevelForm(forms.Form):
    level = forms.ChoiceField(choices=PanelShare.Level.choices)


@admin.register(PanelShare)
class PanelShareAdmin(LibraryAdmin):
    """Never with its token, whose digest is all that is kept anyway."""

    list_display = [
        *("panel", "with_whom", "permission_level", "can_reshare", "state", "expires_at"),
        *("last_accessed_at", "shared_by", "created_at"),
    ]
    list_filter = [StateFilter, WithFilter, "permission_level", "can_reshare"]
    list_select_related = ["panel", "shared_with_user", "shared_with_team", "shared_by"]
    search_fields = [
        *("panel__name", "shared_with_user__username", "shared_with_team__name", "shared_with_email"),
        "shared_by__username",
    ]
    exclude = ["share_token"]
    downloaded = (
        *("panel", "panel__name", "shared_with_user__username", "shared_with_team__name"),
        *("shared_with_email", "permission_level", "can_reshare", "is_active", "expires_at"),
        *("last_accessed_at", "shared_by__username", "created_at"),
    )
    actions = [
        confirmed(
            "revoke",
            label="Revoke",
            says="It opens nothing from the next request on, and what its person passed on ends with it.",
            act=lambda request, share: revoke_share(panel=share.panel_id, share=share.pk, by=request.user),
        ),
        confirmed(
            "change_level",
            label="Change the level",
            says="The new level holds from the next request on. A link only reads.",
            act=lambda request, share, level: change_share(
                panel=share.panel_id, share=share.pk, by=request.user, level=level
            ),
            form=LevelForm,
        ),
        "download_list",
    ]

    @admin.display(description="with")
    def with_whom(self, share: PanelShare) -> str:
        if share.is_link:
            return "whoever has the link"
        if share.shared_with_team_id:
            return f"the team {share.shared_with_team}"
        return share.shared_with_email or str(share.shared_with_user)

    @admin.display
    def state(self, share: PanelShare) -> str:
        if not share.is_active:
            return "revoked"
        return "past its end" if share.has_ended else "stands"


@admin.register(PanelComment)
class PanelCommentAdmin(LibraryAdmin):
    """That it was made, and by whom. What it says and about which gene is read on the panel's own page."""

    list_display = ["panel", "author", "version", "created_at"]
    list_select_related = ["panel", "author", "version"]
    search_fields = ["panel__name", "author__username"]
    exclude = ["text", "entity_key", "entity_name"]
    downloaded = ("panel", "panel__name", "author__username", "created_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[PanelComment]:
        return super().get_queryset(request).defer("text", "entity_key", "entity_name", "version__recipe")

    def has_change_permission(self, request: HttpRequest, obj: PanelComment | None = None) -> bool:
        return False
