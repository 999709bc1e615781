"""Saved panels as files, files as saved panels, merged lists kept, and people's templates."""

from __future__ import annotations

from django.db import transaction
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from panelmerge.lib.api import Pages
from panelmerge.lib.errors import Refusal
from panelmerge.lib.http import attachment
from panelmerge.lib.serializers import StrictSerializer
from panels.access import note_use
from panels.actions.library import create_from_merge
from panels.actions.merging import merge_lists
from panels.actions.panel_files import export_panel, export_panels, import_panel, merge_into
from panels.actions.rights import check_may_own, panel_for
from panels.actions.templates import (
    change_template,
    make_template,
    remove_template,
    template_facts,
    template_for,
    templates_of,
)
from panels.api.library.base import LibraryView, allowed, check_query, described, expected_version, signed_in
from panels.api.library.bodies import IdsBody, ImportBody, MergeIntoBody, SaveMergeBody, Text, checked
from panels.api.library.idempotency import idempotent
from panels.api.library.panels import KEY, MATCH, changed_answer, made_answer
from panels.api.library.values import DroppedValue, PanelDetailValue, SavedMergeValue
from panels.api.merges import FILES
from panels.api.uploads import ProblemValue
from panels.engine.coordinates import BUILDS
from panels.engine.levels import Level
from panels.engine.values import dropped_value
from panels.formats.writing import FORMATS, Options, options_of
from panels.formats.writing.columns import HEADERS
from panels.models import ExportTemplate

CHOICES = [
    OpenApiParameter("build", enum=BUILDS, description="For bed and the sheet No place of xlsx."),
    OpenApiParameter("padding", OpenApiTypes.INT, description="Bases added on both sides, for bed."),
    OpenApiParameter("chr_prefix", OpenApiTypes.BOOL, description="chr1 and chrM for 1 and MT, for bed."),
]


class TemplateBody(StrictSerializer):
    name = serializers.CharField(max_length=1000)
    format = serializers.ChoiceField(choices=list(FORMATS))
    description = Text()
    columns = serializers.ListField(child=serializers.ChoiceField(choices=HEADERS), required=False, max_length=50)
    filename_pattern = serializers.CharField(
        required=False, allow_blank=True, max_length=1000, help_text="May hold {name}, {version}, {date}, {format}."
    )
    is_default = serializers.BooleanField(required=False)


class TemplateChangeBody(TemplateBody):
    name = serializers.CharField(max_length=1000, required=False)
    format = serializers.ChoiceField(choices=list(FORMATS), required=False)


class TemplateValue(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    format = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    columns = serializers.ListField(child=serializers.CharField())
    filename_pattern = serializers.CharField(allow_blank=True)
    is_default = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True)
    usage_count = serializers.IntegerField()


class ImportedValue(SavedMergeValue):
    problems = ProblemValue(many=True)
    notes = serializers.ListField(child=serializers.CharField())


class MergedIntoValue(PanelDetailValue):
    dropped = DroppedValue(many=True)


class ExportView(LibraryView):
    @described(
        responses=FILES,
        parameters=[
            OpenApiParameter("version", OpenApiTypes.INT, description="The current one, when left out."),
            OpenApiParameter("template", OpenApiTypes.INT, description="One of your export templates."),
            *CHOICES,
        ],
    )
    def get(self, request: Request, panel_id: int, format_name: str) -> Response:
        """A version of the panel as a file."""
        panel, _ = panel_for(request.user, panel_id)
        query = request.query_params
        chosen = query.get("template", "")
        template = template_for(template=_number("template", chosen), by=signed_in(request)) if chosen else None
        check_query(request)
        version = query.get("version", "")
        export = export_panel(
            panel=panel_id,
            by=request.user,
            format=format_name,
            version=_number("version", version) if version else None,
            options=_options(request),
            template=template,
        )
        note_use(panel, request.user)
        return attachment(name=export.name, content_type=export.content_type, content=export.content)


class BulkExportView(LibraryView):
    changes_nothing = True

    @described(request=IdsBody, responses={(200, "application/zip"): OpenApiTypes.BINARY}, parameters=CHOICES)
    def post(self, request: Request, format_name: str) -> Response:
        """Several panels as a zip of files; none of them when one is not yours to see."""
        by = signed_in(request)
        ids = checked(IdsBody, request.data)["ids"]
        with transaction.atomic():
            # Only the act knows whether they see them all; a refusal takes back that they were exported.
            export = export_panels(panels=ids, by=by, format=format_name, options=_options(request))
            check_query(request)
        return attachment(name=export.name, content_type=export.content_type, content=export.content)


