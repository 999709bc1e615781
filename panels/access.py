"""How doors come to a panel: what one may not see is not there, what one may not do is refused with a sentence."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from audit.events import Action
from audit.record import record
from panels.actions.rights import panel_for
from panels.actions.saved_lists import note_reading
from panels.engine.levels import Level, Standing
from panels.models import PanelShare, SavedPanel
from panels.models.visibility import standing_of

# Looking at a panel, or at the list, is written down at most so often for one person.
NOTED_EVERY = timedelta(minutes=1)


def panel_to_read(by: Any, panel: int, level: Level = Level.VIEW) -> tuple[SavedPanel, Standing]:
    """A living panel that the person sees, for a door that shows its genes; that they looked is recorded.

    An administrator's look at somebody's private panel is recorded each time.
    NotHere for a stranger, LevelTooLow for a level below ``level``.
    """
    one, standing = panel_for(by, panel, level)
    note_shown(one, by)
    return one, standing


def note_shown(panel: SavedPanel, by: Any) -> None:
    """That its genes are shown: an administrator's reading of a private panel each time, a look otherwise."""
    note_reading(panel, by)
    note_look(panel, by)


def note_look(panel: SavedPanel, by: Any) -> None:
    """When it was last looked at, for a door whose action has recorded an administrator's reading already."""
    if not standing_of(panel, by).by_role:
        note_access(panel, by)


def note_access(panel: SavedPanel, by: Any, share: PanelShare | None = None) -> None:
    """When it was last looked at, and by which share: sparingly, and recorded with it."""
    who = f"share {share.pk}" if share else f"person {by.pk}" if by is not None and by.is_authenticated else "anybody"
    if not _first_in_a_while(f"panel {panel.pk} {who}"):
        return
    now = timezone.now()
    with transaction.atomic():
        SavedPanel.objects.filter(pk=panel.pk).update(last_accessed_at=now)
        shares = PanelShare.objects.standing().filter(panel=panel.pk)
        if share is not None:
            shares.filter(pk=share.pk).update(last_accessed_at=now)
        elif by is not None and by.is_authenticated and by.pk != panel.owner_id:
            shares.for_person(by).update(last_accessed_at=now)
        record(
            Action.VIEW,
            by=by,
            target=panel,
            description=f"Looked at “{panel.name}”",
            details={"share": share.pk} if share else None,
        )


def note_use(panel: SavedPanel, by: Any) -> None:
    """When a share was last used, sparingly, for a door whose act is recorded already: a download, a change."""
    if by is None or not by.is_authenticated or by.pk == panel.owner_id:
        return
    if _first_in_a_while(f"use of panel {panel.pk} person {by.pk}"):
        PanelShare.objects.standing().filter(panel=panel.pk).for_person(by).update(last_accessed_at=timezone.now())


def note_listing(by: Any, asked: dict[str, str]) -> None:
    """PANEL_LIST, once in a while for a person's question."""
    question = "&".join(f"{name}={value}" for name, value in sorted(asked.items()))
    if _first_in_a_while(f"list {getattr(by, 'pk', None)} {question}"):
        with transaction.atomic():
            record(
                Action.PANEL_LIST, by=by, resource_type="saved_panels", description="Listed panels", details=dict(asked)
            )


def _first_in_a_while(what: str) -> bool:
    """Over all workers where they share a cache; without one that works, every time."""
    # A cache that is away says None, which is no answer.
    return cache.add(f"noted:{sha256(what.encode()).hexdigest()}", 1, int(NOTED_EVERY.total_seconds())) is not False
