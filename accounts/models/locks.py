"""Failed sign-ins as somebody looks at them who may lift a lock: one row an account and network."""

from __future__ import annotations

from datetime import datetime, timedelta

from axes.models import AccessAttempt
from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils import timezone

from accounts.models.people import User

# How an account is named where failures are counted: user:7, and user:7:known from a browser it knows.
ACCOUNT_KEY = Concat(Value("user:"), Cast("pk", models.CharField()))
KNOWN_KEY = Concat(Value("user:"), Cast("pk", models.CharField()), Value(":known"))
NETWORK = Coalesce(Cast("ip_address", models.CharField()), Value(""))


def counted_since() -> datetime:
    """Failures before this are forgotten."""
    return timezone.now() - timedelta(seconds=settings.LOCKOUT_DURATION)


class LockQuerySet(models.QuerySet):
    def counted(self) -> LockQuerySet:
        """Those that count now, with ``failures`` of all browsers together, ``is_locked``, ``ends_at`` and ``network``;
        ``person``, the user name, where there is an account."""
        found = self.filter(attempt_time__gt=counted_since()).annotate(network=NETWORK)
        same = found.filter(username=OuterRef("username"), network=OuterRef("network")).order_by()
        failures = same.values("username", "network").annotate(total=Sum("failures_since_start")).values("total")
        named = User.objects.annotate(key=ACCOUNT_KEY, known_key=KNOWN_KEY).order_by()
        person = named.filter(Q(key=OuterRef("username")) | Q(known_key=OuterRef("username"))).values("username")
        return found.filter(pk=Subquery(same.order_by("-attempt_time", "-pk").values("pk")[:1])).annotate(
            failures=Subquery(failures),
            is_locked=Case(When(failures__gte=settings.MAX_LOGIN_ATTEMPTS, then=Value(True)), default=Value(False)),
            ends_at=F("attempt_time") + Value(timedelta(seconds=settings.LOCKOUT_DURATION)),
            person=Subquery(person[:1]),
        )

    def standing(self) -> LockQuerySet:
        return self.counted().filter(is_locked=True)


class Lock(AccessAttempt):
    """django-axes writes the rows."""

    objects = LockQuerySet.as_manager()

    class Meta:
        proxy = True
        verbose_name = "lock"
        default_manager_name = "objects"

    def __str__(self) -> str:
        return f"{self.username} from {self.ip_address or 'an unknown network'}"


def is_locked() -> Exists:
    """For people: whether a lock of theirs stands, for any network or browser."""
    totals = AccessAttempt.objects.filter(attempt_time__gt=counted_since()).order_by()
    totals = totals.values("username", "ip_address").annotate(total=Sum("failures_since_start"))
    standing = totals.filter(total__gte=settings.MAX_LOGIN_ATTEMPTS)
    key = Concat(Value("user:"), Cast(OuterRef("pk"), models.CharField()))
    known = Concat(Value("user:"), Cast(OuterRef("pk"), models.CharField()), Value(":known"))
    return Exists(standing.filter(username__in=[key, known]))
