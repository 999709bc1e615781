"""Where the apps' addresses are mounted."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import include, path
from django.views.decorators.http import require_safe

from panelmerge import health


@require_safe
def icon(request: HttpRequest) -> HttpResponse:
    """Browsers ask for it on pages that name no icon, the back office among them."""
    return redirect(static("panels/icon.svg"))


urlpatterns = [
    path("", include("panels.views.urls")),
    path("account/", include("accounts.urls")),
    path("announcements/", include("announcements.urls")),
    path("api/v1/", include("panelmerge.api_urls")),
    path("admin/", admin.site.urls),
    path("favicon.ico", icon),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("", include("panelmerge.old_urls")),
]

handler400 = "panelmerge.errors.bad_request"
handler403 = "panelmerge.errors.permission_denied"
handler404 = "panelmerge.errors.not_found"
handler500 = "panelmerge.errors.server_error"
