"""What the basket holds, as the page shows it: each input with its name, counts, or why it cannot be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from panelmerge.lib.errors import NotHere, Refusal
from panels.actions.catalogue import read_panels
from panels.actions.rights import NO_PANEL, on_record
from panels.actions.symbols import current_resolver
from panels.actions.uploads import UploadReport, report
from panels.engine.genes import Confidence, Counts, GeneList
from panels.models import SavedPanel, Upload
from panels.panelapp.sources import SOURCES
from panels.views.basket import Basket, Item

GONE = "This list is no longer here: it expired, or belongs to another browser. Upload it again."


@dataclass(frozen=True, slots=True)
class InBasket:
    """One input with what the page says of it. ``problem`` says why it cannot be merged, and what to do."""

    item: Item
    name: str
    source: str
    without: str
    version: str = ""
    counts: Counts | None = None
    taken: int | None = None
    url: str = ""
    problem: str = ""
    problems: int = 0

    @property
    def levels(self) -> list[tuple[Confidence, bool, int]]:
        return [(level, level in self.item.levels, getattr(self.counts, level)) for level in Confidence]


def basket_contents(request: HttpRequest, basket: Basket) -> list[InBasket]:
    """In the order of the basket; the same few queries for any number of inputs while all of them can be read. Who asks
    for a saved panel that is not theirs is recorded."""
    panels = _panels([item for item in basket.items if item.is_panel])
    saved = _saved_panels(request, [item for item in basket.items if item.is_saved])
    uploads = _uploads(request, [item for item in basket.items if item.upload_id])
    found = []
    for item in basket.items:
        if item.is_panel:
            found.append(_panel(basket, item, panels[item.key]))
        elif item.is_saved:
            found.append(_saved(basket, item, saved.get(item.choice().panel)))
        else:
            found.append(_upload(basket, item, uploads.get(item.key)))
    return found


def _panels(items: Sequence[Item]) -> dict[str, GeneList | Refusal]:
    """Each panel, or why it cannot be read: one that cannot must not hide the others."""
    if not items:
        return {}
    try:
        lists = read_panels([item.choice().panel for item in items])
    except Refusal as cannot:
        if len(items) == 1:
            return {items[0].key: cannot}
        # Halves, and halves of them, until the one that was meant stands alone.
        middle = len(items) // 2
        return _panels(items[:middle]) | _panels(items[middle:])
    return {item.key: genes for item, genes in zip(items, lists, strict=True)}


def _uploads(request: HttpRequest, items: Sequence[Item]) -> dict[str, UploadReport]:
    if not items:
        return {}
    resolver = current_resolver()
    mine = Upload.objects.visible_to(request.user, request.session.session_key)
    found = mine.filter(pk__in=[item.upload_id for item in items])
    return {f"upload:{upload.pk}": report(upload, resolver) for upload in found}


def _saved_panels(request: HttpRequest, items: Sequence[Item]) -> dict[int, SavedPanel]:
    if not items:
        return {}
    numbers = {item.choice().panel for item in items}
    found = SavedPanel.objects.visible_to(request.user).select_related("current_version").in_bulk(numbers)
    for number in numbers - set(found):
        on_record(NotHere(NO_PANEL), number, request.user)
    return found


def _saved(basket: Basket, item: Item, panel: SavedPanel | None) -> InBasket:
    choice, without = item.choice(), basket.without(item.key).address()
    if panel is None:
        return InBasket(item, f"Saved panel {choice.panel}", "saved", without, problem=NO_PANEL)
    number = choice.version or (panel.current_version.version_number if panel.current_version else 0)
    is_current = choice.version is None or (panel.current_version and choice.version == number)
    return InBasket(
        item,
        panel.name,
        "saved",
        without,
        version=str(number) if number else "",
        taken=panel.gene_count if is_current and choice.version is None else None,
        url=reverse("panels:saved-panel", args=[panel.pk]),
    )


def _panel(basket: Basket, item: Item, found: GeneList | Refusal) -> InBasket:
    without = basket.without(item.key).address()
    if isinstance(found, Refusal):
        source, _, number = item.key.partition(":")
        name = f"Panel {number.replace('@', ' v')}"
        return InBasket(item, name, SOURCES[source].short, without, problem=found.detail)
    query = f"?version={found.version}&{basket.without_search().address()}"
    return InBasket(
        item,
        found.name,
        SOURCES[found.source].short,
        without,
        version=found.version,
        counts=Counts.of(found.rows),
        taken=len({row.entity.key for row in found.rows if row.origin.confidence_level in item.levels}),
        url=reverse("panels:catalogue-panel", args=[found.source, int(found.panel_id)]) + query,
    )


def _upload(basket: Basket, item: Item, found: UploadReport | None) -> InBasket:
    without = basket.without(item.key).address()
    if found is None:
        return InBasket(item, "A list of yours", "mine", without, problem=GONE)
    url = f"{reverse('panels:upload', args=[item.upload_id])}?{basket.address()}"
    if found.column is None:
        problem = "It is not clear which column holds the genes. Open the list and choose it."
        return InBasket(item, found.name, "mine", without, url=url, problem=problem)
    return InBasket(
        item,
        found.name,
        "mine",
        without,
        taken=found.counts["genes"],
        url=url,
        problems=len(found.problems),
    )
