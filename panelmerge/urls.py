"""Where the apps' addresses are mounted."""

from django.contrib import admin
from django.urls import include, path

from panelmerge import health

urlpatterns = [
    path("", include("panels.views.urls")),
    path("api/v1/", include("panelmerge.api_urls")),
    path("admin/", admin.site.urls),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
]

handler400 = "panelmerge.errors.bad_request"
handler403 = "panelmerge.errors.permission_denied"
handler404 = "panelmerge.errors.not_found"
handler500 = "panelmerge.errors.server_error"
