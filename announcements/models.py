"""Messages to everyone who opens a page."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class AdminMessage(models.Model):
    title = models.CharField(max_length=200)
    message = models.TextField()
    message_type = models.CharField(max_length=20, default="info", db_default="info")
    is_active = models.BooleanField(default=True, db_default=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        db_table = "admin_message"
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["is_active"], name="idx_admin_message_active"),
            models.Index(fields=["expires_at"], name="idx_admin_message_expires"),
        ]

    def __str__(self) -> str:
        return self.title
