"""Release 2.0.0: gene names, the HGNC entries and the load they came from.

Forward: makes both tables, empty; ``load_genes`` fills them. Back: drops them;
nothing is lost that ``load_genes`` cannot bring again.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("panels", "0007_release_1_5_1_widths"),
    ]

    operations = [
        migrations.CreateModel(
            name="Gene",
            fields=[
                ("hgnc_id", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("symbol", models.CharField(db_index=True, max_length=100)),
                ("name", models.CharField(blank=True, max_length=500)),
                (
                    "status",
                    models.CharField(choices=[("approved", "Approved"), ("withdrawn", "Withdrawn")], max_length=10),
                ),
                ("locus_type", models.CharField(blank=True, max_length=100)),
                ("previous_symbols", models.JSONField(default=list)),
                ("alias_symbols", models.JSONField(default=list)),
                ("merged_into", models.JSONField(default=list, help_text="HGNC ids that a withdrawn entry went into.")),
                ("ensembl_id", models.CharField(blank=True, max_length=20)),
                ("grch37", models.CharField(blank=True, max_length=40)),
                ("grch38", models.CharField(blank=True, max_length=40)),
            ],
            options={
                "ordering": ["symbol"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["approved", "withdrawn"])), name="check_gene_status"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="GeneRelease",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("dated", models.DateField(help_text="The day the names are from, as their source says.")),
                ("sources", models.JSONField(default=list, help_text="Names of the files it was made from.")),
                ("gene_count", models.PositiveIntegerField(default=0)),
                ("is_current", models.BooleanField(default=False)),
                ("loaded_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_current", True)), fields=("is_current",), name="uq_gene_release_current"
                    )
                ],
            },
        ),
    ]
