"""Release 1.5.1, after its schema: only on the way back, where columns become narrower.

Back: stops when a value is longer than release 1.5.0 can keep, with the column
and the number of rows. Nothing is ever cut. Forward: nothing.
"""

from django.db import migrations
from django.db.models.functions import Length

WIDTHS_1_5_0 = {
    "PanelGene": {
        "ensembl_id": 50,
        "hgnc_id": 20,
        "confidence_level": 20,
        "mode_of_inheritance": 100,
        "evidence_level": 20,
        "source_panel_id": 50,
        "source_list_type": 20,
    },
    "SavedPanel": {"source_reference": 255},
}


def values_fit(apps, schema_editor):
    for model, widths in WIDTHS_1_5_0.items():
        rows = apps.get_model("panels", model).objects.using(schema_editor.connection.alias)
        for column, width in widths.items():
            long = rows.annotate(length=Length(column)).filter(length__gt=width).count()
            if long:
                raise RuntimeError(
                    f"{rows.model._meta.db_table}.{column}: {long} rows are longer than the {width} characters of "
                    f"release 1.5.0. Export and remove them first; nothing was changed."
                )


class Migration(migrations.Migration):
    dependencies = [("panels", "0006_release_1_5_1")]

    operations = [migrations.RunPython(migrations.RunPython.noop, values_fit, elidable=False)]
