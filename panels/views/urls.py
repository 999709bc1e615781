"""The pages of the workbench, the catalogue and the genes."""

from django.urls import path

from panels.views import catalogue, compare, matrix, uploads, workbench

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
]
