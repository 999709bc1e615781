"""The back office of panels: the mirror, gene names and downloads, to look at."""

from django.contrib import admin

from panelmerge.lib.admin import ReadOnlyAdmin
from panels.models import CataloguePanel, Gene, Generation, GeneRelease, PanelDownload


@admin.register(Generation)
class GenerationAdmin(ReadOnlyAdmin):
    list_display = ["published_at", "source", "origin", "as_of", "panels_seen", "versions_added", "panels_retired"]
    list_filter = ["source"]


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
    list_filter = ["status", "locus_type"]
    search_fields = ["symbol", "hgnc_id", "name"]
    show_full_result_count = False


@admin.register(PanelDownload)
class PanelDownloadAdmin(ReadOnlyAdmin):
    list_display = ["download_date", "panel_ids", "list_types", "gene_count", "user", "ip_address"]
    list_select_related = ["user"]
    date_hierarchy = "download_date"
