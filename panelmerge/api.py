"""What every answer of the API has in common: pages, problems, strict JSON."""

from __future__ import annotations

import json

import orjson
from django.core.exceptions import RequestDataTooBig
from django.http import Http404
from rest_framework import exceptions, pagination, parsers, renderers

from panelmerge.errors import problem
from panelmerge.lib.errors import Refusal


class Pages(pagination.PageNumberPagination):
    """{count, next, previous, results}; ``page`` from 1, ``per_page`` up to 100."""

    page_size = 25
    page_size_query_param = "per_page"
    max_page_size = 100


class ORJSONRenderer(renderers.BaseRenderer):
    media_type = "application/json"
    format = "json"

    def render(self, data, accepted_media_type=None, renderer_context=None) -> bytes:
        return b"" if data is None else orjson.dumps(data, option=orjson.OPT_NON_STR_KEYS)


class StrictJSONParser(parsers.BaseParser):
    """JSON without what a database cannot hold (NUL, half characters) and without a key given twice."""

    media_type = "application/json"

    def parse(self, stream, media_type=None, parser_context=None):
        try:
            text = stream.read().decode("utf-8")
            value = json.loads(text, object_pairs_hook=self._object, parse_constant=self._constant)
            # Round-trips every string: a lone surrogate cannot be written as UTF-8.
            json.dumps(value, ensure_ascii=False).encode("utf-8")
        except UnicodeError as error:
            raise exceptions.ParseError("The body is not UTF-8 text.") from error
        except RecursionError as error:
            raise exceptions.ParseError("The body is nested too deeply.") from error
        except ValueError as error:
            raise exceptions.ParseError(f"The body is not JSON: {error}") from error
        if "\\u0000" in text or "\0" in text:
            raise exceptions.ParseError("The body holds a NUL character.")
        return value

    @staticmethod
    def _object(pairs):
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a key is given twice")
        return found

    @staticmethod
    def _constant(name):
        raise ValueError(f"{name} is no JSON value")


def _sentences(detail, prefix: str = "") -> dict[str, list[str]]:
    """DRF's nested error details as {"inputs.0.confidence": [sentence, ...]}."""
    if isinstance(detail, dict):
        found: dict[str, list[str]] = {}
        for key, inner in detail.items():
            found.update(_sentences(inner, f"{prefix}.{key}" if prefix else str(key)))
        return found
    if isinstance(detail, list) and any(isinstance(inner, dict | list) for inner in detail):
        found = {}
        for index, inner in enumerate(detail):
            if inner:
                found.update(_sentences(inner, f"{prefix}.{index}" if prefix else str(index)))
        return found
    return {prefix or "body": [str(inner) for inner in (detail if isinstance(detail, list) else [detail])]}


def problem_handler(exception, context):
    """Every error of the API as problem+json; None (a 500) only for what is our own fault."""
    if isinstance(exception, Refusal):
        headers = {"Retry-After": "60"} if exception.status in (429, 503) else None
        return problem(
            exception.status, code=exception.code, detail=exception.detail, errors=exception.errors, headers=headers
        )
    if isinstance(exception, RequestDataTooBig):
        return problem(413)
    if isinstance(exception, Http404):
        return problem(404, code="not_found")
    if not isinstance(exception, exceptions.APIException):
        return None
    headers = {}
    if getattr(exception, "wait", None):
        headers["Retry-After"] = str(int(exception.wait))
    if getattr(exception, "auth_header", None):
        headers["WWW-Authenticate"] = exception.auth_header
    if isinstance(exception, exceptions.ValidationError):
        errors = _sentences(exception.detail)
        first = next(iter(errors.items()))
        return problem(400, code="invalid", detail=f"{first[0]}: {first[1][0]}", errors=errors)
    return problem(
        exception.status_code,
        code=getattr(exception.detail, "code", ""),
        detail=str(exception.detail),
        headers=headers,
    )
