"""Tokens for programs. Only a digest is kept."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.permissions import Permission


class Scope(models.TextChoices):
    READ = "read", "Read"
    WRITE = "write", "Read and write"


# What a role must hold to have such a token, and to go on using it.
RIGHTS = {Scope.READ: Permission.READ_BY_TOKEN, Scope.WRITE: Permission.WRITE_BY_TOKEN}


class ApiTokenQuerySet(models.QuerySet):
    def of(self, user) -> ApiTokenQuerySet:
        return self.filter(user=user, revoked_at=None)


class ApiToken(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100, help_text="What uses it, e.g. nightly export.")
    # SHA-256 of 256 random bits: nothing to guess, so nothing to slow down.
    digest = models.CharField(max_length=64, unique=True, editable=False)
    beginning = models.CharField(max_length=12, editable=False)
    scope = models.CharField(max_length=10, choices=Scope, default=Scope.READ)
    created_at = models.DateTimeField(editable=False)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        db_table = "api_token"
        ordering = ["-created_at", "-id"]
        constraints = [models.CheckConstraint(condition=Q(scope__in=["read", "write"]), name="check_api_token_scope")]

    def __str__(self) -> str:
        return self.name
