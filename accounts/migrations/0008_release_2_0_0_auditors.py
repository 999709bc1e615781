"""Release 2.0.0, rows: only on the way back, where the older releases know no auditor.

Back: auditors become viewers, the role with the fewest rights. Forward: nothing.
"""

from django.db import migrations


def auditors_become_viewers(apps, schema_editor):
    people = apps.get_model("accounts", "User").objects.using(schema_editor.connection.alias)
    people.filter(role="AUDITOR").update(role="VIEWER")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_release_2_0_0")]

    operations = [migrations.RunPython(migrations.RunPython.noop, auditors_become_viewers, elidable=False)]
