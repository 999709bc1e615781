"""Answers that are files."""

from __future__ import annotations

from django.http import HttpResponse


def attachment(*, name: str, content_type: str, content: bytes) -> HttpResponse:
    """A file for saving. ``name`` must be plain ASCII without quotes, as our own file names are."""
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
