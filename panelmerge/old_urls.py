"""Addresses of the older Flask application that people kept as bookmarks, and where each leads now."""

from __future__ import annotations

from django.urls import path
from django.views.generic import RedirectView

# The older address, and the name or the address of ours.
OLD_ADDRESSES = {
    "auth/login": "account_login",
    "auth/profile": "account",
    "auth/register": "account_signup",
    "my-panels": "panels:library",
    "auth/admin/users": "/admin/users",
    "auth/admin/audit-logs": "admin:audit_auditlog_changelist",
    "version": "api:version",
    "version-history": "api:version",
    "api/version": "api:version",
}


def _leads_to(target: str) -> RedirectView:
    where = {"url": target} if target.startswith("/") else {"pattern_name": target}
    return RedirectView.as_view(permanent=True, query_string=True, http_method_names=["get", "head"], **where)


urlpatterns = [path(old, _leads_to(target)) for old, target in OLD_ADDRESSES.items()]
