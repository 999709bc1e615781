"""The basket is the address: what is chosen stands in the query string, so that a link can be kept and sent.

    /?uk:90001=green&uk:90001=amber&aus:95001@1.2=green&upload:3f…=&rule=at_least&number=2

A panel's values are the confidence levels taken from it; the empty value only
says that it is there. Uploads are taken whole (everything but level 0).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict

from panels.actions.merging import MAX_INPUTS
from panels.engine.genes import DEFAULT_CONFIDENCE, Confidence
from panels.engine.merge import RESOLUTIONS, RULES, Decision, Rule
from panels.engine.request import Choice, MergeRequest, PanelChoice, PanelSpec, UploadChoice

_PANEL = re.compile(r"(uk|aus):(\d{1,9})(?:@(\d{1,9}\.\d{1,9}))?\Z")
_UPLOAD = re.compile(r"upload:([0-9a-f-]{36})\Z")
LEVELS = [level.value for level in Confidence]


@dataclass(frozen=True, slots=True)
class Item:
    """One input as the address writes it: ``key`` is uk:245, aus:3149@3.5 or upload:<id>."""

    key: str
    levels: tuple[str, ...] = ()

    @property
    def is_panel(self) -> bool:
        return not self.key.startswith("upload:")

    @property
    def upload_id(self) -> str:
        return "" if self.is_panel else self.key[len("upload:") :]

    def choice(self) -> Choice:
        found = _PANEL.match(self.key)
        if not found:
            return UploadChoice(self.upload_id)
        panel = PanelSpec(found[1], int(found[2]), found[3] or "")
        return PanelChoice(panel, frozenset(self.levels))


@dataclass(frozen=True, slots=True)
class Basket:
    items: tuple[Item, ...] = ()
    rule: str = "union"
    number: int = 2
    confidence: str = "ask"
    inheritance: str = "ask"
    search: str = ""
    source: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> Basket:
        """What the address says; parts that make no sense are left out, never an error."""
        items = []
        for key in query:
            panel, upload = _PANEL.match(key), _UPLOAD.match(key)
            if panel and int(panel[2]):
                given = query.getlist(key)
                items.append(Item(key, tuple(level for level in LEVELS if level in given)))
            elif upload and _is_uuid(upload[1]):
                items.append(Item(key))
        number = query.get("number", "")
        return cls(
            items=tuple(items[:MAX_INPUTS]),
            rule=_one_of(query.get("rule"), RULES),
            number=int(number) if number.isdecimal() and len(number) < 4 else 2,
            confidence=_one_of(query.get("confidence"), RESOLUTIONS),
            inheritance=_one_of(query.get("inheritance"), RESOLUTIONS),
            search=query.get("q", "").strip()[:200],
            source=query.get("source", "") if query.get("source") in ("uk", "aus") else "",
        )

    def address(self) -> str:
        """The query string, without the question mark; defaults are left out."""
        pairs = [(item.key, level) for item in self.items for level in (item.levels or ("",))]
        said = {
            "rule": self.rule if self.rule != "union" else "",
            "number": str(self.number) if self.rule in ("at_least", "subtract") else "",
            "confidence": self.confidence if self.confidence != "ask" else "",
            "inheritance": self.inheritance if self.inheritance != "ask" else "",
            "q": self.search,
            "source": self.source,
        }
        return urlencode(pairs + [(name, value) for name, value in said.items() if value], safe=":@,")

    def holds(self, key: str) -> bool:
        return any(item.key.partition("@")[0] == key for item in self.items)

    def with_item(self, key: str) -> Basket:
        if self.holds(key):
            return self
        levels = () if key.startswith("upload:") else tuple(level for level in LEVELS if level in DEFAULT_CONFIDENCE)
        return replace(self, items=(*self.items, Item(key, levels)))

    def without(self, key: str) -> Basket:
        return replace(self, items=tuple(item for item in self.items if item.key != key))

    @property
    def signature(self) -> str:
        """Names the set of inputs, whatever their order and levels: decisions made on it belong to it."""
        return " ".join(sorted(item.key for item in self.items))

    def request(self, decisions: dict[str, Decision]) -> MergeRequest:
        """People count inputs from 1, the engine from 0."""
        number = self.number - 1 if self.rule == "subtract" else self.number
        if self.rule == "at_least":
            number = max(1, min(number, len(self.items)))
        return MergeRequest(
            inputs=[item.choice() for item in self.items],
            rule=Rule(self.rule, number if self.rule in ("at_least", "subtract") else 0),
            resolve={"confidence_level": self.confidence, "mode_of_inheritance": self.inheritance},
            decisions=decisions,
        )


def _one_of(value: str | None, known: tuple[str, ...]) -> str:
    return value if value in known else known[0]


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
