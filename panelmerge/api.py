"""Every error of the API as problem+json."""

from __future__ import annotations

from django.core.exceptions import RequestDataTooBig
from django.http import Http404
from rest_framework import exceptions

from panelmerge.errors import problem
from panelmerge.lib.errors import Refusal


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
        return problem(exception.status, code=exception.code, detail=exception.detail, errors=exception.errors)
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
