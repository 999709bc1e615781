"""A panel's versions: listed, read, compared, restored, tagged, kept; and what changed with each."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from panelmerge.lib.api import Pages
from panelmerge.lib.errors import Refusal
from panels.access import note_look
from panels.actions.differences import VersionDiff, diff_versions, records_of
from panels.actions.keeping_versions import POLICY, TAGS_KEEP, add_tag, remove_tag, retention_of, set_retention, tags_of
from panels.actions.library import GENES_NEVER_KEPT, GenesNeverKept, restore_version, version_of
from panels.actions.rights import panel_for
from panels.api.library.base import (
    LibraryView,
    allowed,
    check_query,
    described,
    etag,
    expected_version,
    panel_to_show,
    signed_in,
)
from panels.api.library.bodies import CommentOnlyBody, RetentionBody, TagBody, checked
from panels.api.library.idempotency import idempotent
from panels.api.library.panels import KEY, MATCH, changed_answer
from panels.api.library.values import (
    DIFF,
    ChangeValue,
    PanelDetailValue,
    TagValue,
    VersionDetailValue,
    VersionValue,
    change_value,
    recipe_value,
    tag_value,
    version_value,
)
from panels.engine.levels import Level
from panels.models import PanelVersionTag, RetentionPolicy
from panels.models.visibility import is_somebody

TAGS = Prefetch("tags", PanelVersionTag.objects.select_related("created_by"))


class RetentionValue(serializers.ModelSerializer):
    is_set = serializers.BooleanField(help_text="False: nobody chose anything, and every version is kept.")

    class Meta:
        model = RetentionPolicy
        fields = [*POLICY, *TAGS_KEEP, "last_cleanup_at", "is_set"]
        read_only_fields = fields


class VersionsView(LibraryView):
    pagination_class = Pages

    @described(responses=VersionValue(many=True))
    def get(self, request: Request, panel_id: int) -> Response:
        """Newest first."""
        panel, _ = panel_to_show(request, panel_id)
        rows = panel.versions.select_related("created_by").prefetch_related(TAGS).defer("recipe", "metadata")
        pages = Pages()
        page = pages.paginate_queryset(rows.order_by("-version_number"), request, view=self)
        names_people = is_somebody(request.user)
        return pages.get_paginated_response([version_value(one, panel, names_people=names_people) for one in page])


class VersionView(LibraryView):
    @described(responses=VersionDetailValue)
    def get(self, request: Request, panel_id: int, number: int) -> Response:
        """One version with its own genes, which nothing later alters. A version of an earlier release says plainly that
        its genes were never kept."""
        panel_to_show(request, panel_id)
        version = version_of(panel=panel_id, by=request.user, number=number)
        try:
            genes, detail = records_of(version), ""
        except GenesNeverKept:
            genes, detail = None, GENES_NEVER_KEPT
        value = version_value(version, version.panel, names_people=is_somebody(request.user))
        value |= {"metadata": version.metadata, "recipe": recipe_value(version), "detail": detail, "genes": genes}
        response = Response(value)
        response["ETag"] = etag(version.panel, version)
        return response


class RestoreView(LibraryView):
    @described(request=CommentOnlyBody, responses=PanelDetailValue, parameters=[MATCH, KEY])
    @idempotent
    def post(self, request: Request, panel_id: int, number: int) -> Response:
        """Make the genes of this version current again, as a new version."""
        by, panel = allowed(request, panel_id, Level.EDIT)
        expected = expected_version(request, panel)
        given = checked(CommentOnlyBody, request.data)
        saved = restore_version(panel=panel_id, by=by, number=number, expected=expected, **given)
        return changed_answer(saved, by)


class TagsView(LibraryView):
    pagination_class = Pages

    @described(responses=TagValue(many=True))
    def get(self, request: Request, panel_id: int, number: int) -> Response:
        tags = tags_of(panel=panel_id, by=request.user, number=number).order_by("tag_name")
        check_query(request)
        pages = Pages()
        page = pages.paginate_queryset(tags, request, view=self)
        names_people = is_somebody(request.user)
        return pages.get_paginated_response([tag_value(tag, names_people=names_people) for tag in page])

    @described(request=TagBody, responses={201: TagValue}, parameters=[KEY])
    @idempotent
    def post(self, request: Request, panel_id: int, number: int) -> Response:
        """Tag a version. It is not pruned while it bears one; PRODUCTION and STAGING come off by ADMIN alone."""
        by, _ = allowed(request, panel_id, Level.EDIT)
        tag = add_tag(panel=panel_id, by=by, number=number, **checked(TagBody, request.data))
        return Response(tag_value(tag), status=status.HTTP_201_CREATED)

    @described(
        parameters=[OpenApiParameter("tag_name", required=True, description="Which tag.")], responses={204: None}
    )
    def delete(self, request: Request, panel_id: int, number: int) -> Response:
        """Take the tag ``?tag_name=`` off."""
        by, _ = allowed(request, panel_id, Level.EDIT)
        name = request.query_params.get("tag_name", "")
        if not name:
            raise Refusal("tag_name: say which tag.", errors={"tag_name": ["Say which tag, in the address."]})
        remove_tag(panel=panel_id, by=by, number=number, tag_name=name)
        return Response(status=status.HTTP_204_NO_CONTENT)


class DiffView(LibraryView):
    @described(responses={200: DIFF})
    def get(self, request: Request, panel_id: int, a: int, b: int) -> Response:
        """What turns version a into version b, field by field. Another symbol for the same gene is in ``renamed``."""
        panel_for(request.user, panel_id)
        check_query(request)
        found = diff_versions(panel=panel_id, by=request.user, a=a, b=b)
        note_look(found.a.panel, request.user)
        return Response(diff_value(found))


class ChangesView(LibraryView):
    pagination_class = Pages

    @described(
        parameters=[OpenApiParameter("version", OpenApiTypes.INT, description="Only of this version.")],
        responses=ChangeValue(many=True),
    )
    def get(self, request: Request, panel_id: int) -> Response:
        """Every change of a gene or of metadata, with who, when and why; newest first."""
        signed_in(request)
        panel, _ = panel_to_show(request, panel_id)
        rows = panel.changes.select_related("version", "changed_by").with_stored_values()
        rows = rows.defer("version__recipe", "version__metadata").order_by("-id")
        if number := request.query_params.get("version", ""):
            rows = rows.filter(version__version_number=_number(number))
        pages = Pages()
        page = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response([change_value(one) for one in page])


class RetentionView(LibraryView):
    @described(responses=RetentionValue)
    def get(self, request: Request, panel_id: int) -> Response:
        policy = retention_of(panel=panel_id, by=signed_in(request))
        check_query(request)
        return Response(_retention_value(policy))

    @described(request=RetentionBody, responses=RetentionValue)
    def put(self, request: Request, panel_id: int) -> Response:
        """Say which versions ``prune_versions`` leaves; what is not given stays as it is."""
        by, _ = allowed(request, panel_id, Level.ADMIN)
        policy = set_retention(panel=panel_id, by=by, **checked(RetentionBody, request.data))
        return Response(_retention_value(policy))


def diff_value(found: VersionDiff) -> dict[str, Any]:
    return {
        "a": found.a.version_number,
        "b": found.b.version_number,
        "metadata": [{"field": name, "old": old, "new": new} for name, old, new in found.metadata],
    } | found.diff.as_json()


def _retention_value(policy: RetentionPolicy | None) -> dict[str, Any]:
    one = policy or RetentionPolicy()
    said = {name: getattr(one, name) for name in (*POLICY, "last_cleanup_at")}
    return said | dict.fromkeys(TAGS_KEEP, True) | {"is_set": policy is not None}


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Refusal("version: it is a number.", errors={"version": ["It is a number."]})
    return int(text)
