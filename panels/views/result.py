"""The merged list, as the page shows it: conflicts, list and dropped rows, a page of one of them at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest

from panelmerge.lib.errors import Refusal
from panels.actions.merging import merge_lists
from panels.engine.merge import Conflict, MergeResult
from panels.engine.values import summary_value
from panels.views.basket import Basket
from panels.views.decisions import decisions_of
from panels.views.lines import asked_lines
from panels.views.pictures import pictures_of, short_of

PER_PAGE = 100
PARTS = ("conflicts", "list", "dropped", "sizes")
# With more inputs than that a conflict says in one column who says what.
MOST_COLUMNS = 8


def merged(request: HttpRequest, basket: Basket) -> MergeResult:
    """The basket's list with the decisions made on it. Refusal that says what to change."""
    return merge_lists(
        request=basket.request(decisions_of(request, basket)),
        by=request.user,
        session_key=request.session.session_key,
    )


def result_context(request: HttpRequest, result: MergeResult) -> dict[str, Any]:
    """One page of the part that ``show`` asks for; conflicts first while any is open."""
    conflicts = result.in_conflict()
    part = request.GET.get("show")
    if part not in PARTS:
        part = "conflicts" if any(one.is_open for one in conflicts) else "list"
    asked = asked_lines(request.GET)
    lines: Sequence[Any] = ()
    if part == "conflicts":
        lines = conflicts
    elif part == "list":
        lines = asked.of(result.entities)
    elif part == "dropped":
        lines = result.dropped
    return {
        "result": result,
        "summary": summary_value(result),
        "conflict_count": len(conflicts),
        "part": part,
        "page": Paginator(lines, PER_PAGE).get_page(request.GET.get("page")),
        "asked": asked,
        "labels": [one.genes.label for one in result.inputs],
        "columns": _columns(result) if len(result.inputs) <= MOST_COLUMNS else (),
        "pictures": pictures_of(result.inputs),
        "quiet_decisions": _quiet_decisions(result),
    }


def _columns(result: MergeResult) -> list[tuple[int, str, str]]:
    """Number in the basket, tag and label of each input, as the head of a column."""
    return [
        (place, short_of(one.genes.source), f"{one.genes.name} v{one.genes.version}".removesuffix(" v"))
        for place, one in enumerate(result.inputs, 1)
    ]


def _quiet_decisions(result: MergeResult) -> list[tuple[str, str, str]]:
    """Key, name and reason of decisions that no conflict shows: the sources agree now, or the gene is not there."""
    shown = {one.entity.key for one in result.in_conflict() if any(c.decided_by == "hand" for c in one.conflicts)}
    names = {one.entity.key: one.entity.name for one in result.entities}
    quiet = [(key, names[key], said.reason) for key, said in result.decisions.items() if key not in shown]
    return quiet + [(key, key, "") for key in result.unused_decisions]


def conflict_of(result: MergeResult, entity: str, field: str) -> Conflict:
    """The conflict that a decision is about. Refusal when the list has none such."""
    for one in result.in_conflict(field):
        if one.entity.key == entity:
            return next(conflict for conflict in one.conflicts if conflict.field == field)
    raise Refusal("That decision is about no conflict of this list. Nothing was decided.")
