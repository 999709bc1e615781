"""A record of every list that was handed out."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class PanelDownload(models.Model):
    """One download. ``panel_ids`` keeps the source (``uk:245@4.3, aus:3149@2.0``).

    Rows of the older releases have bare numbers.
    """

    ip_address = models.CharField(max_length=45)
    download_date = models.DateTimeField(db_default=Now())
    panel_ids = models.TextField()
    list_types = models.TextField()
    gene_count = models.IntegerField(null=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        db_table = "panel_download"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.panel_ids} ({self.download_date:%Y-%m-%d})"
