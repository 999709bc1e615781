"""The matrix: a list of genes against every panel of both catalogues and one's own lists.

The genes are the first upload in the address, every further upload is a column,
and panels in the basket come along untouched:

    /matrix/?upload:3f…=&levels=amber&source=uk&least=3&words=cardio&page=2&across=3
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from panelmerge.lib.errors import NotHere, Refusal
from panelmerge.lib.http import attachment
from panels.actions.exporting import export_matrix
from panels.actions.matrix import MAX_GENES, keep_pasted, matrix_of_list, own_lists
from panels.engine.matrix import LEVELS, OWN, AskedGene, Cell, Filters, Matrix, MatrixPanel
from panels.formats.writing.matrix import FORMATS
from panels.models import Upload
from panels.panelapp.sources import SOURCES
from panels.views.basket import Basket, Item
from panels.views.contents import GONE
from panels.views.frame import frame

GENES_PER_PAGE = 100
PANELS_PER_PAGE = 20
UNRESOLVED_SHOWN = 200
FILTERS = ("levels", "source", "least", "words")
_NUMBER = re.compile(r"[1-9][0-9]{0,3}\Z")


@dataclass(frozen=True, slots=True)
class Column:
    """A panel as the head of a column; ``add`` is the basket with it, "" when it is there already."""

    panel: MatrixPanel
    genes: int
    url: str
    add: str


@dataclass(frozen=True, slots=True)
class Line:
    gene: AskedGene
    panels: int
    cells: list[tuple[MatrixPanel, Cell | None]]


def asked_filters(request: HttpRequest) -> Filters:
    """What the address says; what makes no sense falls back to the default."""
    query = request.GET
    least = query.get("least", "")
    return Filters(
        levels=LEVELS.get(query.get("levels", ""), LEVELS["red"])[1],
        source=query.get("source", "") if query.get("source") in SOURCES else "",
        least=int(least) if _NUMBER.match(least) else 1,
        words=query.get("words", "").replace("\0", "").strip()[:200],
    )


def asked_matrix(request: HttpRequest, basket: Basket) -> tuple[Upload, list[Upload], Matrix]:
    """The list, the lists beside it, and the matrix. NotHere when one of them is not the person's; Refusal likewise."""
    ids = [item.upload_id for item in basket.items if not item.is_panel]
    try:
        first, *lists = own_lists(ids, by=request.user, session_key=request.session.session_key)
    except NotHere as gone:
        raise NotHere(GONE) from gone
    return first, lists, matrix_of_list(upload=first, lists=lists, filters=asked_filters(request))


@require_safe
def matrix(request: HttpRequest) -> HttpResponse:
    return _show(request)


def _show(request: HttpRequest, refusal: Refusal | None = None, typed: str = "") -> HttpResponse:
    context = frame(request, "matrix")
    basket = context["basket"]
    held = [item.upload_id for item in basket.items if not item.is_panel]
    filters = asked_filters(request)
    context |= {
        "here": reverse("panels:matrix"),
        "typed": typed,
        "most": MAX_GENES,
        "sources": SOURCES,
        "level_choices": [(key, words, levels == filters.levels) for key, (words, levels) in LEVELS.items()],
        "filters": filters,
        "formats": FORMATS,
        "uploads": _choices(request, held, basket),
        "address": request.GET.urlencode(safe=":@,"),
    }
    if held and refusal is None:
        try:
            upload, _, made = asked_matrix(request, basket)
            context |= {"upload": upload} | _table(request, made, basket)
        except Refusal as cannot:
            refusal = cannot
    context["refusal"] = refusal
    return render(request, "panels/matrix.html", context, status=refusal.status if refusal else 200)


