"""One search over both mirrors, as the workbench shows it: by a panel's words, and by a gene under any name."""

from __future__ import annotations

from dataclasses import dataclass

from panelmerge.lib.errors import Refusal
from panels.actions.finding import GeneAsked, Occurrence, occurrences
from panels.actions.symbols import current_resolver
from panels.engine.merge import confidence_rank
from panels.engine.symbols import Match, Resolution
from panels.models import CataloguePanel
from panels.panelapp.sources import SOURCES
from panels.views.basket import Basket

SHOWN = 30


@dataclass(frozen=True, slots=True)
class Hit:
    """A panel that was found; with the gene's confidence and inheritance in it when a gene was asked for."""

    source: str
    panel_id: int
    name: str
    version: str
    genes: int | None
    confidence: str = ""
    inheritance: str = ""

    @property
    def key(self) -> str:
        return f"{self.source}:{self.panel_id}"

    @property
    def short(self) -> str:
        return SOURCES[self.source].short


@dataclass(frozen=True, slots=True)
class Found:
    text: str
    gene: Resolution | None
    hits: list[Hit]
    total: int
    refusal: str = ""

    @property
    def more(self) -> int:
        return self.total - len(self.hits)


def with_basket(hit: Hit, basket: Basket) -> tuple[Hit, str, bool]:
    """The panel, the basket's address with it, and whether it is there already."""
    return hit, basket.with_item(hit.key).address(), basket.holds(hit.key)


def find(text: str, source: str = "") -> Found:
    """Panels that hold the gene first, greenest first, then those whose words match. At most SHOWN; four queries."""
    resolution = current_resolver().resolve(text)
    gene = None if resolution.match == Match.UNKNOWN else resolution
    panels = CataloguePanel.objects.in_use().select_related("current_version").defer("current_version__body")
    if source:
        panels = panels.filter(source=source)
    holding = gene_in_panels(resolution, source) if resolution.found else []
    try:
        by_words = panels.search(text)
    except Refusal as refusal:
        return Found(text, gene, holding[:SHOWN], len(holding), refusal.detail)
    # A panel that holds the gene and is also called by its name stands once.
    for key in SOURCES:
        by_words = by_words.exclude(source=key, panel_id__in=[hit.panel_id for hit in holding if hit.source == key])
    hits = holding[:SHOWN]
    hits += [_hit(panel) for panel in by_words.order_by("name", "source", "panel_id")[: SHOWN - len(hits)]]
    return Found(text, gene, hits, len(holding) + by_words.count())


def _hit(panel: CataloguePanel) -> Hit:
    held = panel.current_version
    return Hit(panel.source, panel.panel_id, panel.name, panel.listed_version, held.genes if held else None)


def _occurring(one: Occurrence) -> Hit:
    best = one.strongest
    return Hit(best.source, best.panel_id, best.name, best.version, 0, best.confidence_level, best.mode_of_inheritance)


def gene_in_panels(gene: Resolution, source: str = "") -> list[Hit]:
    """Every panel in use that names the gene itself, greenest first; one query."""
    asked = GeneAsked(gene.query, gene.match, gene.hgnc_id, gene.gene_symbol, gene.gene_name)
    hits = [_occurring(one) for one in occurrences(asked) if one.strongest.entity_type == "gene"]
    hits = [hit for hit in hits if not source or hit.source == source]
    return sorted(hits, key=lambda hit: -confidence_rank(hit.confidence))
