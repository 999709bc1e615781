"""Who is acting from where, for the record: known to the middleware, read by ``record``."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class AuditContext:
    """``ip_address`` is "local" for a command. ``session_ref`` is a keyed digest, never the session's key.

    ``denied`` are refusals to be recorded when the request is over: each a ``Denial``.
    """

    ip_address: str = "local"
    user_agent: str | None = None
    session_ref: str | None = None
    denied: list[dict[str, Any]] = field(default_factory=list, compare=False)


LOCAL = AuditContext()
_current: ContextVar[AuditContext] = ContextVar("audit_context", default=LOCAL)


def audit_context() -> AuditContext:
    return _current.get()


@contextmanager
def acting_from(context: AuditContext):
    token = _current.set(context)
    try:
        yield
    finally:
        _current.reset(token)
