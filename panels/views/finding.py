"""One search over both mirrors: by a panel's words, and by a gene under any name it ever had."""

from __future__ import annotations

from dataclasses import dataclass

from panels.actions.symbols import current_resolver
from panels.engine.genes import Confidence
from panels.engine.inheritance import short_inheritance
from panels.engine.merge import confidence_rank
from panels.engine.symbols import Resolution
from panels.models import CatalogueEntry, CataloguePanel
from panels.panelapp.sources import SOURCES

SHOWN = 30


@dataclass(frozen=True, slots=True)
class Hit:
    """A panel that was found; with the gene's confidence and inheritance in it when a gene was asked for."""

    key: str
    short: str
    panel: CataloguePanel
    confidence: str = ""
    inheritance: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    text: str
    gene: Resolution | None
    hits: list[Hit]
    total: int

    @property
    def more(self) -> int:
        return self.total - len(self.hits)


def find(text: str, source: str = "") -> Found:
    """Panels that hold the gene first, then those whose words match. At most SHOWN; four queries at most."""
    resolution = current_resolver().resolve(text)
    panels = CataloguePanel.objects.in_use().select_related("current_version")
    if source:
        panels = panels.filter(source=source)
    hits: list[Hit] = []
    total = 0
    if resolution.found:
        holding = gene_in_panels(resolution.hgnc_id, source)
        total += len(holding)
        hits += holding[:SHOWN]
    by_words = panels.search(text)
    total += by_words.count()
    hits += [_hit(panel) for panel in by_words.order_by("name", "source", "panel_id")[: SHOWN - len(hits)]]
    known = resolution.match not in ("unknown",)
    return Found(text, resolution if known else None, hits, total)


def _hit(panel: CataloguePanel, confidence: str = "", inheritance: str = "") -> Hit:
    key = f"{panel.source}:{panel.panel_id}"
    return Hit(key, SOURCES[panel.source].short, panel, confidence, short_inheritance(inheritance))


def gene_in_panels(hgnc_id: str, source: str = "") -> list[Hit]:
    """Every panel in use that names the gene, greenest first; a gene repeated in a super panel counts its highest."""
    entries = (
        CatalogueEntry.objects.filter(hgnc_id=hgnc_id, entity_type="gene", panel__retired_at=None)
        .select_related("panel__current_version")
        .order_by("panel__name", "panel_id", "id")
    )
    if source:
        entries = entries.filter(panel__source=source)
    best: dict[int, CatalogueEntry] = {}
    for entry in entries:
        known = best.get(entry.panel_id)
        if known is None or confidence_rank(entry.confidence_level) > confidence_rank(known.confidence_level):
            best[entry.panel_id] = entry
    in_order = sorted(best.values(), key=lambda entry: -confidence_rank(entry.confidence_level))
    return [
        _hit(entry.panel, entry.confidence_level or Confidence.NONE, entry.mode_of_inheritance) for entry in in_order
    ]
