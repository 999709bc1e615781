"""Merging and downloading, for programs. The body is also what a recipe is."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from panelmerge.lib.http import attachment
from panelmerge.lib.serializers import StrictSerializer
from panels.actions.exporting import export_merge
from panels.actions.merging import merge_lists
from panels.engine.content import GENE_KEYS
from panels.engine.coordinates import BUILDS
from panels.engine.genes import Confidence, EntityType
from panels.engine.merge import RESOLUTIONS, Decision, Rule
from panels.engine.recipe import recipe_of
from panels.engine.request import ListChoice, MergeRequest, PanelChoice, PanelSpec, SavedChoice, UploadChoice
from panels.engine.values import dropped_value, entity_value, summary_value
from panels.formats.writing import CONTENT_TYPES, options_of
from panels.formats.writing.about import hash_of

LEVELS = [level.value for level in Confidence]
# What a gene of a result carries beside its keys; taken and left aside, so that a result can be sent back as a list.
RESULT_KEYS = ("origins", "conflicts")
# What a cell of a spreadsheet holds: what was typed in a file can be sent on.
LONGEST_TEXT = 32_767
# What many sources say of one gene, put together in one text, as our own files state it.
LONGEST_STATEMENT = 1_000_000
# Where an STR or region lies, beside the keys of a gene: no list of gene names has it.
PLACE_KEYS = ("grch37", "grch38")


class ConfidenceField(serializers.ListField):
    """["green", "amber"]; "none" is PanelApp's level 0."""

    child = serializers.ChoiceField(choices=LEVELS)

    def __init__(self, **kwargs):
        super().__init__(required=False, allow_empty=False, max_length=len(LEVELS), **kwargs)

    def to_internal_value(self, data):
        return frozenset(super().to_internal_value(data))


class VersionField(serializers.RegexField):
    """ "2.10" as text: as a number it would be 2.1, which is another version."""

    def to_internal_value(self, data):
        if not isinstance(data, str):
            raise serializers.ValidationError('A version is text: write "2.10" with quotes.')
        return super().to_internal_value(data)


class PanelInput(StrictSerializer):
    source = serializers.ChoiceField(choices=["uk", "aus"])
    panel_id = serializers.IntegerField(min_value=1, max_value=2_147_483_647)
    version = VersionField(r"^\d{1,9}\.\d{1,9}\Z", required=False, max_length=20)
    confidence = ConfidenceField()

    def choice(self, given: dict) -> PanelChoice:
        panel = PanelSpec(given["source"], given["panel_id"], given.get("version", ""))
        return PanelChoice(panel, given.get("confidence"))


class SavedInput(StrictSerializer):
    saved_panel = serializers.IntegerField(min_value=1, max_value=2_147_483_647)
    version = serializers.IntegerField(min_value=1, max_value=2_147_483_647, required=False)
    confidence = ConfidenceField()

    def choice(self, given: dict) -> SavedChoice:
        return SavedChoice(given["saved_panel"], given.get("version"), given.get("confidence"))


class UploadInput(StrictSerializer):
    upload = serializers.UUIDField()
    confidence = ConfidenceField()

    def choice(self, given: dict) -> UploadChoice:
        return UploadChoice(str(given["upload"]), given.get("confidence"))


def check_signs(text: str) -> None:
    """JSON can write a NUL and halves of characters; no file of ours can hold them."""
    if "\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise serializers.ValidationError("The text holds a NUL or half of a character.")


GENE_SCHEMA = {
    "oneOf": [
        {"type": "string", "minLength": 1, "description": "A symbol or an HGNC id."},
        {
            "type": "object",
            "properties": {key: {"type": "string", "nullable": True} for key in (*GENE_KEYS, *PLACE_KEYS)},
            "additionalProperties": False,
        },
    ]
}


