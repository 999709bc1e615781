"""Letting others in: a person, a team, an e-mail address, or whoever has a link. Promises as in ``actions.library``.

Owners and ADMIN level share as they like; who holds a share that may be passed
on gives at most its level, and no longer than their own share lasts. What
somebody shared ends with their right to share, and is lowered and shortened
with it; what has ended stays so when they get their right back.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.permissions import Permission
from accounts.rules import locked
from audit.events import Action
from audit.record import record
from panelmerge.lib.errors import NotHere, Refusal
from panelmerge.lib.moments import BEYOND, is_beyond
from panels.actions.passing_on import bounds_of
from panels.actions.rights import LevelTooLow, hold_team, locked_panel, locked_panels, on_record, panel_for
from panels.engine.levels import Level, Standing
from panels.models import PanelShare, SavedPanel, Team
from panels.models.visibility import SHARED_LEVELS, is_somebody

MOST_SHARES = 500
DIGEST_OF = "sha256:"


def stored_token(text: str) -> str:
    """How a link's token is kept: 256 random bits need no slow hash."""
    return DIGEST_OF + hashlib.sha256(text.encode()).hexdigest()


@transaction.atomic
def share_panel(
    *,
    panel: int,
    by: Any,
    user: int | str | None = None,
    team: int | None = None,
    link: bool = False,
    level: str = "VIEW",
    can_reshare: bool = False,
    expires_at: datetime | None = None,
) -> tuple[PanelShare, str]:
    """Share with exactly one of: a person (number, user name or e-mail address), a team (number), a link.

    Returns the share and, for a link, its token, which is kept nowhere. A link
    only reads. An address answers the same whether anybody has it or not; it
    lets in whoever signs in under it. A private panel becomes SHARED. Refusal
    409 for who has a share already: change that one.
    """
    by = _as_they_are_now(by)
    if team is not None:
        hold_team(team)
    one, standing = locked_panel(by, panel, Level.VIEW)
    _check_may_share(one, standing, by)
    _check_grant(one, standing, by, level, can_reshare, expires_at, link)
    if sum((user is not None, team is not None, link)) != 1:
        raise _refused("user", "Share with one person, one team, or by one link.")
    if one.shares.standing().count() >= MOST_SHARES:
        raise Refusal(f"The panel has {MOST_SHARES} shares. Revoke some first.", status=409, code="quota")
    target, token = _target(one, by, user, team, link)
    _check_not_shared(one, target)
    share = PanelShare.objects.create(
        panel=one,
        shared_by=by,
        permission_level=level,
        can_reshare=can_reshare,
        expires_at=expires_at,
        created_at=timezone.now(),
        **target,
    )
    if one.visibility == SavedPanel.Visibility.PRIVATE:
        SavedPanel.objects.filter(pk=one.pk).update(visibility=SavedPanel.Visibility.SHARED)
    _record(share, by, f"Shared “{one.name}” {_with_whom(share)}", new=share_facts(share))
    return share, token


@transaction.atomic
def change_share(
    *,
    panel: int,
    share: int,
    by: Any,
    level: str | None = None,
    can_reshare: bool | None = None,
    expires_at: datetime | None = None,
    never_expires: bool = False,
) -> PanelShare:
    """Give a standing share another level, end, or right to be passed on; None leaves it. ``never_expires`` takes the
    end away. NotHere for a share that is revoked or not the person's to manage."""
    by = _as_they_are_now(by)
    one, standing, found = _managed(panel, share, by)
    old = share_facts(found)
    found.permission_level = level or found.permission_level
    found.can_reshare = found.can_reshare if can_reshare is None else can_reshare
    found.expires_at = None if never_expires else expires_at or found.expires_at
    _check_grant(one, standing, by, found.permission_level, found.can_reshare, found.expires_at, found.is_link, old=old)
    new = share_facts(found)
    if new == old:
        return found
    found.save(update_fields=["permission_level", "can_reshare", "expires_at"])
    _record(found, by, f"Changed the share of “{one.name}” {_with_whom(found)}", old=old, new=new)
    keep_what_leads_back(one, by)
    return found


@transaction.atomic
def revoke_share(*, panel: int, share: int, by: Any) -> PanelShare:
    """End a share; it holds with the next request, and so does the end of what its person had passed on.

    Anybody may give up a share of their own.
    """
    one, _, found = _managed(panel, share, by, may_leave=True)
    _end(one, found, by)
    keep_what_leads_back(one, by)
    return found


def may_share(panel: int, by: Any) -> None:
    """NotHere for a stranger, LevelTooLow for who may share nothing."""
    _check_may_share(*panel_for(by, panel), by)


def shares_of(*, panel: int, by: Any) -> QuerySet[PanelShare]:
    """Standing and ended, not revoked: all for who manages shares, else those that this person made.

    LevelTooLow for who may not share.
    """
    one, standing = panel_for(by, panel)
    _check_may_share(one, standing, by)
    found = one.shares.filter(is_active=True).select_related("shared_with_user", "shared_with_team", "shared_by")
    return found if standing.level >= Level.ADMIN else found.filter(shared_by=by)


