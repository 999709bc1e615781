"""Errors as pages that speak like people, and as problem+json for programs."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.db import OperationalError, ProgrammingError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

from panelmerge.lib.errors import Refusal
from panelmerge.lib.requestid import request_id
from panelmerge.lib.sent import fields_sent, shown
from panelmerge.releases.fitting import RETRY_SOON, fit

# What happened, and what one can do: by status.
SENTENCES = {
    400: ("That request could not be read", "Something in the address or the form is not what this page understands."),
    401: ("Sign in first", "Nothing was changed. Sign in, then do it again."),
    403: (
        "You may not do that",
        "Your account does not have the right to do this. Ask an administrator if you need it.",
    ),
    404: ("There is nothing here", "The page does not exist, or it is not yours to see. Check the address."),
    405: ("That cannot be done here", "This address does not take that kind of request."),
    409: ("That cannot be done now", "Something else has to be done first."),
    413: (
        "That is too large",
        "The file or text is larger than this site accepts. Split it, or remove columns you do not need.",
    ),
    415: ("That kind of file cannot be read", "Lists are read from .xlsx, .xls, .csv, .tsv and .txt files."),
    429: ("Too many requests", "Wait a little, then try again."),
    500: ("Something went wrong on our side", "It was not your doing, and nothing was changed. Please try again."),
    503: ("Not available just now", "Something this page needs is not there at the moment. Try again shortly."),
}


def problem(
    status: int, *, code: str = "", detail: str = "", errors: dict | None = None, headers: dict | None = None
) -> JsonResponse:
    """An RFC 9457 answer: {type, title, status, code, detail, request_id, errors?}."""
    content = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code or HTTPStatus(status).phrase.lower().replace(" ", "_"),
        "detail": detail or SENTENCES.get(status, ("", ""))[1],
        "request_id": request_id(),
    }
    if errors:
        content["errors"] = errors
    response = JsonResponse(content, status=status, content_type="application/problem+json")
    for name, value in (headers or {}).items():
        response[name] = value
    if status in (429, 503):
        response.setdefault("Retry-After", "60")
    return response


def error_page(
    request: HttpRequest, status: int, *, detail: str = "", errors: dict | None = None, typed: Iterable = ()
) -> HttpResponse:
    """The same as a page, with what somebody ``typed`` as (name, value); for the API's addresses the problem itself."""
    if request.path_info.startswith("/api/"):
        return problem(status, detail=detail, errors=errors)
    title, sentence = SENTENCES.get(status, SENTENCES[400])
    page = render_to_string(
        "errors/error.html",
        {
            "status": status,
            "title": title,
            "sentence": detail or sentence,
            "errors": errors or {},
            "typed": typed,
            "request_id": request_id(),
        },
    )
    response = HttpResponse(page, status=status)
    if status in (429, 503):
        response["Retry-After"] = "60"
    return response


_TOO_MANY_FILES = "At most {} files are taken at once, and none of these was. Send them in several parts."


def bad_request(request, exception):
    if isinstance(exception, RequestDataTooBig):
        return error_page(request, 413)
    if isinstance(exception, TooManyFilesSent):
        return error_page(request, 400, detail=_TOO_MANY_FILES.format(settings.DATA_UPLOAD_MAX_NUMBER_FILES))
    return error_page(request, 400)


def permission_denied(request, exception):
    return error_page(request, 403)


def not_found(request, exception):
    return error_page(request, 404)


def server_error(request):
    return error_page(request, 500)


def csrf_failure(request, reason=""):
    return error_page(
        request,
        403,
        detail="This form was open too long or came from another site. Go back, reload the page and send it again.",
    )


class RefusalMiddleware:
    """Turns a Refusal that no view answered into its page, with what was in the form, so that it is not lost."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if isinstance(exception, Refusal):
            typed = shown(fields_sent(request)) if exception.typed is None else exception.typed
            return error_page(request, exception.status, detail=exception.detail, errors=exception.errors, typed=typed)
        if isinstance(exception, RequestDataTooBig):
            return error_page(request, 413)
        if isinstance(exception, OperationalError | ProgrammingError):
            return database_missing(request, exception)
        return None


def database_missing(request: HttpRequest, exception: Exception) -> HttpResponse | None:
    """503 with the next command when the database is away, not at this release or being changed, and without one when
    others held it for too long; None for a fault of ours."""
    found, busy = fit(anew=True), _is_held(exception)
    if found.fits and not found.changing and not busy:
        return None
    answer = error_page(request, 503, detail=found.why or "Others are writing just now. Try again in a moment.")
    answer["Retry-After"] = str(RETRY_SOON if busy else found.retry_after)
    return answer


def _is_held(exception: Exception) -> bool:
    """Whether a lock was waited for in vain, or an upgrade that has just ended left this connection to readers."""
    return any(words in str(exception) for words in ("database is locked", "readonly database", "due to lock timeout"))
