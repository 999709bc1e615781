"""Release 1.5.0, rows: events whose word the older release does not know.

Back: such a row becomes ADMIN_ACTION and its description begins with the word
in brackets, so that nothing of it is lost. Forward: rows so marked get their
word again.
"""

from django.db import migrations
from django.db.models import F, Value
from django.db.models.functions import Concat, Substr

LEAVING = [
    "PANEL_CREATE",
    "PANEL_UPDATE",
    "PANEL_SHARE",
    "PANEL_LIST",
]


def put_words_aside(apps, schema_editor):
    rows = apps.get_model("audit", "AuditLog").objects.using(schema_editor.connection.alias)
    for word in LEAVING:
        rows.filter(action_type=word).update(
            action_type="ADMIN_ACTION", action_description=Concat(Value(f"[{word}] "), F("action_description"))
        )


def take_words_back(apps, schema_editor):
    rows = apps.get_model("audit", "AuditLog").objects.using(schema_editor.connection.alias)
    for word in LEAVING:
        mark = f"[{word}] "
        rows.filter(action_type="ADMIN_ACTION", action_description__startswith=mark).update(
            action_type=word, action_description=Substr("action_description", len(mark) + 1)
        )


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_release_1_5_0")]

    operations = [migrations.RunPython(take_words_back, put_words_aside, elidable=False)]
