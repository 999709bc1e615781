"""Whether somebody may: asked by every action again, with the panel's row locked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from accounts.permissions import Permission
from audit.denials import deny_later
from audit.events import Action
from panelmerge.lib.errors import NotHere, Refusal
from panels.engine.levels import Level, Standing
from panels.models import PanelVersion, SavedPanel, Team
from panels.models.visibility import add_standing, is_somebody, standing_of

NO_PANEL = "There is no such panel, or it is not yours to see."
REFUSED = "Refused a panel that is not theirs to see or to change"


class LevelTooLow(Refusal):
    """A panel that one sees, and may not do this with."""

    status = 403
    code = "insufficient_share_level"

    def __init__(self, standing: Standing, needed: Level) -> None:
        super().__init__(
            f"This needs the level {needed.name} on the panel; yours is {standing.level.name}. Ask its owner."
        )


class VersionConflict(Refusal):
    """Somebody saved meanwhile. ``expected`` is the version that the change was made on, ``current`` the one there."""

    status = 412
    code = "version_conflict"

    def __init__(self, panel: SavedPanel, expected: int, current: PanelVersion | None) -> None:
        number = current.version_number if current else 0
        told = f"The panel is at version {number} now; your change was made on version {expected}."
        super().__init__(f"{told} Nothing was changed.", errors={"version": [told]})
        self.panel, self.expected, self.current = panel, expected, current


def check_level(standing: Standing, needed: Level) -> None:
    """NotHere for a stranger, LevelTooLow for who sees the panel and no more."""
    if standing.level == Level.NONE:
        raise NotHere(NO_PANEL)
    if standing.level < needed:
        raise LevelTooLow(standing, needed)


def panel_for(by: Any, panel: int, needed: Level = Level.VIEW) -> tuple[SavedPanel, Standing]:
    """A living panel, with its current version and owner, and the person's standing with it.

    ``by`` None or anonymous is nobody. NotHere and LevelTooLow as
    ``check_level``, and a record of it. One query for an owner, and one more for anybody else.
    """
    found = SavedPanel.objects.living().select_related("current_version", "owner").defer("current_version__recipe")
    one = found.filter(pk=panel).order_by().first()
    if one is not None:
        add_standing(one, by)
    standing = Standing() if one is None else standing_of(one, by)
    try:
        check_level(standing, needed)
    except Refusal as refusal:
        on_record(refusal, panel, by)
        raise
    return one, standing


def locked_panel(by: Any, panel: int, needed: Level) -> tuple[SavedPanel, Standing]:
    """As ``panel_for``, with the panel's row held until the transaction ends: nobody saves or shares it meanwhile."""
    # First the lock, then a statement of its own that sees what whoever held it before has written.
    list(SavedPanel.objects.select_for_update(no_key=True).filter(pk=panel).order_by().values_list("pk"))
    return panel_for(by, panel, needed)


def locked_panels(panels: Iterable[int]) -> list[SavedPanel]:
    """These panels, in whatever state, held as ``locked_panel`` holds one, in one order for everybody.

    Who holds people or teams too takes those first: people, then teams, then
    panels. Asked of nobody: for what follows from an act that was allowed.
    """
    numbers = sorted(panels)
    list(SavedPanel.objects.select_for_update(no_key=True).filter(pk__in=numbers).order_by("pk").values_list("pk"))
    return list(SavedPanel.objects.filter(pk__in=numbers).order_by("pk"))


def hold_team(team: int) -> None:
    """Its row, until the transaction ends: nobody shares with it, or changes who is in it, meanwhile."""
    list(Team.objects.select_for_update(no_key=True).filter(pk=team).order_by().values_list("pk"))


def number_of(panel: SavedPanel) -> int:
    """The current version's number; 0 for a panel that has none yet."""
    return panel.current_version.version_number if panel.current_version else 0


def check_expected(panel: SavedPanel, expected: int | None) -> None:
    """VersionConflict when the panel is at another version; None expects nothing."""
    if expected is not None and expected != number_of(panel):
        raise VersionConflict(panel, expected, panel.current_version)


def check_open(panel: SavedPanel) -> None:
    """What is archived does not change."""
    if panel.status == SavedPanel.Status.ARCHIVED:
        raise Refusal(
            "The panel is archived, so it does not change. Make it active again first.", status=409, code="archived"
        )


def check_signed_in(by: Any) -> None:
    """Refusal for nobody (401)."""
    if not is_somebody(by):
        raise Refusal("Sign in first.", status=401, code="not_authenticated")


def check_may_own(by: Any) -> None:
    """Refusal for nobody (401) and for roles that only look (403)."""
    check_signed_in(by)
    if not by.has_perm(Permission.OWN_PANELS):
        raise Refusal("Your account looks at panels; it keeps none of its own.", status=403, code="permission_denied")


def check_may_publish(by: Any) -> None:
    if not by.has_perm(Permission.PUBLISH_PANELS):
        raise Refusal(
            "Editors and administrators make panels public. Ask one of them, or share it with people or by link.",
            status=403,
            code="permission_denied",
            errors={"visibility": ["Only editors and administrators make a panel public."]},
        )


def on_record(refusal: Refusal, panel: int, by: Any) -> Refusal:
    """The refusal of a panel that is not theirs to see, or not so far: ACCESS_DENIED, when the request is over.

    Said where the question is asked, so that it is the same at every door, and
    for a panel among others whose number no address tells.
    """
    deny_later(
        Action.ACCESS_DENIED,
        by=by,
        resource_type="savedpanel",
        resource_id=str(panel)[:100],
        description=REFUSED,
        details={"status": refusal.status, "code": refusal.code},
    )
    return refusal
