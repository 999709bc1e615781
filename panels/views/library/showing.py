"""A panel to look at: its genes, versions, differences and changes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from panelmerge.lib.errors import NotHere, Refusal
from panels.access import note_access
from panels.actions.differences import diff_versions, records_of
from panels.actions.keeping_versions import add_tag, remove_tag
from panels.actions.library import GENES_NEVER_KEPT, restore_version, version_by_content, version_of
from panels.actions.lists import current_records
from panels.actions.sharing import panel_of_link
from panels.engine.genes import Confidence, Counts
from panels.engine.levels import Level
from panels.engine.records import Record, row_of
from panels.models import PanelVersionTag
from panels.views.frame import frame
from panels.views.library.opening import answered, for_everybody, for_the_form, head, signed_in
from panels.views.library.timeline import timeline

GENES_A_PAGE, VERSIONS_A_PAGE, CHANGES_A_PAGE = 100, 50, 100
SORTS = {
    "name": lambda one: one["gene_symbol"].casefold(),
    "hgnc": lambda one: int(one["hgnc_id"][5:]) if one["hgnc_id"][5:].isdigit() else 0,
    "confidence": lambda one: -_RANK.get(shown_level(one), -1),
    "inheritance": lambda one: one["mode_of_inheritance"],
    "note": lambda one: one["user_notes"],
}
_RANK = {level: rank for rank, level in enumerate(("none", "red", "amber", "green"))}
LIGHTS = {"": "every confidence", **{level.value: f"{level.value} only" for level in Confidence}}
LIGHTS["none"] = "level 0 only"


def shown_level(record: Mapping[str, str]) -> str:
    """What a person decided, else what the sources say."""
    return record["custom_confidence"] or record["confidence_level"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks of a list of genes; what makes no sense falls back."""

    name: str
    light: str
    sort: str

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Asked:
        sort, light = query.get("sort", ""), query.get("light", "")
        return cls(
            query.get("name", "").strip()[:100],
            light if light in LIGHTS else "",
            sort if sort.removeprefix("-") in SORTS else "",
        )

    def of(self, records: list[Record]) -> list[Record]:
        words = self.name.casefold()
        kept = [
            one
            for one in records
            if (not self.light or shown_level(one) == self.light)
            and (
                not words
                or any(words in one[key].casefold() for key in ("gene_symbol", "hgnc_id", "gene_name", "user_notes"))
            )
        ]
        if self.sort:
            kept.sort(key=SORTS[self.sort.removeprefix("-")], reverse=self.sort.startswith("-"))
        return kept

    @property
    def heads(self) -> list[dict[str, str]]:
        """(word, order now, what a click asks for)"""
        words = (("name", "Name"), ("hgnc", "HGNC"), ("confidence", "Confidence"), ("inheritance", "Inheritance"))
        found = []
        for key, word in words:
            order = {key: "ascending", f"-{key}": "descending"}.get(self.sort, "")
            found.append({"key": key, "word": word, "order": order, "sort": f"-{key}" if self.sort == key else key})
        return found


def listed(request: HttpRequest, records: list[Record]) -> dict[str, Any]:
    """One page of a list of genes, as the address filters and sorts it."""
    asked = Asked.read(request.GET)
    found = asked.of(records)
    return {
        "asked": asked,
        "lights": LIGHTS,
        "counts": counts_of(records),
        "total": len(records),
        "found": len(found),
        "page": Paginator(found, GENES_A_PAGE).get_page(request.GET.get("page")),
    }


def counts_of(records: list[Record]) -> Counts:
    shown = ({**one, "confidence_level": shown_level(one)} for one in records)
    return Counts.of(row_of(one, panel_id="", name="", version="") for one in shown)


@require_safe
@for_everybody
def genes(request: HttpRequest, panel_id: int) -> HttpResponse:
    context = head(request, panel_id, "saved-panel")
    context |= listed(request, current_records(context["panel"]))
    return render(request, "panels/library/genes.html", context)


@require_safe
@for_everybody
def versions(request: HttpRequest, panel_id: int) -> HttpResponse:
    context = head(request, panel_id, "panel-versions")
    rows = context["panel"].versions.select_related("created_by").prefetch_related("tags").order_by("-version_number")
    page = Paginator(rows, VERSIONS_A_PAGE).get_page(request.GET.get("page"))
    context |= {"page": page, "timeline": timeline(list(page), context["number"])}
    return render(request, "panels/library/versions.html", context)


@require_safe
@for_everybody
def version(request: HttpRequest, panel_id: int, number: int) -> HttpResponse:
    return _version(request, panel_id, number)


