"""The back office."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission
from panelmerge.attention import matters_for, pictures_of_activity

OURS = ("panels", "announcements", "accounts", "audit")
read_or_post = require_http_methods(["GET", "HEAD", "POST"])


class BackOffice(admin.AdminSite):
    site_header = "PanelMerge back office"
    site_title = "PanelMerge"
    index_title = "Back office"
    enable_nav_sidebar = False

    def register(self, model_or_iterable, admin_class=None, **options) -> None:
        """Ours alone: the pages that other packages bring would change rows without their record."""
        if admin_class is not None and admin_class.__module__.partition(".")[0] in OURS:
            super().register(model_or_iterable, admin_class, **options)

    def admin_view(self, view: Callable, cacheable: bool = False) -> Callable:
        """Strangers are led to the sign-in; who is signed in and has no right here is told so, and it is recorded."""

        def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            if request.user.is_authenticated and not self.has_permission(request):
                raise PermissionDenied
            return inner(request, *args, **kwargs)

        inner = super().admin_view(view, cacheable)
        return read_or_post(guarded)

    def get_urls(self) -> list:
        return [
            path("users", self.admin_view(self.users)),
            path("users/", self.admin_view(self.users)),
            *super().get_urls(),
        ]

    def index(self, request: HttpRequest, extra_context=None) -> HttpResponse:
        """What needs attention, how much goes on, and then the models."""
        pictures = pictures_of_activity() if request.user.has_perm(Permission.VIEW_AUDIT) else []
        rows = zip(*(days.bars for _, days in pictures), strict=True)
        first = {
            "matters": matters_for(request.user),
            "pictures": pictures,
            "activity_rows": [(bars[0].day, [bar.events for bar in bars]) for bars in rows][::-1],
        }
        return super().index(request, {**(extra_context or {}), **first})

    def users(self, request: HttpRequest) -> HttpResponse:
        """AC-03: where the older application had them."""
        return redirect("admin:accounts_user_changelist")

    @method_decorator(read_or_post)
    def login(self, request: HttpRequest, extra_context=None) -> HttpResponse:
        """There is one door for everybody: with lockout, second factor and record."""
        wanted = request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index")
        return redirect(f"{reverse('account_login')}?{urlencode({REDIRECT_FIELD_NAME: wanted})}")

    def logout(self, request: HttpRequest, extra_context=None) -> HttpResponse:
        return redirect("account_logout")

    def password_change(self, request: HttpRequest, extra_context=None) -> HttpResponse:
        return redirect("account_change_password")

    def password_change_done(self, request: HttpRequest, extra_context=None) -> HttpResponse:
        return redirect("account")
