"""Release 1.3.0: a row for every list that was handed out.

Forward: makes panel_download. Back: drops it, and with it the record of downloads.
"""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = []

    operations = [
        migrations.CreateModel(
            name="PanelDownload",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ip_address", models.CharField(max_length=45)),
                ("download_date", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("panel_ids", models.CharField(max_length=255)),
                ("list_types", models.CharField(max_length=255)),
                ("gene_count", models.IntegerField(null=True)),
            ],
            options={"db_table": "panel_download", "ordering": ["-id"]},
        ),
    ]
