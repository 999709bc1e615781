"""The addresses below /api/v1/."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from panelmerge.version import VersionView

app_name = "api"
urlpatterns = [
    path("version/", VersionView.as_view(), name="version"),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api:schema"), name="docs"),
    path("", include("audit.api.urls")),
    path("", include("accounts.api.urls")),
    path("", include("panels.api.urls")),
    path("", include("announcements.api_urls")),
]
