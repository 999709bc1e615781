"""Saved panels: the five tables of the earlier releases, and the gene lists that versions own."""

from __future__ import annotations

import json
from typing import Any

from django.db import connection, models
from django.db.models.functions import Cast, Now

from panelmerge.lib.fields import EncryptedTextField
from panels.models.people import person
from panels.models.visibility import SavedPanelQuerySet


def split_tags(tags: str | None) -> list[str]:
    return [tag for part in (tags or "").split(",") if (tag := part.strip())]


class SavedPanel(models.Model):
    """A panel as it is now. ``genes`` is its current list, ``current_version`` the version that list belongs to.

    ``status_before`` is where a deleted panel returns to. Rows that were
    written by plain SQL may have neither version nor right counts until the
    first change through an action.
    """

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
    tags = models.CharField(max_length=500, null=True, blank=True, help_text="Between commas.")
    owner = person(on_delete=models.PROTECT, db_index=False)
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
    status_before = models.CharField(max_length=20, null=True, editable=False)

    objects = SavedPanelQuerySet.as_manager()

    class Meta:
        db_table = "saved_panels"
        ordering = ["-updated_at", "-id"]
        indexes = [
            models.Index(fields=["owner", "status"], name="idx_saved_panels_owner_status"),
            models.Index(fields=["updated_at", "id"], name="idx_saved_panels_updated"),
            models.Index(fields=["current_version"], name="idx_saved_panels_current"),
            models.Index(
                fields=["updated_at"], condition=models.Q(visibility="PUBLIC"), name="idx_saved_panels_public"
            ),
        ]
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

    @property
    def tag_list(self) -> list[str]:
        return split_tags(self.tags)


class PanelSnapshot(models.Model):
    """A gene list that versions own, stored once however many have it, and never altered.

    ``body`` is canonical JSON compressed with zlib, ``sha256`` that of the JSON.
    See ``panels.engine.records``.
    """

    sha256 = models.CharField(max_length=64, primary_key=True)
    body = models.BinaryField()
    gene_count = models.PositiveIntegerField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "panel_snapshots"
        ordering = ["sha256"]

    def __str__(self) -> str:
        return self.sha256


class PanelVersion(models.Model):
    """One version. Without ``snapshot`` it comes from an earlier release, which kept no genes of old versions.

    ``content_hash`` names the content (``panels.engine.content``); versions of
    equal content have it alike, also of different panels. ``metadata`` is name,
    description and tags as they were. ``recipe`` is how the list was merged, as
    JSON compressed with zlib, where it was; edits by hand leave none.
    """

    panel = models.ForeignKey(SavedPanel, on_delete=models.CASCADE, related_name="versions", db_index=False)
    version_number = models.IntegerField()
    comment = models.TextField(null=True, blank=True)
    created_by = person(on_delete=models.PROTECT)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    gene_count = models.IntegerField(null=True, default=0)
    changes_summary = models.TextField(null=True, blank=True)
    storage_path = models.CharField(max_length=500, null=True, blank=True)
    snapshot = models.ForeignKey(PanelSnapshot, null=True, on_delete=models.PROTECT, related_name="versions")
    content_hash = models.CharField(max_length=64, null=True, db_index=True, editable=False)
    metadata = models.JSONField(null=True, editable=False)
    recipe = models.BinaryField(null=True, editable=False)
    restored_from = models.IntegerField(null=True, editable=False, help_text="Number of the version it repeats.")

    class Meta:
        db_table = "panel_versions"
        ordering = ["panel", "-version_number"]
        indexes = [models.Index(fields=["panel", "version_number"], name="idx_panel_versions_panel_version")]
        constraints = [
            models.UniqueConstraint(fields=["panel", "version_number"], name="uq_panel_version"),
            # What the key of saved_panels points at, so that a current version is one of its own panel.
            models.UniqueConstraint(fields=["panel", "id"], name="uq_panel_version_of_panel"),
        ]

    def __str__(self) -> str:
        return f"v{self.version_number}"

    @property
    def has_genes(self) -> bool:
        return self.snapshot_id is not None