def _choices(request: HttpRequest, held: list[str], basket: Basket) -> list[tuple[Upload, bool, str, str]]:
    """One's lists but the one asked for: whether it is a column, its own matrix, and this one with or without it."""
    mine = Upload.objects.visible_to(request.user, request.session.session_key).defer("table")
    filters = urlencode([(name, request.GET[name]) for name in FILTERS if request.GET.get(name)])
    choices = []
    for one in mine:
        key, is_held = f"upload:{one.pk}", str(one.pk) in held
        if not held or held[0] != str(one.pk):
            other = basket.without(key) if is_held else basket.with_item(key)
            toggled = f"{other.address()}&{filters}" if filters else other.address()
            choices.append((one, is_held, _with_first(basket, one).address(), toggled))
    return choices


def _with_first(basket: Basket, upload: Upload) -> Basket:
    """The basket with this list before all others. What is taken away from the others stays the same one."""
    key = f"upload:{upload.pk}"
    rest = basket.without(key)
    number = rest.number + 1 if rest.rule == "subtract" and rest.number else rest.number
    return replace(rest, items=(Item(key), *rest.items), number=number)


def _table(request: HttpRequest, made: Matrix, basket: Basket) -> dict[str, Any]:
    rows: Page = Paginator(made.genes, GENES_PER_PAGE).get_page(request.GET.get("page"))
    across: Page = Paginator(made.panels, PANELS_PER_PAGE).get_page(request.GET.get("across"))
    return {
        "matrix": made,
        "page": rows,
        "across": across,
        "columns": [_column(panel, made, basket) for panel in across],
        "lines": [
            Line(gene, made.by_gene[gene.key], [(panel, made.cells.get((gene.key, panel.key))) for panel in across])
            for gene in rows
        ],
        "unresolved": made.unresolved[:UNRESOLVED_SHOWN],
    }


def _column(panel: MatrixPanel, made: Matrix, basket: Basket) -> Column:
    if panel.source == OWN:
        url = f"{reverse('panels:upload', args=[panel.panel_id])}?{basket.address()}"
    else:
        page = reverse("panels:catalogue-panel", args=[panel.source, int(panel.panel_id)])
        url = f"{page}?{basket.address()}"
    add = "" if basket.holds(panel.key) else basket.with_item(panel.key).address()
    return Column(panel, made.by_panel[panel.key], url, add)


@require_POST
def paste(request: HttpRequest) -> HttpResponse:
    """Pasted genes become a list of one's own, and the matrix of it a page with an address. BG-07."""
    text, basket = request.POST.get("text", ""), Basket.read(request.GET)
    try:
        if not text.strip():
            raise Refusal("Paste gene symbols or HGNC ids into the box.")
        upload = keep_pasted(text=text, **_whose(request))
    except Refusal as refusal:
        return _show(request, refusal, text)
    if upload.column is None:
        query = basket.with_item(f"upload:{upload.pk}").address()
        return redirect(f"{reverse('panels:upload', args=[upload.pk])}?{query}")
    return redirect(f"{reverse('panels:matrix')}?{_with_first(basket, upload).address()}")


def _whose(request: HttpRequest) -> dict[str, Any]:
    """To whom a new list belongs; begins a session, and its cookie, for a first one."""
    if request.user.is_authenticated:
        return {"owner": request.user, "by": request.user}
    if not request.session.session_key:
        request.session["brought_a_list"] = True
        request.session.save()
    return {"session_key": request.session.session_key, "by": request.user}


@require_POST
def download(request: HttpRequest, format_name: str) -> HttpResponse:
    """The whole matrix as filtered, not only the page shown; recorded, therefore a POST."""
    if format_name not in FORMATS:
        raise NotHere(f"There is no format “{format_name[:20]}”; there are {', '.join(FORMATS)}.")
    basket = Basket.read(request.GET)
    try:
        if all(item.is_panel for item in basket.items):
            raise Refusal("There is no list yet. Paste genes first.")
        upload, _, made = asked_matrix(request, basket)
    except Refusal as refusal:
        return _show(request, refusal)
    export = export_matrix(matrix=made, upload=upload, format=format_name, by=request.user)
    return attachment(name=export.name, content_type=export.content_type, content=export.content)
