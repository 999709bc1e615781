"""Counting requests where no Redis does it."""

from django.db import models


class RateWindow(models.Model):
    """How many requests somebody made in one window. The key is a digest; rows of past windows are swept away."""

    key = models.CharField(max_length=80, primary_key=True)
    count = models.IntegerField()
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "rate_window"

    def __str__(self) -> str:
        return self.key
