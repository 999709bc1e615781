"""Release 2.0.0, rows: only on the way back, where a download has 255 characters for its panels.

Back: stops when a row is longer, with the number of rows. Nothing is ever cut. Forward: nothing.
"""

from django.db import migrations
from django.db.models.functions import Length


def downloads_fit(apps, schema_editor):
    rows = apps.get_model("panels", "PanelDownload").objects.using(schema_editor.connection.alias)
    for column in ("panel_ids", "list_types"):
        long = rows.annotate(length=Length(column)).filter(length__gt=255).count()
        if long:
            raise RuntimeError(
                f"panel_download.{column}: {long} rows are longer than the 255 characters of release 1.5.1. "
                f"Export and remove them first; nothing was changed."
            )


class Migration(migrations.Migration):
    dependencies = [("panels", "0011_release_2_0_0_downloads")]

    operations = [migrations.RunPython(migrations.RunPython.noop, downloads_fit, elidable=False)]
