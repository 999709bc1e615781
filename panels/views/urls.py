"""The pages of the workbench, the catalogue and the genes."""

from django.urls import path

from panels.views import catalogue, compare, matrix, uploads, workbench
from panels.views.library import editing, exports, files, keeping, listing, sharing, showing
from panels.views.library import teams as team_pages

app_name = "panels"
urlpatterns = [
    path("", workbench.workbench, name="workbench"),
    path("decide/", workbench.decide, name="decide"),
    path("download/<str:format_name>/", workbench.download, name="download"),
    path("uploads/", uploads.add, name="upload-add"),
    path("uploads/<uuid:upload_id>/", uploads.preview, name="upload"),
    path("uploads/<uuid:upload_id>/column/", uploads.choose, name="upload-column"),
    path("uploads/<uuid:upload_id>/remove/", uploads.remove, name="upload-remove"),
    path("uploads/<uuid:upload_id>/problems.csv", uploads.problems, name="upload-problems"),
    path("catalogue/", catalogue.panels, name="catalogue"),
    path("catalogue/compare/", compare.compare, name="compare"),
    path("catalogue/compare/download/", compare.download, name="compare-download"),
    path("catalogue/<source:source>/<panel:panel_id>/", catalogue.panel, name="catalogue-panel"),
    path("matrix/", matrix.matrix, name="matrix"),
    path("matrix/paste/", matrix.paste, name="matrix-paste"),
    path("matrix/download/<str:format_name>/", matrix.download, name="matrix-download"),
    path("genes/", catalogue.genes, name="genes"),
    path("genes/<path:symbol>/", catalogue.gene, name="gene"),
    path("panels/", listing.library, name="library"),
    path("panels/new/", keeping.new, name="panel-new"),
    path("panels/save/", keeping.save, name="panel-save"),
    path("panels/import/", files.bring, name="panel-import"),
    path("panels/<panel:panel_id>/", showing.genes, name="saved-panel"),
    path("panels/<panel:panel_id>/edit/", editing.edit, name="panel-edit"),
    path("panels/<panel:panel_id>/about/", keeping.about, name="panel-about"),
    path("panels/<panel:panel_id>/versions/", showing.versions, name="panel-versions"),
    path("panels/<panel:panel_id>/versions/<panel:number>/", showing.version, name="panel-version"),
    path("panels/<panel:panel_id>/versions/<panel:number>/restore/", showing.restore, name="panel-version-restore"),
    path("panels/<panel:panel_id>/versions/<panel:number>/tag/", showing.tag, name="panel-version-tag"),
    path("panels/<panel:panel_id>/retention/", keeping.retention, name="panel-retention"),
    path("panels/<panel:panel_id>/compare/", showing.compare, name="panel-compare"),
    path("panels/<panel:panel_id>/changes/", showing.changes, name="panel-changes"),
    path("panels/<panel:panel_id>/sharing/", sharing.sharing, name="panel-sharing"),
    path("panels/<panel:panel_id>/sharing/<panel:share_id>/", sharing.change, name="panel-share"),
    path("panels/<panel:panel_id>/discussion/", sharing.discussion, name="panel-discussion"),
    path("panels/<panel:panel_id>/download/", files.download, name="panel-download"),
    path("panels/<panel:panel_id>/exports/", exports.exports, name="panel-exports"),
    path("panels/<panel:panel_id>/duplicate/", keeping.duplicate, name="panel-duplicate"),
    path("panels/<panel:panel_id>/give/", keeping.give, name="panel-give"),
    path("panels/<panel:panel_id>/delete/", keeping.delete, name="panel-delete"),
    path("panels/<panel:panel_id>/undelete/", keeping.undelete, name="panel-undelete"),
    path("panels/content/<str:content_hash>/", showing.by_content, name="panel-by-content"),
    path("export-templates/", exports.templates, name="export-templates"),
    path("export-templates/<panel:template_id>/", exports.template, name="export-template"),
    path("shared/<str:share_token>/", showing.shared, name="shared"),
    path("teams/", team_pages.teams, name="teams"),
    path("teams/<panel:team_id>/", team_pages.team, name="team"),
]
