"""Acts of releases in the record of changes. Where the record is not that far yet, they wait in our own table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from audit.events import Action
from audit.record import record
from panelmerge.releases import store
from panelmerge.releases.current import current_release
from panelmerge.releases.manifest import NEWEST


def note(action: Action, *, description: str, details: dict[str, Any], kind: str = "release") -> None:
    """Record it now at the newest release, else when ``enter`` is called there."""
    with transaction.atomic():
        if current_release() == NEWEST:
            record(action, resource_type=kind, description=description, details=details)
        else:
            store.add(store.EVENT, action=str(action), kind=kind, description=description, details=details)


def last_checkpoint() -> str | None:
    """The last line of the checkpoint file: seals up to it need not be in a database that was set back on purpose."""
    path = Path(settings.AUDIT_CHECKPOINT_FILE)
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return lines[-1] if lines else None


def enter() -> int:
    """What waited goes into the record; how many. Each keeps the moment when it happened in its details."""
    with transaction.atomic():
        waiting = store.all_of(store.EVENT)
        for _, at, event in waiting:
            record(
                Action(event["action"]),
                resource_type=event["kind"],
                description=event["description"],
                details=event["details"] | {"happened_at": at},
            )
        store.forget([number for number, _, _ in waiting])
    return len(waiting)
