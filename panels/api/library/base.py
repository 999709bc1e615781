"""What every address of the library does alike: who asks, If-Match, refusals that name what is there now."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from panelmerge.lib.errors import NotHere, Refusal
from panels.access import note_shown
from panels.actions.differences import diff_records, records_of
from panels.actions.library import GenesNeverKept, version_of
from panels.actions.lists import current_records
from panels.actions.rights import VersionConflict, number_of, panel_for
from panels.engine.levels import Level, Standing
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
    """The person and the panel, asked before query and body are looked at: 401, 404, 403, in this order."""
    by = signed_in(request)
    panel, _ = panel_for(by, panel_id, level)
    check_query(request)
    return by, panel


def panel_to_show(request: Request, panel_id: int) -> tuple[SavedPanel, Standing]:
    """As ``panel_to_read``; what the address does not take is refused before anything counts as read."""
    panel, standing = panel_for(request.user, panel_id)
    check_query(request)
    note_shown(panel, request.user)
    return panel, standing


def signed_in(request: Request) -> Any:
    """The person; 401 for nobody."""
    if not request.user.is_authenticated:
        raise exceptions.NotAuthenticated("Sign in, or send a token.")
    return request.user


def described(*, parameters: Iterable[Any] = (), **words: Any) -> Callable[[Callable], Callable]:
    """As ``extend_schema``; the query parameters that are described are those that ``check_query`` lets pass."""

    def described_method(method: Callable) -> Callable:
        method.takes = tuple(_in_query(parameters))
        return extend_schema(parameters=list(parameters), **words)(method)

    return described_method


def _in_query(parameters: Iterable[Any]) -> Iterator[str]:
    for one in parameters:
        if not isinstance(one, OpenApiParameter):
            yield from one().fields
        elif one.location == OpenApiParameter.QUERY:
            yield one.name


def check_query(request: Request) -> None:
    """400 that names each parameter of the address that is not described: an ignored filter is a wrong answer.

    Every method asks it once it is known that the person may: 401, 404 and 403 come first.
    """
    view = request.parser_context["view"]
    known = list(getattr(view, request.method.lower()).takes)
    if request.method in ("GET", "HEAD") and (pages := getattr(view, "pagination_class", None)):
        known += [pages.page_query_param, pages.page_size_query_param]
    # Which form the answer has is settled before any view is asked.
    unknown = request.query_params.keys() - {*known, api_settings.URL_FORMAT_OVERRIDE}
    if unknown:
        told = f"Unknown parameter. Known here are: {', '.join(known)}." if known else "This address takes none."
        raise serializers.ValidationError({name: [told] for name in sorted(unknown)}, code="unknown_parameter")


class LibraryView(APIView):
    """Base of the library's addresses. ``panel_id`` in the address is the panel meant; methods are ``described``."""

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