@extend_schema_field(GENE_SCHEMA)
class TypedGene(serializers.Field):
    """A symbol or HGNC id as text, or an object with keys of a gene."""

    def to_internal_value(self, data):
        if isinstance(data, str):
            if not data.strip() or len(data) > LONGEST_TEXT:
                raise serializers.ValidationError("A gene is a symbol or HGNC id, not empty text.")
            check_signs(data)
            return data
        if not isinstance(data, dict):
            raise serializers.ValidationError("A gene is a symbol, an HGNC id, or an object with the keys of a gene.")
        unknown = sorted(set(data) - {*GENE_KEYS, *PLACE_KEYS, *RESULT_KEYS, "row"})
        if unknown:
            raise serializers.ValidationError(f"Unknown key {unknown[0]!r}. Known are: {', '.join(GENE_KEYS)}.")
        typed = {key: data[key] for key in (*GENE_KEYS, *PLACE_KEYS) if data.get(key) is not None}
        for key, value in typed.items():
            if not isinstance(value, str) or len(value) > LONGEST_STATEMENT:
                raise serializers.ValidationError(f"{key}: must be text of at most {LONGEST_STATEMENT:,} characters.")
            check_signs(value)
        if typed.get("entity_type", "gene") not in list(EntityType):
            raise serializers.ValidationError("entity_type: must be gene, str or region.")
        is_gene = typed.get("entity_type", "gene") == "gene"
        row = data.get("row")
        if row is not None and (type(row) is not int or not 0 < row < 10_000_000):
            raise serializers.ValidationError("row: the number of a row, from 1.")
        # Only a recipe of a file names an empty cell, by its row.
        if not (typed.get("gene_symbol") or (is_gene and typed.get("hgnc_id")) or row):
            raise serializers.ValidationError("gene_symbol: give a symbol, or an HGNC id for a gene.")
        return typed if row is None else typed | {"row": row}


class ListInput(StrictSerializer):
    name = serializers.CharField(max_length=255)
    genes = serializers.ListField(child=TypedGene(), allow_empty=False, max_length=10_000)
    confidence = ConfidenceField()

    def choice(self, given: dict) -> ListChoice:
        return ListChoice(given["name"], tuple(given["genes"]), given.get("confidence"))


_NUMBER = {"type": "integer", "minimum": 1, "maximum": 2_147_483_647}
_LEVELS = {"type": "array", "items": {"type": "string", "enum": LEVELS}, "minItems": 1, "maxItems": len(LEVELS)}


def _input(required: list[str], **properties: dict) -> dict:
    properties |= {"confidence": _LEVELS}
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


INPUT_SCHEMA = {
    "oneOf": [
        _input(
            ["source", "panel_id"],
            source={"type": "string", "enum": ["uk", "aus"]},
            panel_id=_NUMBER,
            version={"type": "string", "pattern": r"^\d{1,9}\.\d{1,9}$"},
        ),
        _input(["saved_panel"], saved_panel=_NUMBER, version=_NUMBER),
        _input(["upload"], upload={"type": "string", "format": "uuid"}),
        _input(
            ["name", "genes"],
            name={"type": "string", "minLength": 1, "maxLength": 255},
            genes={"type": "array", "items": GENE_SCHEMA, "minItems": 1, "maxItems": 10_000},
        ),
    ]
}


@extend_schema_field(INPUT_SCHEMA)
class InputField(serializers.Field):
    """One of {source, panel_id, version?, confidence?}, {saved_panel, version?, confidence?}, {upload, confidence?},
    {name, genes, confidence?}."""

    def to_internal_value(self, data):
        if not isinstance(data, dict):
            raise serializers.ValidationError("An input is an object.")
        keys = {"upload": UploadInput, "saved_panel": SavedInput, "genes": ListInput}
        kind = next((one for key, one in keys.items() if key in data), PanelInput)
        one = kind(data=data)
        one.is_valid(raise_exception=True)
        return one.choice(one.validated_data)


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string", "enum": ["union", "intersection"]},
            {"type": "object", "properties": {"at_least": {"type": "integer"}}, "required": ["at_least"]},
            {"type": "object", "properties": {"subtract": {"type": "integer"}}, "required": ["subtract"]},
        ]
    }
)
class RuleField(serializers.Field):
    """ "union", "intersection", {"at_least": k} or {"subtract": i}, i counting from 0."""

    def to_internal_value(self, data):
        if data in ("union", "intersection"):
            return Rule(data)
        if isinstance(data, dict) and len(data) == 1:
            [(kind, number)] = data.items()
            if kind in ("at_least", "subtract") and type(number) is int and abs(number) < 10_000:
                return Rule(kind, number)
        raise serializers.ValidationError('Write "union", "intersection", {"at_least": 2} or {"subtract": 0}.')


