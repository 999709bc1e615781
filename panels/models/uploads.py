"""Lists that a person brought along, kept on the server for a while."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone


class UploadQuerySet(models.QuerySet):
    def current(self) -> UploadQuerySet:
        return self.filter(expires_at__gt=timezone.now())

    def visible_to(self, user, session_key: str | None) -> UploadQuerySet:
        """Those of the signed-in person, or else of this browser session. Nobody else's, whatever the role."""
        if user is not None and user.is_authenticated:
            return self.current().filter(owner=user)
        if session_key:
            return self.current().filter(owner=None, session_key=session_key)
        return self.none()


class Upload(models.Model):
    """One file or pasted text, read once into rows.

    ``table`` is what the reader found: {"sheets": [{"name", "rows": [[cell, ...], ...]}]}, every cell text.
    ``sheet`` and ``column`` (0-based) say which of it holds the genes.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="uploads")
    session_key = models.CharField(max_length=40, blank=True)
    name = models.CharField(max_length=255)
    size = models.PositiveIntegerField(help_text="Bytes.")
    sha256 = models.CharField(max_length=64)
    stored_as = models.CharField(max_length=100, blank=True, help_text="File name below MEDIA_ROOT.")
    table = models.BinaryField(help_text="The cells as read: JSON, compressed with zlib.")
    sheet = models.CharField(max_length=255, blank=True)
    column = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [models.Index(fields=["session_key"], name="idx_upload_session")]

    def __str__(self) -> str:
        return self.name
