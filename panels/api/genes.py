"""What a gene symbol means, over HTTP."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from panels.actions.symbols import current_resolver
from panels.engine.symbols import Match

MOST_SYMBOLS = 50_000
LONGEST = 255


class SymbolField(serializers.CharField):
    """A symbol exactly as written; a number is taken as the text a spreadsheet would show."""

    def __init__(self, **options) -> None:
        super().__init__(allow_blank=True, trim_whitespace=False, max_length=LONGEST, **options)


class SymbolsSerializer(serializers.Serializer):
    symbols = serializers.ListField(child=SymbolField(), max_length=MOST_SYMBOLS)

    def validate(self, attrs: dict) -> dict:
        unknown = sorted(set(self.initial_data) - set(self.fields))
        if unknown:
            raise ValidationError(dict.fromkeys(unknown, "There is no such field; write symbols only."))
        return attrs


class SuggestSerializer(serializers.Serializer):
    q = SymbolField(default="")


class CandidateSerializer(serializers.Serializer):
    hgnc_id = serializers.CharField()
    gene_symbol = serializers.CharField()
    gene_name = serializers.CharField()
    match = serializers.ChoiceField(choices=[match.value for match in Match])


class ResolutionSerializer(CandidateSerializer):
    query = serializers.CharField()
    candidates = CandidateSerializer(many=True)
    suggestion = serializers.CharField()


class ResolvedSerializer(serializers.Serializer):
    release = serializers.CharField(help_text="The gene names that answered, such as HGNC 2023-06-13.")
    results = ResolutionSerializer(many=True)


class SuggestedSerializer(serializers.Serializer):
    results = CandidateSerializer(many=True)


class ResolveGenesView(APIView):
    @extend_schema(request=SymbolsSerializer, responses=ResolvedSerializer)
    def post(self, request: Request) -> Response:
        """Say what each symbol means, in the order given. Ambiguous and damaged symbols are never guessed."""
        asked = SymbolsSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        resolver = current_resolver()
        answers = resolver.resolve_many(asked.validated_data["symbols"])
        results = [
            answer._asdict() | {"candidates": [candidate._asdict() for candidate in answer.candidates]}
            for answer in answers
        ]
        return Response({"release": resolver.release, "results": results})


class SuggestGenesView(APIView):
    @extend_schema(
        parameters=[OpenApiParameter("q", OpenApiTypes.STR, description="What has been typed so far.")],
        responses=SuggestedSerializer,
    )
    def get(self, request: Request) -> Response:
        """Up to ten genes that the text means or that are called something beginning with it."""
        asked = SuggestSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        suggestions = current_resolver().suggest(asked.validated_data["q"])
        return Response({"results": [candidate._asdict() for candidate in suggestions]})
