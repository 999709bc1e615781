"""Two panels side by side, or two versions of one: only here, only there, and in both but different.

    /catalogue/compare/?a=uk:90001@2.9&b=aus:95001&kind=gene&differ=any&changed=2

``a`` and ``b`` are panels as ``source:number`` or ``source:number@version``, or
words to find one by. ``kind`` (gene, str, region) narrows all counts and tables.
``differ`` is ``any``, or nothing for those that differ in confidence or
inheritance alone. ``changed``, ``only_a`` and ``only_b`` are the page of each
table. The basket comes along untouched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from panelmerge.lib.errors import Refusal
from panelmerge.lib.http import attachment
from panels.actions.comparing import compare_panels, why_not
from panels.actions.exporting import export_comparison
from panels.engine.diff import LEVEL_FIELDS, Change, Comparison, Folded, fold
from panels.engine.genes import EntityType
from panels.engine.request import PanelSpec
from panels.models import CataloguePanel, CatalogueVersion
from panels.panelapp.parse import version_key
from panels.views.frame import frame

PER_PAGE = 100
FOUND_SHOWN = 20
RENAMED_SHOWN = 200
LONGEST = 200
_PANEL = re.compile(r"(uk|aus):([1-9][0-9]{0,8})(?:@v?([0-9]{1,9}\.[0-9]{1,9}))?\Z", re.IGNORECASE)
_MEANT = re.compile(r"(uk|aus):", re.IGNORECASE)


@dataclass(slots=True)
class Side:
    """One field of the form. ``found`` are panels to choose from when words were typed, ``error`` what is wrong."""

    name: str
    text: str
    spec: PanelSpec | None = None
    found: list[CataloguePanel] = field(default_factory=list)
    more: bool = False
    error: str = ""
    versions: list[str] = field(default_factory=list)

    @property
    def title(self) -> str:
        return {"a": "First panel", "b": "Second panel"}[self.name]

    @property
    def key(self) -> str:
        return f"{self.spec.source}:{self.spec.panel_id}" if self.spec else ""


@dataclass(frozen=True, slots=True)
class Line:
    """An entity of both panels; ``others`` are (field in words, old, new) beside confidence and inheritance."""

    change: Change
    others: list[tuple[str, str, str]]


def panel_spec(text: str) -> PanelSpec | None:
    """What ``uk:245`` or ``AUS:3149@v3.5`` names; None for other text."""
    found = _PANEL.match(text)
    return PanelSpec(found[1].lower(), int(found[2]), found[3] or "") if found else None


def _side(request: HttpRequest, name: str) -> Side:
    text = " ".join(request.GET.get(name, "").split())[:LONGEST]
    side = Side(name, text, panel_spec(text))
    if text and side.spec is None:
        if _MEANT.match(text):
            side.error = f"“{text}” is no panel. Write uk:245, or uk:245@7.96 for one version, or a word of its name."
        else:
            _search(side)
    return side


def _search(side: Side) -> None:
    try:
        panels = CataloguePanel.objects.in_use().search(side.text).exclude(current_version=None)
    except Refusal as refusal:
        side.error = refusal.detail
        return
    found = list(panels.order_by("name", "source", "panel_id").defer("search_text")[: FOUND_SHOWN + 1])
    side.found, side.more = found[:FOUND_SHOWN], len(found) > FOUND_SHOWN
    if not found:
        side.error = f"No panel matches “{side.text}”. Try fewer letters, another word, or write it as uk:245."


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    a, b = _side(request, "a"), _side(request, "b")
    refusal, made = None, None
    if a.spec and b.spec:
        try:
            made = compare_panels(a=a.spec, b=b.spec)
        except Refusal as cannot:
            refusal = cannot
            for side in (a, b):
                side.error = " ".join(cannot.errors.get(side.name, ()))
    else:
        for side in (a, b):
            if side.spec and (cannot := why_not(side.spec)):
                side.error, refusal = cannot.detail, cannot
    _add_versions([a, b])
    status = refusal.status if refusal else 400 if a.error or b.error else 200
    context = frame(request, "catalogue") | {"sides": (a, b), "here": reverse("panels:compare"), "compared": made}
    if made:
        context |= _tables(request, made)
    return render(request, "panels/compare.html", context, status=status)


def _add_versions(sides: Sequence[Side]) -> None:
    """The versions held of each side's panel, newest first. One query."""
    wanted = Q(pk__in=[])
    for side in sides:
        if side.spec:
            wanted |= Q(panel__source=side.spec.source, panel__panel_id=side.spec.panel_id)
    rows = CatalogueVersion.objects.filter(wanted).order_by()
    held: dict[str, list[str]] = {}
    for source, panel_id, version in rows.values_list("panel__source", "panel__panel_id", "version"):
        held.setdefault(f"{source}:{panel_id}", []).append(version)
    for side in sides:
        side.versions = sorted(held.get(side.key, ()), key=version_key, reverse=True)