def _version(request: HttpRequest, panel_id: int, number: int, refusal: Refusal | None = None) -> HttpResponse:
    context = head(request, panel_id, "panel-versions")
    one = version_of(panel=panel_id, by=request.user, number=number)
    context |= {
        "version": one,
        "tags": one.tags.select_related("created_by"),
        "kinds": PanelVersionTag.Type.values,
        "typed": request.POST if refusal else {},
        "is_current": number == context["number"],
        "before": number - 1 if number > 1 else None,
    }
    if one.has_genes or context["is_current"]:
        context |= listed(request, records_of(one))
    else:
        context["never_kept"] = GENES_NEVER_KEPT
    return answered(request, "version", context, refusal)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def restore(request: HttpRequest, panel_id: int, number: int) -> HttpResponse:
    """Asks first; what it says is what will happen."""
    refusal = None
    if request.method == "POST":
        try:
            done = restore_version(
                panel=panel_id,
                by=request.user,
                number=number,
                expected=number_in(request.POST.get("expected")),
                comment=request.POST.get("comment", ""),
            )
        except Refusal as cannot:
            refusal = for_the_form(cannot)
        else:
            return said_at(request, panel_id, what_was_saved(done))
    context = head(request, panel_id, "panel-versions", Level.EDIT)
    context |= {"version": version_of(panel=panel_id, by=request.user, number=number), "refusal": refusal}
    if not refusal and context["number"] and context["version"].has_genes:
        context["found"] = diff_versions(panel=panel_id, by=request.user, a=context["number"], b=number)
    context["next"] = (context["panel"].versions.order_by("-version_number").first()).version_number + 1
    return answered(request, "restore", context, refusal)


@require_POST
@signed_in
def tag(request: HttpRequest, panel_id: int, number: int) -> HttpResponse:
    try:
        if request.POST.get("remove"):
            remove_tag(panel=panel_id, by=request.user, number=number, tag_name=request.POST["remove"])
        else:
            add_tag(
                panel=panel_id,
                by=request.user,
                number=number,
                tag_name=request.POST.get("tag_name", "").strip(),
                tag_type=request.POST.get("tag_type", ""),
                description=request.POST.get("description", ""),
            )
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return _version(request, panel_id, number, refusal)
    return redirect("panels:panel-version", panel_id, number)


@require_safe
@for_everybody
def compare(request: HttpRequest, panel_id: int) -> HttpResponse:
    """Any two versions; without a choice the current one and the one before."""
    context = head(request, panel_id, "panel-compare")
    numbers = list(
        context["panel"].versions.order_by("-version_number").values_list("version_number", "snapshot", "comment")
    )
    kept = [number for number, snapshot, _ in numbers if snapshot is not None or number == context["number"]]
    b = number_in(request.GET.get("b")) or context["number"]
    a = number_in(request.GET.get("a")) or next((number for number in kept if number < b), None)
    context |= {"numbers": numbers, "kept": kept, "a": a, "b": b}
    try:
        if a and b:
            context["found"] = diff_versions(panel=panel_id, by=request.user, a=a, b=b)
    except Refusal as refusal:
        if refusal.status in (403, 404) and refusal.code != "not_found":
            raise
        return answered(request, "compare", context, refusal)
    return render(request, "panels/library/compare.html", context)


@dataclass(frozen=True, slots=True)
class ChangeLine:
    change: Any
    old: list[tuple[str, str]]
    new: list[tuple[str, str]]


@require_safe
@signed_in
def changes(request: HttpRequest, panel_id: int) -> HttpResponse:
    context = head(request, panel_id, "panel-changes")
    rows = context["panel"].changes.select_related("changed_by", "version").order_by("-id")
    kind = request.GET.get("kind", "")
    kinds = {"": "every change", "genes": "of genes", "panel": "of the panel"}
    if kind == "genes":
        rows = rows.exclude(target_type="panel")
    elif kind == "panel":
        rows = rows.filter(target_type="panel")
    page = Paginator(rows, CHANGES_A_PAGE).get_page(request.GET.get("page"))
    context |= {"page": page, "kind": kind, "kinds": kinds, "lines": [_line(one) for one in page]}
    return render(request, "panels/library/changes.html", context)


def _line(change: Any) -> ChangeLine:
    return ChangeLine(change, _values(change.old_value), _values(change.new_value))


def _values(text: str | None) -> list[tuple[str, str]]:
    """(field, value) of what a change keeps; what says nothing is left out."""
    if text is None:
        return []
    try:
        value = json.loads(text)
    except ValueError:
        return [("", text)]
    if not isinstance(value, dict):
        return [("", ", ".join(map(str, value)) if isinstance(value, list) else str(value))]
    return [(key.replace("_", " "), str(one)) for key, one in value.items() if one not in ("", None, [], {})]


@require_safe
def by_content(request: HttpRequest, content_hash: str) -> HttpResponse:
    """A permanent address of a content: leads to the newest version that has it, among panels that the person sees."""
    try:
        found = version_by_content(content_hash=content_hash, by=request.user)
    except NotHere:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        raise
    return redirect("panels:panel-version", found.panel_id, found.version_number)


@require_safe
def shared(request: HttpRequest, share_token: str) -> HttpResponse:
    """What a link opens, for whoever has it."""
    panel, share = panel_of_link(token=share_token)
    note_access(panel, None, share)
    context = frame(request, "") | {
        "panel": panel,
        "share": share,
        "here": reverse("panels:shared", args=[share_token]),
    }
    context |= listed(request, current_records(panel))
    answer = render(request, "panels/library/shared.html", context)
    # The address is the secret.
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex"
    return answer


def number_in(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def what_was_saved(done: Any) -> str:
    if not done.is_new:
        return "Nothing was saved: the panel is like that already."
    return f"Saved as version {done.version.version_number}: {done.version.changes_summary}."


def said_at(request: HttpRequest, panel_id: int, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return redirect("panels:saved-panel", panel_id)
