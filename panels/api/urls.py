"""The addresses of panels below /api/v1/."""

from django.urls import include, path

from panels.api import catalogue, genes, matrix, merges, uploads

urlpatterns = [
    path("", include("panels.api.library.urls")),
    path("catalogue/panels/", catalogue.CataloguePanelsView.as_view(), name="catalogue-panels"),
    path(
        "catalogue/panels/<source:source>/<panel:panel_id>/",
        catalogue.CataloguePanelView.as_view(),
        name="catalogue-panel",
    ),
    path("catalogue/genes/<path:gene>/", catalogue.CatalogueGeneView.as_view(), name="catalogue-gene"),
    path("catalogue/gene-matrix/", matrix.GeneMatrixView.as_view(), name="gene-matrix"),
    path("genes/resolve/", genes.ResolveGenesView.as_view(), name="genes-resolve"),
    path("genes/suggest/", genes.SuggestGenesView.as_view(), name="genes-suggest"),
    path("uploads/", uploads.UploadList.as_view(), name="uploads"),
    path("uploads/<uuid:pk>/", uploads.UploadDetail.as_view(), name="upload"),
    path("merges/", merges.MergeView.as_view(), name="merges"),
    path("merges/export/<str:format_name>/", merges.MergeExportView.as_view(), name="merge-export"),
]
