"""Two panels of the mirror, or two versions of one, side by side. Changes nothing but the record of downloads."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from audit.context import audit_context
from audit.events import Action
from audit.record import record
from panelmerge.lib.errors import Refusal
from panels.actions.catalogue import read_panels
from panels.actions.exporting import Export
from panels.actions.symbols import current_resolver
from panels.engine.diff import Comparison, diff
from panels.engine.genes import EntityType, GeneList
from panels.engine.request import PanelSpec
from panels.formats.writing.comparison import CONTENT_TYPE, write_csv
from panels.models import PanelDownload


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


@transaction.atomic
def export_comparison(*, comparison: Comparison, by: Any = None) -> Export:
    """Every difference as csv, and the record of it: one PANEL_DOWNLOAD and one panel_download row. CO-03."""
    sides = [_named(comparison.a), _named(comparison.b)]
    found = comparison.diff
    counts = {
        "only_a": len(found.only_a),
        "only_b": len(found.only_b),
        "changed": len(found.changed),
        "renamed": len(found.renamed),
        "equal": found.equal,
    }
    content = write_csv(comparison)
    told = (*found.only_a, *found.only_b, *(change.new for change in found.changed))
    PanelDownload.objects.create(
        ip_address=audit_context().ip_address,
        panel_ids=", ".join(sides),
        list_types="comparison",
        gene_count=sum(one.entity.entity_type == EntityType.GENE for one in told),
        user=by if by is not None and by.is_authenticated else None,
    )
    record(
        Action.PANEL_DOWNLOAD,
        by=by,
        resource_type="comparison",
        resource_id=" ".join(sides),
        description=f"Downloaded the comparison of {sides[0]} with {sides[1]} as csv",
        details={"format": "csv", "inputs": sides, "counts": counts},
    )
    name = "_".join(f"{one.source}-{one.panel_id}-v{one.version}" for one in (comparison.a, comparison.b))
    return Export(f"compare_{name}.csv", CONTENT_TYPE, content)


def _named(one: GeneList) -> str:
    return f"{one.source}:{one.panel_id}@{one.version}"