class PanelGene(models.Model):
    """One entity of the current list. A gene that is removed leaves no row; the versions before still have it.

    ``entity_key`` is who it is (``panels.engine.records.key_of``), NULL in rows
    that no action has written yet. ``gene_symbol`` is unique in a panel: where
    two entities bear one name (an STR called like its gene, a symbol that two
    HGNC entries had), the second has a mark behind it there, and ``own_name``
    is what it is called.
    """

    panel = models.ForeignKey(SavedPanel, on_delete=models.CASCADE, related_name="genes", db_index=False)
    gene_symbol = models.CharField(max_length=400)
    gene_name = models.TextField(null=True, blank=True)
    ensembl_id = models.CharField(max_length=100, null=True, blank=True)
    hgnc_id = models.CharField(max_length=100, null=True, blank=True)
    confidence_level = models.TextField(null=True, blank=True)
    mode_of_inheritance = models.TextField(null=True, blank=True)
    phenotype = models.TextField(null=True, blank=True)
    evidence_level = models.TextField(null=True, blank=True)
    source_panel_id = models.TextField(null=True, blank=True)
    source_list_type = models.TextField(null=True, blank=True)
    is_active = models.BooleanField(default=True, db_default=True)
    added_by = person(null=True, on_delete=models.SET_NULL)
    added_at = models.DateTimeField(db_default=Now(), editable=False)
    user_notes = models.TextField(null=True, blank=True)
    custom_confidence = models.TextField(null=True, blank=True)
    is_modified = models.BooleanField(null=True, default=False, db_default=False)
    entity_type = models.CharField(max_length=6, default="gene", db_default="gene")
    entity_key = models.CharField(max_length=320, null=True, editable=False)
    own_name = models.CharField(max_length=300, null=True, editable=False)
    grch37 = models.CharField(max_length=200, null=True, blank=True)
    grch38 = models.CharField(max_length=200, null=True, blank=True)

    class Meta:
        db_table = "panel_genes"
        ordering = ["panel", "gene_symbol"]
        indexes = [
            models.Index(fields=["panel", "gene_symbol"], name="idx_panel_genes_panel_symbol"),
            models.Index(fields=["hgnc_id", "panel"], name="idx_panel_genes_hgnc"),
            models.Index(fields=["gene_symbol"], condition=models.Q(hgnc_id=None), name="idx_panel_genes_symbol_only"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["panel", "gene_symbol"], name="uq_panel_gene_symbol"),
            models.UniqueConstraint(fields=["panel", "entity_key"], name="uq_panel_gene_entity"),
            models.CheckConstraint(
                condition=models.Q(entity_type__in=["gene", "str", "region"]), name="check_panel_genes_entity_type"
            ),
        ]

    def __str__(self) -> str:
        return self.own_name or self.gene_symbol


class PanelChangeQuerySet(models.QuerySet):
    def with_stored_values(self) -> PanelChangeQuerySet:
        """With the ciphertext, which ``value_of`` opens: one value that no key opens does not hide the others."""
        stored = {f"stored_{name}": Cast(models.F(name), models.TextField()) for name in ("old_value", "new_value")}
        return self.defer("old_value", "new_value").annotate(**stored)


class PanelChange(models.Model):
    """One gene or one field that a version changed. The values are JSON and always encrypted."""

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
    old_value = EncryptedTextField(null=True, db_column="old_value_encrypted")
    new_value = EncryptedTextField(null=True, db_column="new_value_encrypted")
    changed_by = person(on_delete=models.PROTECT)
    changed_at = models.DateTimeField(db_default=Now(), editable=False)
    change_reason = models.CharField(max_length=255, null=True)

    objects = PanelChangeQuerySet.as_manager()

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

    def value_of(self, name: str) -> Any:
        """Of a row that came by ``with_stored_values``: the JSON value of old_value or new_value. Undecryptable."""
        stored = getattr(self, f"stored_{name}")
        field = self._meta.get_field(name)
        return None if stored is None else json.loads(field.from_db_value(stored, None, connection))
