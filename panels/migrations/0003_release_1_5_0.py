"""Release 1.5.0: saved panels, their versions, genes, shares and changes.

Forward: makes the five tables. Words such as ACTIVE or PRIVATE are text under a
named CHECK. The key from a panel to its current version comes last, in the next file.
Back: drops the five tables, and with them every saved panel.
"""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

NOW = django.db.models.functions.datetime.Now()


def number():
    return ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))


def person(on_delete, **options):
    return models.ForeignKey(on_delete=on_delete, related_name="+", to=settings.AUTH_USER_MODEL, **options)


def panel(related_name):
    return models.ForeignKey(
        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name=related_name, to="panels.savedpanel"
    )


def choices(*words):
    return [(word, word.replace("_", " ").title()) for word in words]


PROTECT = django.db.models.deletion.PROTECT
STATUSES = ["ACTIVE", "ARCHIVED", "DELETED", "DRAFT"]
VISIBILITIES = ["PRIVATE", "SHARED", "PUBLIC"]
LEVELS = ["VIEW", "COMMENT", "EDIT", "ADMIN"]
CHANGES = [
    "PANEL_CREATED",
    "GENE_ADDED",
    "GENE_REMOVED",
    "GENE_MODIFIED",
    "METADATA_CHANGED",
    "CONFIDENCE_CHANGED",
    "SOURCE_UPDATED",
]


