"""Messages to those who open a page."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Value, When
from django.db.models.functions import Now

from panelmerge.lib.moments import BEYOND, is_beyond


class Kind(models.TextChoices):
    """Words of ``message_type``, each with a sign, so that colour is never alone."""

    INFO = "info", "Information"
    SUCCESS = "success", "Good news"
    WARNING = "warning", "Warning"
    ERROR = "error", "Problem"

    @property
    def sign(self) -> str:
        return {"info": "\N{INFORMATION SOURCE}", "success": "✓", "warning": "⚠", "error": "✕"}[self.value]


class Audience(models.TextChoices):
    EVERYONE = "everyone", "Everyone"
    SIGNED_IN = "signed_in", "People who are signed in"
    STAFF = "staff", "Staff of the back office"


class State(models.TextChoices):
    """Where an announcement stands at a moment; computed, never stored."""

    WAITING = "waiting", "Waiting"
    SHOWN = "shown", "Shown"
    EXPIRED = "expired", "Expired"
    OFF = "off", "Off"


def audiences_of(user: Any) -> list[str]:
    """Whose announcements this person reads. Nobody (None) reads those for everyone."""
    found = [Audience.EVERYONE]
    if user is not None and user.is_authenticated:
        found.append(Audience.SIGNED_IN)
        if user.is_staff:
            found.append(Audience.STAFF)
    return [audience.value for audience in found]


class AnnouncementQuerySet(models.QuerySet):
    def active_for(self, user: Any, at: datetime) -> AnnouncementQuerySet:
        """Switched on, begun, not over (over begins at the second of ``expires_at``), and meant for this person."""
        begun = Q(starts_at=None) | Q(starts_at__lte=at)
        goes_on = Q(expires_at=None) | Q(expires_at__gt=at)
        return self.filter(begun, goes_on, is_active=True, audience__in=audiences_of(user))

    def not_dismissed_by(self, user: Any) -> AnnouncementQuerySet:
        if user is None or not user.is_authenticated:
            return self
        return self.exclude(Exists(Dismissal.objects.filter(message=OuterRef("pk"), user=user.pk)))

    def with_state(self, at: datetime) -> AnnouncementQuerySet:
        """Each with its ``state`` at that moment: one of State."""
        return self.annotate(
            state=Case(
                When(is_active=False, then=Value(State.OFF.value)),
                When(expires_at__lte=at, then=Value(State.EXPIRED.value)),
                When(starts_at__gt=at, then=Value(State.WAITING.value)),
                default=Value(State.SHOWN.value),
            )
        )


class AdminMessage(models.Model):
    title = models.CharField(max_length=200)
    message = models.TextField(help_text="Plain text. Addresses that begin with https:// become links.")
    message_type = models.CharField(max_length=20, choices=Kind, default="info", db_default="info")
    audience = models.CharField(max_length=20, choices=Audience, default="everyone", db_default="everyone")
    is_active = models.BooleanField("switched on", default=True, db_default=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    starts_at = models.DateTimeField(null=True, blank=True, help_text="Empty: at once.")
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Empty: until it is switched off.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        db_table = "admin_message"
        verbose_name = "announcement"
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["is_active"], name="idx_admin_message_active"),
            models.Index(fields=["expires_at"], name="idx_admin_message_expires"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(message_type__in=Kind.values), name="check_admin_message_type"),
            models.CheckConstraint(condition=Q(audience__in=Audience.values), name="check_admin_message_audience"),
            models.CheckConstraint(
                condition=Q(starts_at=None) | Q(expires_at=None) | Q(expires_at__gt=models.F("starts_at")),
                name="check_admin_message_span",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        beyond = [
            name for name in ("starts_at", "expires_at") if getattr(self, name) and is_beyond(getattr(self, name))
        ]
        if beyond:
            raise ValidationError(dict.fromkeys(beyond, BEYOND))
        if self.starts_at and self.expires_at and self.expires_at <= self.starts_at:
            raise ValidationError({"expires_at": "It would be over before it starts. Choose a later end."})

    @property
    def kind(self) -> Kind:
        return Kind(self.message_type)

    @property
    def mark(self) -> str:
        """Names the announcement in this wording; another wording is shown again to who dismissed it."""
        wording = "\0".join((self.message_type, self.title, self.message))
        return f"{self.pk}-{hashlib.sha256(wording.encode()).hexdigest()[:8]}"


class Dismissal(models.Model):
    """Somebody with an account does not want to see it any more. Without an account a cookie says so."""

    message = models.ForeignKey(AdminMessage, on_delete=models.CASCADE, related_name="dismissals", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    class Meta:
        db_table = "admin_message_dismissal"
        constraints = [
            models.UniqueConstraint(fields=["message", "user"], name="uq_admin_message_dismissal"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} dismissed {self.message_id}"
