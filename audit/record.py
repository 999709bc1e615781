"""The only way into the record."""

from __future__ import annotations

from typing import Any

from django.db import DatabaseError, models, transaction
from django.utils import timezone

from audit.context import audit_context
from audit.events import Action
from audit.models import AuditLog
from audit.rows import CurrentTransaction, proven
from audit.sealing import link_inline
from panelmerge.lib.errors import Unavailable
from panelmerge.lib.requestid import request_id


def record(
    action: Action,
    *,
    by: Any = None,
    target: models.Model | None = None,
    resource_type: str = "",
    resource_id: str = "",
    description: str,
    details: Any = None,
    old: Any = None,
    new: Any = None,
    success: bool = True,
) -> AuditLog:
    """Write one event in the caller's transaction, so that it stands or falls with the change.

    ``by`` is the person acting, None or an anonymous one for nobody in
    particular. ``target`` names what was acted on; ``resource_type`` and
    ``resource_id`` do so where there is no model instance. ``details``, ``old``
    and ``new`` are JSON values and are stored encrypted. Raises RuntimeError
    outside of a transaction, and Unavailable when the row cannot be written:
    no record, no change.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"{action} was to be recorded outside of a transaction")
    person = by if by is not None and by.is_authenticated else None
    if target is not None:
        resource_type, resource_id = target._meta.model_name, str(target.pk)
    context = audit_context()
    try:
        columns = proven(
            {
                "user_id": person.pk if person else None,
                "username": person.get_username() if person else None,
                "action_type": str(action),
                # Room for the word in brackets that going back to an older release may put before it.
                "action_description": description[:460],
                "ip_address": context.ip_address,
                "user_agent": context.user_agent,
                "session_id": context.session_ref,
                "resource_type": resource_type[:50] or None,
                "resource_id": resource_id[:100] or None,
                "old_values": old,
                "new_values": new,
                "details": details,
                "timestamp": timezone.now(),
                "success": success,
                "request_id": request_id() or None,
            }
        )
        entry = AuditLog.objects.create(**columns, tx_id=CurrentTransaction())
        link_inline(entry)
        return entry
    except DatabaseError as error:
        raise Unavailable(
            "This could not be written to the record of changes, so nothing was changed. Try again shortly.",
            code="audit_unavailable",
        ) from error
