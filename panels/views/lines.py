"""Which lines of the merged list are shown, and in which order: a sort and two filters in the address.

/?uk:90001=green&show=list&sort=-confidence&name=myb&light=amber
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from panels.engine.genes import Confidence
from panels.engine.inheritance import inheritance_rank
from panels.engine.merge import MergedEntity, confidence_rank

OPEN, OTHER = "open", "other"
LIGHTS = {
    "": "everything",
    **{level.value: f"{level.value} only" for level in Confidence if level != Confidence.NONE},
    "none": "level 0 only",
    OTHER: "without one of these levels",
    OPEN: "undecided only",
}
# Upwards is the strongest, the most inclusive and the most origins first: what a first click asks for.
_SORTS: dict[str, Callable[[MergedEntity], tuple]] = {
    "name": lambda one: (one.entity.name,),
    "hgnc": lambda one: one.entity.sort_key,
    "type": lambda one: (one.entity.entity_type,),
    "confidence": lambda one: (-confidence_rank(one.confidence_level), one.confidence_level),
    "inheritance": lambda one: (inheritance_rank(one.mode_of_inheritance), one.mode_of_inheritance),
    "origins": lambda one: (-len(one.origins),),
}
# What stands over each column.
HEADS = (
    ("name", "Name"),
    ("hgnc", "HGNC"),
    ("type", "Type"),
    ("confidence", "Confidence"),
    ("inheritance", "Inheritance"),
    ("origins", "From"),
)


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column. ``sort`` is what a click asks for, ``order`` how it is sorted now ("" if it is not)."""

    key: str
    word: str
    sort: str
    order: str


@dataclass(frozen=True, slots=True)
class AskedLines:
    """``sort`` is a key of HEADS, with "-" before it backwards; "" is the list's own order: what needs a person first.

    ``light`` is a key of LIGHTS, ``name`` a part of symbol, HGNC id or gene name.
    """

    sort: str = ""
    name: str = ""
    light: str = ""

    @property
    def heads(self) -> list[Head]:
        return [self._head(key, word) for key, word in HEADS]

    def _head(self, key: str, word: str) -> Head:
        if self.sort == key:
            return Head(key, word, f"-{key}", "ascending")
        return Head(key, word, key, "descending" if self.sort == f"-{key}" else "")

    @property
    def lights(self) -> list[tuple[str, str]]:
        return list(LIGHTS.items())

    @property
    def is_narrow(self) -> bool:
        return bool(self.name or self.light)

    def of(self, entities: Sequence[MergedEntity]) -> list[MergedEntity]:
        """Those asked for, in the order asked for; equal ones by name."""
        kept = [one for one in entities if self._keeps(one)]
        if self.sort:
            kept.sort(key=lambda one: one.entity.name)
            kept.sort(key=_SORTS[self.sort.removeprefix("-")], reverse=self.sort.startswith("-"))
        return kept

    def _keeps(self, one: MergedEntity) -> bool:
        entity, words = one.entity, self.name.casefold()
        if words and not any(words in said.casefold() for said in (entity.name, entity.hgnc_id, entity.gene_name)):
            return False
        if self.light == OPEN:
            return one.is_open
        if self.light == OTHER:
            return one.confidence_level not in list(Confidence)
        return not self.light or one.confidence_level == self.light


def asked_lines(query: Mapping[str, str]) -> AskedLines:
    """What the address says; what makes no sense falls back to everything in the list's own order."""
    sort, light = query.get("sort", ""), query.get("light", "")
    return AskedLines(
        sort=sort if sort.removeprefix("-") in _SORTS and not sort.startswith("--") else "",
        name=query.get("name", "").strip()[:100],
        light=light if light in LIGHTS else "",
    )
