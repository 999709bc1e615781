"""Two panels of the mirror, or two versions of one, side by side. Changes nothing."""

from __future__ import annotations

from panelmerge.lib.errors import Refusal
from panels.actions.catalogue import read_panels
from panels.actions.symbols import current_resolver
from panels.engine.diff import Comparison, diff
from panels.engine.request import PanelSpec


def compare_panels(*, a: PanelSpec, b: PanelSpec) -> Comparison:
    """What turns panel a into panel b, under today's gene names. A constant number of queries.

    Refusal, with the status of the first of them, for a side that cannot be
    read; its ``errors`` say under ``a`` and ``b`` why. A version that is not
    held is answered with those that are.
    """
    resolver = current_resolver()
    try:
        first, second = read_panels([a, b], resolver)
    except Refusal:
        raise _which_side(a, b) from None
    return Comparison(first, second, diff(first, second), resolver.release)


def why_not(spec: PanelSpec) -> Refusal | None:
    """Why this panel cannot be read, None when it can."""
    try:
        read_panels([spec])
    except Refusal as cannot:
        return cannot
    return None


def _which_side(a: PanelSpec, b: PanelSpec) -> Refusal:
    cannot = {side: why for side, spec in (("a", a), ("b", b)) if (why := why_not(spec))}
    first = next(iter(cannot.values()))
    errors = {side: [why.detail] for side, why in cannot.items()}
    return Refusal(first.detail, code=first.code, status=first.status, errors=errors)
