"""Looking through the mirror: panels, one panel, genes, one gene."""

from __future__ import annotations

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from panelmerge.lib.errors import NotHere, Refusal
from panels.actions.catalogue import read_panel
from panels.actions.symbols import current_resolver
from panels.models import CataloguePanel
from panels.panelapp.parse import version_key
from panels.panelapp.sources import SOURCES
from panels.views.facets import facets_of, narrowed
from panels.views.finding import gene_in_panels, with_basket
from panels.views.frame import frame

PER_PAGE = 50
ROWS_PER_PAGE = 200
ORDERS = {
    "name": ("name", "source", "panel_id"),
    "-genes": ("-current_version__genes", "name", "id"),
    "-version_created": ("-version_created", "name", "id"),
}


@require_safe
def panels(request: HttpRequest) -> HttpResponse:
    """The panels of a search, with what it can be narrowed by and how many panels each choice leaves."""
    found, refusal = CataloguePanel.objects.in_use().with_counts(), None
    asked = {name: request.GET.get(name, "").strip()[:200] for name in ("search", "source", "type", "disease_group")}
    asked["source"] = asked["source"] if asked["source"] in SOURCES else ""
    if asked["search"]:
        try:
            found = found.search(asked["search"])
        except Refusal as cannot:
            found, refusal = found.none(), cannot
    order = request.GET.get("ordering")
    order = order if order in ORDERS else "name"
    context = frame(request, "catalogue")
    basket = context["basket"]
    said = {"search": asked["search"], "ordering": order if order != "name" else ""}
    rest = "&".join(filter(None, [urlencode({k: v for k, v in said.items() if v}), basket.address()]))
    page = Paginator(narrowed(found, asked).order_by(*ORDERS[order]), PER_PAGE).get_page(request.GET.get("page"))
    context |= {
        "refusal": refusal,
        "asked": asked,
        "ordering": order,
        "facets": facets_of(found, asked, reverse("panels:catalogue"), rest) if not refusal else [],
        "page": page,
        "rows": [(one, basket.with_item(_key(one)).address(), basket.holds(_key(one))) for one in page],
    }
    return render(request, "panels/catalogue.html", context, status=refusal.status if refusal else 200)


def _key(one: CataloguePanel) -> str:
    return f"{one.source}:{one.panel_id}"


@require_safe
def panel(request: HttpRequest, source: str, panel_id: int) -> HttpResponse:
    """One panel in its current or an older version, with every row."""
    about = CataloguePanel.objects.filter(source=source, panel_id=panel_id).first()
    if about is None:
        raise NotHere(f"{SOURCES[source].name} has no panel {panel_id} in this mirror.")
    held = sorted(about.versions.values_list("version", flat=True), key=version_key, reverse=True)
    genes = read_panel(source=source, panel_id=panel_id, version=request.GET.get("version")) if held else None
    context = frame(request, "catalogue")
    key = f"{source}:{panel_id}@{genes.version}" if genes else ""
    context |= {
        "panel": about,
        "key": key,
        "address": context["basket"].with_item(key).address() if genes else "",
        "is_held": any(one.key == key for one in context["basket"].items),
        "source": SOURCES[source],
        "genes": genes,
        "types": about.types.all(),
        "versions": held,
        "page": Paginator(genes.rows if genes else (), ROWS_PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "panels/panel.html", context)


@require_safe
def genes(request: HttpRequest) -> HttpResponse:
    """A box for a gene; what is typed leads to its page, or to the genes it may mean."""
    text = request.GET.get("q", "").strip()[:255]
    resolver = current_resolver()
    resolution = resolver.resolve(text) if text else None
    if resolution and resolution.found:
        query = frame(request, "genes")["carry"]
        return redirect(reverse("panels:gene", args=[text]) + query)
    context = frame(request, "genes") | {
        "text": text,
        "resolution": resolution,
        "near": resolver.suggest(text) if resolution else [],
        "release": resolver.release,
    }
    return render(request, "panels/genes.html", context)


@require_safe
def gene(request: HttpRequest, symbol: str) -> HttpResponse:
    """What the gene was ever called, and every panel that has it: UK and Australia side by side."""
    resolver = current_resolver()
    resolution = resolver.resolve(symbol[:255])
    if not resolution.found:
        context = frame(request, "genes") | {
            "text": symbol,
            "resolution": resolution,
            "near": resolver.suggest(symbol[:255]),
            "release": resolver.release,
        }
        return render(request, "panels/genes.html", context, status=404)
    hits, context = gene_in_panels(resolution), frame(request, "genes")
    basket = context["basket"]
    context |= {
        "resolution": resolution,
        "gene": resolver.gene(resolution.hgnc_id),
        "release": resolver.release,
        "sides": [
            (source, [with_basket(hit, basket) for hit in hits if hit.source == key]) for key, source in SOURCES.items()
        ],
    }
    return render(request, "panels/gene.html", context)
