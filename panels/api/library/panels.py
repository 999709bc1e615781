"""``saved-panels/`` and one panel: found, read, made, changed, put away."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from panelmerge.lib.api import Pages
from panels.access import note_listing, note_use
from panels.actions.finding_panels import DEFAULT_ORDER, MOST_GENES, ORDERS, SCOPES, PanelQuestion, find_panels
from panels.actions.library import change_panel, create_from_merge, create_panel
from panels.actions.lifecycle import delete_panel, duplicate_panel, hand_over, undelete_panel
from panels.actions.lists import current_records
from panels.actions.merging import merge_lists
from panels.actions.rights import check_may_own, panel_for
from panels.actions.sharing import person_named
from panels.actions.versions import Saved
from panels.api.library.base import (
    IF_MATCH,
    LibraryView,
    allowed,
    check_query,
    described,
    etag,
    expected_version,
    panel_to_show,
    signed_in,
)
from panels.api.library.bodies import ChangeBody, DuplicateBody, HandOverBody, NewPanelBody, WholeBody, checked
from panels.api.library.idempotency import HEADER, idempotent
from panels.api.library.values import PanelDetailValue, PanelValue, SavedMergeValue, panel_value
from panels.engine.levels import Level, Standing
from panels.engine.request import MergeRequest, UploadChoice
from panels.engine.values import dropped_value
from panels.models import SavedPanel
from panels.models.library import split_tags
from panels.models.visibility import is_somebody, standing_of, standings_of

KEY = OpenApiParameter(HEADER, location=OpenApiParameter.HEADER, description="Sent twice, it is done once.")
MATCH = OpenApiParameter(
    IF_MATCH, location=OpenApiParameter.HEADER, description="The ETag of the panel as it was read."
)


class ListQuery(serializers.Serializer):
    scope = serializers.ChoiceField(choices=SCOPES, required=False, help_text="All that you see, when left out.")
    search = serializers.CharField(required=False, allow_blank=True, help_text="Words of name, description and tags.")
    status = serializers.ChoiceField(choices=SavedPanel.Status.values, required=False)
    visibility = serializers.ChoiceField(choices=SavedPanel.Visibility.values, required=False)
    tag = serializers.CharField(required=False, allow_blank=True)
    gene = serializers.CharField(
        required=False, allow_blank=True, help_text="A symbol the gene has or ever had, its HGNC id or its Ensembl id."
    )
    min_genes = serializers.IntegerField(required=False, min_value=0, max_value=MOST_GENES)
    max_genes = serializers.IntegerField(required=False, min_value=0, max_value=MOST_GENES)
    ordering = serializers.ChoiceField(choices=list(ORDERS), default=DEFAULT_ORDER)


class SavedPanelsView(LibraryView):
    is_for_everybody = True
    pagination_class = Pages

    @described(parameters=[ListQuery], responses=PanelValue(many=True))
    def get(self, request: Request) -> Response:
        """Panels that you own, that were shared with you, or that are public. Without an account the public ones."""
        if request.query_params.get("scope") != "public":
            signed_in(request)
        check_query(request)
        query = ListQuery(data={name: value for name, value in request.query_params.items() if value != ""})
        query.is_valid(raise_exception=True)
        asked = PanelQuestion(**query.validated_data)
        found = find_panels(by=request.user, asked=asked)
        pages = Pages()
        numbers = pages.paginate_queryset(found.values_list("pk", flat=True), request, view=self)
        note_listing(request.user, {name: str(value) for name, value in query.validated_data.items()})
        return pages.get_paginated_response(panel_values(numbers, request.user))

    @described(request=NewPanelBody, responses={201: SavedMergeValue}, parameters=[KEY])
    @idempotent
    def post(self, request: Request) -> Response:
        """Make a panel of genes, an upload, or nothing yet. Every gene must be known for certain; of an upload, what is
        not stands in ``dropped``."""
        by = signed_in(request)
        check_may_own(by)
        check_query(request)
        given = checked(NewPanelBody, request.data)
        upload = given.pop("upload", None)
        if upload is None:
            return made_answer(create_panel(by=by, **given))
        result = merge_lists(
            request=MergeRequest([UploadChoice(str(upload))]), by=by, session_key=request.session.session_key
        )
        saved = create_from_merge(by=by, result=result, **given)
        return made_answer(saved, [dropped_value(one, result) for one in result.dropped])


class SavedPanelView(LibraryView):
    @described(responses=PanelDetailValue)
    def get(self, request: Request, panel_id: int) -> Response:
        """The panel with its genes. The ETag is what a change of it names in If-Match."""
        panel, standing = panel_to_show(request, panel_id)
        names_people = is_somebody(request.user)
        value = panel_value(panel, standing, names_people=names_people) | {"genes": current_records(panel)}
        return with_etag(Response(value), panel)

    @described(request=WholeBody, responses=PanelDetailValue, parameters=[MATCH])
    def put(self, request: Request, panel_id: int) -> Response:
        """Replace genes, name, description and tags by these. Saving what is there already makes no version."""
        return self._change(request, panel_id, WholeBody, description="", tags=[])

    @described(request=ChangeBody, responses=PanelDetailValue, parameters=[MATCH])
    def patch(self, request: Request, panel_id: int) -> Response:
        """Change what is given: metadata, the whole list of genes, or some of them. All of it or nothing."""
        return self._change(request, panel_id, ChangeBody)

    @described(responses={204: None}, parameters=[MATCH])
    def delete(self, request: Request, panel_id: int) -> Response:
        """Put the panel away, with everything it has. ``undelete/`` brings it back. If-Match is heeded, not needed."""
        by, panel = allowed(request, panel_id, Level.OWNER)
        expected = expected_version(request, panel) if IF_MATCH in request.headers else None
        delete_panel(panel=panel_id, by=by, expected=expected)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _change(self, request: Request, panel_id: int, body: type, **otherwise: Any) -> Response:
        by, panel = allowed(request, panel_id, Level.EDIT)
        expected = expected_version(request, panel)
        saved = change_panel(panel=panel_id, by=by, expected=expected, **(otherwise | checked(body, request.data)))
        return changed_answer(saved, by)


class UndeleteView(LibraryView):
    @described(request=None, responses=PanelDetailValue, parameters=[KEY])
    @idempotent
    def post(self, request: Request, panel_id: int) -> Response:
        """Bring a deleted panel back, as it was."""
        by = signed_in(request)
        with transaction.atomic():
            # Only the act knows whether a deleted panel is theirs; a refusal takes it back.
            undelete_panel(panel=panel_id, by=by)
            check_query(request)
        return read_answer(panel_id, by)


class DuplicateView(LibraryView):
    @described(request=DuplicateBody, responses={201: SavedMergeValue}, parameters=[KEY])
    @idempotent
    def post(self, request: Request, panel_id: int) -> Response:
        """A private copy of one's own, with its versions or without them."""
        by = signed_in(request)
        panel, _ = panel_for(by, panel_id)
        check_may_own(by)
        check_query(request)
        copy = duplicate_panel(panel=panel_id, by=by, **checked(DuplicateBody, request.data))
        note_use(panel, by)
        return made_answer(copy)


