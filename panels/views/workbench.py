"""The workbench: search, basket, uploads, result and download on one page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from panelmerge.lib.errors import Refusal
from panelmerge.lib.http import attachment
from panels.actions.catalogue import read_panels
from panels.actions.exporting import export_merge
from panels.actions.merging import merge_lists
from panels.actions.symbols import current_resolver
from panels.actions.uploads import report
from panels.engine.genes import Confidence, Counts, GeneList
from panels.engine.merge import MergeResult
from panels.engine.request import PanelChoice
from panels.engine.values import summary_value
from panels.formats.writing import FORMATS
from panels.models import Upload
from panels.panelapp.sources import SOURCES
from panels.views.age import mirror_ages
from panels.views.basket import Basket, Item
from panels.views.decisions import decisions_of, keep_decision, take_back
from panels.views.finding import find

PER_PAGE = 100
EXAMPLES = ("cardiomyopathy", "MYBPC3", "hearing")


@dataclass(frozen=True, slots=True)
class InBasket:
    """One item with what the page says of it."""

    item: Item
    name: str
    source: str
    version: str
    counts: Counts | None
    taken: int | None
    url: str
    without: str
    problem: str = ""
    problems: int = 0

    @property
    def levels(self) -> list[tuple[Confidence, bool, int]]:
        return [(level, level in self.item.levels, getattr(self.counts, level)) for level in Confidence]


@require_safe
def workbench(request: HttpRequest) -> HttpResponse:
    return show(request)


def show(request: HttpRequest, *, refusal: Refusal | None = None, typed: dict[str, str] | None = None) -> HttpResponse:
    """The page for the basket in the address; with a refusal, that first, and what was typed kept."""
    basket = Basket.read(request.GET)
    uploads = Upload.objects.visible_to(request.user, request.session.session_key).defer("table")
    context: dict[str, Any] = {
        "section": "workbench",
        "basket": basket,
        "address": basket.address(),
        "sources": SOURCES,
        "ages": mirror_ages(),
        "examples": EXAMPLES,
        "found": find(basket.search, basket.source) if basket.search else None,
        "refusal": refusal,
        "typed": typed or {},
        "formats": FORMATS.values(),
        "other_uploads": [
            (one, basket.with_item(f"upload:{one.pk}").address())
            for one in uploads
            if not basket.holds(f"upload:{one.pk}")
        ],
    }
    context["added"] = (
        [(hit, basket.with_item(hit.key).address(), basket.holds(hit.key)) for hit in context["found"].hits]
        if context["found"]
        else []
    )
    lists = _lists(request, basket)
    context["items"] = [_in_basket(basket, item, lists[item.key]) for item in basket.items]
    if basket.items and not any(one.problem for one in context["items"]):
        try:
            result = merge_lists(
                request=basket.request(decisions_of(request, basket)),
                by=request.user,
                session_key=request.session.session_key,
            )
            context |= _result_context(request, result)
        except Refusal as cannot:
            context["cannot_merge"] = cannot
    return render(request, "panels/workbench.html", context, status=refusal.status if refusal else 200)


def _lists(request: HttpRequest, basket: Basket) -> dict[str, GeneList | Refusal]:
    """Each item's gene list, or why it cannot be read: one bad item does not hide the others."""
    panels = [item for item in basket.items if item.is_panel]
    read: dict[str, GeneList | Refusal] = {}
    try:
        choices = [item.choice() for item in panels]
        lists = read_panels([choice.panel for choice in choices if isinstance(choice, PanelChoice)])
        read = {item.key: genes for item, genes in zip(panels, lists, strict=True)}
    except Refusal:
        for item in panels:
            try:
                [read[item.key]] = read_panels([item.choice().panel])
            except Refusal as cannot:
                read[item.key] = cannot
    wanted = [item.upload_id for item in basket.items if not item.is_panel]
    if wanted:
        resolver = current_resolver()
        mine = Upload.objects.visible_to(request.user, request.session.session_key)
        found = {str(upload.pk): upload for upload in mine.filter(pk__in=wanted)}
        for upload_id in wanted:
            upload = found.get(upload_id)
            read[f"upload:{upload_id}"] = (
                report(upload, resolver)
                if upload
                else Refusal("This list is no longer here: it expired, or belongs to another browser. Upload it again.")
            )
    return read


def _in_basket(basket: Basket, item: Item, found: Any) -> InBasket:
    without = basket.without(item.key).address()
    if isinstance(found, Refusal):
        return InBasket(item, item.key, item.key[:2].upper(), "", None, None, "", without, problem=found.detail)
    if not item.is_panel:
        url = f"{reverse('panels:upload', args=[item.upload_id])}?{basket.address()}"
        return InBasket(
            item,
            found.name,
            "mine",
            "",
            None,
            found.counts["genes"],
            url,
            without,
            problems=len(found.problems),
        )
    taken = {row.entity.key for row in found.rows if row.origin.confidence_level in item.levels}
    url = reverse("panels:catalogue-panel", args=[found.source, int(found.panel_id)]) + f"?version={found.version}"
    short = SOURCES[found.source].short
    return InBasket(item, found.name, short, found.version, Counts.of(found.rows), len(taken), url, without)


def _result_context(request: HttpRequest, result: MergeResult) -> dict[str, Any]:
    conflicts = result.in_conflict()
    show_what = request.GET.get("show")
    if show_what not in ("conflicts", "list", "dropped"):
        show_what = "conflicts" if any(merged.is_open for merged in conflicts) else "list"
    lines = {"conflicts": conflicts, "list": list(result.entities), "dropped": list(result.dropped)}[show_what]
    page = Paginator(lines, PER_PAGE).get_page(request.GET.get("page"))
    return {
        "result": result,
        "summary": summary_value(result),
        "conflict_count": len(conflicts),
        "show_what": show_what,
        "page": page,
        "labels": [one.genes.label for one in result.inputs],
    }


def _back(request: HttpRequest) -> str:
    return f"{reverse('panels:workbench')}?{Basket.read(request.GET).address()}"


@require_POST
def decide(request: HttpRequest) -> HttpResponse:
    """One decision, or taking one back; then the page again."""
    basket = Basket.read(request.GET)
    entity = request.POST.get("entity", "")
    if request.POST.get("take_back"):
        take_back(request, basket, entity=entity)
        return redirect(f"{_back(request)}&show=conflicts")
    reason = request.POST.get("reason", "")
    try:
        keep_decision(
            request,
            basket,
            entity=entity,
            field=request.POST.get("field", ""),
            value=request.POST.get("value", ""),
            reason=reason,
        )
    except Refusal as refusal:
        return show(request, refusal=refusal, typed={"entity": entity, "reason": reason})
    return redirect(f"{_back(request)}&show=conflicts")


@require_POST
def download(request: HttpRequest, format_name: str) -> HttpResponse:
    """The basket's list as a file; recorded, therefore a POST."""
    basket = Basket.read(request.GET)
    if not basket.items:
        return show(request, refusal=Refusal("The basket is empty. Add a panel or a list of yours first."))
    result = merge_lists(
        request=basket.request(decisions_of(request, basket)), by=request.user, session_key=request.session.session_key
    )
    export = export_merge(result=result, format=format_name, by=request.user)
    return attachment(name=export.name, content_type=export.content_type, content=export.content)
