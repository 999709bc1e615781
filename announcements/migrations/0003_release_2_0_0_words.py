"""Release 2.0.0, rows: the type of an announcement is one of four words.

Forward: INFO, Warning and the like are written small; every other word becomes
info, which is how the older application showed a word that it did not know.
Back: those words stay as they are now. What the older release would show to
the wrong people, or too early, is switched off: announcements for the signed-in
or the staff only, and those that have not begun.
"""

from django.db import migrations
from django.db.models import Q
from django.db.models.functions import Lower, Now, Trim

WORDS = ["info", "success", "warning", "error"]


def one_of_four_words(apps, schema_editor):
    rows = apps.get_model("announcements", "AdminMessage").objects.using(schema_editor.connection.alias)
    rows.exclude(message_type__in=WORDS).update(message_type=Lower(Trim("message_type")))
    rows.exclude(message_type__in=WORDS).update(message_type="info")


def switch_off_what_is_not_for_everyone_now(apps, schema_editor):
    rows = apps.get_model("announcements", "AdminMessage").objects.using(schema_editor.connection.alias)
    rows.filter(~Q(audience="everyone") | Q(starts_at__gt=Now())).update(is_active=False)


class Migration(migrations.Migration):
    dependencies = [("announcements", "0002_release_2_0_0")]

    operations = [
        migrations.RunPython(one_of_four_words, switch_off_what_is_not_for_everyone_now, elidable=False),
    ]
