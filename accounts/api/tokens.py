"""``tokens/``: a person's own tokens for programs."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actions.tokens import create_token, revoke_token
from accounts.models import ApiToken
from accounts.models.tokens import Scope
from panelmerge.lib.serializers import StrictSerializer


class NewTokenSerializer(StrictSerializer):
    name = serializers.CharField(max_length=100)
    scope = serializers.ChoiceField(choices=Scope.choices, default=Scope.READ)
    expires_at = serializers.DateTimeField(help_text="With offset; within a year.")


class TokenSerializer(serializers.ModelSerializer):
    class Meta:
        model = ApiToken
        fields = ["id", "name", "beginning", "scope", "created_at", "expires_at", "last_used_at"]


class CreatedTokenSerializer(TokenSerializer):
    token = serializers.CharField(help_text="Shown this once.")

    class Meta(TokenSerializer.Meta):
        fields = [*TokenSerializer.Meta.fields, "token"]


class TokensView(ListAPIView):
    permission_classes = [IsAuthenticated]
    serializer_class = TokenSerializer
    queryset = ApiToken.objects.none()

    def get_queryset(self):
        return ApiToken.objects.of(self.request.user)

    @extend_schema(request=NewTokenSerializer, responses={201: CreatedTokenSerializer})
    def post(self, request: Request) -> Response:
        """Create a token. Its text is in this answer and nowhere else. By a token: none that outlives it."""
        asked = NewTokenSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        asked_by = request.auth if isinstance(request.auth, ApiToken) else None
        token, text = create_token(by=request.user, asked_by=asked_by, **asked.validated_data)
        return Response({**TokenSerializer(token).data, "token": text}, status=status.HTTP_201_CREATED)


class TokenView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Revoke it; it stops working with the next request."""
        revoke_token(by=request.user, pk=pk)
        return Response(status=status.HTTP_204_NO_CONTENT)
