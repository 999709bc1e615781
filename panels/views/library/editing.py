"""Editing the genes of a panel: changes are gathered, may be undone, and are saved together as one version.

What waits is in the form itself, so that nothing is kept on the server and
nothing is lost when somebody else saves first: then both people's changes are
shown side by side, gene by gene.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from panelmerge.lib.errors import Refusal
from panels.actions.differences import records_of, save_on_top, three_way
from panels.actions.editing import GeneChanges, edited_in_turn, split_genes
from panels.actions.library import change_panel, version_of
from panels.actions.lists import current_records
from panels.actions.rights import VersionConflict
from panels.actions.symbols import current_resolver
from panels.actions.versions import Genes
from panels.engine.genes import Confidence, EntityType
from panels.engine.levels import Level
from panels.engine.records import Record, changes_between, key_of, keyed
from panels.engine.symbols import Resolver
from panels.views.library.opening import answered, head, signed_in
from panels.views.library.showing import listed, number_in, said_at, what_was_saved

VERBS = ("add", "update", "remove")
# What a row of the table offers, and the field it is.
FIELDS = {"level": "custom_confidence", "moi": "mode_of_inheritance", "note": "user_notes"}
LONGEST_PENDING, MOST_STEPS = 5_000, 100
LEVELS = [level.value for level in Confidence]
# What this page writes of a gene into the changes that wait, and nothing else may come back.
WRITTEN = {"gene_symbol", "hgnc_id", "entity_type", "confidence_level", *FIELDS.values()}
UNREAD = "The changes that were waiting could not be read. Begin again."


def _told_in_words(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Who may no longer save gets their changes back in words: the form holds them as the page needs them."""

    @wraps(view)
    def opened(request: HttpRequest, panel_id: int) -> HttpResponse:
        try:
            return view(request, panel_id)
        except Refusal as refusal:
            refusal.typed = _typed(request)
            raise

    return opened


@require_http_methods(["GET", "HEAD", "POST"])
@_told_in_words
@signed_in
def edit(request: HttpRequest, panel_id: int) -> HttpResponse:
    if request.method != "POST":
        return _page(request, panel_id, [])
    base = number_in(request.POST.get("base"))
    try:
        pending = _pending(request.POST.get("pending", ""))
    except Refusal as refusal:
        return _page(request, panel_id, [], refusal=refusal)
    act = request.POST.get("act", "gather")
    if act.startswith("undo:"):
        place = number_in(act.removeprefix("undo:"))
        pending = [one for number, one in enumerate(pending) if number != place]
    try:
        # First the rows: a paste that is refused takes none of them with it.
        for more in (_altered(request), _pasted(request)):
            _try(request, panel_id, pending + more)
            pending += more
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return _page(request, panel_id, pending, refusal=refusal, base=base)
    if act != "save":
        return _page(request, panel_id, pending, base=base)
    return _save(request, panel_id, pending, base)


def _save(request: HttpRequest, panel_id: int, pending: list[dict[str, Any]], base: int | None) -> HttpResponse:
    comment = request.POST.get("comment", "")
    try:
        if request.POST.get("on_top"):
            choices = {
                name.removeprefix("choice."): value
                for name, value in request.POST.items()
                if name.startswith("choice.") and value in ("mine", "theirs")
            }
            done = save_on_top(
                panel=panel_id,
                by=request.user,
                base=base or 0,
                edit=_edit(pending),
                choices=choices,
                expected=number_in(request.POST.get("theirs")) or 0,
                comment=comment,
            )
        else:
            done = change_panel(
                panel=panel_id, by=request.user, expected=base, gene_changes=_steps(pending), comment=comment
            )
    except VersionConflict:
        return _both(request, panel_id, pending, base or 0)
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return _page(request, panel_id, pending, refusal=refusal, base=base)
    return said_at(request, panel_id, what_was_saved(done))


def _both(request: HttpRequest, panel_id: int, pending: list[dict[str, Any]], base: int) -> HttpResponse:
    """Somebody saved meanwhile: theirs, mine and what both began with, gene by gene."""
    context = head(request, panel_id, "saved-panel", Level.EDIT)
    met = three_way(panel=panel_id, by=request.user, base=base, edit=_edit(pending))
    context |= {
        "met": met,
        "base": base,
        "theirs": context["number"],
        "pending": json.dumps(pending, ensure_ascii=False),
        "comment": request.POST.get("comment", ""),
        "by_whom": context["panel"].current_version.created_by,
    }
    return render(request, "panels/library/both.html", context, status=412)


def _page(
    request: HttpRequest,
    panel_id: int,
    pending: list[dict[str, Any]],
    *,
    refusal: Refusal | None = None,
    base: int | None = None,
) -> HttpResponse:
    context = head(request, panel_id, "saved-panel", Level.EDIT)
    begun = keyed(_begun(request, context, base))
    try:
        now = _edit(pending)(begun, current_resolver())
    except Refusal as cannot:
        now, refusal = begun, refusal or cannot
    context |= listed(request, list(now.values()))
    context |= {
        "base": base or context["number"],
        "pending": json.dumps(pending, ensure_ascii=False),
        "waiting": [(number, _in_words(one)) for number, one in enumerate(pending)],
        "touched": {one.key for one in changes_between(begun, now)},
        "rows": [(key_of(one), one) for one in context["page"]],
        "levels": LEVELS,
        "typed": request.POST if refusal else {},
        "comment": request.POST.get("comment", ""),
    }
    return answered(request, "edit", context, refusal)


