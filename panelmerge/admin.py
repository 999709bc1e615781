"""The back office."""

from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse


class BackOffice(admin.AdminSite):
    site_header = "PanelMerge back office"
    site_title = "PanelMerge"
    index_title = "Back office"
    enable_nav_sidebar = False

    def login(self, request: HttpRequest, extra_context=None) -> HttpResponse:
        """There is one door for everybody: with lockout, second factor and record."""
        if request.user.is_authenticated:
            # Signed in, but not for here.
            return super().login(request, extra_context)
        wanted = request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index")
        return redirect(f"{reverse('account_login')}?{urlencode({REDIRECT_FIELD_NAME: wanted})}")

    def logout(self, request: HttpRequest, extra_context=None) -> HttpResponse:
        return redirect("account_logout")

    def password_change(self, request: HttpRequest, extra_context=None) -> HttpResponse:
        return redirect("account_change_password")
