"""Who else sees a panel, and what they say about it."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_http_methods, require_POST

from accounts.adapters import site_address
from panelmerge.lib.errors import Refusal
from panelmerge.lib.moments import BEYOND, is_beyond
from panels.actions.discussion import add_comment, comments_of
from panels.actions.rights import LevelTooLow
from panels.actions.sharing import change_share, revoke_share, share_panel, shares_of
from panels.actions.teams import teams_of
from panels.engine.levels import Level
from panels.models import PanelShare
from panels.views.library.opening import answered, for_the_form, head, signed_in
from panels.views.library.showing import number_in

REMARKS_A_PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def sharing(request: HttpRequest, panel_id: int) -> HttpResponse:
    if request.method != "POST":
        return _page(request, panel_id)
    said = request.POST
    with_whom = said.get("with", "person")
    try:
        share, token = share_panel(
            panel=panel_id,
            by=request.user,
            user=said.get("user", "").strip() if with_whom == "person" else None,
            team=number_in(said.get("team")) if with_whom == "team" else None,
            link=with_whom == "link",
            level=said.get("level", "VIEW") if with_whom != "link" else "VIEW",
            can_reshare=bool(said.get("can_reshare")) and with_whom != "link",
            expires_at=_end_of(said.get("ends", "")),
        )
    except Refusal as refusal:
        if refusal.status == 404 or isinstance(refusal, LevelTooLow):
            raise
        return _page(request, panel_id, refusal=refusal)
    if token:
        # Shown on this answer alone: it is kept nowhere.
        return _page(request, panel_id, link=site_address(request) + reverse("panels:shared", args=[token]))
    return redirect("panels:panel-sharing", share.panel_id)


@require_POST
@signed_in
def change(request: HttpRequest, panel_id: int, share_id: int) -> HttpResponse:
    """Another level or end, or the end of it."""
    said = request.POST
    try:
        if said.get("revoke"):
            revoke_share(panel=panel_id, share=share_id, by=request.user)
        else:
            end = _end_of(said.get("ends", ""))
            change_share(
                panel=panel_id,
                share=share_id,
                by=request.user,
                level=said.get("level") or None,
                can_reshare=bool(said.get("can_reshare")) if "level" in said else None,
                expires_at=end,
                never_expires=end is None,
            )
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return _page(request, panel_id, refusal=refusal)
    return redirect("panels:panel-sharing", panel_id)


def _page(request: HttpRequest, panel_id: int, *, refusal: Refusal | None = None, link: str = "") -> HttpResponse:
    context = head(request, panel_id, "panel-sharing", shows_genes=False)
    shares: Any = ()
    if context["may_share"]:
        shares = shares_of(panel=panel_id, by=request.user)
    passes_on = context["standing"].passes_on
    context |= {
        "shares": list(shares),
        "levels": [level for level in PanelShare.Level.values if Level[level] <= passes_on],
        "teams": teams_of(request.user) if context["may_share"] else (),
        "typed": request.POST if refusal else {},
        "link": link,
        "now": timezone.now(),
    }
    return answered(request, "sharing", context, refusal)


def _end_of(text: str) -> datetime | None:
    """The end of that day where the reader is."""
    if not text.strip():
        return None
    try:
        day = parse_date(text.strip())
    except ValueError:
        day = None
    if day is None:
        told = "Write the day as 2026-12-31, or leave it empty."
        raise Refusal(f"ends: {told}", errors={"ends": [told]})
    if is_beyond(day):
        raise Refusal(f"ends: {BEYOND}", errors={"ends": [BEYOND]})
    return timezone.make_aware(datetime.combine(day, time(23, 59, 59)), timezone.get_current_timezone())


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def discussion(request: HttpRequest, panel_id: int) -> HttpResponse:
    refusal = None
    if request.method == "POST":
        try:
            add_comment(
                panel=panel_id,
                by=request.user,
                text=request.POST.get("text", ""),
                gene=request.POST.get("gene", "").strip()[:300],
            )
        except Refusal as cannot:
            refusal = for_the_form(cannot)
        else:
            return redirect("panels:panel-discussion", panel_id)
    context = head(request, panel_id, "panel-discussion", shows_genes=False)
    gene = request.GET.get("gene", "").strip()[:300]
    remarks = comments_of(panel=panel_id, by=request.user, gene=gene)
    context |= {
        "gene": gene,
        "page": Paginator(remarks, REMARKS_A_PAGE).get_page(request.GET.get("page")),
        "typed": request.POST if refusal else {"gene": gene},
    }
    return answered(request, "discussion", context, refusal)
