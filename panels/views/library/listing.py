"""The library: one's own panels, those that others share, and the public ones."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from panelmerge.lib.errors import Refusal
from panels.access import note_listing
from panels.actions.finding_panels import DEFAULT_ORDER, ORDERS, PanelQuestion, find_panels
from panels.models import SavedPanel
from panels.models.visibility import standing_of
from panels.views.frame import frame

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


@require_safe
def library(request: HttpRequest) -> HttpResponse:
    scope = request.GET.get("scope", "")
    if not request.user.is_authenticated:
        scope = "public"
    elif scope not in SCOPES:
        scope = "mine"
    said = {name: " ".join(request.GET.get(name, "").split())[:200] for name in ("search", "tag", "gene", "status")}
    said["status"] = said["status"] if said["status"] in ("ACTIVE", "DRAFT", "ARCHIVED") else ""
    ordering = request.GET.get("ordering", "")
    ordering = ordering if ordering in ORDERS else DEFAULT_ORDER
    found, refusal = SavedPanel.objects.none(), None
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
        "ordering": ordering,
        "orders": ORDER_WORDS,
        "layout": layout if layout in LAYOUTS else LAYOUTS[0],
        "refusal": refusal,
        "page": page,
        "rows": [(one, standing_of(one, request.user)) for one in page],
    }
    return render(request, "panels/library/library.html", context, status=refusal.status if refusal else 200)


def _question(scope: str, said: dict[str, str], ordering: str) -> PanelQuestion:
    if scope == "deleted":
        return PanelQuestion(scope="mine", **(said | {"status": "DELETED"}), ordering=ordering)
    return PanelQuestion(scope=scope, **said, ordering=ordering)


def _scopes(request: HttpRequest, scope: str) -> list[dict[str, Any]]:
    """The tabs; without an account there is one."""
    shown = SCOPES if request.user.is_authenticated else {"public": SCOPES["public"]}
    return [
        {"name": name, "word": word, "is_here": name == scope, "address": urlencode({"scope": name})}
        for name, word in shown.items()
    ]
