"""Uploads for programs. No account needed: without one they belong to the browser session."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response
from rest_framework.views import APIView

from panelmerge.lib.api import Pages, StrictJSONParser
from panelmerge.lib.errors import Refusal, TooLarge
from panelmerge.lib.serializers import StrictSerializer
from panels.actions.symbols import current_resolver
from panels.actions.uploads import UploadReport, add_text, add_uploads, choose_column, remove_upload, report
from panels.models import Upload


class UploadBody(StrictSerializer):
    """``file`` may be given several times, as multipart; or ``text`` with a ``name``, as JSON too."""

    file = serializers.ListField(child=serializers.FileField(allow_empty_file=True), required=False, max_length=20)
    text = serializers.CharField(required=False, trim_whitespace=False, allow_blank=True)
    name = serializers.CharField(required=False, max_length=255, allow_blank=True)

    def validate(self, given):
        if ("file" in given) == ("text" in given):
            raise serializers.ValidationError({"file": ["Send one or more files, or text."]})
        if "file" in given and "name" in given:
            raise serializers.ValidationError({"name": ["A file brings its own name."]})
        return given


@extend_schema_field({"oneOf": [{"type": "integer", "minimum": 0}, {"type": "string"}]})
class PositionOrName(serializers.Field):
    """A column's position from 0, its heading, or its letter."""

    def to_internal_value(self, data):
        if isinstance(data, bool) or not isinstance(data, int | str):
            raise serializers.ValidationError("A position from 0, a heading or a letter.")
        return data

    def to_representation(self, value):
        return value


class ChoiceBody(StrictSerializer):
    column = PositionOrName(required=False)
    sheet = serializers.CharField(required=False, max_length=255, allow_blank=True, trim_whitespace=False)
    delimiter = serializers.ChoiceField(choices=[",", ";", "\t"], required=False)

    def validate(self, given):
        if not given:
            raise serializers.ValidationError({"column": ["Say which column, sheet or delimiter."]})
        return given


class UploadLine(serializers.ModelSerializer):
    class Meta:
        model = Upload
        fields = ["id", "name", "size", "sheet", "column", "created_at", "expires_at"]


class CandidateValue(serializers.Serializer):
    hgnc_id = serializers.CharField()
    gene_symbol = serializers.CharField()
    gene_name = serializers.CharField()
    match = serializers.CharField()


class ListedGeneValue(serializers.Serializer):
    row = serializers.IntegerField()
    query = serializers.CharField()
    match = serializers.CharField()
    hgnc_id = serializers.CharField()
    gene_symbol = serializers.CharField()
    gene_name = serializers.CharField()
    entity_type = serializers.CharField()
    candidates = CandidateValue(many=True)
    suggestion = serializers.CharField()
    confidence_level = serializers.CharField()
    mode_of_inheritance = serializers.CharField()
    phenotype = serializers.CharField()
    note = serializers.CharField()


class ProblemValue(serializers.Serializer):
    row = serializers.IntegerField()
    column = serializers.CharField()
    value = serializers.CharField()
    message = serializers.CharField()


class ColumnValue(serializers.Serializer):
    index = serializers.IntegerField()
    name = serializers.CharField()
    letter = serializers.CharField()
    sample = serializers.ListField(child=serializers.CharField())
    share = serializers.FloatField(allow_null=True)


class SheetValue(serializers.Serializer):
    name = serializers.CharField()
    hidden = serializers.BooleanField()