class Migration(migrations.Migration):
    dependencies = [("panels", "0002_release_1_4_0")]

    operations = [
        migrations.CreateModel(
            name="SavedPanel",
            fields=[
                number(),
                ("name", models.CharField(max_length=255)),
                ("description", models.TextField(blank=True, null=True)),
                ("tags", models.CharField(blank=True, max_length=500, null=True)),
                ("owner", person(PROTECT, db_index=False)),
                (
                    "status",
                    models.CharField(choices=choices(*STATUSES), db_default="ACTIVE", default="ACTIVE", max_length=20),
                ),
                (
                    "visibility",
                    models.CharField(
                        choices=choices(*VISIBILITIES), db_default="PRIVATE", default="PRIVATE", max_length=20
                    ),
                ),
                ("gene_count", models.IntegerField(db_default=0, default=0)),
                ("source_type", models.CharField(blank=True, max_length=50, null=True)),
                ("source_reference", models.CharField(blank=True, max_length=255, null=True)),
                ("version_count", models.IntegerField(db_default=1, default=1)),
                ("created_at", models.DateTimeField(db_default=NOW, editable=False)),
                ("updated_at", models.DateTimeField(db_default=NOW)),
                ("last_accessed_at", models.DateTimeField(db_default=NOW)),
                ("storage_backend", models.CharField(db_default="local", default="local", max_length=20)),
                ("storage_path", models.CharField(blank=True, max_length=500, null=True)),
            ],
            options={
                "db_table": "saved_panels",
                "ordering": ["-updated_at", "-id"],
                "indexes": [models.Index(fields=["owner", "status"], name="idx_saved_panels_owner_status")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", STATUSES)), name="check_saved_panels_status"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("visibility__in", VISIBILITIES)), name="check_saved_panels_visibility"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PanelVersion",
            fields=[
                number(),
                ("panel", panel("versions")),
                ("version_number", models.IntegerField()),
                ("comment", models.TextField(blank=True, null=True)),
                ("created_by", person(PROTECT)),
                ("created_at", models.DateTimeField(db_default=NOW, editable=False)),
                ("gene_count", models.IntegerField(default=0, null=True)),
                ("changes_summary", models.TextField(blank=True, null=True)),
                ("storage_path", models.CharField(blank=True, max_length=500, null=True)),
            ],
            options={
                "db_table": "panel_versions",
                "ordering": ["panel", "-version_number"],
                "indexes": [models.Index(fields=["panel", "version_number"], name="idx_panel_versions_panel_version")],
                "constraints": [models.UniqueConstraint(fields=("panel", "version_number"), name="uq_panel_version")],
            },
        ),
        migrations.CreateModel(
            name="PanelGene",
            fields=[
                number(),
                ("panel", panel("genes")),
                ("gene_symbol", models.CharField(max_length=50)),
                ("gene_name", models.CharField(blank=True, max_length=255, null=True)),
                ("ensembl_id", models.CharField(blank=True, max_length=50, null=True)),
                ("hgnc_id", models.CharField(blank=True, max_length=20, null=True)),
                ("confidence_level", models.CharField(blank=True, max_length=20, null=True)),
                ("mode_of_inheritance", models.CharField(blank=True, max_length=100, null=True)),
                ("phenotype", models.TextField(blank=True, null=True)),
                ("evidence_level", models.CharField(blank=True, max_length=20, null=True)),
                ("source_panel_id", models.CharField(blank=True, max_length=50, null=True)),
                ("source_list_type", models.CharField(blank=True, max_length=20, null=True)),
                ("is_active", models.BooleanField(db_default=True, default=True)),
                ("added_by", person(django.db.models.deletion.SET_NULL, null=True)),
                ("added_at", models.DateTimeField(db_default=NOW, editable=False)),
                ("user_notes", models.TextField(blank=True, null=True)),
                ("custom_confidence", models.CharField(blank=True, max_length=20, null=True)),
                ("is_modified", models.BooleanField(db_default=False, default=False, null=True)),
            ],
            options={
                "db_table": "panel_genes",
                "ordering": ["panel", "gene_symbol"],
                "indexes": [models.Index(fields=["panel", "gene_symbol"], name="idx_panel_genes_panel_symbol")],
                "constraints": [models.UniqueConstraint(fields=("panel", "gene_symbol"), name="uq_panel_gene_symbol")],
            },
        ),
        migrations.CreateModel(
            name="PanelShare",
            fields=[
                number(),
                ("panel", panel("shares")),
                ("shared_by", person(PROTECT)),
                ("shared_with_user", person(django.db.models.deletion.CASCADE, null=True)),
                ("shared_with_team_id", models.IntegerField(null=True)),
                (
                    "permission_level",
                    models.CharField(choices=choices(*LEVELS), db_default="VIEW", default="VIEW", max_length=20),
                ),
                ("can_reshare", models.BooleanField(db_default=False, default=False)),
                ("is_active", models.BooleanField(db_default=True, default=True)),
                ("expires_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(db_default=NOW, editable=False)),
                ("last_accessed_at", models.DateTimeField(null=True)),
                ("share_token", models.CharField(max_length=255, null=True)),
            ],
            options={
                "db_table": "panel_shares",
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["panel", "is_active"], name="idx_panel_shares_panel_active")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("permission_level__in", LEVELS)),
                        name="check_panel_shares_permission_level",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("shared_with_user__isnull", False),
                            ("shared_with_team_id__isnull", False),
                            ("share_token__isnull", False),
                            _connector="OR",
                        ),
                        name="check_share_target",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PanelChange",
            fields=[
                number(),
                ("panel", panel("changes")),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="changes",
                        to="panels.panelversion",
                    ),
                ),
                ("change_type", models.CharField(choices=choices(*CHANGES), max_length=30)),
                ("target_type", models.CharField(max_length=50)),
                ("target_id", models.CharField(max_length=100, null=True)),
                ("old_value_encrypted", models.TextField(null=True)),
                ("new_value_encrypted", models.TextField(null=True)),
                ("changed_by", person(PROTECT)),
                ("changed_at", models.DateTimeField(db_default=NOW, editable=False)),
                ("change_reason", models.CharField(max_length=255, null=True)),
            ],
            options={
                "db_table": "panel_changes",
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["panel", "version"], name="idx_panel_changes_panel_version")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("change_type__in", CHANGES)), name="check_panel_changes_change_type"
                    )
                ],
            },
        ),
    ]
