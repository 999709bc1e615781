"""The two PanelApp services: their names, their home pages and under which terms their panels may be used.

The next service is one more entry here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

DEMONSTRATION = "demonstration"
DEMONSTRATION_TERMS = "Synthetic demonstration data: real gene names, invented contents. Not for clinical use."


@dataclass(frozen=True, slots=True)
class Source:
    """One service. ``tag`` stands in columns and sheet names, ``short`` where a badge has room for two letters."""

    key: str
    name: str
    tag: str
    short: str
    home: str
    terms: str
    attribution: str


SOURCES: dict[str, Source] = {
    "uk": Source(
        key="uk",
        name="PanelApp UK",
        tag="GB",
        short="UK",
        home="https://panelapp.genomicsengland.co.uk",
        terms=(
            "Panels of Genomics England PanelApp are for research use and may not be passed on. "
            "See the terms at https://panelapp.genomicsengland.co.uk"
        ),
        attribution="Cite Genomics England PanelApp, with the panel's name, number and version.",
    ),
    "aus": Source(
        key="aus",
        name="PanelApp Australia",
        tag="AUS",
        short="AU",
        home="https://panelapp-aus.org",
        terms=(
            "Panels of PanelApp Australia are for research use and may not be passed on without asking. "
            "See the terms at https://panelapp-aus.org"
        ),
        attribution="Cite PanelApp Australia, with the panel's name, number and version.",
    ),
}


def terms_of(source: str, types: Iterable[str]) -> str:
    """The conditions for a panel of ``source`` whose types have these slugs, with how to cite it."""
    if DEMONSTRATION in types:
        return DEMONSTRATION_TERMS
    service = SOURCES[source]
    return f"{service.terms} {service.attribution}"
