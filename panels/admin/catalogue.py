"""The back office of panels: the mirror, gene names, uploads and downloads, to look at."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from panelmerge.lib.admin import ReadOnlyAdmin
from panels.actions.catalogue import last_runs
from panels.models import CataloguePanel, Gene, Generation, GeneRelease, PanelDownload, Upload


class NamedValues(admin.AllValuesFieldListFilter):
    """Without the row for an empty value, which would be a link without words."""

    def choices(self, changelist) -> list[dict]:
        return [choice for choice in super().choices(changelist) if choice["display"]]


@admin.register(Generation)
class GenerationAdmin(ReadOnlyAdmin):
    list_display = ["published_at", "source", "origin", "as_of", "panels_seen", "versions_added", "panels_retired"]
    list_filter = ["source"]
    search_fields = ["origin"]

    def changelist_view(self, request: HttpRequest, extra_context=None) -> HttpResponse:
        """With what brings the mirror up to date, and how its last run went."""
        return super().changelist_view(request, {**(extra_context or {}), "runs": last_runs()})


@admin.register(CataloguePanel)
class CataloguePanelAdmin(ReadOnlyAdmin):
    list_display = ["name", "source", "panel_id", "listed_version", "disease_group", "status", "retired_at"]
    list_filter = ["source", "status", "types"]
    search_fields = ["search_text", "panel_id"]
    list_select_related = ["generation"]


@admin.register(GeneRelease)
class GeneReleaseAdmin(ReadOnlyAdmin):
    list_display = ["dated", "gene_count", "is_current", "loaded_at"]


@admin.register(Gene)
class GeneAdmin(ReadOnlyAdmin):
    list_display = ["symbol", "hgnc_id", "name", "status", "locus_type"]
    list_filter = ["status", ("locus_type", NamedValues)]
    search_fields = ["symbol", "hgnc_id", "name"]
    show_full_result_count = False


@admin.register(PanelDownload)
class PanelDownloadAdmin(ReadOnlyAdmin):
    list_display = ["download_date", "panel_ids", "list_types", "gene_count", "user", "ip_address"]
    list_select_related = ["user"]
    search_fields = ["panel_ids", "user__username", "ip_address"]
    date_hierarchy = "download_date"


@admin.register(Upload)
class UploadAdmin(ReadOnlyAdmin):
    """That it is there, and whose it is. What is in it, its owner alone reads."""

    list_display = ["name", "owner", "size", "created_at", "expires_at"]
    list_select_related = ["owner"]
    search_fields = ["name", "owner__username", "sha256"]
    date_hierarchy = "created_at"
    exclude = ["table", "session_key"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Upload]:
        return super().get_queryset(request).defer("table")
