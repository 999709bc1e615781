"""Handing lists, matrices and comparisons out."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction

from audit.context import audit_context
from audit.events import Action
from audit.record import record
from panelmerge.lib.errors import NotHere
from panels.engine.content import source_id
from panels.engine.diff import Comparison
from panels.engine.genes import EntityType, GeneList
from panels.engine.matrix import Matrix
from panels.engine.merge import MergeInput, MergeResult
from panels.formats.writing import FORMATS
from panels.formats.writing import comparison as comparison_csv
from panels.formats.writing.about import hash_of, levels_in_words
from panels.formats.writing.matrix import FORMATS as MATRIX_FORMATS
from panels.formats.writing.options import NOTHING_CHOSEN, Options
from panels.models import PanelDownload, SavedPanel, Upload


@dataclass(frozen=True, slots=True)
class Export:
    """A file. ``left_out`` are the names of the entities that its format, or the build chosen, cannot hold."""

    name: str
    content_type: str
    content: bytes
    left_out: tuple[str, ...] = ()


def _named(one: MergeInput) -> str:
    if one.genes.source == "saved":
        return f"saved:{one.genes.panel_id}@v{one.genes.version}"
    return _listed(one.genes) if one.genes.source in ("uk", "aus") else one.genes.name


def _listed(one: GeneList) -> str:
    return f"{one.source}:{one.panel_id}@{one.version}"


def plain_name(text: str) -> str:
    """In letters that every file system takes, at most 40 of them."""
    return re.sub(r"[^A-Za-z0-9-]+", "-", text).strip("-")[:40]


def file_name(result: MergeResult, suffix: str) -> str:
    """Says which panels are in it, in letters every file system takes: ``uk-90001_aus-95001.xlsx``."""
    parts = []
    for one in result.inputs[:4]:
        catalogue = one.genes.source in ("uk", "aus")
        part = (
            f"{one.genes.source}-{one.genes.panel_id}"
            if catalogue
            else f"{one.genes.name} v{one.genes.version}"
            if one.genes.source == "saved"
            else one.genes.name.rpartition(".")[0] or one.genes.name
        )
        parts.append(plain_name(part) or "list")
    more = f"_and_{len(result.inputs) - 4}_more" if len(result.inputs) > 4 else ""
    return f"{'_'.join(parts)}{more}{suffix}"


@transaction.atomic
def export_merge(
    *,
    result: MergeResult,
    format: str,
    options: Options = NOTHING_CHOSEN,
    by: Any = None,
    target: SavedPanel | None = None,
) -> Export:
    """The result as a file, and the record of it: one PANEL_DOWNLOAD and one panel_download row. CO-03.

    ``target`` is the saved panel in whose history the download stands.
    """
    if format not in FORMATS:
        raise NotHere(f"There is no format {format!r}; there are {', '.join(FORMATS)}.")
    chosen = FORMATS[format]
    content = chosen.write(result, options)
    left_out = tuple(sorted(one.entity.name for one in chosen.left_out(result, options)))
    person = by if by is not None and by.is_authenticated else None
    panel_ids = ", ".join(_named(one) for one in result.inputs)
    PanelDownload.objects.create(
        ip_address=audit_context().ip_address,
        panel_ids=panel_ids,
        list_types=", ".join(levels_in_words(one) for one in result.inputs),
        gene_count=len(result.of_type("gene")),
        user=person,
    )
    record(
        Action.PANEL_DOWNLOAD,
        by=by,
        target=target,
        resource_type="merge",
        resource_id=hash_of(result)[:100],
        description=f"Downloaded {len(result.entities)} entities of {len(result.inputs)} inputs as {format}",
        details={
            "format": format,
            "options": asdict(options),
            "left_out": len(left_out),
            "inputs": [_named(one) for one in result.inputs],
            "content_hash": hash_of(result),
            "sources": sorted({source_id(origin) for merged in result.entities for origin in merged.origins}),
        },
    )
    return Export(file_name(result, chosen.suffix), chosen.content_type, content, left_out)


@transaction.atomic
def export_matrix(*, matrix: Matrix, upload: Upload, format: str, by: Any = None) -> Export:
    """The matrix as a file, and the record of it: one PANEL_DOWNLOAD and one panel_download row. CO-03."""
    if format not in MATRIX_FORMATS:
        raise NotHere(f"There is no format {format!r}; there are {', '.join(MATRIX_FORMATS)}.")
    chosen = MATRIX_FORMATS[format]
    content = chosen.write(matrix)
    panels = [f"{panel.key}@{panel.version}" if panel.version else panel.name for panel in matrix.panels]
    PanelDownload.objects.create(
        ip_address=audit_context().ip_address,
        panel_ids=", ".join(panels),
        list_types=matrix.filters.levels_in_words,
        gene_count=len(matrix.genes),
        user=by if by is not None and by.is_authenticated else None,
    )
    record(
        Action.PANEL_DOWNLOAD,
        by=by,
        resource_type="matrix",
        resource_id=str(upload.pk),
        description=f"Downloaded the matrix of {len(matrix.genes)} genes and {len(panels)} panels as {format}",
        details={"format": format, "inputs": panels, "counts": matrix.counts},
    )
    return Export(f"gene-matrix.{chosen.name}", chosen.content_type, content)


@transaction.atomic
def export_comparison(*, comparison: Comparison, by: Any = None) -> Export:
    """Every difference as csv, and the record of it: one PANEL_DOWNLOAD and one panel_download row. CO-03."""
    sides = [_listed(comparison.a), _listed(comparison.b)]
    found = comparison.diff
    counts = {
        "only_a": len(found.only_a),
        "only_b": len(found.only_b),
        "changed": len(found.changed),
        "renamed": len(found.renamed),
        "equal": found.equal,
    }
    content = comparison_csv.write_csv(comparison)
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
    return Export(f"compare_{name}.csv", comparison_csv.CONTENT_TYPE, content)
