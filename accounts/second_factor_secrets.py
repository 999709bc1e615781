"""Secrets of second factors: encrypted values inside allauth's JSON column."""

from __future__ import annotations

from collections import Counter

from allauth.mfa.models import Authenticator

from panelmerge.lib.crypto import SCHEME, Undecryptable, keyring

PLACE = "mfa_authenticator.data"


def encrypt(secret: str) -> str:
    return keyring().encrypt(secret.encode(), PLACE)


def decrypt(stored: str) -> str:
    return keyring().decrypt(stored, PLACE).decode()


def count_by_key() -> Counter[str]:
    """How many secrets are under each key id."""
    data = Authenticator.objects.values_list("data", flat=True).iterator()
    return Counter(stored.split(":")[1] for values in data for stored in _stored(values))


def rewrite_secrets() -> tuple[int, dict[int, str]]:
    """Bring every secret under the first key: (how many, {row: why it cannot be read}).

    A row that somebody changed meanwhile is left to them; it is under the first key then, or comes with the next run.
    """
    rewritten, unreadable = 0, {}
    for pk, data in Authenticator.objects.order_by("pk").values_list("pk", "data"):
        old = [stored for stored in _stored(data) if stored.split(":")[1] != keyring().primary_id]
        if not old:
            continue
        try:
            fresh = _replaced(data, {stored: encrypt(decrypt(stored)) for stored in old})
        except Undecryptable as error:
            unreadable[pk] = str(error)
            continue
        rewritten += len(old) * Authenticator.objects.filter(pk=pk, data=data).update(data=fresh)
    return rewritten, unreadable


def _stored(data: dict) -> list[str]:
    """The encrypted values of one authenticator: its secret or seed, or a list of codes."""
    values = [value for held in data.values() for value in (held if isinstance(held, list) else [held])]
    return [value for value in values if isinstance(value, str) and value.startswith(f"{SCHEME}:")]


def _replaced(data: dict, fresh: dict[str, str]) -> dict:
    def new(value):
        return fresh.get(value, value) if isinstance(value, str) else value

    return {name: list(map(new, held)) if isinstance(held, list) else new(held) for name, held in data.items()}
