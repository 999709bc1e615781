"""Release 2.0.0: the mirror of PanelApp with every version ever seen.

Forward: makes the tables, empty; ``sync_panelapp`` or ``load_catalogue`` fills them.
Back: drops them. Current versions can be had again from the services, older
ones perhaps not: back the database up first.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("panels", "0008_release_2_0_0_gene_names"),
    ]

    operations = [
        migrations.CreateModel(
            name="Generation",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "source",
                    models.CharField(choices=[("uk", "PanelApp UK"), ("aus", "PanelApp Australia")], max_length=3),
                ),
                (
                    "origin",
                    models.CharField(help_text="Where it was read from: an address, or a file's name.", max_length=500),
                ),
                ("published_at", models.DateTimeField(auto_now_add=True, db_index=True)),
                ("as_of", models.DateTimeField(help_text="When the service gave these data, as far as it is known.")),
                ("panels_seen", models.PositiveIntegerField(default=0)),
                ("versions_added", models.PositiveIntegerField(default=0)),
                ("panels_retired", models.PositiveIntegerField(default=0)),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("source__in", ["uk", "aus"])), name="check_generation_source"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PanelType",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(max_length=100, unique=True)),
                ("name", models.CharField(max_length=200)),
                ("description", models.TextField(blank=True)),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="CataloguePanel",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "source",
                    models.CharField(choices=[("uk", "PanelApp UK"), ("aus", "PanelApp Australia")], max_length=3),
                ),
                ("panel_id", models.PositiveIntegerField()),
                ("name", models.CharField(max_length=500)),
                ("description", models.TextField(blank=True)),
                ("disease_group", models.CharField(blank=True, max_length=500)),
                ("disease_sub_group", models.CharField(blank=True, max_length=500)),
                ("relevant_disorders", models.JSONField(default=list)),
                ("search_text", models.TextField(blank=True)),
                ("status", models.CharField(blank=True, max_length=20)),
                (
                    "listed_version",
                    models.CharField(help_text="The version its source names, text and never a number.", max_length=20),
                ),
                ("version_created", models.DateTimeField(null=True)),
                ("retired_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["name", "source", "panel_id"],
            },
        ),
        migrations.CreateModel(
            name="CatalogueVersion",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.CharField(max_length=20)),
                ("version_created", models.DateTimeField(null=True)),
                ("body", models.BinaryField()),
                ("body_sha256", models.CharField(max_length=64)),
                ("genes", models.PositiveIntegerField(default=0)),
                ("strs", models.PositiveIntegerField(default=0)),
                ("regions", models.PositiveIntegerField(default=0)),
                ("green", models.PositiveIntegerField(default=0)),
                ("amber", models.PositiveIntegerField(default=0)),
                ("red", models.PositiveIntegerField(default=0)),
                ("none", models.PositiveIntegerField(default=0)),
                (
                    "skipped",
                    models.JSONField(default=list, help_text="Rows of the body that could not be read, and why."),
                ),
                (
                    "panel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="versions", to="panels.cataloguepanel"
                    ),
                ),
                (
                    "generation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="versions", to="panels.generation"
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="CatalogueEntry",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("entity_type", models.CharField(max_length=6)),
                ("entity_name", models.CharField(help_text="As the source wrote it.", max_length=255)),
                ("hgnc_id", models.CharField(blank=True, max_length=20)),
                ("confidence_level", models.CharField(blank=True, max_length=5)),
                ("mode_of_inheritance", models.CharField(blank=True, max_length=500)),
                ("child_panel_id", models.CharField(blank=True, max_length=20)),
                ("child_panel_name", models.CharField(blank=True, max_length=500)),
                (
                    "panel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="entries", to="panels.cataloguepanel"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["hgnc_id", "panel"], name="idx_catalogue_entry_hgnc"),
                    models.Index(fields=["entity_name"], name="idx_catalogue_entry_name"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("entity_type__in", ["gene", "str", "region"])),
                        name="check_catalogue_entry_type",
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="cataloguepanel",
            name="current_version",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="panels.catalogueversion"
            ),
        ),
        migrations.AddField(
            model_name="cataloguepanel",
            name="generation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="panels", to="panels.generation"
            ),
        ),
        migrations.AddField(
            model_name="cataloguepanel",
            name="types",
            field=models.ManyToManyField(related_name="panels", to="panels.paneltype"),
        ),
        migrations.AddConstraint(
            model_name="catalogueversion",
            constraint=models.UniqueConstraint(fields=("panel", "version"), name="uq_catalogue_version"),
        ),
        migrations.AddConstraint(
            model_name="cataloguepanel",
            constraint=models.UniqueConstraint(fields=("source", "panel_id"), name="uq_catalogue_panel"),
        ),
        migrations.AddConstraint(
            model_name="cataloguepanel",
            constraint=models.CheckConstraint(
                condition=models.Q(("source__in", ["uk", "aus"])), name="check_catalogue_panel_source"
            ),
        ),
    ]
