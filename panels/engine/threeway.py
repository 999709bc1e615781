"""Two people's changes of one list put together: base is what both began with, mine and theirs what they made of it.

Entity by entity, and within an entity field by field: what only one of them
changed is taken; where both changed the same thing differently, somebody has to
choose. Upstream changes of a source are the same question.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from panels.engine.records import Record, changes_between

MINE, THEIRS = "mine", "theirs"
Genes = Mapping[str, Record]


@dataclass(frozen=True, slots=True)
class Meeting:
    """One entity that somebody changed; None is not there. ``fields`` are those that both changed differently.

    ``together`` is what comes out without a choice: both changes where they
    touch different fields, None for not there. For a conflict it is ``theirs``.
    """

    key: str
    base: Record | None
    mine: Record | None
    theirs: Record | None
    fields: tuple[str, ...]
    is_conflict: bool
    together: Record | None

    @property
    def name(self) -> str:
        one = self.mine or self.theirs or self.base or {}
        return one.get("gene_symbol", self.key)

    def chosen(self, choice: str) -> Record | None:
        """With mine or theirs where the two differ, and what only one of them changed from both."""
        if not self.is_conflict:
            return self.together
        if choice == THEIRS or self.mine is None or self.theirs is None or self.base is None:
            return self.mine if choice == MINE else self.theirs
        return self.theirs | {name: text for name, text in self.mine.items() if text != self.base.get(name, "")}


def meetings(base: Genes, mine: Genes, theirs: Genes) -> list[Meeting]:
    """Every entity that mine or theirs changed, conflicts first, then by name."""
    mine_changed = {one.key for one in changes_between(base, mine)}
    theirs_changed = {one.key for one in changes_between(base, theirs)}
    found = [_meeting(key, base.get(key), mine.get(key), theirs.get(key)) for key in mine_changed | theirs_changed]
    return sorted(found, key=lambda one: (not one.is_conflict, one.name, one.key))


def _meeting(key: str, base: Record | None, mine: Record | None, theirs: Record | None) -> Meeting:
    if not _differ(mine, theirs) or not _differ(base, mine):
        return Meeting(key, base, mine, theirs, (), False, theirs)
    if not _differ(base, theirs):
        return Meeting(key, base, mine, theirs, (), False, mine)
    if mine is None or theirs is None:
        return Meeting(key, base, mine, theirs, (), True, theirs)
    begun = base or {}
    names = [*theirs, *(name for name in mine if name not in theirs)]
    both = tuple(
        name
        for name in names
        if len({begun.get(name, ""), mine.get(name, ""), theirs.get(name, "")}) == 3
        or (base is None and mine.get(name, "") != theirs.get(name, ""))
    )
    together = theirs | {name: mine.get(name, "") for name in names if mine.get(name, "") != begun.get(name, "")}
    return Meeting(key, base, mine, theirs, both, bool(both), theirs if both else together)


def _differ(one: Record | None, other: Record | None) -> bool:
    if one is None or other is None:
        return one is not other
    return bool(changes_between({"": one}, {"": other}))


def put_together(theirs: Genes, met: list[Meeting], choices: Mapping[str, str]) -> dict[str, Record]:
    """The list with both people's changes; ``choices`` says mine or theirs for conflicts, by key, else theirs stays."""
    found = dict(theirs)
    for one in met:
        result = one.chosen(choices.get(one.key, THEIRS))
        if result is None:
            found.pop(one.key, None)
        else:
            found[one.key] = result
    return found
