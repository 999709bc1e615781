"""How the API describes itself: every operation may be refused, and always in the same form."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent

_TEXT = {"type": "string"}
# RFC 9457, with what we add. A version conflict says besides what is there now.
PROBLEM = {
    "type": "object",
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "code": {**_TEXT, "description": "A stable word for programs."},
        "detail": {**_TEXT, "description": "A sentence for people."},
        "request_id": _TEXT,
        "errors": {
            "type": "object",
            "additionalProperties": {"type": "array", "items": _TEXT},
            "description": "Sentences by field, and by row of a list: genes.3",
        },
        "current": {"type": "object", "nullable": True, "description": "Of a 412: the version that is there now."},
        "theirs": {"type": "object", "nullable": True, "description": "Of a 412: what changed since yours."},
    },
    "required": ["type", "title", "status", "code", "detail", "request_id"],
}


class ProblemSchema(AutoSchema):
    """Adds the problem to every operation."""

    def _get_response_bodies(self, direction: str = "response") -> dict[str, Any]:
        responses = super()._get_response_bodies(direction=direction)
        component = ResolvedComponent(name="Problem", type=ResolvedComponent.SCHEMA, schema=PROBLEM, object="Problem")
        self.registry.register_on_missing(component)
        content = {"application/problem+json": {"schema": component.ref}}
        return responses | {"default": {"description": "Refused, with the reason.", "content": content}}
