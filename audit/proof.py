"""The proof of the record, pure: what is signed, and with which key. No database, no Django.

Three keys are derived from each ``AUDIT_KEY``: one for the MAC of a row, one for
digests of what may later be erased or encrypted anew, one for signing seals.
A row's MAC covers the digests, not the values, so that erasing a name or
encrypting under another key leaves the proof whole.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

DOMAIN = b"panelmerge.audit.v1\0"
CHAIN = b"\x02"
START = "0" * 64
_NULL = b"\xff\xff\xff\xff"


@dataclass(frozen=True, slots=True)
class ProofKey:
    """One ``AUDIT_KEY``. ``id`` names it without giving it away."""

    id: str
    mac: bytes
    digest: bytes
    seal: bytes

    @classmethod
    def of(cls, key: str) -> ProofKey:
        def derived(purpose: str) -> bytes:
            return hmac.new(key.encode(), f"panelmerge audit {purpose}".encode(), hashlib.sha256).digest()

        key_id = hashlib.sha256(b"panelmerge audit key id\0" + key.encode()).hexdigest()[:8]
        return cls(key_id, derived("row"), derived("digest"), derived("seal"))

    @property
    def public(self) -> str:
        """The half that is enough to check a seal, in hexadecimal."""
        return _public_half(self.seal)

    def sign(self, text: str) -> str:
        return Ed25519PrivateKey.from_private_bytes(self.seal).sign(DOMAIN + text.encode()).hex()

    def signed(self, text: str, signature: str) -> bool:
        return signed_by(self.public, text, signature)


@lru_cache(maxsize=16)
def _public_half(seal: bytes) -> str:
    return Ed25519PrivateKey.from_private_bytes(seal).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


@lru_cache(maxsize=16)
def _checks_for(public: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))


def signed_by(public: str, text: str, signature: str) -> bool:
    """Whether the owner of the public half (hexadecimal) signed the text."""
    try:
        _checks_for(public).verify(bytes.fromhex(signature), DOMAIN + text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def _bytes(value: object) -> bytes:
    """A value so that no two differ alike: length and UTF-8; times RFC 3339 in UTC with microseconds."""
    if value is None:
        return _NULL
    if isinstance(value, str):
        text = value
    elif isinstance(value, datetime):
        text = value.astimezone(UTC).isoformat(timespec="microseconds")
    elif isinstance(value, bool):
        text = "true" if value else "false"
    else:
        text = str(value)
    encoded = text.encode("utf-8", "surrogatepass")
    return len(encoded).to_bytes(4, "big") + encoded


def _keyed(key: bytes, purpose: bytes, values: Sequence[object]) -> str:
    return hmac.digest(key, DOMAIN + purpose + b"\0" + b"".join(map(_bytes, values)), "sha256").hex()


def person_digest(key: ProofKey, event_id: object, username, ip_address, user_agent) -> str:
    """Of what names a person in a row; bound to the event, so that equal people do not show."""
    return _keyed(key.digest, b"person", (event_id, username, ip_address, user_agent))


def content_digest(key: ProofKey, event_id: object, old, new, details) -> str:
    """Of the plain JSON values of a row, as they are read back from it."""
    plain = (None if value is None else _canonical(value) for value in (old, new, details))
    return _keyed(key.digest, b"content", (event_id, *plain))


def as_read_back(value: object) -> object:
    """A value as JSON gives it back: keys are text then, and sorted as text."""
    return None if value is None else json.loads(json.dumps(value, default=str))


# One for all: making it anew costs as much as a short text.
_canonical = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


# The columns under the MAC, in this order for ever.
COVERED = (
    "event_id",
    "timestamp",
    "user_id",
    "action_type",
    "action_description",
    "session_id",
    "resource_type",
    "resource_id",
    "success",
    "error_message",
    "duration_ms",
    "request_id",
    "person_digest",
    "content_digest",
)


def row_mac(key: ProofKey, values: Sequence[object]) -> str:
    """The MAC of a row; ``values`` in the order of ``COVERED``."""
    return _keyed(key.mac, b"row", values)


def next_link(before: str, seq: int, mac: str) -> str:
    """The chain's hash after entry ``seq``; ``before`` is that of the entry before, ``START`` for the first."""
    return hashlib.sha256(CHAIN + bytes.fromhex(before) + seq.to_bytes(8, "big") + bytes.fromhex(mac)).hexdigest()


def seal_text(number: int, first: int, last: int, chain: str, sealed_at: datetime) -> str:
    """What a seal signs: that the chain from entry ``first`` to ``last`` ended in this hash at this time."""
    moment = sealed_at.astimezone(UTC).isoformat(timespec="microseconds")
    return f"seal {number} entries {first}-{last} chain {chain} at {moment}"


def checkpoint_line(text: str, key_id: str, public: str, signature: str) -> str:
    """One line of the checkpoint file, without the line's end."""
    return f"{text} key {key_id} public {public} signature {signature}"


def read_checkpoint(line: str) -> dict | None:
    """{text, number, first, last, chain, key_id, public, signature} of a line; None when it is not one."""
    words = line.split()
    if len(words) != 14 or [words[0], words[2], words[4], words[6], words[8], words[10], words[12]] != [
        *("seal", "entries", "chain", "at", "key", "public", "signature")
    ]:
        return None
    first, _, last = words[3].partition("-")
    if not (words[1].isdecimal() and first.isdecimal() and last.isdecimal()):
        return None
    return {
        "text": " ".join(words[:8]),
        "number": int(words[1]),
        "first": int(first),
        "last": int(last),
        "chain": words[5],
        "key_id": words[9],
        "public": words[11],
        "signature": words[13],
    }
