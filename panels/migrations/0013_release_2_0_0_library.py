"""Release 2.0.0: versions keep their genes; teams, tags, comments, retention, export templates.

Forward: makes the new tables, empty, and adds columns to the five tables of
saved panels. Long texts of genes become text without a limit. Versions that are
there already have no snapshot: earlier releases kept the genes of the newest
version only, and those stay the current list.
Back: drops the new tables, and with them the gene lists of all versions but the
current one, teams, tags, comments, retention policies and export templates.
Current lists stay. A later file has put aside or refused before what the older
columns cannot hold.
"""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

NOW = django.db.models.functions.datetime.Now()
CASCADE, PROTECT, SET_NULL = (getattr(django.db.models.deletion, name) for name in ("CASCADE", "PROTECT", "SET_NULL"))
TAGS = ["PRODUCTION", "STAGING", "RELEASE", "HOTFIX", "FEATURE", "BACKUP"]
LONG = [
    "gene_name",
    "confidence_level",
    "mode_of_inheritance",
    "evidence_level",
    "source_panel_id",
    "source_list_type",
    "custom_confidence",
]


def number():
    return ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))


def person(on_delete, **options):
    return models.ForeignKey(on_delete=on_delete, related_name="+", to=settings.AUTH_USER_MODEL, **options)


def key(to, on_delete, related_name, **options):
    return models.ForeignKey(on_delete=on_delete, related_name=related_name, to=f"panels.{to}", **options)


def created():
    return ("created_at", models.DateTimeField(db_default=NOW, editable=False))


def flag(is_on):
    return models.BooleanField(db_default=is_on, default=is_on)


def count(default):
    return models.IntegerField(db_default=default, default=default)


