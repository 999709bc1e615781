"""The five tables of saved panels, with the names, columns and defaults the earlier releases gave them."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


def _person(**options) -> models.ForeignKey:
    return models.ForeignKey(settings.AUTH_USER_MODEL, related_name="+", **options)


class SavedPanel(models.Model):
    class Status(models.TextChoices):
        ACTIVE = "ACTIVE"
        ARCHIVED = "ARCHIVED"
        DELETED = "DELETED"
        DRAFT = "DRAFT"

    class Visibility(models.TextChoices):
        PRIVATE = "PRIVATE"
        SHARED = "SHARED"
        PUBLIC = "PUBLIC"

    name = models.CharField(max_length=255)
    description = models.TextField(null=True, blank=True)
    tags = models.CharField(max_length=500, null=True, blank=True)
    owner = _person(on_delete=models.PROTECT, db_index=False)
    status = models.CharField(max_length=20, choices=Status, default=Status.ACTIVE, db_default="ACTIVE")
    visibility = models.CharField(max_length=20, choices=Visibility, default=Visibility.PRIVATE, db_default="PRIVATE")
    gene_count = models.IntegerField(default=0, db_default=0)
    source_type = models.CharField(max_length=50, null=True, blank=True)
    source_reference = models.CharField(max_length=1000, null=True, blank=True)
    current_version = models.ForeignKey(
        "PanelVersion", null=True, on_delete=models.RESTRICT, related_name="+", db_index=False
    )
    version_count = models.IntegerField(default=1, db_default=1)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now())
    last_accessed_at = models.DateTimeField(db_default=Now())
    storage_backend = models.CharField(max_length=20, default="local", db_default="local")
    storage_path = models.CharField(max_length=500, null=True, blank=True)

    class Meta:
        db_table = "saved_panels"
        ordering = ["-updated_at", "-id"]
        indexes = [models.Index(fields=["owner", "status"], name="idx_saved_panels_owner_status")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=["ACTIVE", "ARCHIVED", "DELETED", "DRAFT"]),
                name="check_saved_panels_status",
            ),
            models.CheckConstraint(
                condition=models.Q(visibility__in=["PRIVATE", "SHARED", "PUBLIC"]),
                name="check_saved_panels_visibility",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PanelVersion(models.Model):
    panel = models.ForeignKey(SavedPanel, on_delete=models.CASCADE, related_name="versions", db_index=False)
    version_number = models.IntegerField()
    comment = models.TextField(null=True, blank=True)
    created_by = _person(on_delete=models.PROTECT)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    gene_count = models.IntegerField(null=True, default=0)
    changes_summary = models.TextField(null=True, blank=True)
    storage_path = models.CharField(max_length=500, null=True, blank=True)

    class Meta:
        db_table = "panel_versions"
        ordering = ["panel", "-version_number"]
        indexes = [models.Index(fields=["panel", "version_number"], name="idx_panel_versions_panel_version")]
        constraints = [models.UniqueConstraint(fields=["panel", "version_number"], name="uq_panel_version")]

    def __str__(self) -> str:
        return f"v{self.version_number}"


class PanelGene(models.Model):
    panel = models.ForeignKey(SavedPanel, on_delete=models.CASCADE, related_name="genes", db_index=False)
    gene_symbol = models.CharField(max_length=50)
    gene_name = models.CharField(max_length=255, null=True, blank=True)
    ensembl_id = models.CharField(max_length=100, null=True, blank=True)
    hgnc_id = models.CharField(max_length=100, null=True, blank=True)
    confidence_level = models.CharField(max_length=100, null=True, blank=True)
    mode_of_inheritance = models.CharField(max_length=500, null=True, blank=True)
    phenotype = models.TextField(null=True, blank=True)
    evidence_level = models.CharField(max_length=200, null=True, blank=True)
    source_panel_id = models.CharField(max_length=100, null=True, blank=True)
    source_list_type = models.CharField(max_length=100, null=True, blank=True)
    is_active = models.BooleanField(default=True, db_default=True)
    added_by = _person(null=True, on_delete=models.SET_NULL)
    added_at = models.DateTimeField(db_default=Now(), editable=False)
    user_notes = models.TextField(null=True, blank=True)
    custom_confidence = models.CharField(max_length=20, null=True, blank=True)
    is_modified = models.BooleanField(null=True, default=False, db_default=False)

    class Meta:
        db_table = "panel_genes"
        ordering = ["panel", "gene_symbol"]
        indexes = [models.Index(fields=["panel", "gene_symbol"], name="idx_panel_genes_panel_symbol")]
        constraints = [models.UniqueConstraint(fields=["panel", "gene_symbol"], name="uq_panel_gene_symbol")]

    def __str__(self) -> str:
        return self.gene_symbol


class PanelShare(models.Model):
    class Level(models.TextChoices):
        VIEW = "VIEW"
        COMMENT = "COMMENT"
        EDIT = "EDIT"
        ADMIN = "ADMIN"

    panel = models.ForeignKey(SavedPanel, on_delete=models.CASCADE, related_name="shares", db_index=False)
    shared_by = _person(on_delete=models.PROTECT)
    shared_with_user = _person(null=True, on_delete=models.CASCADE)
    shared_with_team_id = models.IntegerField(null=True)
    permission_level = models.CharField(max_length=20, choices=Level, default=Level.VIEW, db_default="VIEW")
    can_reshare = models.BooleanField(default=False, db_default=False)
    is_active = models.BooleanField(default=True, db_default=True)
    expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    last_accessed_at = models.DateTimeField(null=True)
    share_token = models.CharField(max_length=255, null=True, unique=True)

    class Meta:
        db_table = "panel_shares"
        ordering = ["-id"]
        indexes = [models.Index(fields=["panel", "is_active"], name="idx_panel_shares_panel_active")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(permission_level__in=["VIEW", "COMMENT", "EDIT", "ADMIN"]),
                name="check_panel_shares_permission_level",
            ),
            models.CheckConstraint(
                condition=models.Q(shared_with_user__isnull=False)
                | models.Q(shared_with_team_id__isnull=False)
                | models.Q(share_token__isnull=False),
                name="check_share_target",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.panel_id} {self.permission_level}"


class PanelChange(models.Model):
    class Type(models.TextChoices):
        PANEL_CREATED = "PANEL_CREATED"
        GENE_ADDED = "GENE_ADDED"
        GENE_REMOVED = "GENE_REMOVED"
        GENE_MODIFIED = "GENE_MODIFIED"
        METADATA_CHANGED = "METADATA_CHANGED"
        CONFIDENCE_CHANGED = "CONFIDENCE_CHANGED"
        SOURCE_UPDATED = "SOURCE_UPDATED"

    panel = models.ForeignKey(SavedPanel, on_delete=models.CASCADE, related_name="changes", db_index=False)
    version = models.ForeignKey(PanelVersion, on_delete=models.CASCADE, related_name="changes")
    change_type = models.CharField(max_length=30, choices=Type)
    target_type = models.CharField(max_length=50)
    target_id = models.CharField(max_length=100, null=True)
    old_value_encrypted = models.TextField(null=True)
    new_value_encrypted = models.TextField(null=True)
    changed_by = _person(on_delete=models.PROTECT)
    changed_at = models.DateTimeField(db_default=Now(), editable=False)
    change_reason = models.CharField(max_length=255, null=True)

    class Meta:
        db_table = "panel_changes"
        ordering = ["-id"]
        indexes = [models.Index(fields=["panel", "version"], name="idx_panel_changes_panel_version")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    change_type__in=[
                        "PANEL_CREATED",
                        "GENE_ADDED",
                        "GENE_REMOVED",
                        "GENE_MODIFIED",
                        "METADATA_CHANGED",
                        "CONFIDENCE_CHANGED",
                        "SOURCE_UPDATED",
                    ]
                ),
                name="check_panel_changes_change_type",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.change_type} {self.target_id or ''}"
