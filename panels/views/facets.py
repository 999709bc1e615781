"""What a search of the catalogue can be narrowed by, with the number of panels that each choice leaves.

A choice's number is of the panels that fit the search and every other facet, as
the list will show when it is followed. Its link keeps the rest of the address.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from panels.models import PanelType
from panels.models.catalogue import CataloguePanelQuerySet
from panels.panelapp.sources import SOURCES


@dataclass(frozen=True, slots=True)
class Choice:
    word: str
    panels: int
    url: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """``without`` leads to the list without it; "" while nothing is chosen."""

    name: str
    title: str
    choices: list[Choice]
    without: str


TITLES = {"source": "Source", "disease_group": "Disease group", "type": "Type"}
_COLUMNS = {"source": "source", "disease_group": "disease_group", "type": "types__slug"}


def narrowed(panels: CataloguePanelQuerySet, asked: Mapping[str, str], but: str = "") -> CataloguePanelQuerySet:
    """The panels that every facet asked for leaves, except the one named ``but``."""
    if asked["source"] and but != "source":
        panels = panels.filter(source=asked["source"])
    if asked["disease_group"] and but != "disease_group":
        panels = panels.in_disease_group(asked["disease_group"])
    if asked["type"] and but != "type":
        panels = panels.of_type(asked["type"])
    return panels


def facets_of(found: CataloguePanelQuerySet, asked: Mapping[str, str], address: str, rest: str) -> list[Facet]:
    """The three facets of a search. ``found`` fits its words alone; ``rest`` is of the query string what is no facet.

    Four queries, whatever there is to choose from.
    """
    names = dict(PanelType.objects.values_list("slug", "name"))
    return [_facet(name, found, asked, address, rest, names) for name in TITLES]


def _facet(
    name: str,
    found: CataloguePanelQuerySet,
    asked: Mapping[str, str],
    address: str,
    rest: str,
    type_names: Mapping[str, str],
) -> Facet:
    counted = narrowed(found, asked, but=name).facet_counts(_COLUMNS[name])
    if name == "disease_group":
        counted = _in_any_case(counted)
    words = {"source": {key: one.name for key, one in SOURCES.items()}, "type": type_names}.get(name, {})
    chosen = next((value for value in counted if value.casefold() == asked[name].casefold()), asked[name])
    if chosen and chosen not in counted and name != "source":
        # What was asked for and fits nothing must be seen, or it could not be taken away.
        counted = {chosen: 0, **counted}

    def link(value: str) -> str:
        said = {other: asked[other] for other in TITLES} | {name: value}
        query = "&".join(filter(None, [urlencode({k: v for k, v in said.items() if v}), rest]))
        return f"{address}?{query}" if query else address

    choices = [
        Choice(words.get(value, value), number, link(value), value == chosen) for value, number in counted.items()
    ]
    choices.sort(key=lambda choice: choice.word.casefold())
    if name == "source":
        choices.sort(key=lambda choice: choice.word != SOURCES["uk"].name)
    return Facet(name, TITLES[name], choices, link("") if any(one.is_chosen for one in choices) else "")


def _in_any_case(counted: Mapping[str, int]) -> dict[str, int]:
    """One choice for a group that the sources write in different cases, as the filter takes it."""
    spelt: dict[str, str] = {}
    summed: dict[str, int] = defaultdict(int)
    for value, number in counted.items():
        summed[spelt.setdefault(value.lower(), value)] += number
    return dict(summed)
