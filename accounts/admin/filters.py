"""What lists of people and locks are narrowed by."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone


class Choice(admin.SimpleListFilter):
    """``narrowings`` is {word in the address: (what the reader sees, condition)}."""

    narrowings: dict[str, tuple[str, Q]] = {}

    def current(self) -> dict[str, tuple[str, Q]]:
        return self.narrowings

    def lookups(self, request: HttpRequest, model_admin) -> list[tuple[str, str]]:
        return [(word, label) for word, (label, _) in self.current().items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        narrowing = self.current().get(self.value())
        return queryset.filter(narrowing[1]) if narrowing else queryset


class StateFilter(Choice):
    title = parameter_name = "state"
    narrowings = {
        "active": ("Active", Q(is_active=True)),
        "deactivated": ("Deactivated", Q(is_active=False)),
        "unconfirmed": ("Address not confirmed", Q(is_active=True, is_verified=False)),
        "one-time": ("Still with a one-time password", Q(is_active=True, must_change_password=True)),
    }


class LockFilter(Choice):
    title = parameter_name = "lock"
    narrowings = {"locked": ("Locked now", Q(is_locked=True)), "open": ("Not locked", Q(is_locked=False))}


class SecondFactorFilter(Choice):
    title, parameter_name = "second factor", "second_factor"
    narrowings = {"on": ("On", Q(has_second_factor=True)), "off": ("Off", Q(has_second_factor=False))}


class LastSignInFilter(Choice):
    title, parameter_name = "last sign-in", "signed_in"

    def current(self) -> dict[str, tuple[str, Q]]:
        now = timezone.now()
        return {
            "day": ("Within a day", Q(last_login__gt=now - timedelta(days=1))),
            "week": ("Within a week", Q(last_login__gt=now - timedelta(days=7))),
            "month": ("Within 30 days", Q(last_login__gt=now - timedelta(days=30))),
            "long-ago": ("More than 90 days ago", Q(last_login__lte=now - timedelta(days=90))),
            "never": ("Never", Q(last_login=None)),
        }
