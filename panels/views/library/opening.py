"""How every page of a panel begins: who may be here, and the head with its tabs."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from panelmerge.lib.errors import NotHere, Refusal
from panels.access import panel_to_read
from panels.actions.rights import number_of, panel_for
from panels.engine.levels import Level
from panels.formats.writing import FORMATS
from panels.views.frame import frame

# (address, word, the level that it needs)
TABS = (
    ("saved-panel", "Genes", Level.VIEW),
    ("panel-versions", "Versions", Level.VIEW),
    ("panel-compare", "Compare", Level.VIEW),
    ("panel-changes", "Changes", Level.VIEW),
    ("panel-sharing", "Sharing", Level.VIEW),
    ("panel-discussion", "Discussion", Level.VIEW),
    ("panel-exports", "Exports", Level.VIEW),
    ("panel-about", "About", Level.VIEW),
)


def page_of_a_panel(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Who is not signed in is asked to, whether the panel is there or not."""

    @wraps(view)
    def opened(request: HttpRequest, panel_id: int, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, panel_id, *args, **kwargs)
        except NotHere:
            if not request.user.is_authenticated and request.method == "GET":
                return redirect_to_login(request.get_full_path())
            raise

    return opened


def signed_in(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path() if request.method == "GET" else "/panels/")
        return view(request, *args, **kwargs)

    return opened


def for_the_form(refusal: Refusal) -> Refusal:
    """The refusal, to be shown above what was typed; one that no other words in the form would change, rises."""
    if refusal.status in (403, 404) and not refusal.errors:
        raise refusal
    return refusal


def answered(
    request: HttpRequest, template: str, context: dict[str, Any], refusal: Refusal | None = None
) -> HttpResponse:
    """A page of the library; with a refusal its sentences, and its status."""
    status = refusal.status if refusal else 200
    return render(request, f"panels/library/{template}.html", context | {"refusal": refusal}, status=status)


def head(
    request: HttpRequest, panel_id: int, tab: str, level: Level = Level.VIEW, *, shows_genes: bool = True
) -> dict[str, Any]:
    """The context of a page of a panel: the panel, what the person may do with it, the tabs."""
    panel, standing = (panel_to_read if shows_genes else panel_for)(request.user, panel_id, level)
    return frame(request, "library") | {
        "panel": panel,
        "standing": standing,
        "number": number_of(panel),
        "tab": tab,
        "tabs": [(name, word) for name, word, needed in TABS if standing.level >= needed],
        "may_comment": standing.level >= Level.COMMENT and panel.status != "ARCHIVED",
        "may_edit": standing.level >= Level.EDIT and panel.status != "ARCHIVED",
        "may_manage": standing.level >= Level.ADMIN,
        "may_share": standing.passes_on > Level.NONE,
        "is_owner": standing.level == Level.OWNER,
        "formats": FORMATS.values(),
    }
