"""Who is served while the database does not fit the code, or is being changed: watchers, and readers where they can.

RL-14, PT-02
"""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from panelmerge.errors import SENTENCES, error_page
from panelmerge.lib.requestid import request_id
from panelmerge.lib.sent import FORMS, fields_sent, shown
from panelmerge.releases.fitting import Fit, fit

LEFT_ALONE = ("/static/", "/healthz", "/readyz", "/favicon.ico")
LOOKING = ("GET", "HEAD", "OPTIONS")
# A reader that meets a table in the hands of an upgrade waits no longer than this.
LOCK_TIMEOUT = "3s"


class ServingMiddleware:
    """503 with the next command on everything while the database is at another release; during maintenance whoever
    would write gets 503 with what was typed, and readers read on."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(LEFT_ALONE):
            return self.get_response(request)
        writes = request.method not in LOOKING
        found = fit(anew=writes)
        if found.fits is False:
            return not_now(request, found)
        if found.changing and writes:
            return _kept(request, found)
        if found.changing and connection.vendor == "postgresql":
            return self._reading(request)
        return self.get_response(request)

    def _reading(self, request: HttpRequest) -> HttpResponse:
        connection.connection.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
        try:
            return self.get_response(request)
        finally:
            if connection.connection is not None and not connection.connection.closed:
                connection.connection.execute("RESET lock_timeout")


def not_now(request: HttpRequest, found: Fit) -> HttpResponse:
    return _marked(error_page(request, 503, detail=found.why), found)


def _marked(answer: HttpResponse, found: Fit) -> HttpResponse:
    answer["Retry-After"] = str(found.retry_after)
    # Nothing went wrong here: a line of the log for every request would hide what does.
    answer._has_been_logged = True
    return answer


def _kept(request: HttpRequest, found: Fit) -> HttpResponse:
    """503 with what was typed, to be sent again; for a program the problem alone."""
    if request.path_info.startswith("/api/") or request.content_type not in FORMS:
        return not_now(request, found)
    fields = fields_sent(request)
    title, _ = SENTENCES[503]
    page = render_to_string(
        "errors/kept.html",
        {
            "title": title,
            "sentence": found.why,
            "address": request.get_full_path(),
            "fields": fields,
            "shown": shown(fields),
            "files": bool(request.FILES),
            "request_id": request_id(),
        },
    )
    return _marked(HttpResponse(page, status=503), found)
