"""A plan in words that can be read at night, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from panelmerge.releases.losing import counted
from panelmerge.releases.planning import Plan, Step
from panelmerge.releases.preflight import Point


def plan_lines(plan: Plan) -> Iterator[str]:
    start = plan.start.database or ("an empty database" if plan.start.made_by == "empty" else "between two releases")
    if not plan.steps:
        yield f"Plan: {start}, nothing to do."
        return
    yield f"Plan: from {start} to {plan.target} in {counted(len(plan.steps), 'step')}, about {_time(plan.seconds)}."
    for number, step in enumerate(plan.steps, start=1):
        about = _time(step.about.expected_seconds(plan.rows))
        yield f"  {number}. {step.title}: {step.about.title} ({len(step.plan)} migrations, about {about})"
        if touched := _rows(step, plan):
            yield f"     rows touched: {touched}"
        for line in step.about.adds if step.forward else step.about.loses:
            yield f"     {'+' if step.forward else '-'} {line}"
        if step.forward:
            yield "     going back loses:"
            yield from (f"       {line}" for line in step.about.loses)


def plan_as_json(plan: Plan, points: list[Point]) -> dict[str, Any]:
    return {
        "database": plan.start.database,
        "target": plan.target,
        "seconds": round(plan.seconds, 1),
        "preflight": [
            {"state": point.state, "title": point.title, "found": point.found, "hint": point.hint} for point in points
        ],
        "steps": [
            {
                "release": step.release,
                "title": step.about.title,
                "migrations": step.migrations,
                "adds": list(step.about.adds),
                "going_back_loses": list(step.about.loses),
                "seconds": round(step.about.expected_seconds(plan.rows), 1),
            }
            for step in plan.steps
        ],
    }


def _rows(step: Step, plan: Plan) -> str:
    touched = {table: plan.rows[table] for table in step.about.seconds_per_1000 if plan.rows.get(table)}
    return ", ".join(f"{number:,} of {table}" for table, number in touched.items())


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
