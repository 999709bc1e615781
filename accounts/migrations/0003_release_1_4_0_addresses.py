"""Release 1.4.0, rows: everybody who has no e-mail address gets <username>@panelmerge.local.

That is what the older application's scripts wrote, and it reaches nobody: an
administrator replaces it. Back: nothing to undo, the column goes with the next file.
"""

from django.db import migrations
from django.db.models import F, Value
from django.db.models.functions import Concat


def give_addresses(apps, schema_editor):
    people = apps.get_model("accounts", "User").objects.using(schema_editor.connection.alias)
    people.filter(email=None).update(email=Concat(F("username"), Value("@panelmerge.local")))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_release_1_4_0")]

    operations = [migrations.RunPython(give_addresses, migrations.RunPython.noop, elidable=False)]
