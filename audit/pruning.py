"""Forgetting by rule: entries past their time, and a person who asked for it. The proof stays whole.

The chain keeps a place, a MAC and a hash for every entry that ever was; an entry
itself may go when an event that is under the proof says which places were
emptied. What names a person may be overwritten when such an event names them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import ProgrammingError, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from audit import guards
from audit.context import LOCAL, acting_from, audit_context
from audit.events import Action
from audit.models import AuditLog, ChainLink, Seal
from audit.record import record
from audit.verifying import ERASURE, EXPLAINS_THE_PROOF, NEVER_EMPTIED, PANEL_HISTORY, PRUNED
from panelmerge.lib.errors import Refusal

BATCH = 5000
# PostgreSQL's word for a role without the right.
NOT_ALLOWED = "42501"
WANTED = "audit_erasure_wanted"


@dataclass(frozen=True, slots=True)
class Pruning:
    """``through``: the last place of the chain that is old enough and sealed. ``removed`` of ``old`` entries go."""

    through: int
    old: int
    removed: int


def plan_pruning(*, living_panels: list[str] | None = None, days: int | None = None) -> Pruning:
    """What ``prune`` would do. Only whole sealed ranges whose every entry is past the days are taken."""
    through = _last_old_place(settings.AUDIT_RETENTION_DAYS if days is None else days)
    entries = AuditLog.objects.filter(pk__in=ChainLink.objects.filter(seq__lte=through).values("entry_id"))
    return Pruning(through, entries.count(), _prunable(through, living_panels).count())


@transaction.atomic
def prune(*, by: Any = None, living_panels: list[str] | None = None, days: int | None = None) -> Pruning:
    """Remove what is past its time and leave an event that says which places of the chain are empty now."""
    planned = plan_pruning(living_panels=living_panels, days=days)
    if not planned.removed:
        return planned
    with guards.lifted():
        _prunable(planned.through, living_panels).delete()
    record(
        Action.COMPLIANCE_EVENT,
        by=by,
        resource_type=PRUNED,
        resource_id=str(planned.through),
        description=f"Pruned {planned.removed} entries up to place {planned.through} of the chain",
        details={"through": planned.through, "removed": planned.removed, "sha256_of_places": _empty_places()},
    )
    return planned


def _last_old_place(days: int) -> int:
    """The end of the last seal before which every entry is older."""
    limit = timezone.now() - timedelta(days=days)
    young = (
        ChainLink.objects.annotate(
            is_young=Exists(AuditLog.objects.filter(pk=OuterRef("entry_id"), timestamp__gte=limit))
        )
        .filter(is_young=True)
        .order_by("seq")
        .values_list("seq", flat=True)
        .first()
    )
    seals = Seal.objects.order_by("-last_seq").values_list("last_seq", flat=True)
    return (seals if young is None else seals.filter(last_seq__lt=young)).first() or 0


def _prunable(through: int, living_panels: list[str] | None):
    """Entries up to the place; not those that explain the proof, nor the history of living panels."""
    entries = AuditLog.objects.filter(pk__in=ChainLink.objects.filter(seq__lte=through).values("entry_id")).exclude(
        resource_type__in=[*EXPLAINS_THE_PROOF, WANTED]
    )
    if living_panels is None:
        return entries.exclude(resource_type=PANEL_HISTORY)
    return entries.exclude(resource_type=PANEL_HISTORY, resource_id__in=living_panels)


def _empty_places() -> str:
    """SHA-256 over every empty place of the chain, in order: what the verifier will find missing."""
    digest = hashlib.sha256()
    empty = (
        ChainLink.objects.annotate(there=Exists(AuditLog.objects.filter(pk=OuterRef("entry_id"))))
        .filter(there=False)
        .order_by("seq")
        .values_list("seq", flat=True)
    )
    for seq in empty.iterator(chunk_size=BATCH):
        digest.update(seq.to_bytes(8, "big"))
    return digest.hexdigest()


@transaction.atomic
def erase_person(*, user_id: int, by: Any = None) -> int:
    """Overwrite name, address, agent and details of a person's entries; how many. That they acted stays, as nobody.

    What explains the proof, and the history of panels, keep their details, which name nobody. ``by`` is who erases,
    None where it is the person.
    """
    entries = AuditLog.objects.filter(user_id=user_id)
    through = entries.order_by("-pk").values_list("pk", flat=True).first()
    if through is None:
        raise Refusal(f"The record knows nobody with the number {user_id}.", status=404, code="not_found")
    number = entries.update(username=f"{guards.ERASED}-{user_id}", ip_address=guards.ERASED, user_agent=None)
    emptied = entries.exclude(resource_type__in=NEVER_EMPTIED)
    emptied.update(old_values=None, new_values=None, details=None)
    with acting_from(audit_context() if by is not None else LOCAL):
        record(
            Action.COMPLIANCE_EVENT,
            by=by,
            resource_type=ERASURE,
            resource_id=str(user_id),
            description=f"Erased what named a person in {number} entries",
            details={"user_id": user_id, "through": through, "entries": number},
        )
    return number


@transaction.atomic
def erase_or_leave(*, user_id: int, by: Any = None) -> bool:
    """``erase_person``; where the database's role may only add to the record, an event that it is still to be done by
    ``prune_audit``, as the owner. Whether it was done."""
    try:
        with transaction.atomic():
            erase_person(user_id=user_id, by=by)
    except ProgrammingError as error:
        if getattr(error.__cause__, "sqlstate", None) != NOT_ALLOWED:
            raise
        with acting_from(audit_context() if by is not None else LOCAL):
            record(
                Action.COMPLIANCE_EVENT,
                by=by,
                resource_type=WANTED,
                resource_id=str(user_id),
                description="A person is still to be erased from the record: manage.py prune_audit, as the owner",
                success=False,
            )
        return False
    return True


def waiting_erasures() -> list[int]:
    """Numbers of the people who are still to be erased."""
    done = AuditLog.objects.filter(resource_type=ERASURE, resource_id=OuterRef("resource_id"), pk__gt=OuterRef("pk"))
    wanted = AuditLog.objects.filter(action_type=Action.COMPLIANCE_EVENT, resource_type=WANTED).exclude(Exists(done))
    return sorted({int(user_id) for user_id in wanted.values_list("resource_id", flat=True)})
