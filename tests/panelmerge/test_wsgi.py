"""What gunicorn calls, below every middleware."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.test import RequestFactory

pytestmark = pytest.mark.django_db
UNKNOWN = "multipart/form-data; boundary*=foo''x"


@pytest.fixture
def wsgi():
    """Imported only here: it starts the project, which looks for the folder of static files."""
    return import_module("panelmerge.wsgi")


def test_a_content_type_in_no_known_encoding_is_no_content_type(wsgi):
    """Django raises where nothing of ours could answer, so that one header would be a bare 500."""
    environ = RequestFactory().get("/").environ | {"CONTENT_TYPE": UNKNOWN}

    request = wsgi.Request(environ)

    assert (request.content_type, request.content_params) == ("", {})


@pytest.mark.parametrize(
    ("address", "body", "status"),
    [
        ("/api/v1/merges/", b"{}", "415"),
        ("/api/v1/merges/", b"", "400"),
        ("/uploads/", b"{}", "403"),
        ("/nope/", b"{}", "404"),
    ],
)
def test_a_request_in_no_known_encoding_is_answered(wsgi, address, body, status):
    told: list[str] = []
    environ = RequestFactory().generic("POST", address, body).environ | {"CONTENT_TYPE": UNKNOWN}

    answer = b"".join(wsgi.application(environ, lambda status, headers: told.append(status)))

    assert told[0].startswith(status)
    assert b"request_id" in answer or b"If you ask for help" in answer
