"""The pages of the workbench, the catalogue and the genes."""

from django.urls import path

from panels.views import catalogue, compare, matrix, uploads, workbench
from panels.views.library import editing, files, keeping, listing, sharing, showing
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
    path("panels/<panel:pk>/", showing.genes, name="saved-panel"),
    path("panels/<panel:pk>/edit/", editing.edit, name="panel-edit"),
    path("panels/<panel:pk>/about/", keeping.about, name="panel-about"),
    path("panels/<panel:pk>/versions/", showing.versions, name="panel-versions"),
    path("panels/<panel:pk>/versions/<panel:number>/", showing.version, name="panel-version"),
    path("panels/<panel:pk>/versions/<panel:number>/restore/", showing.restore, name="panel-version-restore"),
    path("panels/<panel:pk>/versions/<panel:number>/tag/", showing.tag, name="panel-version-tag"),
    path("panels/<panel:pk>/compare/", showing.compare, name="panel-compare"),
    path("panels/<panel:pk>/changes/", showing.changes, name="panel-changes"),
    path("panels/<panel:pk>/sharing/", sharing.sharing, name="panel-sharing"),
    path("panels/<panel:pk>/sharing/<panel:share>/", sharing.change, name="panel-share"),
    path("panels/<panel:pk>/discussion/", sharing.discussion, name="panel-discussion"),
    path("panels/<panel:pk>/download/", files.download, name="panel-download"),
    path("panels/<panel:pk>/duplicate/", keeping.duplicate, name="panel-duplicate"),
    path("panels/<panel:pk>/give/", keeping.give, name="panel-give"),
    path("panels/<panel:pk>/delete/", keeping.delete, name="panel-delete"),
    path("panels/<panel:pk>/undelete/", keeping.undelete, name="panel-undelete"),
    path("shared/<str:token>/", showing.shared, name="shared"),
    path("teams/", team_pages.teams, name="teams"),
    path("teams/<panel:pk>/", team_pages.team, name="team"),
]
