"""What was refused. There is no change to stand or fall with, so it has a short transaction of its own."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from audit.context import LOCAL, audit_context
from audit.events import Action
from audit.models import AuditLog
from audit.record import record
from panelmerge.lib.errors import Unavailable

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


def deny_later(action: Action, *, by: Any, resource_type: str, resource_id: str, description: str) -> None:
    """``record_denial`` once the request is over, from where the refused act may still be in its transaction.

    Only for who is signed in: a stranger is asked to sign in. In a command nothing.
    """
    if by is not None and by.is_authenticated and audit_context() is not LOCAL:
        told = {"resource_type": resource_type, "resource_id": resource_id, "description": description}
        audit_context().denied.append({"action": action, "by": by, **told})


def record_what_was_denied() -> None:
    """What cannot be recorded just now must not turn a refusal into an error."""
    for told in audit_context().denied:
        with suppress(Unavailable):
            record_denial(**told)
