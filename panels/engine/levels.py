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


# Roles that only look, whatever was shared with them.
LOOKING = frozenset({"VIEWER", "AUDITOR"})
EVERYTHING = "ADMIN"
# Roles that may publish to everyone and found teams.
PUBLISHING = frozenset({"EDITOR", "ADMIN"})
HIDDEN_FROM_THE_PUBLIC = frozenset({"DRAFT", "DELETED"})


@dataclass(frozen=True, slots=True)
class Standing:
    """Somebody's standing with a panel. ``by_role`` says that nothing but being an administrator lets them in."""

    level: Level = Level.NONE
    can_reshare: bool = False
    by_role: bool = False

    @property
    def may_share(self) -> bool:
        return self.level >= Level.ADMIN or self.can_reshare


@dataclass(frozen=True, slots=True)
class Facts:
    """What a standing follows from. ``role`` is "" for who is not signed in; ``shared`` the best share that stands."""

    role: str
    is_owner: bool = False
    shared: Level = Level.NONE
    can_reshare: bool = False
    status: str = "ACTIVE"
    visibility: str = "PRIVATE"


def standing(facts: Facts) -> Standing:
    """The highest of owning, sharing, the public and the role; a role that only looks stops at VIEW."""
    is_public = facts.visibility == "PUBLIC" and facts.status not in HIDDEN_FROM_THE_PUBLIC
    if not facts.role:
        return Standing(Level.VIEW if is_public else Level.NONE)
    own = Level.OWNER if facts.is_owner else Level.NONE
    level = max(own, facts.shared, Level.VIEW if is_public else Level.NONE)
    if facts.status == "DELETED":
        level = own
    if facts.role == EVERYTHING:
        return Standing(Level.OWNER, by_role=level == Level.NONE)
    if facts.role in LOOKING:
        return Standing(min(level, Level.VIEW))
    return Standing(level, facts.can_reshare and facts.shared > Level.NONE)
