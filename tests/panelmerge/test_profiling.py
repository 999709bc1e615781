"""PROFILE=1 prints what each request took, while somebody develops and nowhere else. PF-04"""

from __future__ import annotations

import pytest
from django.core.exceptions import MiddlewareNotUsed
from django.db import connection
from django.http import HttpResponse
from django.test import RequestFactory

from panelmerge.profiling import ProfileMiddleware
from tests.panelmerge.running import settings_of


def two_queries(request):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.execute("SELECT 2")
    return HttpResponse(status=204)


@pytest.mark.django_db
def test_a_request_is_told_with_time_queries_and_memory(settings, capsys):
    """PF-04."""
    settings.PROFILE = settings.DEBUG = True

    ProfileMiddleware(two_queries)(RequestFactory().get("/panels/?search=secret"))

    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("PROFILE GET /panels/ 204: ")
    assert " ms, 2 queries in " in line and line.endswith(")") and " MiB (" in line
    assert "secret" not in line


@pytest.mark.parametrize(("profile", "debug"), [(False, True), (True, False), (False, False)])
def test_nobody_else_is_measured(settings, profile, debug):
    settings.PROFILE, settings.DEBUG = profile, debug

    with pytest.raises(MiddlewareNotUsed):
        ProfileMiddleware(two_queries)


def test_the_setting_is_read_and_stands_before_everything_else():
    found = settings_of("PROFILE", "MIDDLEWARE", PROFILE="1", DEBUG="True")

    assert found["PROFILE"] is True
    assert found["MIDDLEWARE"][0] == "panelmerge.profiling.ProfileMiddleware"
