"""The basket is the address: what is chosen stands in the query string, so that a link can be kept and sent.

    /?uk:90001=green&uk:90001=amber&aus:95001@1.2=green&saved:12@v3=&upload:3f…=&rule=at_least&number=2

A panel's values are the confidence levels taken from it; the empty value only
says that it is there. Saved panels and uploads are taken whole (uploads but for level 0).
``number`` is how many inputs at_least asks for, or which one, from 1, subtract
takes away; 0 is none yet.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict

from panelmerge.lib.errors import Refusal
from panels.actions.merging import MAX_INPUTS
from panels.engine.genes import DEFAULT_CONFIDENCE, Confidence
from panels.engine.merge import RESOLUTIONS, RULES, Decision, Rule
from panels.engine.request import Choice, MergeRequest, PanelChoice, PanelSpec, SavedChoice, UploadChoice

# One spelling for each panel, or it would count twice: no leading zeros, no digits of other scripts.
_PANEL = re.compile(r"(uk|aus):([1-9][0-9]{0,8})(?:@([0-9]{1,9}\.[0-9]{1,9}))?\Z")
_SAVED = re.compile(r"saved:([1-9][0-9]{0,8})(?:@v([1-9][0-9]{0,8}))?\Z")
_UPLOAD = re.compile(r"upload:([0-9a-f-]{36})\Z")
_NUMBER = re.compile(r"[0-9]{1,3}\Z")
_MEANT = ("uk:", "aus:", "saved:", "upload:")
LEVELS = [level.value for level in Confidence]


@dataclass(frozen=True, slots=True)
class Item:
    """One input as the address writes it: ``key`` is uk:245, aus:3149@3.5, saved:12, saved:12@v3 or upload:<id>."""

    key: str
    levels: tuple[str, ...] = ()

    @property
    def is_panel(self) -> bool:
        """Of the catalogue."""
        return self.key.startswith(("uk:", "aus:"))

    @property
    def is_saved(self) -> bool:
        return self.key.startswith("saved:")

    @property
    def upload_id(self) -> str:
        return self.key[len("upload:") :] if self.key.startswith("upload:") else ""

    def choice(self) -> Choice:
        found, saved = _PANEL.match(self.key), _SAVED.match(self.key)
        if saved:
            return SavedChoice(int(saved[1]), int(saved[2]) if saved[2] else None)
        if not found:
            return UploadChoice(self.upload_id)
        panel = PanelSpec(found[1], int(found[2]), found[3] or "")
        return PanelChoice(panel, frozenset(self.levels))


@dataclass(frozen=True, slots=True)
class Basket:
    """``unread`` : parts of the address that look like an input and are none; ``left_out``: inputs too many."""

    items: tuple[Item, ...] = ()
    rule: str = "union"
    number: int = 2
    confidence: str = "ask"
    inheritance: str = "ask"
    search: str = ""
    source: str = ""
    unread: tuple[str, ...] = ()
    left_out: int = 0

    @classmethod
    def read(cls, query: QueryDict) -> Basket:
        """What the address says; inputs that make no sense are named in ``unread``, the rest falls back. No error."""
        items, unread = [], []
        for key in query:
            panel, upload = _PANEL.match(key), _UPLOAD.match(key)
            if panel:
                given = query.getlist(key)
                items.append(Item(key, tuple(level for level in LEVELS if level in given)))
            elif _SAVED.match(key) or (upload and _is_uuid(upload[1])):
                items.append(Item(key))
            elif key.lower().startswith(_MEANT):
                unread.append(key[:60])
        number = query.get("number", "")
        return cls(
            items=tuple(items[:MAX_INPUTS]),
            rule=_one_of(query.get("rule"), RULES),
            number=int(number) if _NUMBER.match(number) else 2,
            confidence=_one_of(query.get("confidence"), RESOLUTIONS),
            inheritance=_one_of(query.get("inheritance"), RESOLUTIONS),
            search=query.get("q", "").strip()[:200],
            source=query.get("source", "") if query.get("source") in ("uk", "aus") else "",
            unread=tuple(unread),
            left_out=max(0, len(items) - MAX_INPUTS),
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

    def without_search(self) -> Basket:
        return replace(self, search="", source="")

    def holds(self, key: str) -> bool:
        """Whether it is there, a panel in whichever version."""
        return any(_unversioned(item.key) == _unversioned(key) for item in self.items)

    def with_item(self, key: str) -> Basket:
        """One more input, last. A panel that is there in another version changes to this one, in its place."""
        if self.holds(key):
            items = tuple(
                replace(item, key=key) if _unversioned(item.key) == _unversioned(key) else item for item in self.items
            )
            return replace(self, items=tuple({item.key: item for item in items}.values()))
        levels = (
            ()
            if not key.startswith(("uk:", "aus:"))
            else tuple(level for level in LEVELS if level in DEFAULT_CONFIDENCE)
        )
        return replace(self, items=(*self.items, Item(key, levels)))

    def without(self, key: str) -> Basket:
        """Without that input. What is taken away stays the same one, or is chosen anew when it went itself."""
        number = self.number
        place = next((place for place, item in enumerate(self.items, 1) if item.key == key), 0)
        if self.rule == "subtract" and 0 < place <= number:
            number = 0 if place == number else number - 1
        return replace(self, items=tuple(item for item in self.items if item.key != key), number=number)

    @property
    def signature(self) -> str:
        """Names the set of inputs, whatever their order and levels: decisions made on it belong to it."""
        return " ".join(sorted(item.key for item in self.items))

    def request(self, decisions: dict[str, Decision]) -> MergeRequest:
        """People count inputs from 1, the engine from 0. Refusal as ``check``."""
        self.check()
        number = self.number - 1 if self.rule == "subtract" else self.number
        return MergeRequest(
            inputs=[item.choice() for item in self.items],
            rule=Rule(self.rule, number if self.rule in ("at_least", "subtract") else 0),
            resolve={"confidence_level": self.confidence, "mode_of_inheritance": self.inheritance},
            decisions=decisions,
        )

    def check(self) -> None:
        """Refusal when the address alone makes no sense yet, with what to do."""
        held = len(self.items)
        if self.left_out:
            raise Refusal(
                f"The address names {held + self.left_out} panels and lists; at most {MAX_INPUTS} are merged at once. "
                f"The last {self.left_out} are not in the basket."
            )
        bare = [place for place, item in enumerate(self.items, 1) if item.is_panel and not item.levels]
        if bare:
            raise Refusal(f"Number {bare[0]} in the basket: choose at least one confidence level, or remove it.")
        if self.rule == "at_least" and not 1 <= self.number <= held:
            raise Refusal(
                f"Nothing can be in at least {self.number} of {held}: give a number from 1 to {held}, "
                "or add to the basket."
            )
        if self.rule == "subtract" and (held < 2 or not 1 <= self.number <= held):
            raise Refusal("Choose which one in the basket is taken away from the others; it takes two or more.")


def _unversioned(key: str) -> str:
    return key.partition("@")[0]


def _one_of(value: str | None, known: tuple[str, ...]) -> str:
    return value if value in known else known[0]


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
