"""Panels made and put away: saving a merge, a new panel, what a panel is called, copies, deletion."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from panelmerge.lib.errors import Refusal
from panels.actions.editing import split_genes
from panels.actions.keeping_versions import HIGHEST, retention_of, set_retention
from panels.actions.library import STATUSES, change_panel, create_from_merge, create_panel
from panels.actions.lifecycle import delete_panel, duplicate_panel, hand_over, undelete_panel
from panels.actions.rights import VersionConflict, panel_for
from panels.actions.sharing import person_named
from panels.engine.genes import Confidence
from panels.engine.levels import Level
from panels.models import PanelShare, RetentionPolicy, SavedPanel
from panels.views.basket import Basket
from panels.views.frame import frame
from panels.views.library.opening import answered, for_everybody, for_the_form, head, signed_in
from panels.views.library.showing import number_in, said_at, what_was_saved
from panels.views.result import merged

LEVELS = [level.value for level in Confidence]


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def new(request: HttpRequest) -> HttpResponse:
    """An empty panel, or one of pasted genes."""
    said, refusal = request.POST, None
    if request.method == "POST":
        level = said.get("level", "")
        try:
            names = split_genes(said.get("genes", ""))
            genes = [{"gene_symbol": name} | ({"confidence_level": level} if level in LEVELS else {}) for name in names]
            done = create_panel(
                by=request.user,
                name=said.get("name", ""),
                genes=genes,
                description=said.get("description", ""),
                tags=said.get("tags", ""),
                comment=said.get("comment", ""),
            )
        except Refusal as cannot:
            refusal = for_the_form(cannot)
        else:
            return said_at(request, done.panel.pk, f"Created with {done.panel.gene_count} genes.")
    context = frame(request, "library") | {"typed": said, "levels": LEVELS}
    return answered(request, "new", context, refusal)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def save(request: HttpRequest) -> HttpResponse:
    """The basket's list as a panel, with the recipe that makes it again."""
    basket, refusal, result = Basket.read(request.GET), None, None
    try:
        if not basket.items:
            raise Refusal("The basket is empty. Add a panel or a list of yours first.")
        result = merged(request, basket)
        if request.method == "POST":
            done = create_from_merge(
                by=request.user,
                name=request.POST.get("name", ""),
                result=result,
                description=request.POST.get("description", ""),
                tags=request.POST.get("tags", ""),
                comment=request.POST.get("comment", ""),
            )
            return said_at(request, done.panel.pk, f"Saved with {done.panel.gene_count} genes.")
    except Refusal as cannot:
        refusal = cannot
    context = frame(request, "library") | {
        "result": result,
        "typed": request.POST,
        "name": " and ".join(one.genes.name for one in result.inputs)[:200] if result else "",
        "address": basket.address(),
        "undecided": sum(one.is_open for one in result.entities) if result else 0,
    }
    return answered(request, "save", context, refusal)


@require_http_methods(["GET", "HEAD", "POST"])
@for_everybody
def about(request: HttpRequest, panel_id: int) -> HttpResponse:
    """Name, description, tags, state and who may see it; what can be done with the panel as a whole."""
    said, refusal = request.POST, None
    if request.method == "POST":
        fields = {name: said[name] for name in ("name", "description", "tags") if name in said}
        # No version tells of these: what the form had not touched may be another word by now.
        touched = [name for name in ("status", "visibility") if said.get(name) != said.get(f"{name}.was")]
        fields |= {name: said[name] for name in touched if said.get(name)}
        try:
            done = change_panel(
                panel=panel_id,
                by=request.user,
                expected=number_in(said.get("expected")),
                comment=said.get("comment", ""),
                **fields,
            )
        except Refusal as cannot:
            refusal = for_the_form(cannot)
        else:
            return said_at(request, panel_id, what_was_saved(done) if done.is_new else "Saved.")
    context = head(request, panel_id, "panel-about", shows_genes=False) | {
        "is_conflict": isinstance(refusal, VersionConflict),
        "typed": said,
        "statuses": STATUSES,
        "visibilities": SavedPanel.Visibility.values,
    }
    return answered(request, "about", context, refusal)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def retention(request: HttpRequest, panel_id: int) -> HttpResponse:
    """Which versions ``prune_versions`` leaves; without a rule all."""
    said, refusal = request.POST, None
    context = head(request, panel_id, "panel-versions", Level.ADMIN, shows_genes=False)
    if request.method == "POST":
        numbers = {name: number_in(said.get(name)) for name in HIGHEST}
        try:
            if None in numbers.values():
                raise Refusal("Give all three as numbers.")
            ticked = "auto_cleanup_enabled" in said
            set_retention(panel=panel_id, by=request.user, **numbers, auto_cleanup_enabled=ticked)
        except Refusal as cannot:
            refusal = for_the_form(cannot)
        else:
            messages.success(request, "Saved. Nothing is pruned before the next prune_versions.")
            return redirect("panels:panel-versions", panel_id)
    policy = retention_of(panel=panel_id, by=request.user)
    context |= {"policy": policy, "rule": policy or RetentionPolicy(), "typed": said}
    return answered(request, "retention", context, refusal)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def delete(request: HttpRequest, panel_id: int) -> HttpResponse:
    """Asks first, and says what stays."""
    if request.method == "POST":
        one = delete_panel(panel=panel_id, by=request.user, expected=number_in(request.POST.get("expected")))
        messages.success(request, f"“{one.name}” is deleted. It can be brought back from the deleted ones.")
        return redirect(f"{reverse('panels:library')}?scope=deleted")
    context = head(request, panel_id, "panel-about", Level.OWNER, shows_genes=False)
    return render(request, "panels/library/delete.html", context)


@require_POST
@signed_in
def undelete(request: HttpRequest, panel_id: int) -> HttpResponse:
    one = undelete_panel(panel=panel_id, by=request.user)
    return said_at(request, one.pk, "The panel is back.")


@require_POST
@signed_in
def duplicate(request: HttpRequest, panel_id: int) -> HttpResponse:
    done = duplicate_panel(
        panel=panel_id,
        by=request.user,
        name=request.POST.get("name", ""),
        with_history=bool(request.POST.get("with_history")),
    )
    return said_at(request, done.panel.pk, "This copy is yours; it is private.")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def give(request: HttpRequest, panel_id: int) -> HttpResponse:
    """Hand the panel over: asks who, and what one keeps."""
    refusal, _ = None, panel_for(request.user, panel_id, Level.OWNER)
    if request.method == "POST":
        try:
            to = person_named(request.POST.get("user", "").strip())
            one = hand_over(panel=panel_id, by=request.user, to=to, keep=request.POST.get("keep") or None)
        except Refusal as cannot:
            refusal = for_the_form(cannot)
        else:
            messages.success(request, f"“{one.name}” belongs to {to.username} now.")
            return redirect("panels:library")
    context = head(request, panel_id, "panel-about", shows_genes=False) | {
        "typed": request.POST,
        "levels": PanelShare.Level.values,
    }
    return answered(request, "give", context, refusal)
