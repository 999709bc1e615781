"""Failed sign-ins that count now, and lifting what they locked."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.actions.locks import lift_lock
from accounts.admin.filters import LockFilter
from accounts.models import Lock
from panelmerge.lib.admin import ReadOnlyAdmin, moment
from panelmerge.lib.confirming import confirmed


@admin.register(Lock)
class LockAdmin(ReadOnlyAdmin):
    """One row an account and network. A lock ends by itself; lifting it is for who is in a hurry."""

    list_display = ["account", "network", "failures", "locked", "attempt_time", "ends"]
    list_filter = [LockFilter]
    search_fields = ["person", "ip_address", "username"]
    ordering = ["-attempt_time", "-pk"]
    fields = ["account", "network", "failures", "locked", "attempt_time", "ends", "user_agent"]
    actions = [
        confirmed(
            "lift",
            label="Lift the lock",
            says="They may try to sign in again at once. The failures so far are forgotten.",
            act=lambda request, lock: lift_lock(lock=lock, by=request.user),
        )
    ]

    def has_change_permission(self, request: HttpRequest, obj: Lock | None = None) -> bool:
        return obj is None and request.user.has_perm("accounts.change_lock")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Lock]:
        return Lock.objects.counted()

    @admin.display(description="account", ordering="person")
    def account(self, lock: Lock) -> str:
        return lock.person or "a name that nobody has"

    @admin.display(ordering="ip_address")
    def network(self, lock: Lock) -> str:
        return lock.ip_address or "unknown"

    @admin.display(ordering="failures")
    def failures(self, lock: Lock) -> int:
        return lock.failures

    @admin.display(ordering="is_locked")
    def locked(self, lock: Lock) -> str:
        return "locked" if lock.is_locked else "not yet"

    @admin.display(ordering="ends_at")
    def ends(self, lock: Lock) -> str:
        return moment(lock.ends_at)
