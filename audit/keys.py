"""The proof's keys, from ``AUDIT_KEY``: the first signs, all verify."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings

from audit.proof import ProofKey


@lru_cache(maxsize=4)
def _keys(texts: tuple[str, ...]) -> dict[str, ProofKey]:
    return {key.id: key for key in map(ProofKey.of, texts)}


def proof_keys() -> dict[str, ProofKey]:
    """{id: key}, the signing one first."""
    return _keys(tuple(settings.AUDIT_KEYS))


def signing_key() -> ProofKey:
    return next(iter(proof_keys().values()))