class ReportValue(serializers.Serializer):
    """The shape of a report, for the description of the API; ``report_value`` writes it."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    detail = serializers.CharField()
    sheet = serializers.CharField()
    sheets = SheetValue(many=True)
    column = serializers.IntegerField(allow_null=True)
    columns = ColumnValue(many=True)
    suggestion = serializers.IntegerField(allow_null=True)
    genes = ListedGeneValue(many=True)
    problems = ProblemValue(many=True)
    counts = serializers.DictField(child=serializers.IntegerField())
    notes = serializers.ListField(child=serializers.CharField())
    encoding = serializers.CharField(allow_blank=True)
    delimiter = serializers.CharField(allow_blank=True)
    expires_at = serializers.DateTimeField()


def report_value(shown: UploadReport) -> dict[str, Any]:
    """A report as JSON. By hand: a serializer takes a second for ten thousand genes."""
    gene_keys = tuple(ListedGeneValue().fields)
    genes = [
        {key: getattr(gene, key) for key in gene_keys} | {"candidates": [one._asdict() for one in gene.candidates]}
        for gene in shown.genes
    ]
    whole = {key: getattr(shown, key) for key in ReportValue().fields}
    return whole | {
        "sheets": [{"name": sheet.name, "hidden": sheet.hidden} for sheet in shown.sheets],
        "columns": [{key: getattr(choice, key) for key in ColumnValue().fields} for choice in shown.columns],
        "genes": genes,
        "problems": [{key: getattr(one, key) for key in ProblemValue().fields} for one in shown.problems],
    }


def own_uploads(request):
    """Those of the person, or of the browser session; nobody else's exist."""
    return Upload.objects.visible_to(request.user, request.session.session_key)


def holder(request) -> dict[str, Any]:
    """To whom a new upload belongs. Without an account a session is begun, and its cookie goes with the answer."""
    if request.user.is_authenticated:
        return {"owner": request.user, "by": request.user}
    if request.session.session_key is None or not request.session.exists(request.session.session_key):
        request.session["has_uploads"] = True
        request.session.save()
    return {"session_key": request.session.session_key}


class UploadList(APIView):
    """Uploads of the person or the browser session.

    CSRF: enforced for whoever is signed in by cookie; without an account there
    is no authority a foreign page could borrow, as DRF has it.
    """

    parser_classes = [MultiPartParser, StrictJSONParser]
    pagination_class = Pages

    @extend_schema(responses=UploadLine(many=True))
    def get(self, request):
        pages = Pages()
        page = pages.paginate_queryset(own_uploads(request).defer("table"), request, view=self)
        return pages.get_paginated_response(UploadLine(page, many=True).data)

    @extend_schema(request=UploadBody, responses={201: ReportValue(many=True)})
    def post(self, request):
        body = UploadBody(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        for file in given.get("file", []):
            if file.size > settings.MAX_UPLOAD_SIZE:
                told = f"{file.name} has {file.size:,} bytes; at most {settings.MAX_UPLOAD_SIZE:,} are read."
                raise TooLarge(told, errors={"file": [told]})
        if "text" in given:
            uploads = [add_text(text=given["text"], name=given.get("name", ""), **holder(request))]
        else:
            files = [(file.name, file.read()) for file in given["file"]]
            if not files:
                raise Refusal("No file was sent.", errors={"file": ["No file was sent."]})
            uploads = add_uploads(files=files, **holder(request))
        resolver = current_resolver()
        shown = [report_value(report(upload, resolver)) for upload in uploads]
        return Response(shown, status=status.HTTP_201_CREATED)


class UploadDetail(APIView):
    """One upload of one's own."""

    def _own(self, pk) -> Upload:
        return get_object_or_404(own_uploads(self.request), pk=pk)

    @extend_schema(responses=ReportValue)
    def get(self, request, pk):
        return Response(report_value(report(self._own(pk), current_resolver())))

    @extend_schema(request=ChoiceBody, responses=ReportValue)
    def patch(self, request, pk):
        upload = self._own(pk)
        body = ChoiceBody(data=request.data)
        body.is_valid(raise_exception=True)
        upload = choose_column(upload=upload, by=request.user, **body.validated_data)
        return Response(report_value(report(upload, current_resolver())))

    @extend_schema(responses={204: None})
    def delete(self, request, pk):
        remove_upload(upload=self._own(pk), by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)
