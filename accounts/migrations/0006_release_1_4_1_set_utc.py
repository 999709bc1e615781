"""Release 1.4.1, rows: whoever has no zone gets UTC. A zone that somebody chose is left alone.

Back: nothing to undo.
"""

from django.db import migrations


def set_utc(apps, schema_editor):
    people = apps.get_model("accounts", "User").objects.using(schema_editor.connection.alias)
    people.filter(timezone_preference=None).update(timezone_preference="UTC")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_release_1_4_1")]

    operations = [migrations.RunPython(set_utc, migrations.RunPython.noop, elidable=False)]
