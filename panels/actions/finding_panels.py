"""Lists of the library: whose, how found, in which order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, Value
from django.db.models.functions import Concat

from panelmerge.lib.errors import Refusal
from panels.actions.finding import gene_asked
from panels.actions.symbols import current_resolver
from panels.models import PanelGene, SavedPanel
from panels.models.visibility import SavedPanelQuerySet, is_somebody

SCOPES = ("mine", "shared", "public")
# Every order a list may have; nothing else reaches order_by.
ORDERS = {
    name: (f"{sign}{column}", f"{sign}id")
    for column in ("name", "created_at", "updated_at", "gene_count", "version_count")
    for name, sign in ((column, ""), (f"-{column}", "-"))
}
DEFAULT_ORDER = "-updated_at"
MOST_WORDS = 20
# The largest number of genes that a list may be asked for.
MOST_GENES = 1_000_000


@dataclass(frozen=True, slots=True)
class PanelQuestion:
    """What a list is asked for; "" and None ask nothing. ``gene`` is any name a gene has or had."""

    scope: str = ""
    search: str = ""
    status: str = ""
    visibility: str = ""
    tag: str = ""
    gene: str = ""
    min_genes: int | None = None
    max_genes: int | None = None
    ordering: str = DEFAULT_ORDER


def find_panels(*, by: Any, asked: PanelQuestion) -> SavedPanelQuerySet:
    """Panels that this person sees and that answer the question, in its order.

    Deleted panels are found by their owner alone, by asking for that status.
    A gene is looked for only where its genes may be read without a further
    word: an administrator finds no gene in somebody's private panel. Refusal
    for an order, scope or symbol that means nothing for certain.
    """
    if asked.scope not in ("", *SCOPES) or asked.ordering not in ORDERS:
        raise Refusal(f"ordering: it is one of {', '.join(ORDERS)}; scope one of {', '.join(SCOPES)}.")
    panels = _in_scope(by, asked)
    for word in _words(asked.search):
        panels = panels.filter(Q(name__icontains=word) | Q(description__icontains=word) | Q(tags__icontains=word))
    if asked.status:
        panels = panels.filter(status=asked.status)
    if asked.visibility:
        panels = panels.filter(visibility=asked.visibility)
    if asked.tag:
        between = Concat(Value(","), "tags", Value(","))
        panels = panels.annotate(between=between).filter(between__icontains=f",{asked.tag.strip()},")
    if asked.min_genes is not None:
        panels = panels.filter(gene_count__gte=asked.min_genes)
    if asked.max_genes is not None:
        panels = panels.filter(gene_count__lte=asked.max_genes)
    if asked.gene:
        readable = SavedPanel.objects.visible_without_role(by)
        panels = panels.filter(pk__in=_rows_of_gene(asked.gene).values("panel")).filter(pk__in=readable.values("pk"))
    return panels.order_by(*ORDERS[asked.ordering])


def _in_scope(by: Any, asked: PanelQuestion) -> SavedPanelQuerySet:
    if asked.status == SavedPanel.Status.DELETED:
        return SavedPanel.objects.mine(by) if is_somebody(by) else SavedPanel.objects.none()
    if asked.scope == "public" or not is_somebody(by):
        return SavedPanel.objects.public()
    if asked.scope == "mine":
        return SavedPanel.objects.living().mine(by)
    if asked.scope == "shared":
        return SavedPanel.objects.living().shared_with(by)
    return SavedPanel.objects.visible_to(by)


def _words(search: str) -> list[str]:
    words = search.split()
    if len(words) > MOST_WORDS:
        told = f"A search takes up to {MOST_WORDS} words."
        raise Refusal(told, errors={"search": [told]})
    return words


def _rows_of_gene(query: str):
    """Rows of panels that are this gene: by its id, in panels of earlier releases by any symbol it has or had."""
    gene = gene_asked(query)
    rows = PanelGene.objects.filter(is_active=True)
    if not gene.hgnc_id:
        return rows.filter(gene_symbol=query.strip())
    resolver = current_resolver()
    by_id = Q(hgnc_id__in=resolver.ids_of(gene.hgnc_id), entity_type="gene")
    return rows.filter(by_id | Q(hgnc_id=None, gene_symbol__in=resolver.names_of(gene.hgnc_id), entity_type="gene"))
