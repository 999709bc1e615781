"""The pages of the workbench, the catalogue and the genes."""

from django.urls import path, register_converter

from panels.views import catalogue, uploads, workbench


class SourceConverter:
    regex = "uk|aus"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class PanelIdConverter:
    """A number that fits the database; 0 and what is too long is no address."""

    regex = "[1-9][0-9]{0,8}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


register_converter(SourceConverter, "source")
register_converter(PanelIdConverter, "panel")

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
    path("catalogue/<source:source>/<panel:panel_id>/", catalogue.panel, name="catalogue-panel"),
    path("genes/", catalogue.genes, name="genes"),
    path("genes/<path:symbol>/", catalogue.gene, name="gene"),
]
