"""What was refused. There is no change to stand or fall with, so it has a short transaction of its own."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from audit.context import LOCAL, audit_context
from audit.events import Action
from audit.models import AuditLog
from audit.record import record
from panelmerge.lib.errors import Unavailable

# The same person or address at the same thing is written down once in this time.
ONCE_IN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Denial:
    """An act that was refused, in the words of ``record``."""

    action: Action
    by: Any
    resource_type: str
    resource_id: str
    description: str
    details: Any = field(default=None, compare=False)

    @property
    def thing(self) -> tuple[str, str, str | None]:
        """As the columns of the record hold it."""
        return str(self.action), self.resource_type[:50], self.resource_id[:100] or None


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
    return next(iter(_record([Denial(action, by, resource_type, resource_id, description, details)], by)), None)


def deny_later(
    action: Action, *, by: Any, resource_type: str, resource_id: str, description: str, details: Any = None
) -> None:
    """``record_denial`` once the request is over, from where the refused act may still be in its transaction.

    Only for who is signed in: a stranger is asked to sign in. In a command nothing.
    """
    if by is not None and by.is_authenticated and audit_context() is not LOCAL:
        audit_context().denied.append(Denial(action, by, resource_type, resource_id, description, details))


def record_what_was_denied() -> None:
    """What cannot be recorded just now must not turn a refusal into an error."""
    by_person: dict[Any, list[Denial]] = {}
    for denial in audit_context().denied:
        by_person.setdefault(denial.by, []).append(denial)
    with suppress(Unavailable):
        for by, denials in by_person.items():
            _record(denials, by)


def _record(denials: list[Denial], by: Any) -> list[AuditLog]:
    """Those that are not in the record since a minute; one question for all of them."""
    person = by if by is not None and by.is_authenticated else None
    actions, types, ids = ({denial.thing[place] for denial in denials} for place in range(3))
    among = Q(resource_id__in=ids - {None})
    if None in ids:
        among |= Q(resource_id=None)
    like = AuditLog.objects.filter(
        among,
        timestamp__gt=timezone.now() - ONCE_IN,
        action_type__in=actions,
        resource_type__in=types,
        user_id=person.pk if person else None,
        success=False,
    )
    if person is None:
        like = like.filter(ip_address=audit_context().ip_address)
    with transaction.atomic():
        there = set(like.values_list("action_type", "resource_type", "resource_id"))
        # The first of those that are alike.
        new = {denial.thing: denial for denial in reversed(denials) if denial.thing not in there}
        return [
            record(
                denial.action,
                by=by,
                resource_type=denial.resource_type,
                resource_id=denial.resource_id,
                description=denial.description,
                details=denial.details,
                success=False,
            )
            for denial in reversed(new.values())
        ]
