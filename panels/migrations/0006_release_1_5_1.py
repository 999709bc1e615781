"""Release 1.5.1: wider columns for genes and for a panel's source, and share tokens that are unique.

Forward: widens. Back: narrows; the next file has refused before if a value would not fit.
"""

from django.db import migrations, models

WIDER = {
    "ensembl_id": 100,
    "hgnc_id": 100,
    "confidence_level": 100,
    "mode_of_inheritance": 500,
    "evidence_level": 200,
    "source_panel_id": 100,
    "source_list_type": 100,
}


class Migration(migrations.Migration):
    dependencies = [("panels", "0005_release_1_5_1_check")]

    operations = [
        *(
            migrations.AlterField("panelgene", column, models.CharField(blank=True, max_length=width, null=True))
            for column, width in WIDER.items()
        ),
        migrations.AlterField(
            "savedpanel", "source_reference", models.CharField(blank=True, max_length=1000, null=True)
        ),
        migrations.AlterField("panelshare", "share_token", models.CharField(max_length=255, null=True, unique=True)),
    ]
