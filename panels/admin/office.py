"""What the pages of the library in the back office have in common: who looks, who acts, and a file of the list."""

from __future__ import annotations

from django.contrib import admin
from django.db import models
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse

from accounts.permissions import Permission
from panelmerge.lib.admin import ReadOnlyAdmin
from panels.actions.staff import export_rows


class LibraryAdmin(ReadOnlyAdmin):
    """Lists and shows, to who reads the back office of panels; what is done is an action, for who may everything.

    No page and no file of it holds a gene: those are behind ``GenesPage``.
    """

    show_full_result_count = False
    change_form_template = "admin/panel.html"
    actions = ["download_list"]
    # Columns of the file.
    downloaded: tuple[str, ...] = ()

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return request.user.has_perm(Permission.VIEW_SAVED_PANELS)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Of a row nobody: what changes it is an action."""
        return obj is None and request.user.has_perm(Permission.EVERY_PANEL)

    def change_view(self, request: HttpRequest, object_id: str, form_url="", extra_context=None) -> HttpResponse:
        offered = [(name, label) for name, (_, __, label) in self.get_actions(request).items()]
        offered = [one for one in offered if one[0] != "download_list"]
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "offered": offered})

    @admin.action(description="Download the list (CSV)", permissions=["view"])
    def download_list(self, request: HttpRequest, chosen: QuerySet) -> HttpResponse:
        text = export_rows(rows=chosen, columns=self.downloaded, by=request.user)
        named = {"Content-Disposition": f'attachment; filename="{self.opts.model_name}.csv"'}
        return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=named)


def number_of(rows: QuerySet, key: str) -> Coalesce:
    """How many of ``rows`` belong to each row by ``key``, counted for what is shown of a list alone."""
    counted = rows.filter(**{key: OuterRef("pk")}).order_by().values(key).annotate(number=Count("pk"))
    return Coalesce(Subquery(counted.values("number")), 0)
