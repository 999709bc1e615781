"""Passwords that were, as hashes, so that the last few are not taken again."""

from django.conf import settings
from django.db import models


class PasswordHistory(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="earlier_passwords")
    password_hash = models.CharField(max_length=255)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "password_history"
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"A password of {self.user_id}"
