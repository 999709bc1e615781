"""How far somebody may go with a panel: one rule, without a database."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Level(IntEnum):
    """Each includes those before. OWNER is no share: it is whose panel it is, and administrators of the site."""

    NONE = 0
    VIEW = 1
    COMMENT = 2
    EDIT = 3
    ADMIN = 4
    OWNER = 5


# A draft is not ready for everybody, whatever its visibility says.
HIDDEN_FROM_THE_PUBLIC = frozenset({"DRAFT", "DELETED"})


@dataclass(frozen=True, slots=True)
class Standing:
    """Somebody's standing with a panel. ``by_role`` says that nothing but being an administrator lets them in.

    ``reshares`` is the level of the best share that may be passed on, NONE without one.
    """

    level: Level = Level.NONE
    reshares: Level = Level.NONE
    by_role: bool = False

    @property
    def passes_on(self) -> Level:
        """The most that this person may give to others, NONE for who may share nothing."""
        return Level.ADMIN if self.level >= Level.ADMIN else self.reshares


@dataclass(frozen=True, slots=True)
class Facts:
    """What a standing follows from. ``shared`` is the best share that stands, NONE without one.

    ``sees_everything`` is an administrator's role, ``only_looks`` one that changes no panel.
    """

    is_signed_in: bool = True
    sees_everything: bool = False
    only_looks: bool = False
    is_owner: bool = False
    shared: Level = Level.NONE
    reshares: Level = Level.NONE
    status: str = "ACTIVE"
    visibility: str = "PRIVATE"


def standing(facts: Facts) -> Standing:
    """The highest of owning, sharing, the public and the role; a role that only looks stops at VIEW.

    What was deleted is its owner's and the administrators' alone.
    """
    is_public = facts.visibility == "PUBLIC" and facts.status not in HIDDEN_FROM_THE_PUBLIC
    public = Level.VIEW if is_public else Level.NONE
    if not facts.is_signed_in:
        return Standing(public)
    own = Level.OWNER if facts.is_owner else Level.NONE
    level = own if facts.status == "DELETED" else max(own, facts.shared, public)
    if facts.sees_everything:
        return Standing(Level.OWNER, by_role=level == Level.NONE)
    if facts.only_looks:
        return Standing(min(level, Level.VIEW))
    return Standing(level, min(facts.reshares, level))