def share_facts(share: PanelShare) -> dict[str, Any]:
    """What a share says, as JSON values; never its token."""
    return {
        "share": share.pk,
        "user": share.shared_with_user_id,
        "team": share.shared_with_team_id,
        "email": share.shared_with_email,
        "link": share.is_link,
        "permission_level": share.permission_level,
        "can_reshare": share.can_reshare,
        "expires_at": share.expires_at.isoformat() if share.expires_at else None,
    }


def panel_of_link(*, token: str) -> tuple[SavedPanel, PanelShare]:
    """The panel that a link opens, for reading, with its current version. NotHere for any other token.

    A draft or deleted panel is not opened by a link.
    """
    shares = PanelShare.objects.standing().select_related("panel__current_version", "panel__owner")
    share = shares.filter(share_token=stored_token(token)).first()
    if share is None or share.panel.status not in (SavedPanel.Status.ACTIVE, SavedPanel.Status.ARCHIVED):
        raise NotHere("This link opens nothing: it was revoked, has ended, or was never made.")
    return share.panel, share


def _as_they_are_now(by: Any) -> Any:
    """Held, so that nobody takes their rights away meanwhile: who does afterwards sees what they shared."""
    return locked(by) if is_somebody(by) else by


def _check_may_share(panel: SavedPanel, standing: Standing, by: Any) -> None:
    if standing.passes_on == Level.NONE:
        raise on_record(LevelTooLow(standing, Level.ADMIN), panel.pk, by)


def _check_grant(
    panel: SavedPanel,
    standing: Standing,
    by: Any,
    level: str,
    can_reshare: bool,
    expires_at: datetime | None,
    is_link: bool,
    old: dict[str, Any] | None = None,
) -> None:
    """Nobody passes on more than they have, nor for longer."""
    if level not in PanelShare.Level.values:
        raise _refused("permission_level", f"It is one of {', '.join(PanelShare.Level.values)}.")
    if is_link and (level != PanelShare.Level.VIEW or can_reshare):
        raise _refused("permission_level", "A link only reads: VIEW, and not to be passed on.")
    if Level[level] > standing.passes_on:
        raise on_record(LevelTooLow(Standing(standing.passes_on), Level[level]), panel.pk, by)
    if expires_at is not None and is_beyond(expires_at):
        raise _refused("expires_at", BEYOND)
    is_new_end = old is None or (expires_at.isoformat() if expires_at else None) != old["expires_at"]
    if is_new_end and expires_at is not None and expires_at <= timezone.now():
        raise _refused("expires_at", "A share ends in the future.")
    end = _own_end(panel, by, standing, level)
    if end is not None and (expires_at is None or expires_at > end):
        raise _refused("expires_at", f"Your own share ends at {end.isoformat()}, so what you pass on ends by then.")


def _own_end(panel: SavedPanel, by: Any, standing: Standing, level: str) -> datetime | None:
    """When the right to give this level ends; None for owners, administrators, and shares without an end.

    A share below the level that lasts longer gives no right to it.
    """
    if standing.level == Level.OWNER:
        return None
    own = panel.shares.standing().for_person(by)
    enough = [one.name for one in SHARED_LEVELS if one >= Level[level]]
    rights = own.filter(permission_level="ADMIN") | own.filter(can_reshare=True, permission_level__in=enough)
    ends = list(rights.values_list("expires_at", flat=True))
    return None if None in ends or not ends else max(ends)


def _target(
    panel: SavedPanel, by: Any, user: int | str | None, team: int | None, link: bool
) -> tuple[dict[str, Any], str]:
    if link:
        token = secrets.token_urlsafe(32)
        return {"share_token": stored_token(token)}, token
    if team is not None:
        every = Team.objects.all() if by.has_perm(Permission.EVERY_PANEL) else Team.objects.of(by)
        found = every.filter(pk=team).first() if 0 < team < 2**31 else None
        if found is None:
            raise _refused("team", "There is no such team of yours.")
        return {"shared_with_team": found}, ""
    if isinstance(user, str) and "@" in user:
        address = user.strip().lower()
        if not _is_address(address):
            raise _refused("user", "That is no e-mail address.")
        if address == by.email:
            raise _refused("user", "That is your own address.")
        return {"shared_with_email": address}, ""
    person = person_named(user)
    if person.pk in (by.pk, panel.owner_id):
        raise _refused("user", "They have the panel already.")
    return {"shared_with_user": person}, ""


def _is_address(text: str) -> bool:
    """As accounts have them: one address, without signs that nobody sees. Any other would let nobody in."""
    try:
        validate_email(text)
    except ValidationError:
        return False
    return len(text) <= 120 and text.isprintable()


