"""Release 2.0.0: the record of a download has room for every panel in it.

Forward: panel_ids and list_types become text without a limit.
Back: 255 characters again; the next file has refused before if a row would not fit.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("panels", "0010_release_2_0_0_uploads")]

    operations = [
        migrations.AlterField("paneldownload", "panel_ids", models.TextField()),
        migrations.AlterField("paneldownload", "list_types", models.TextField()),
    ]
