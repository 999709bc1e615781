"""What somebody passed on leads back to the owner, share by share: at which level, and until when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model

from accounts.permissions import Permission
from panels.engine.levels import Level
from panels.models import PanelShare, TeamMember
from panels.models.visibility import is_somebody

Bound = tuple[Level, datetime | None]


def bounds_of(shares: list[PanelShare], *, owner: int) -> dict[int, Bound]:
    """{share: the highest level at which it leads back to the owner, and until when it does so at that level}.

    Or to an administrator. Shares that lead back to nobody are left out: two
    people who let each other in hold nobody up. Two queries.
    """
    makers = get_user_model().objects.in_bulk({one.shared_by_id for one in shares})
    may = {pk: one for pk, one in makers.items() if is_somebody(one)}
    roots = {owner} | {pk for pk, one in may.items() if one.has_perm(Permission.EVERY_PANEL)}
    let_in = _let_in(shares, {pk: one for pk, one in may.items() if one.has_perm(Permission.OWN_PANELS)})
    found: dict[int, Bound] = {}
    ends = sorted({one.expires_at for one in shares} | {None}, key=_later, reverse=True)
    for level in (Level.ADMIN, Level.EDIT, Level.COMMENT, Level.VIEW):
        for end in ends:
            enough = [
                one for one in shares if Level[one.permission_level] >= level and _later(one.expires_at) >= _later(end)
            ]
            # ADMIN passes on without being told so, while it is ADMIN.
            managing = {pk for pk, (has, until) in found.items() if has == Level.ADMIN and _later(until) >= _later(end)}
            passing = {one.pk for one in enough if one.can_reshare or level == Level.ADMIN or one.pk in managing}
            for pk in _reached(enough, roots, {pk: people for pk, people in let_in.items() if pk in passing}):
                found.setdefault(pk, (level, end))
    return found


def _later(end: datetime | None) -> tuple[bool, float]:
    """To compare ends by; none is the latest."""
    return (end is None, end.timestamp() if end else 0)


def _let_in(shares: list[PanelShare], may: dict[int, Any]) -> dict[int, set[int]]:
    """Which of these people each of the shares lets in that stand and may be passed on."""
    members: dict[int, set[int]] = {}
    for team, person in TeamMember.objects.filter(user__in=list(may)).values_list("team", "user"):
        members.setdefault(team, set()).add(person)
    addresses = {one.email: pk for pk, one in may.items()}
    found: dict[int, set[int]] = {}
    for share in shares:
        if share.has_ended or not (share.can_reshare or share.permission_level == PanelShare.Level.ADMIN):
            continue
        people = {share.shared_with_user_id, addresses.get(share.shared_with_email)}
        found[share.pk] = (people & may.keys()) | members.get(share.shared_with_team_id, set())
    return found


def _reached(shares: list[PanelShare], roots: set[int], let_in: dict[int, set[int]]) -> set[int]:
    """Those of the shares that begin with the roots, or with somebody whom such a share let in."""
    people, found, size = set(roots), set(), -1
    while len(found) != size:
        size = len(found)
        for share in shares:
            if share.pk not in found and share.shared_by_id in people:
                found.add(share.pk)
                people |= let_in.get(share.pk, set())
    return found
