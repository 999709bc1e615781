"""What lawfully happens to a record in its life, one step after the other, each chosen by chance."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import transaction

from accounts.models import User
from audit import guards
from audit.events import Action
from audit.models import AuditLog, ChainLink, Seal
from audit.pruning import erase_person, prune
from audit.record import record
from audit.sealing import seal_now
from panelmerge.rotation import rotate_keys
from tests.audit.tampering import write


def lines() -> list[str]:
    path = Path(settings.AUDIT_CHECKPOINT_FILE)
    return path.read_text().splitlines() if path.exists() else []


def _some(chance: random.Random) -> None:
    write(chance.randrange(1, 5), first=chance.randrange(1000))


def _a_panel(chance: random.Random) -> None:
    with transaction.atomic():
        by = chance.choice(list(User.objects.order_by("pk")[:2]))
        record(Action.PANEL_UPDATE, by=by, resource_type="savedpanel", resource_id="7", description="x", new={"a": 1})


def _sealed(chance: random.Random) -> None:
    seal_now()


def _pruned(chance: random.Random) -> None:
    seal_now()
    prune(living_panels=chance.choice((["7"], [])), days=0)


def _erased(chance: random.Random) -> None:
    known = AuditLog.objects.exclude(user_id=None).values_list("user_id", flat=True).distinct()
    if known:
        erase_person(user_id=chance.choice(sorted(known)))


def _fresh_key(chance: random.Random) -> str:
    return base64.urlsafe_b64encode(chance.randbytes(32)).decode()


def _new_proof_key(chance: random.Random) -> None:
    settings.AUDIT_KEYS = [_fresh_key(chance), *settings.AUDIT_KEYS]


def _encrypted_anew(chance: random.Random) -> None:
    settings.ENCRYPTION_KEYS = [_fresh_key(chance), *settings.ENCRYPTION_KEYS]
    rotate_keys()


def _restored(chance: random.Random) -> None:
    """A backup is brought back over what came after it, as ``restore`` does: with an event that says so."""
    kept = {table: list(table.objects.values()) for table in (AuditLog, ChainLink, Seal)}
    _some(chance)
    seal_now()
    until = lines()[-1]
    with guards.lifted():
        for table, rows in kept.items():
            table.objects.all().delete()
            table.objects.bulk_create(table(**row) for row in rows)
    with transaction.atomic():
        record(
            Action.SYSTEM_SECURITY, resource_type="restore", description="Restored", details={"excused_until": until}
        )
    seal_now()


STEPS: tuple[Callable[[random.Random], None], ...] = (
    *(_some, _some, _a_panel, _sealed, _pruned, _erased, _new_proof_key, _encrypted_anew, _restored),
)


def live(chance: random.Random, steps: int) -> list[str]:
    """So many steps; their names."""
    done = [chance.choice(STEPS) for _ in range(steps)]
    for step in done:
        step(chance)
    return [step.__name__ for step in done]