def person_named(user: int | str | None) -> Any:
    """Whoever has this number or user name. Refusal for nobody; whether an address is known is not said."""
    people = get_user_model().objects.filter(is_active=True)
    if isinstance(user, int):
        person = people.filter(pk=user).first() if 0 < user < 2**31 else None
    else:
        person = people.filter(username=user).first()
    if person is None:
        raise _refused("user", f"Nobody has this {'number' if isinstance(user, int) else 'user name'}.")
    return person


def _check_not_shared(panel: SavedPanel, target: dict[str, Any]) -> None:
    if "share_token" in target:
        return
    there = panel.shares.standing().filter(**target).first()
    if there is not None:
        raise Refusal(
            f"It is shared {_with_whom(there)} already, by share {there.pk}. Change or revoke that one.",
            status=409,
            code="already_shared",
        )


def _managed(panel: int, share: int, by: Any, *, may_leave: bool = False) -> tuple[SavedPanel, Standing, PanelShare]:
    """The share, for who may change it: managers any, who passes shares on their own ones."""
    one, standing = locked_panel(by, panel, Level.VIEW)
    found = one.shares.filter(pk=share, is_active=True).select_related("shared_with_user", "shared_with_team").first()
    # Nobody in particular has no number, as a share with no person has none.
    is_own = found is not None and is_somebody(by) and found.shared_with_user_id == by.pk
    if not (may_leave and is_own):
        _check_may_share(one, standing, by)
        if found is not None and standing.level < Level.ADMIN and found.shared_by_id != by.pk:
            found = None
    if found is None:
        raise on_record(NotHere(f"The panel has no share {share}."), panel, by)
    return one, standing, found


def _end(panel: SavedPanel, share: PanelShare, by: Any) -> None:
    share.is_active = False
    share.save(update_fields=["is_active"])
    _record(share, by, f"Revoked the share of “{panel.name}” {_with_whom(share)}", old=share_facts(share))


def keep_what_leads_back(panel: SavedPanel, by: Any) -> None:
    """Shares that lead back to nobody who may share end, others are cut down to what leads back; a panel without any is
    private again. The panel is held by the caller's transaction; ``by`` is whose act it follows from."""
    shares = list(panel.shares.filter(is_active=True).select_related("shared_with_user", "shared_with_team"))
    if any(share.shared_by_id != panel.owner_id for share in shares):
        _bound(panel, shares, by)
    if panel.visibility == SavedPanel.Visibility.SHARED and not any(share.is_active for share in shares):
        SavedPanel.objects.filter(pk=panel.pk).update(visibility=SavedPanel.Visibility.PRIVATE)


def _bound(panel: SavedPanel, shares: list[PanelShare], by: Any) -> None:
    bounds = bounds_of(shares, owner=panel.owner_id)
    for share in shares:
        if share.pk not in bounds:
            _end(panel, share, by)
        else:
            _cut_down(panel, share, by, *bounds[share.pk])


def _cut_down(panel: SavedPanel, share: PanelShare, by: Any, level: Level, end: datetime | None) -> None:
    """To what its maker may pass on now, at most until then."""
    old = share_facts(share)
    share.permission_level, share.expires_at = level.name, end
    new = share_facts(share)
    if new != old:
        share.save(update_fields=["permission_level", "expires_at"])
        told = f"Cut the share of “{panel.name}” {_with_whom(share)} down to what its maker may pass on"
        _record(share, by, told, old=old, new=new)


def end_of_membership(*, people: list[Any], panels: list[SavedPanel], by: Any) -> None:
    """Somebody left a team: what they had passed on by it ends. The caller holds the team and the panels."""
    for panel in panels:
        if panel.shares.filter(is_active=True, shared_by__in=[one.pk for one in people]).exists():
            keep_what_leads_back(panel, by)


def end_of_rights(*, person: Any, by: Any, **_signal: Any) -> None:
    """Somebody was switched off or may do less: what they had passed on by it ends. Inside the caller's transaction.

    What they share of panels they own stays. Being switched on again, or a
    higher role, does not bring back what ended here: it is shared anew.
    """
    theirs = PanelShare.objects.filter(is_active=True, shared_by=person.pk).exclude(panel__owner=person.pk)
    for panel in locked_panels(set(theirs.order_by().values_list("panel", flat=True))):
        keep_what_leads_back(panel, by)


def _with_whom(share: PanelShare) -> str:
    if share.is_link:
        return "by link"
    if share.shared_with_team_id:
        return f"with the team {share.shared_with_team.name}"
    return f"with {share.shared_with_email or share.shared_with_user.username}"


def _record(share: PanelShare, by: Any, description: str, **values: Any) -> None:
    record(
        Action.PANEL_SHARE,
        by=by,
        resource_type="savedpanel",
        resource_id=str(share.panel_id),
        description=description,
        **values,
    )


def _refused(field: str, sentence: str) -> Refusal:
    return Refusal(f"{field}: {sentence}", errors={field: [sentence]})
