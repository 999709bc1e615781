"""Saved panels as gene lists: inputs of a merge, sides of a comparison, content of a file. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q

from audit.events import Action
from audit.record import record
from panelmerge.lib.errors import NotHere, Refusal
from panels.actions.lists import current_records_of, records_in
from panels.actions.rights import on_record
from panels.engine.content import BETWEEN
from panels.engine.genes import GeneList
from panels.engine.records import Record, row_of
from panels.engine.request import SavedChoice
from panels.engine.symbols import Resolver, with_current_names
from panels.models import CataloguePanel, PanelVersion, SavedPanel
from panels.models.visibility import SavedPanelQuerySet, standing_of
from panels.panelapp.sources import terms_of


def read_saved(
    choices: Sequence[SavedChoice],
    resolver: Resolver | None,
    *,
    by: Any = None,
    among: SavedPanelQuerySet | None = None,
) -> list[GeneList]:
    """Gene lists in the order of ``choices``, under today's names (None: under those they were saved with).

    ``by`` sees what they see; a command gives ``among`` instead. A constant
    number of queries. NotHere that names the panel or version that is not
    there, and a record of who asked for the panel; Refusal for a version whose genes were never kept. That an
    administrator read somebody's private panel is recorded.
    """
    if not choices:
        return []
    seen = SavedPanel.objects.visible_to(by) if among is None else among
    numbers = {choice.panel for choice in choices if 0 < choice.panel < 2**31}
    panels = {one.pk: one for one in seen.filter(pk__in=numbers).with_standing(by).select_related("current_version")}
    for choice in choices:
        if choice.panel not in panels:
            told = f"There is no saved panel {choice.panel}, or it is not yours to see."
            raise on_record(NotHere(told), choice.panel, by)
    versions = _held(_place(panels[choice.panel], choice) for choice in choices)
    lists = _records(choices, panels, versions)
    terms = _Terms(one for records, _ in lists for one in records)
    for one in panels.values():
        note_reading(one, by, as_operator=among is not None)
    return [
        gene_list(records, panel=panels[choice.panel], version=version, resolver=resolver, terms=terms.of(records))
        for choice, (records, version) in zip(choices, lists, strict=True)
    ]


def _place(panel: SavedPanel, choice: SavedChoice) -> tuple[int, int]:
    current = panel.current_version.version_number if panel.current_version else 0
    return panel.pk, current if choice.version is None else choice.version


def _held(wanted: Iterable[tuple[int, int]]) -> dict[tuple[int, int], PanelVersion]:
    asked = Q(pk__in=[])
    for panel, number in set(wanted):
        if 0 < number < 2**31:
            asked |= Q(panel=panel, version_number=number)
    found = PanelVersion.objects.filter(asked).select_related("snapshot").defer("recipe")
    return {(one.panel_id, one.version_number): one for one in found}


def _records(
    choices: Sequence[SavedChoice], panels: dict[int, SavedPanel], versions: dict[tuple[int, int], PanelVersion]
) -> list[tuple[list[Record], PanelVersion | None]]:
    """Of each choice its records and version, from its snapshot; what has none is its panel's current list."""
    found: list[tuple[list[Record] | None, PanelVersion | None]] = []
    for choice in choices:
        panel = panels[choice.panel]
        version = versions.get(_place(panel, choice))
        if version is None and choice.version is not None:
            raise NotHere(f"Saved panel {panel.pk}, {panel.name}, has no version {choice.version}.")
        if version is not None and version.snapshot is not None:
            found.append((records_in(version.snapshot.body), version))
        elif version is None or version.pk == panel.current_version_id:
            found.append((None, version))
        else:
            raise Refusal(
                f"Version {version.version_number} of saved panel {panel.pk}, {panel.name}, comes from an earlier "
                "release, which kept no genes of older versions.",
                code="genes_not_kept",
                status=409,
            )
    rest = {choice.panel for choice, (records, _) in zip(choices, found, strict=True) if records is None}
    current = current_records_of([panels[number] for number in rest]) if rest else {}
    return [
        (current[choice.panel] if records is None else records, version)
        for choice, (records, version) in zip(choices, found, strict=True)
    ]


def gene_list(
    records: Sequence[Record],
    *,
    panel: SavedPanel,
    version: PanelVersion | None,
    resolver: Resolver | None = None,
    terms: str = "",
) -> GeneList:
    """The records as a list that says which panel and version it is. No query."""
    number = str(version.version_number) if version else ""
    rows = [row_of(one, panel_id=str(panel.pk), name=panel.name, version=number) for one in records]
    named = with_current_names(rows, resolver) if resolver else tuple(rows)
    return GeneList("saved", str(panel.pk), panel.name, number, named, terms=terms)


class _Terms:
    """Under which terms the sources of lists may be used; one query for all lists together."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._known: dict[str, str] = {}
        numbers: dict[str, set[int]] = {}
        for name in {part for one in records for part in _sources(one)}:
            source, _, number = name.partition(":")
            if source in ("uk", "aus") and number.isascii() and number.isdigit() and len(number) < 10:
                numbers.setdefault(source, set()).add(int(number))
        if not numbers:
            return
        asked = Q(pk__in=[])
        for source, panels in numbers.items():
            asked |= Q(source=source, panel_id__in=panels)
        types: dict[tuple[str, int], list[str]] = {}
        rows = CataloguePanel.objects.filter(asked).order_by().values_list("source", "panel_id", "types__slug")
        for source, number, slug in rows:
            types.setdefault((source, number), []).append(slug or "")
        for source, panels in numbers.items():
            for number in panels:
                self._known[f"{source}:{number}"] = terms_of(source, types.get((source, number), []))

    def of(self, records: Iterable[Record]) -> str:
        """Of one list; "" when none of its sources has any."""
        if not self._known:
            return ""
        names = {part for one in records for part in _sources(one)}
        return " ".join(sorted({self._known[name] for name in names if name in self._known}))


def _sources(record: Record) -> list[str]:
    return record["source_panel_id"].split(BETWEEN)


def note_reading(panel: SavedPanel, by: Any, *, as_operator: bool = False) -> None:
    """An administrator who reads genes that nobody shared with them does something of its own, and it is recorded.

    ``panel`` came by ``with_standing``. A command's operator sees everything, so that is recorded as well.
    """
    if not as_operator and not standing_of(panel, by).by_role:
        return
    with transaction.atomic():
        record(
            Action.VIEW,
            by=by,
            target=panel,
            description=f"Read the genes of “{panel.name}”, which is somebody else's and was not shared with them",
            details={"owner": panel.owner_id, "as_operator": as_operator},
        )