class ResolveField(StrictSerializer):
    confidence = serializers.ChoiceField(choices=RESOLUTIONS, required=False)
    confidence_level = serializers.ChoiceField(choices=RESOLUTIONS, required=False)
    mode_of_inheritance = serializers.ChoiceField(choices=RESOLUTIONS, required=False)

    def validate(self, given):
        confidence = given.pop("confidence", None)
        if confidence is not None:
            given["confidence_level"] = confidence
        return given


class DecisionField(StrictSerializer):
    confidence_level = serializers.ChoiceField(choices=LEVELS, required=False)
    mode_of_inheritance = serializers.CharField(max_length=500, required=False)
    reason = serializers.CharField(max_length=1000)

    def to_internal_value(self, data):
        given = super().to_internal_value(data)
        if len(given) < 2:
            raise serializers.ValidationError({"confidence_level": ["Say what was decided, not only why."]})
        return Decision(**given)


class MergeBody(StrictSerializer):
    inputs = serializers.ListField(child=InputField(), allow_empty=False, max_length=200)
    rule = RuleField(required=False)
    resolve = ResolveField(required=False)
    decisions = serializers.DictField(child=DecisionField(), required=False)
    gene_names = serializers.CharField(
        max_length=50, required=False, help_text="As a recipe has it; merging uses the names that are loaded now."
    )

    def request(self) -> MergeRequest:
        given = self.validated_data
        names = ("inputs", "rule", "resolve", "decisions")
        return MergeRequest(**{name: given[name] for name in names if name in given})


FILES = {(200, kind): OpenApiTypes.BINARY for kind in CONTENT_TYPES}


def merged_for(request):
    body = MergeBody(data=request.data)
    body.is_valid(raise_exception=True)
    return merge_lists(request=body.request(), by=request.user, session_key=request.session.session_key)


@extend_schema(request=MergeBody, responses={200: OpenApiTypes.OBJECT})
class MergeView(APIView):
    """POST: the merged list, with every origin, conflict and dropped row, and the recipe that makes it again."""

    def post(self, request):
        result = merged_for(request)
        return Response(
            {
                "genes": [entity_value(merged) for merged in result.of_type("gene")],
                "strs": [entity_value(merged) for merged in result.of_type("str")],
                "regions": [entity_value(merged) for merged in result.of_type("region")],
                "dropped": [dropped_value(dropped, result) for dropped in result.dropped],
                "summary": summary_value(result),
                "recipe": recipe_of(result),
                "content_hash": hash_of(result),
            }
        )


@extend_schema(
    request=MergeBody,
    responses=FILES,
    parameters=[
        OpenApiParameter("build", enum=BUILDS, description="For bed and the sheet No place of xlsx."),
        OpenApiParameter("padding", OpenApiTypes.INT, description="Bases added on both sides, for bed."),
        OpenApiParameter("chr_prefix", OpenApiTypes.BOOL, description="chr1 and chrM for 1 and MT, for bed."),
    ],
)
class MergeExportView(APIView):
    """POST the same body: the merged list as a file."""

    def post(self, request, format_name: str):
        given = request.query_params
        options = options_of(**{name: given.get(name, "") for name in ("build", "padding", "chr_prefix")})
        export = export_merge(result=merged_for(request), format=format_name, options=options, by=request.user)
        return attachment(name=export.name, content_type=export.content_type, content=export.content)
