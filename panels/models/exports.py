"""A record of every list that was handed out, and how people like their files."""

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


class ExportTemplate(models.Model):
    """A person's choice of format, columns and file name. ``columns`` are headings of the table; none means all.

    ``filename_pattern`` may hold {name}, {version}, {date} and {format}.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    name = models.CharField(max_length=100)
    description = models.CharField(max_length=255, null=True, blank=True)
    is_default = models.BooleanField(default=False, db_default=False)
    format = models.CharField(max_length=20)
    include_metadata = models.BooleanField(default=True, db_default=True)
    include_versions = models.BooleanField(default=True, db_default=True)
    include_genes = models.BooleanField(default=True, db_default=True)
    filename_pattern = models.CharField(max_length=255, null=True, blank=True)
    columns = models.JSONField(default=list)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now())
    last_used_at = models.DateTimeField(null=True)
    usage_count = models.IntegerField(default=0, db_default=0)

    class Meta:
        db_table = "export_templates"
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="uq_user_template_name")]

    def __str__(self) -> str:
        return self.name