class ImportView(LibraryView):
    parser_classes = [MultiPartParser]

    @described(request={"multipart/form-data": ImportBody}, responses={201: ImportedValue}, parameters=[KEY])
    @idempotent
    def post(self, request: Request) -> Response:
        """Make a panel of a file in any format that is read. Rows that name no gene for certain are in ``problems``."""
        by = signed_in(request)
        check_may_own(by)
        check_query(request)
        given = checked(ImportBody, request.data)
        file = given.pop("file")
        made = import_panel(by=by, file_name=file.name, content=file.read(), **given)
        response = made_answer(made.saved)
        response.data |= {
            "problems": [
                {"row": one.row, "column": one.column, "value": one.value, "message": one.message}
                for one in made.problems
            ],
            "notes": list(made.notes),
        }
        return response


class MergeIntoView(LibraryView):
    @described(request=MergeIntoBody, responses=MergedIntoValue, parameters=[MATCH, KEY])
    @idempotent
    def post(self, request: Request, panel_id: int) -> Response:
        """Merge other panels and lists into this one, which is the first input, as its next version."""
        by, panel = allowed(request, panel_id, Level.EDIT)
        expected = expected_version(request, panel)
        body = MergeIntoBody(data=request.data)
        body.is_valid(raise_exception=True)
        saved, result = merge_into(
            panel=panel_id,
            by=by,
            request=body.request(),
            expected=expected,
            comment=body.validated_data.get("comment", ""),
        )
        response = changed_answer(saved, by)
        response.data["dropped"] = [dropped_value(one, result) for one in result.dropped]
        return response


class SaveMergeView(LibraryView):
    @described(request=SaveMergeBody, responses={201: SavedMergeValue}, parameters=[KEY])
    @idempotent
    def post(self, request: Request) -> Response:
        """Keep a merged list as a panel, with the recipe that makes it again; ``dropped`` is what it lacks."""
        by = signed_in(request)
        check_may_own(by)
        check_query(request)
        body = SaveMergeBody(data=request.data)
        body.is_valid(raise_exception=True)
        result = merge_lists(request=body.request(), by=by, session_key=request.session.session_key)
        saved = create_from_merge(by=by, result=result, **body.panel())
        return made_answer(saved, [dropped_value(one, result) for one in result.dropped])


class TemplatesView(LibraryView):
    pagination_class = Pages

    @described(responses=TemplateValue(many=True))
    def get(self, request: Request) -> Response:
        rows = templates_of(signed_in(request)).order_by("name", "id")
        check_query(request)
        pages = Pages()
        page = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response([template_value(one) for one in page])

    @described(request=TemplateBody, responses={201: TemplateValue}, parameters=[KEY])
    @idempotent
    def post(self, request: Request) -> Response:
        by = signed_in(request)
        check_may_own(by)
        check_query(request)
        template = make_template(by=by, **checked(TemplateBody, request.data))
        return Response(template_value(template), status=status.HTTP_201_CREATED)


class TemplateView(LibraryView):
    @described(responses=TemplateValue)
    def get(self, request: Request, template_id: int) -> Response:
        template = template_for(template=template_id, by=signed_in(request))
        check_query(request)
        return Response(template_value(template))

    @described(request=TemplateChangeBody, responses=TemplateValue)
    def patch(self, request: Request, template_id: int) -> Response:
        by = signed_in(request)
        template_for(template=template_id, by=by)
        check_query(request)
        template = change_template(template=template_id, by=by, **checked(TemplateChangeBody, request.data))
        return Response(template_value(template))

    @described(responses={204: None})
    def delete(self, request: Request, template_id: int) -> Response:
        by = signed_in(request)
        template_for(template=template_id, by=by)
        check_query(request)
        remove_template(template=template_id, by=by)
        return Response(status=status.HTTP_204_NO_CONTENT)


def template_value(template: ExportTemplate) -> dict:
    return (
        {"id": template.pk}
        | template_facts(template)
        | {name: getattr(template, name) for name in ("created_at", "updated_at", "last_used_at", "usage_count")}
    )


def _options(request: Request) -> Options:
    given = request.query_params
    return options_of(**{name: given.get(name, "") for name in ("build", "padding", "chr_prefix")})


def _number(name: str, text: str) -> int:
    digits = text.removeprefix("v") if name == "version" else text
    if not digits.isascii() or not digits.isdigit() or len(digits) > 9:
        raise Refusal(f"{name}: it is a number.", errors={name: ["It is a number."]})
    return int(digits)