class Migration(migrations.Migration):
    dependencies = [("panels", "0012_release_2_0_0_downloads_fit")]

    operations = [
        migrations.CreateModel(
            name="PanelSnapshot",
            fields=[
                ("sha256", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("body", models.BinaryField()),
                ("gene_count", models.PositiveIntegerField()),
                created(),
            ],
            options={"db_table": "panel_snapshots", "ordering": ["sha256"]},
        ),
        migrations.AddField("panelversion", "snapshot", key("panelsnapshot", PROTECT, "versions", null=True)),
        migrations.AddField(
            "panelversion",
            "content_hash",
            models.CharField(db_index=True, editable=False, max_length=64, null=True),
        ),
        migrations.AddField("panelversion", "metadata", models.JSONField(editable=False, null=True)),
        migrations.AddField("panelversion", "recipe", models.BinaryField(null=True)),
        migrations.AddField(
            "panelversion",
            "restored_from",
            models.IntegerField(editable=False, help_text="Number of the version it repeats.", null=True),
        ),
        migrations.AddConstraint(
            "panelversion", models.UniqueConstraint(fields=("panel", "id"), name="uq_panel_version_of_panel")
        ),
        migrations.AddField("savedpanel", "status_before", models.CharField(editable=False, max_length=20, null=True)),
        migrations.AlterField(
            "savedpanel",
            "tags",
            models.CharField(blank=True, help_text="Between commas.", max_length=500, null=True),
        ),
        migrations.AddIndex("savedpanel", models.Index(fields=["updated_at", "id"], name="idx_saved_panels_updated")),
        migrations.AddIndex("savedpanel", models.Index(fields=["current_version"], name="idx_saved_panels_current")),
        migrations.AddIndex(
            "savedpanel",
            models.Index(
                condition=models.Q(("visibility", "PUBLIC")), fields=["updated_at"], name="idx_saved_panels_public"
            ),
        ),
        migrations.AlterField("panelgene", "gene_symbol", models.CharField(max_length=400)),
        *(migrations.AlterField("panelgene", column, models.TextField(blank=True, null=True)) for column in LONG),
        migrations.AddField(
            "panelgene", "entity_type", models.CharField(db_default="gene", default="gene", max_length=6)
        ),
        migrations.AddField("panelgene", "entity_key", models.CharField(editable=False, max_length=320, null=True)),
        migrations.AddField("panelgene", "own_name", models.CharField(editable=False, max_length=300, null=True)),
        migrations.AddField("panelgene", "grch37", models.CharField(blank=True, max_length=200, null=True)),
        migrations.AddField("panelgene", "grch38", models.CharField(blank=True, max_length=200, null=True)),
        migrations.AddIndex("panelgene", models.Index(fields=["hgnc_id", "panel"], name="idx_panel_genes_hgnc")),
        migrations.AddIndex(
            "panelgene",
            models.Index(
                condition=models.Q(("hgnc_id", None)), fields=["gene_symbol"], name="idx_panel_genes_symbol_only"
            ),
        ),
        migrations.AddConstraint(
            "panelgene", models.UniqueConstraint(fields=("panel", "entity_key"), name="uq_panel_gene_entity")
        ),
        migrations.AddConstraint(
            "panelgene",
            models.CheckConstraint(
                condition=models.Q(("entity_type__in", ["gene", "str", "region"])),
                name="check_panel_genes_entity_type",
            ),
        ),
        # The columns stay; to the code they are the values.
        migrations.AlterField(
            "panelchange", "old_value_encrypted", models.TextField(db_column="old_value_encrypted", null=True)
        ),
        migrations.RenameField("panelchange", "old_value_encrypted", "old_value"),
        migrations.AlterField(
            "panelchange", "new_value_encrypted", models.TextField(db_column="new_value_encrypted", null=True)
        ),
        migrations.RenameField("panelchange", "new_value_encrypted", "new_value"),
        migrations.CreateModel(
            name="Team",
            fields=[
                number(),
                ("name", models.CharField(max_length=100, unique=True)),
                ("description", models.TextField(blank=True)),
                ("created_by", person(SET_NULL, null=True)),
                created(),
            ],
            options={"db_table": "teams", "ordering": ["name"]},
        ),
        migrations.CreateModel(
            name="TeamMember",
            fields=[
                number(),
                ("team", key("team", CASCADE, "memberships", db_index=False)),
                ("user", person(CASCADE)),
                ("is_manager", flag(False)),
                ("added_by", person(SET_NULL, null=True)),
                ("added_at", models.DateTimeField(db_default=NOW, editable=False)),
            ],
            options={
                "db_table": "team_members",
                "ordering": ["team", "id"],
                "constraints": [models.UniqueConstraint(fields=("team", "user"), name="uq_team_member")],
            },
        ),
        migrations.CreateModel(
            name="PanelComment",
            fields=[
                number(),
                ("panel", key("savedpanel", CASCADE, "comments", db_index=False)),
                (
                    "version",
                    key("panelversion", SET_NULL, "+", null=True, help_text="Current when it was written."),
                ),
                ("entity_key", models.CharField(blank=True, max_length=320)),
                ("entity_name", models.CharField(blank=True, max_length=300)),
                ("text", models.TextField()),
                ("author", person(PROTECT)),
                created(),
            ],
            options={
                "db_table": "panel_comments",
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["panel", "entity_key"], name="idx_panel_comments_panel")],
            },
        ),
        migrations.CreateModel(
            name="PanelVersionTag",
            fields=[
                number(),
                ("version", key("panelversion", CASCADE, "tags", db_index=False)),
                ("tag_name", models.CharField(max_length=100)),
                ("tag_type", models.CharField(choices=[(word, word.title()) for word in TAGS], max_length=20)),
                ("description", models.TextField(blank=True, null=True)),
                ("created_by", person(PROTECT)),
                created(),
                ("is_protected", flag(False)),
            ],
            options={
                "db_table": "panel_version_tags",
                "ordering": ["version", "tag_name"],
                "constraints": [
                    models.UniqueConstraint(fields=("version", "tag_name"), name="uq_version_tag_name"),
                    models.CheckConstraint(
                        condition=models.Q(("tag_type__in", TAGS)), name="check_panel_version_tags_type"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RetentionPolicy",
            fields=[
                number(),
                (
                    "panel",
                    models.OneToOneField(on_delete=CASCADE, related_name="retention", to="panels.savedpanel"),
                ),
                ("max_versions", count(10)),
                ("backup_retention_days", count(90)),
                ("keep_tagged_versions", flag(True)),
                ("keep_production_tags", flag(True)),
                ("auto_cleanup_enabled", flag(True)),
                ("last_cleanup_at", models.DateTimeField(null=True)),
                ("cleanup_frequency_hours", count(24)),
                ("created_by", person(PROTECT)),
                created(),
                ("updated_at", models.DateTimeField(db_default=NOW)),
            ],
            options={
                "db_table": "panel_retention_policies",
                "ordering": ["panel"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("max_versions__gte", 1), ("backup_retention_days__gte", 0)),
                        name="check_panel_retention_numbers",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ExportTemplate",
            fields=[
                number(),
                ("user", person(CASCADE, db_index=False)),
                ("name", models.CharField(max_length=100)),
                ("description", models.CharField(blank=True, max_length=255, null=True)),
                ("is_default", flag(False)),
                ("format", models.CharField(max_length=20)),
                ("include_metadata", flag(True)),
                ("include_versions", flag(True)),
                ("include_genes", flag(True)),
                ("filename_pattern", models.CharField(blank=True, max_length=255, null=True)),
                ("columns", models.JSONField(default=list)),
                created(),
                ("updated_at", models.DateTimeField(db_default=NOW)),
                ("last_used_at", models.DateTimeField(null=True)),
                ("usage_count", count(0)),
            ],
            options={
                "db_table": "export_templates",
                "ordering": ["name"],
                "constraints": [models.UniqueConstraint(fields=("user", "name"), name="uq_user_template_name")],
            },
        ),
        migrations.CreateModel(
            name="IdempotencyKey",
            fields=[
                number(),
                ("user", person(CASCADE, db_index=False)),
                ("key", models.CharField(max_length=255)),
                ("asked", models.CharField(help_text="SHA-256 of address and body.", max_length=64)),
                ("status", models.PositiveSmallIntegerField(default=0)),
                ("headers", models.JSONField(default=dict)),
                ("answer", models.TextField(default="")),
                ("created_at", models.DateTimeField(db_default=NOW, db_index=True, editable=False)),
            ],
            options={
                "db_table": "idempotency_keys",
                "ordering": ["-id"],
                "constraints": [models.UniqueConstraint(fields=("user", "key"), name="uq_idempotency_key")],
            },
        ),
    ]