class HandOverView(LibraryView):
    @described(request=HandOverBody, responses=PanelValue, parameters=[KEY])
    @idempotent
    def post(self, request: Request, panel_id: int) -> Response:
        """Give the panel to another person. ``keep`` is the level you keep; without it you keep none."""
        by, _ = allowed(request, panel_id, Level.OWNER)
        given = checked(HandOverBody, request.data)
        panel = hand_over(panel=panel_id, by=by, to=person_named(given["user"]), keep=given.get("keep"))
        [found] = SavedPanel.objects.filter(pk=panel.pk).with_standing(by).select_related("owner", "current_version")
        return Response(panel_value(found, standing_of(found, by)))


def panel_values(numbers: list[int], by: Any) -> list[dict[str, Any]]:
    """The heads of these panels, in their order: a query, one more where some are of others, and no model for any."""
    names_people = is_somebody(by)
    rows = {row["id"]: row for row in SavedPanel.objects.filter(pk__in=numbers).order_by().values(*LISTED)}
    standings = standings_of(rows.values(), by)
    return [_head(rows[number], standings[number], names_people) for number in numbers if number in rows]


LISTED = (
    *("id", "name", "description", "tags", "owner_id", "owner__username", "status", "visibility", "gene_count"),
    *("version_count", "current_version__version_number", "current_version__content_hash", "source_type"),
    *("source_reference", "created_at", "updated_at", "last_accessed_at"),
)


def _head(row: dict[str, Any], standing: Standing, names_people: bool) -> dict[str, Any]:
    """As ``panel_value``, of a row of LISTED."""
    return {
        "id": row["id"],
        "name": row["name"],
        "description": row["description"] or "",
        "tags": split_tags(row["tags"]),
        "owner": {"id": row["owner_id"], "username": row["owner__username"]} if names_people else None,
        "status": row["status"],
        "visibility": row["visibility"],
        "gene_count": row["gene_count"],
        "version": row["current_version__version_number"] or 0,
        "version_count": row["version_count"],
        "content_hash": row["current_version__content_hash"],
        "source_type": row["source_type"] or "",
        "source_reference": row["source_reference"] or "",
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "last_accessed_at": row["last_accessed_at"],
        "level": standing.level.name,
        "can_share": standing.passes_on > 0,
    }


def with_etag(response: Response, panel: SavedPanel) -> Response:
    response["ETag"] = etag(panel, panel.current_version)
    return response


def read_answer(panel_id: int, by: Any) -> Response:
    panel, standing = panel_for(by, panel_id)
    return with_etag(Response(panel_value(panel, standing) | {"genes": current_records(panel)}), panel)


def changed_answer(saved: Saved, by: Any) -> Response:
    """The panel as this save left it, whatever others save meanwhile."""
    panel = saved.panel
    note_use(panel, by)
    return with_etag(Response(panel_value(panel, standing_of(panel, by)) | {"genes": saved.records}), panel)


def made_answer(saved: Saved, dropped: list[dict[str, Any]] | None = None) -> Response:
    value = panel_value(saved.panel, Standing(Level.OWNER)) | {"genes": saved.records, "dropped": dropped or []}
    response = with_etag(Response(value, status=status.HTTP_201_CREATED), saved.panel)
    response["Location"] = f"/api/v1/saved-panels/{saved.panel.pk}/"
    return response
