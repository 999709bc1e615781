"""Tokens for programs: made, shown once, revoked."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import ApiToken, User
from accounts.models.tokens import RIGHTS
from audit.events import Action
from audit.record import record
from panelmerge.lib.errors import NotHere, Refusal

PREFIX = "pm_"
LONGEST_LIFE = timedelta(days=366)
MOST_TOKENS = 50


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def create_token(
    *, by: User, name: str, scope: str, expires_at: datetime, asked_by: ApiToken | None = None
) -> tuple[ApiToken, str]:
    """The token's row and its text, which is not kept and can never be shown again.

    One that a program asks for, by a token itself, ends no later than that one.
    """
    if not by.has_perm(RIGHTS[scope]):
        raise Refusal("Your role may not have such a token.", status=403, code="permission_denied")
    now = timezone.now()
    if not now < expires_at <= now + LONGEST_LIFE:
        raise Refusal(
            "expires_at: a token ends in the future, and within a year.",
            errors={"expires_at": ["A token ends in the future, and within a year."]},
        )
    if asked_by is not None and expires_at > asked_by.expires_at:
        told = f"A token makes none that outlives it; this one ends at {asked_by.expires_at.isoformat()}."
        raise Refusal(f"expires_at: {told}", errors={"expires_at": [told]})
    if ApiToken.objects.of(by).count() >= MOST_TOKENS:
        raise Refusal(f"You have {MOST_TOKENS} tokens. Revoke one that is not used any more.", status=409)
    text = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=by,
        name=name,
        digest=digest_of(text),
        beginning=text[:8],
        scope=scope,
        created_at=now,
        expires_at=expires_at,
    )
    record(
        Action.API_ACCESS,
        by=by,
        target=token,
        description=f"Created the API token {name}",
        new={"name": name, "scope": scope, "expires_at": expires_at.isoformat()},
    )
    return token, text


@transaction.atomic
def revoke_token(*, by: User, pk: int) -> None:
    """The token stops working with the next request. NotHere when it is none of the person's."""
    token = ApiToken.objects.of(by).select_for_update().filter(pk=pk).first()
    if token is None:
        raise NotHere("There is no such token of yours.")
    token.revoked_at = timezone.now()
    token.save(update_fields=["revoked_at"])
    record(Action.API_ACCESS, by=by, target=token, description=f"Revoked the API token {token.name}")
