"""The workbench: search, basket, uploads, result and download on one page."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from panelmerge.lib.errors import NotHere, Refusal
from panelmerge.lib.http import attachment
from panels.actions.exporting import export_merge
from panels.formats.writing import FORMATS, options_of
from panels.models import Upload
from panels.panelapp.sources import SOURCES
from panels.views.basket import Basket
from panels.views.contents import basket_contents
from panels.views.decisions import keep_decision, take_back
from panels.views.finding import find, with_basket
from panels.views.frame import frame
from panels.views.result import conflict_of, merged, result_context

EXAMPLES = ("cardiomyopathy", "MYBPC3", "hearing")
# Of the demonstration catalogue: the same disorder in both countries and a neighbour of it.
DEMO_PANELS = ("uk:90001", "aus:95001", "uk:90002", "aus:95002")


@require_safe
def workbench(request: HttpRequest) -> HttpResponse:
    return show(request)


def show(
    request: HttpRequest, *, refusal: Refusal | None = None, typed: Mapping[str, str] | None = None
) -> HttpResponse:
    """The page for the basket in the address; with a refusal, that first, and what was typed kept."""
    basket = Basket.read(request.GET)
    found = find(basket.search, basket.source) if basket.search else None
    uploads = Upload.objects.visible_to(request.user, request.session.session_key).defer("table")
    frame_of = frame(request, "workbench")
    context = frame_of | {
        # A refused form is answered under its own address; links lead back to the page's.
        "here": reverse("panels:workbench"),
        "basket": basket,
        "address": basket.address(),
        "sources": SOURCES,
        "examples": EXAMPLES,
        "demo": _demo_address(basket) if all(age.is_demonstration for age in frame_of["ages"]) else "",
        "found": found,
        "hits": [with_basket(hit, basket) for hit in found.hits] if found else [],
        "refusal": refusal,
        "typed": typed or {},
        "formats": list(FORMATS.values()),
        "contents": basket_contents(request, basket),
        "other_uploads": [
            (one, basket.with_item(f"upload:{one.pk}").address())
            for one in uploads
            if not basket.holds(f"upload:{one.pk}")
        ],
    }
    if basket.items:
        try:
            basket.check()
            _check_contents(context["contents"])
            context |= result_context(request, merged(request, basket))
        except Refusal as cannot:
            context["cannot_merge"] = cannot
    return render(request, "panels/workbench.html", context, status=refusal.status if refusal else 200)


def _demo_address(basket: Basket) -> str:
    for key in DEMO_PANELS:
        basket = basket.with_item(key)
    return basket.without_search().address()


def _check_contents(contents: list) -> None:
    bad = [place for place, one in enumerate(contents, 1) if one.problem]
    if bad:
        which = ", ".join(map(str, bad[:10])) + (" …" if len(bad) > 10 else "")
        raise Refusal(f"Cannot be merged yet: see number {which} in the basket. Remove it to merge the rest.")


def _back(request: HttpRequest, basket: Basket) -> str:
    query = request.GET.copy()
    page = f"&page={query['page']}" if query.get("page", "").isascii() and query.get("page", "").isdigit() else ""
    return f"{reverse('panels:workbench')}?{basket.address()}&show=conflicts{page}#result-title"


@require_POST
def decide(request: HttpRequest) -> HttpResponse:
    """One decision, or taking one back; then the page again."""
    basket = Basket.read(request.GET)
    said = {name: request.POST.get(name, "") for name in ("entity", "field", "value", "reason")}
    if request.POST.get("take_back"):
        take_back(request, basket, entity=said["entity"])
        return redirect(_back(request, basket))
    try:
        conflict = conflict_of(merged(request, basket), said["entity"], said["field"])
        keep_decision(request, basket, conflict=conflict, **said)
    except Refusal as refusal:
        return show(request, refusal=refusal, typed=said)
    return redirect(_back(request, basket))


@require_POST
def download(request: HttpRequest, format_name: str) -> HttpResponse:
    """The basket's list as a file; recorded, therefore a POST."""
    basket = Basket.read(request.GET)
    chosen = {name: request.POST.get(name, "") for name in ("build", "padding", "chr_prefix")}
    if format_name not in FORMATS:
        raise NotHere(f"There is no format “{format_name[:20]}”; there are {', '.join(FORMATS)}.")
    try:
        if not basket.items:
            raise Refusal("The basket is empty. Add a panel or a list of yours first.")
        options = options_of(**chosen)
        result = merged(request, basket)
    except Refusal as refusal:
        return show(request, refusal=refusal, typed=chosen)
    export = export_merge(result=result, format=format_name, options=options, by=request.user)
    return attachment(name=export.name, content_type=export.content_type, content=export.content)
