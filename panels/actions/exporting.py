"""Handing a list out."""

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
from panels.engine.merge import MergeInput, MergeResult
from panels.formats.writing import FORMATS
from panels.formats.writing.about import hash_of, levels_in_words
from panels.formats.writing.options import NOTHING_CHOSEN, Options
from panels.models import PanelDownload


@dataclass(frozen=True, slots=True)
class Export:
    """A file. ``left_out`` are the names of the entities that its format, or the build chosen, cannot hold."""

    name: str
    content_type: str
    content: bytes
    left_out: tuple[str, ...] = ()


def _named(one: MergeInput) -> str:
    if one.genes.source in ("uk", "aus"):
        return f"{one.genes.source}:{one.genes.panel_id}@{one.genes.version}"
    return one.genes.name


def file_name(result: MergeResult, suffix: str) -> str:
    """Says which panels are in it, in letters every file system takes: ``uk-90001_aus-95001.xlsx``."""
    parts = []
    for one in result.inputs[:4]:
        catalogue = one.genes.source in ("uk", "aus")
        part = (
            f"{one.genes.source}-{one.genes.panel_id}"
            if catalogue
            else one.genes.name.rpartition(".")[0] or one.genes.name
        )
        parts.append(re.sub(r"[^A-Za-z0-9-]+", "-", part).strip("-")[:40] or "list")
    more = f"_and_{len(result.inputs) - 4}_more" if len(result.inputs) > 4 else ""
    return f"{'_'.join(parts)}{more}{suffix}"


@transaction.atomic
def export_merge(*, result: MergeResult, format: str, options: Options = NOTHING_CHOSEN, by: Any = None) -> Export:
    """The result as a file, and the record of it: one PANEL_DOWNLOAD and one panel_download row. CO-03."""
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
