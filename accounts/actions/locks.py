"""Lifting a lock before it ends by itself."""

from __future__ import annotations

from axes.models import AccessAttempt
from django.db import transaction

from accounts.models import Lock, User
from accounts.permissions import Permission
from audit.events import Action
from audit.record import record
from panelmerge.lib.errors import Refusal


@transaction.atomic
def lift_lock(*, lock: Lock, by: User) -> None:
    """Forget the failures of this account from this network, whatever browser they came from."""
    if not by.has_perm(Permission.CHANGE_LOCKS):
        raise Refusal("Only an administrator lifts locks.", status=403, code="permission_denied")
    AccessAttempt.objects.filter(username=lock.username, ip_address=lock.ip_address).delete()
    record(
        Action.ACCOUNT_LOCKOUT,
        by=by,
        resource_type="account",
        resource_id=lock.username or "",
        description=f"Lifted the lock for {lock.ip_address or 'an unknown network'}",
    )
