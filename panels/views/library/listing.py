"""The library: one's own panels, those that others share, and the public ones; chosen ones of them as files."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from panelmerge.lib.errors import NotHere, Refusal
from panelmerge.lib.http import attachment
from panels.access import note_listing
from panels.actions.finding_panels import DEFAULT_ORDER, MOST_GENES, ORDERS, PanelQuestion, find_panels
from panels.actions.panel_files import export_panels
from panels.engine.coordinates import BUILDS
from panels.formats.writing import FORMATS, options_of
from panels.models import SavedPanel
from panels.models.visibility import standing_of
from panels.views.frame import frame
from panels.views.library.opening import answered, signed_in
from panels.views.library.showing import number_in

PER_PAGE = 50
SCOPES = {"mine": "Mine", "shared": "Shared with me", "public": "Public", "deleted": "Deleted"}
ORDER_WORDS = {
    "-updated_at": "changed last",
    "name": "by name",
    "-gene_count": "most genes",
    "-created_at": "newest",
    "-version_count": "most versions",
}
LAYOUTS = ("table", "cards")
TEXTS = ("search", "tag", "gene", "status", "visibility", "min_genes", "max_genes")
SIZES = ("min_genes", "max_genes")


@require_http_methods(["GET", "HEAD", "POST"])
def library(request: HttpRequest) -> HttpResponse:
    """The panels that were asked for. POST: those that were ticked, as files."""
    return _as_files(request) if request.method == "POST" else _listed(request)


@signed_in
def _as_files(request: HttpRequest) -> HttpResponse:
    """One zip, or the list again with why not; what was ticked stays so."""
    said = request.POST
    # A number that is none is a panel that is not there.
    chosen = [number_in(text) or 0 for text in said.getlist("ids")]
    try:
        options = options_of(build=said.get("build", ""))
        export = export_panels(panels=chosen, by=request.user, format=said.get("format", ""), options=options)
    except NotHere as gone:
        # Ticked, not typed: there is nothing to show back.
        gone.typed = ()
        raise
    except Refusal as cannot:
        return _listed(request, cannot, chosen)
    return attachment(name=export.name, content_type=export.content_type, content=export.content)


def _listed(request: HttpRequest, refusal: Refusal | None = None, chosen: list[int] | None = None) -> HttpResponse:
    scope = request.GET.get("scope", "")
    if not request.user.is_authenticated:
        scope = "public"
    elif scope not in SCOPES:
        scope = "mine"
    said = {name: " ".join(request.GET.get(name, "").split())[:200] for name in TEXTS}
    said["status"] = said["status"] if said["status"] in ("ACTIVE", "DRAFT", "ARCHIVED") else ""
    said["visibility"] = said["visibility"] if said["visibility"] in SavedPanel.Visibility.values else ""
    ordering = request.GET.get("ordering", "")
    ordering = ordering if ordering in ORDERS else DEFAULT_ORDER
    found = SavedPanel.objects.none()
    try:
        found = find_panels(by=request.user, asked=_question(scope, said, ordering))
    except Refusal as cannot:
        refusal = cannot
    rows = found.with_standing(request.user).select_related("current_version", "owner")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    note_listing(request.user, {name: text for name, text in (said | {"scope": scope}).items() if text})
    layout = request.GET.get("as", "")
    context = frame(request, "library") | {
        "scope": scope,
        "scopes": _scopes(request, scope),
        "said": said,
        "is_narrow": any(said.values()),
        "visibilities": SavedPanel.Visibility.values,
        "ordering": ordering,
        "orders": ORDER_WORDS,
        "layout": layout if layout in LAYOUTS else LAYOUTS[0],
        "page": page,
        "rows": [(one, standing_of(one, request.user)) for one in page],
        "may_choose": request.user.is_authenticated and scope != "deleted",
        "chosen": chosen or [],
        "typed": request.POST,
        "formats": FORMATS.values(),
        "builds": BUILDS,
    }
    return answered(request, "library", context, refusal)


def _question(scope: str, said: dict[str, str], ordering: str) -> PanelQuestion:
    asked = said | {name: _size(name, said[name]) for name in SIZES}
    if scope == "deleted":
        return PanelQuestion(scope="mine", **(asked | {"status": "DELETED"}), ordering=ordering)
    return PanelQuestion(scope=scope, **asked, ordering=ordering)


def _size(name: str, text: str) -> int | None:
    number = number_in(text)
    if text and (number is None or number > MOST_GENES):
        told = f"A number of genes is a whole number, from 0 to {MOST_GENES:,}."
        raise Refusal(told, errors={name: [told]})
    return number


def _scopes(request: HttpRequest, scope: str) -> list[dict[str, Any]]:
    """The tabs; without an account there is one."""
    shown = SCOPES if request.user.is_authenticated else {"public": SCOPES["public"]}
    return [
        {"name": name, "word": word, "is_here": name == scope, "address": urlencode({"scope": name})}
        for name, word in shown.items()
    ]
