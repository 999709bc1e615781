"""``Authorization: Bearer <token>``. It stands before the session, so that strangers get 401."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from accounts.actions.tokens import digest_of
from accounts.models import ApiToken, User
from accounts.models.tokens import RIGHTS, Scope

# The last use is written down at most so often.
USE_NOTED_EVERY = timedelta(minutes=1)


def token_of(request: HttpRequest | Request) -> ApiToken | None:
    """The token that stands for this request, with its person; None without one that is good. Looked up once."""
    # DRF wraps the request whose limits were counted before.
    request = getattr(request, "_request", request)
    if not hasattr(request, "_api_token"):
        word, _, text = get_authorization_header(request).decode("latin-1").partition(" ")
        request._api_token = _standing_token(text.strip()) if word.lower() == "bearer" else None
    return request._api_token


def _standing_token(text: str) -> ApiToken | None:
    good = ApiToken.objects.filter(revoked_at=None, expires_at__gt=timezone.now(), user__is_active=True)
    return good.select_related("user").filter(digest=digest_of(text)).first()


class TokenAuthentication(BaseAuthentication):
    """A view that only computes says ``changes_nothing = True``; a token that may only read may post to it."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        if get_authorization_header(request).partition(b" ")[0].lower() != b"bearer":
            return None
        token = token_of(request)
        if token is None:
            raise exceptions.AuthenticationFailed("This token is unknown, revoked or past its end.")
        if not token.user.has_perm(RIGHTS[token.scope]):
            raise exceptions.AuthenticationFailed("The role of this token's owner has no such tokens any more.")
        view = request.parser_context["view"]
        if token.scope == Scope.READ and request.method not in SAFE_METHODS and not getattr(view, "changes_nothing", 0):
            raise exceptions.PermissionDenied("This token may only read. Create one that may write.")
        now = timezone.now()
        if token.last_used_at is None or now - token.last_used_at > USE_NOTED_EVERY:
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class TokenScheme(OpenApiAuthenticationExtension):
    """How the description of the API names it."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "Made on the account's page, for programs."}
