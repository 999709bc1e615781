"""What protects a version, how long versions are kept, and which answer a repeated request gets."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from panelmerge.lib.fields import EncryptedTextField
from panels.models.library import PanelVersion, SavedPanel
from panels.models.people import person


class PanelVersionTag(models.Model):
    """A tag on a version, in the six words of the older application. Tagged versions are never pruned.

    ``is_protected`` marks the two kinds that no policy can give up: production and staging.
    """

    class Type(models.TextChoices):
        PRODUCTION = "PRODUCTION"
        STAGING = "STAGING"
        RELEASE = "RELEASE"
        HOTFIX = "HOTFIX"
        FEATURE = "FEATURE"
        BACKUP = "BACKUP"

    PROTECTING = (Type.PRODUCTION, Type.STAGING)

    version = models.ForeignKey(PanelVersion, on_delete=models.CASCADE, related_name="tags", db_index=False)
    tag_name = models.CharField(max_length=100)
    tag_type = models.CharField(max_length=20, choices=Type)
    description = models.TextField(null=True, blank=True)
    created_by = person(on_delete=models.PROTECT)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    is_protected = models.BooleanField(default=False, db_default=False)

    class Meta:
        db_table = "panel_version_tags"
        ordering = ["version", "tag_name"]
        constraints = [
            models.UniqueConstraint(fields=["version", "tag_name"], name="uq_version_tag_name"),
            models.CheckConstraint(
                condition=models.Q(tag_type__in=["PRODUCTION", "STAGING", "RELEASE", "HOTFIX", "FEATURE", "BACKUP"]),
                name="check_panel_version_tags_type",
            ),
        ]

    def __str__(self) -> str:
        return self.tag_name


class RetentionPolicy(models.Model):
    """How many versions of a panel ``prune_versions`` leaves. A panel without one keeps all.

    A version goes when it is older than ``backup_retention_days`` and not among
    the newest ``max_versions``; never the current one, nor one with a tag,
    whatever the two columns about tags say, which older releases read.
    ``cleanup_frequency_hours`` is the shortest time between two prunings.
    """

    panel = models.OneToOneField(SavedPanel, on_delete=models.CASCADE, related_name="retention")
    max_versions = models.IntegerField(default=10, db_default=10)
    backup_retention_days = models.IntegerField(default=90, db_default=90)
    keep_tagged_versions = models.BooleanField(default=True, db_default=True)
    keep_production_tags = models.BooleanField(default=True, db_default=True)
    auto_cleanup_enabled = models.BooleanField(default=True, db_default=True)
    last_cleanup_at = models.DateTimeField(null=True)
    cleanup_frequency_hours = models.IntegerField(default=24, db_default=24)
    created_by = person(on_delete=models.PROTECT)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "panel_retention_policies"
        ordering = ["panel"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(max_versions__gte=1) & models.Q(backup_retention_days__gte=0),
                name="check_panel_retention_numbers",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.max_versions} versions, {self.backup_retention_days} days"


class IdempotencyKey(models.Model):
    """The answer to a POST that bore an Idempotency-Key, for a while. It may hold a secret, so it is encrypted."""

    user = person(on_delete=models.CASCADE, db_index=False)
    key = models.CharField(max_length=255)
    asked = models.CharField(max_length=64, help_text="SHA-256 of address and body.")
    status = models.PositiveSmallIntegerField(default=0)
    headers = models.JSONField(default=dict)
    answer = EncryptedTextField(default="")
    created_at = models.DateTimeField(db_default=Now(), db_index=True, editable=False)

    class Meta:
        db_table = "idempotency_keys"
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="uq_idempotency_key")]

    def __str__(self) -> str:
        return self.key