def _tables(request: HttpRequest, made: Comparison) -> dict[str, Any]:
    kind = request.GET.get("kind", "")
    kind = kind if kind in list(EntityType) else ""
    in_any_way = request.GET.get("differ") == "any"
    found = made.diff

    def of_kind(one: Folded) -> bool:
        return not kind or one.entity.entity_type == kind

    only_a, only_b = (sorted(filter(of_kind, side), key=_by_name) for side in (found.only_a, found.only_b))
    changed = sorted((change for change in found.changed if of_kind(change.new)), key=lambda one: _by_name(one.new))
    of_level = [change for change in changed if change.is_of_level]
    sizes = [sum(map(of_kind, fold(one).values())) for one in (made.a, made.b)]
    pages = {
        name: Paginator(rows, PER_PAGE).get_page(request.GET.get(name))
        for name, rows in (("changed", changed if in_any_way else of_level), ("only_a", only_a), ("only_b", only_b))
    }
    renamed = [one for one in found.renamed if of_kind(one.new)]
    return {
        "kind": kind,
        "kinds": [(one.value, {"gene": "genes", "str": "STRs", "region": "regions"}[one]) for one in EntityType],
        "in_any_way": in_any_way,
        "counts": {
            "a": sizes[0],
            "b": sizes[1],
            "only_a": len(only_a),
            "only_b": len(only_b),
            "of_level": len(of_level),
            "otherwise": len(changed) - len(of_level),
            "equal": sizes[0] - len(only_a) - len(changed),
            "renamed": len(renamed),
        },
        "pages": pages,
        "lines": [_line(change) for change in pages["changed"]],
        "renamed": renamed[:RENAMED_SHOWN],
        "only": (("only_a", made.a, pages["only_a"]), ("only_b", made.b, pages["only_b"])),
        "address": request.GET.urlencode(safe=":@,"),
    }


def _by_name(one: Folded) -> tuple[int, str]:
    return (list(EntityType).index(EntityType(one.entity.entity_type)), one.entity.name)


def _line(change: Change) -> Line:
    return Line(change, list(_others(change)))


def _others(change: Change) -> Iterator[tuple[str, str, str]]:
    for one in change.fields:
        if one.field not in LEVEL_FIELDS:
            yield (one.field.replace("_", " "), one.old, one.new)


@require_POST
def download(request: HttpRequest) -> HttpResponse:
    """Every difference as csv, whatever the filters; recorded, therefore a POST."""
    a, b = (panel_spec(request.GET.get(name, "").strip()) for name in ("a", "b"))
    if a is None or b is None:
        raise Refusal("Choose two panels first: a and b, written as uk:245 or uk:245@7.96.")
    export = export_comparison(comparison=compare_panels(a=a, b=b), by=request.user)
    return attachment(name=export.name, content_type=export.content_type, content=export.content)
