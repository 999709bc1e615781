"""An event as people read it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Change:
    """One field before and after; None where it was not there."""

    field: str
    before: str | None
    after: str | None

    @property
    def is_same(self) -> bool:
        return self.before == self.after


def before_and_after(old: Any, new: Any) -> list[Change]:
    """The fields of both, in alphabetical order; a value that is no object stands under the name "value"."""
    left, right = _fields(old), _fields(new)
    return [Change(name, left.get(name), right.get(name)) for name in sorted(left.keys() | right.keys())]


def _fields(value: Any) -> dict[str, str]:
    if value is None:
        return {}
    fields = value if isinstance(value, dict) else {"value": value}
    return {str(name): _text(inner) for name, inner in fields.items()}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
