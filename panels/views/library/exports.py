"""Files of a panel, and a person's own templates for them: format, columns, and a pattern for the file's name."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Permission
from panelmerge.lib.errors import Refusal
from panels.actions.templates import (
    PLACEHOLDERS,
    change_template,
    make_template,
    remove_template,
    template_facts,
    template_for,
    templates_of,
)
from panels.formats.writing import FORMATS
from panels.formats.writing.columns import HEADERS
from panels.views.frame import frame
from panels.views.library.opening import answered, for_everybody, for_the_form, head, signed_in


@require_safe
@for_everybody
def exports(request: HttpRequest, panel_id: int) -> HttpResponse:
    context = head(request, panel_id, "panel-exports", shows_genes=False)
    context["templates"] = templates_of(request.user).order_by("-is_default", "name", "id")
    return render(request, "panels/library/exports.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def templates(request: HttpRequest) -> HttpResponse:
    """One's own, and a form for another."""
    refusal = None
    if request.method == "POST":
        try:
            made = make_template(by=request.user, **_said(request))
        except Refusal as cannot:
            refusal = for_the_form(cannot)
        else:
            messages.success(request, f"Made the template {made.name}.")
            return redirect("panels:export-templates")
    context = _context(request, refusal, {"format": "xlsx", "columns": []}) | {
        "templates": templates_of(request.user).order_by("-is_default", "name", "id"),
        "may_make": request.user.has_perm(Permission.OWN_PANELS),
    }
    return answered(request, "templates", context, refusal)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def template(request: HttpRequest, template_id: int) -> HttpResponse:
    one, refusal = template_for(template=template_id, by=request.user), None
    if request.method == "POST" and request.POST.get("act") == "remove":
        remove_template(template=template_id, by=request.user)
        messages.success(request, f"Removed the template {one.name}.")
        return redirect("panels:export-templates")
    if request.method == "POST":
        try:
            change_template(template=template_id, by=request.user, **_said(request))
        except Refusal as cannot:
            refusal = for_the_form(cannot)
        else:
            messages.success(request, "Saved.")
            return redirect("panels:export-templates")
    context = _context(request, refusal, template_facts(one)) | {"template": one}
    return answered(request, "template", context, refusal)


def _said(request: HttpRequest) -> dict[str, Any]:
    said = request.POST
    texts = {name: said.get(name, "").strip() for name in ("name", "description", "format", "filename_pattern")}
    return texts | {"columns": said.getlist("columns"), "is_default": bool(said.get("is_default"))}


def _context(request: HttpRequest, refusal: Refusal | None, values: dict[str, Any]) -> dict[str, Any]:
    """The form shows what was typed where it was refused."""
    return frame(request, "library") | {
        "typed": _said(request) if refusal else values,
        "formats": FORMATS.values(),
        "headers": HEADERS,
        "placeholders": [f"{{{one}}}" for one in PLACEHOLDERS],
    }