def _pending(text: str) -> list[dict[str, Any]]:
    """The changes that wait, as the form brought them back."""
    try:
        found = json.loads(text or "[]")
        # JSON can write halves of characters, which no page can.
        json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise Refusal(UNREAD) from error
    if not isinstance(found, list) or not all(isinstance(one, dict) and _is_sound(one) for one in found):
        raise Refusal(UNREAD)
    return found


def _is_sound(change: dict[str, Any]) -> bool:
    gene = change.get("gene")
    if change.get("verb") not in VERBS or not isinstance(gene, dict) or not gene.keys() <= WRITTEN:
        return False
    return all(isinstance(value, str) and "\0" not in value for value in gene.values()) and (
        gene.get("entity_type", "gene") in list(EntityType)
    )


def _pasted(request: HttpRequest) -> list[dict[str, Any]]:
    """What this form adds to the changes by its box. TooLarge as ``split_genes``."""
    said, verb = request.POST, "remove" if request.POST.get("paste_verb") == "remove" else "add"
    level = said.get("paste_level", "")
    more = {"confidence_level": level} if level in LEVELS and verb == "add" else {}
    return [{"verb": verb, "gene": {"gene_symbol": name} | more} for name in split_genes(said.get("paste", ""))]


def _altered(request: HttpRequest) -> list[dict[str, Any]]:
    """Rows of the table that were altered."""
    said, found = request.POST, []
    for name in said:
        if not name.startswith("row."):
            continue
        key = name.removeprefix("row.")
        who = _who(key, said[name])
        if said.get(f"remove.{key}"):
            found.append({"verb": "remove", "gene": who})
            continue
        changed = {
            field: said.get(f"{short}.{key}", "").strip()
            for short, field in FIELDS.items()
            if said.get(f"{short}.{key}", "").strip() != said.get(f"{short}.was.{key}", "").strip()
        }
        if changed:
            found.append({"verb": "update", "gene": who | changed})
    return found


def _who(key: str, name: str) -> dict[str, str]:
    """A gene by its id where it has one, everything else by its name and kind."""
    kind, _, rest = key.partition(":")
    if kind == "gene" and rest.startswith("HGNC:"):
        return {"hgnc_id": rest, "gene_symbol": name}
    return {"gene_symbol": name, "entity_type": kind if kind in ("str", "region") else "gene"}


def _steps(pending: list[dict[str, Any]]) -> list[GeneChanges]:
    """The changes as edits in turn: what is said of a gene after some were added may be said of one of those."""
    steps: list[list[dict[str, Any]]] = [[]]
    for one in pending:
        if steps[-1] and steps[-1][-1]["verb"] == "add" and one["verb"] != "add":
            steps.append([])
        steps[-1].append(one)
    if len(steps) > MOST_STEPS:
        raise Refusal("Save first: too many changes are waiting that follow from each other.")
    return [_changes(step) for step in steps]


def _changes(pending: list[dict[str, Any]]) -> GeneChanges:
    """The changes as one edit: what is said of a gene twice counts as said last."""
    by_verb: dict[str, list[Mapping[str, str]]] = {verb: [] for verb in VERBS}
    merged: dict[tuple[str, str], dict[str, str]] = {}
    for one in pending:
        if one["verb"] != "update":
            by_verb[one["verb"]].append(one["gene"])
            continue
        gene = one["gene"]
        who = (gene.get("hgnc_id", ""), gene.get("gene_symbol", "").casefold())
        merged[who] = merged.get(who, {}) | gene
    removed = {(one.get("hgnc_id", ""), one.get("gene_symbol", "").casefold()) for one in by_verb["remove"]}
    updates = [gene for who, gene in merged.items() if who not in removed]
    return GeneChanges(add=by_verb["add"], update=updates, remove=by_verb["remove"], skip_present=True)


def _edit(pending: list[dict[str, Any]]):
    def edit_with(genes: Genes, resolver: Resolver) -> Genes:
        return edited_in_turn(_steps(pending), genes, resolver).genes

    return edit_with


def _try(request: HttpRequest, panel_id: int, pending: list[dict[str, Any]]) -> None:
    """Refusal now, with the row, for what could not be saved later."""
    if len(pending) > LONGEST_PENDING:
        raise Refusal(f"Save first: more than {LONGEST_PENDING:,} changes are waiting.")
    context = head(request, panel_id, "saved-panel", Level.EDIT)
    _edit(pending)(keyed(_begun(request, context, number_in(request.POST.get("base")))), current_resolver())


def _begun(request: HttpRequest, context: dict[str, Any], base: int | None) -> list[Record]:
    """The genes of the version that the changes are made on, whatever was saved since."""
    panel = context["panel"]
    if not base or base == context["number"]:
        return current_records(panel)
    return records_of(version_of(panel=panel.pk, by=request.user, number=base, level=Level.EDIT))


def _typed(request: HttpRequest) -> list[tuple[str, str]]:
    try:
        pending = _pending(request.POST.get("pending", ""))
    except Refusal:
        pending = []
    told = [("Change", _in_words(one)) for one in pending + _altered(request)]
    try:
        told += [("Change", _in_words(one)) for one in _pasted(request)]
    except Refusal:
        told.append(("Pasted", request.POST.get("paste", "")))
    comment = request.POST.get("comment", "")
    return [*told, ("Comment", comment)] if comment else told


def _in_words(one: Mapping[str, Any]) -> str:
    gene = one["gene"]
    name = gene.get("gene_symbol") or gene.get("hgnc_id", "")
    if one["verb"] != "update":
        return f"{one['verb'].capitalize()} {name}"
    told = ", ".join(
        f"{field.replace('_', ' ')} {gene[field] or 'as the source says'!s}"
        for field in FIELDS.values()
        if field in gene
    )
    return f"{name}: {told}"
