"""What every address of the library does alike: who asks, If-Match, refusals that name what is there now."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import Any

from django.http import Http404
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.views import APIView

from panelmerge.lib.errors import NotHere, Refusal
from panels.actions.differences import diff_records, records_of
from panels.actions.library import GenesNeverKept, version_of
from panels.actions.lists import current_records
from panels.actions.rights import VersionConflict, number_of, panel_for
from panels.engine.levels import Level
from panels.models import PanelVersion, SavedPanel

_TAG = re.compile(r'(W/)?"([^"]*)"')
_OURS = re.compile(r"p(\d{1,10})-v(\d{1,10})-[0-9a-f]{1,8}\Z")
IF_MATCH = "If-Match"


def etag(panel: SavedPanel, version: PanelVersion | None) -> str:
    """``"p12-v8-1f2e3d4c"``: the panel, its version, and what that contains."""
    number = version.version_number if version else 0
    content = (version.content_hash if version else "") or "0"
    return f'"p{panel.pk}-v{number}-{content[:8]}"'


def expected_version(request: Request, panel: SavedPanel) -> int:
    """The number of the version that If-Match names; 0 and below is none of the panel's, which no save can match.

    Refusal 428 without the header, and for ``*``, which names no version.
    """
    given = request.headers.get(IF_MATCH, "").strip()
    if given in ("", "*"):
        raise Refusal(
            "Say in If-Match which version the change was made on: the ETag of the panel as it was read.",
            status=428,
            code="precondition_required",
        )
    current = etag(panel, panel.current_version)
    tags = [text for weak, text in _TAG.findall(given) if not weak]
    if current.strip('"') in tags:
        return number_of(panel)
    named = [int(found[2]) for text in tags if (found := _OURS.match(text)) and int(found[1]) == panel.pk]
    return named[0] if named and named[0] != number_of(panel) else -1


def allowed(request: Request, panel_id: int, level: Level) -> tuple[Any, SavedPanel]:
    """The person and the panel, asked before the body is looked at: 401, 404, 403, in this order."""
    by = signed_in(request)
    return by, panel_for(by, panel_id, level)[0]


def signed_in(request: Request) -> Any:
    """The person; 401 for nobody."""
    if not request.user.is_authenticated:
        raise exceptions.NotAuthenticated("Sign in, or send a token.")
    return request.user


class LibraryView(APIView):
    """Base of the library's addresses. ``panel_id`` in the address is the panel asked for."""

    def handle_exception(self, exc: Exception):
        request = self.request
        is_stranger = not request.user.is_authenticated
        if isinstance(exc, NotHere) and is_stranger and not getattr(self, "is_for_everybody", False):
            # Whether it is there is not said to who might only have to sign in.
            exc = exceptions.NotAuthenticated("Sign in, or send a token.")
        elif isinstance(exc, Refusal) and exc.status == 403 and is_stranger:
            exc = exceptions.NotAuthenticated("Sign in, or send a token.")
        response = super().handle_exception(exc)
        if isinstance(exc, VersionConflict):
            _add_what_is_there(response, exc, request.user)
        return response


def _add_what_is_there(response: Any, conflict: VersionConflict, by: Any) -> None:
    """The other's version, and what it changed since the one that the request was made on."""
    content = json.loads(response.content)
    current = conflict.current
    tag = etag(conflict.panel, current)
    content["current"] = {
        "version_number": current.version_number if current else 0,
        "etag": tag,
        "comment": (current.comment if current else "") or "",
        "changes_summary": (current.changes_summary if current else "") or "",
        "created_by": current.created_by.username if current else "",
        "created_at": current.created_at.isoformat() if current else None,
    }
    content["theirs"] = None
    with suppress(NotHere, Http404, GenesNeverKept):
        base = version_of(panel=conflict.panel.pk, by=by, number=conflict.expected)
        content["theirs"] = diff_records(records_of(base), current_records(conflict.panel)).as_json()
    response.content = json.dumps(content).encode()
    response["ETag"] = tag
