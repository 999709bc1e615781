"""Bookmarks of the older application lead to the page that took their place."""

from __future__ import annotations

import pytest
from django.test import Client

from panelmerge.old_urls import OLD_ADDRESSES

LEADS_TO = {
    "auth/login": "/account/login/",
    "auth/profile": "/account/",
    "auth/register": "/account/signup/",
    "my-panels": "/panels/",
    "auth/admin/users": "/admin/users",
    "auth/admin/audit-logs": "/admin/audit/auditlog/",
    "version": "/api/v1/version/",
    "version-history": "/api/v1/version/",
    "api/version": "/api/v1/version/",
}


@pytest.mark.parametrize("old", OLD_ADDRESSES)
def test_an_old_address_leads_to_ours(db, old):
    answer = Client().get(f"/{old}?next=/panels/")

    assert (answer.status_code, answer["Location"]) == (301, f"{LEADS_TO[old]}?next=/panels/")


def test_every_old_address_is_in_upgrading():
    from pathlib import Path

    told = (Path(__file__).parents[2] / "UPGRADING.md").read_text(encoding="utf-8")

    assert [old for old in OLD_ADDRESSES if f"/{old}`" not in told] == []
