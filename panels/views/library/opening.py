"""How every page of a panel begins: who may be here, and the head with its tabs."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from panelmerge.lib.errors import Refusal
from panels.access import panel_to_read
from panels.actions.rights import number_of, panel_for
from panels.engine.levels import Level
from panels.formats.writing import FORMATS
from panels.views.frame import frame

# (address, word); everybody sees the first ones of a public panel, the others take an account.
TABS = (
    ("saved-panel", "Genes"),
    ("panel-versions", "Versions"),
    ("panel-compare", "Compare"),
    ("panel-exports", "Exports"),
    ("panel-about", "About"),
)
TABS_WITH_ACCOUNT = (
    *TABS[:3],
    ("panel-changes", "Changes"),
    ("panel-sharing", "Sharing"),
    ("panel-discussion", "Discussion"),
    *TABS[3:],
)
View = Callable[..., HttpResponse]


def signed_in(view: View) -> View:
    """A page for who has an account. Everybody else is asked to sign in, whatever the address names; a form is not
    taken, and what was typed is shown back."""

    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return _asks(request)
        _check_signs(request)
        return view(request, *args, **kwargs)

    return opened


def for_everybody(view: View) -> View:
    """A page that a public panel has for everybody. Who might only have to sign in is not told whether another panel
    is there, nor what they may do."""

    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            _check_signs(request)
            return view(request, *args, **kwargs)
        except Refusal as refusal:
            if request.user.is_authenticated or refusal.status not in (403, 404):
                raise
            return _asks(request)

    return opened


def _asks(request: HttpRequest) -> HttpResponse:
    if request.method in ("GET", "HEAD"):
        return redirect_to_login(request.get_full_path())
    raise Refusal(
        "You are not signed in, or no longer. Nothing was changed. Sign in, then do it again.",
        status=401,
        code="not_authenticated",
    )


def _check_signs(request: HttpRequest) -> None:
    """No browser types a NUL into a form, and PostgreSQL refuses text with one: said before a query does."""
    if any("\0" in text for name, said in request.POST.lists() for text in (name, *said)):
        raise Refusal("The form holds a NUL character, which no text here can. Nothing was changed.")


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
        "tabs": TABS_WITH_ACCOUNT if request.user.is_authenticated else TABS,
        "may_comment": standing.level >= Level.COMMENT and panel.status != "ARCHIVED",
        "may_edit": standing.level >= Level.EDIT and panel.status != "ARCHIVED",
        "may_manage": standing.level >= Level.ADMIN,
        "may_share": standing.passes_on > Level.NONE,
        "is_owner": standing.level == Level.OWNER,
        "formats": FORMATS.values(),
    }
