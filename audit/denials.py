"""What was refused. There is no change to stand or fall with, so it has a short transaction of its own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from audit.context import audit_context
from audit.events import Action
from audit.models import AuditLog
from audit.record import record

# The same person or address at the same thing is written down once in this time.
ONCE_IN = timedelta(minutes=1)


def record_denial(
    action: Action,
    *,
    by: Any = None,
    resource_type: str,
    resource_id: str = "",
    description: str,
    details: Any = None,
) -> AuditLog | None:
    """One event for any number of like refusals within a minute; None where there is one already.

    Call it after the transaction of the refused act was undone; inside of one it
    would be undone with it.
    """
    person = by if by is not None and by.is_authenticated else None
    like = AuditLog.objects.filter(
        timestamp__gt=timezone.now() - ONCE_IN,
        action_type=action,
        user_id=person.pk if person else None,
        resource_type=resource_type[:50],
        resource_id=resource_id[:100] or None,
        success=False,
    )
    if person is None:
        like = like.filter(ip_address=audit_context().ip_address)
    with transaction.atomic():
        if like.exists():
            return None
        return record(
            action,
            by=by,
            resource_type=resource_type,
            resource_id=resource_id,
            description=description,
            details=details,
            success=False,
        )
