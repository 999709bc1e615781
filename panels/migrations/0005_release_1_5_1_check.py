"""Release 1.5.1, before its schema: tokens of shares become unique.

Forward: stops when two shares have the same token, naming the rows; change one
of each and run it again. Back: nothing to undo.
"""

from django.db import migrations
from django.db.models import Count


def tokens_are_unique(apps, schema_editor):
    shares = apps.get_model("panels", "PanelShare").objects.using(schema_editor.connection.alias)
    doubled = shares.exclude(share_token=None).values("share_token").annotate(n=Count("id")).filter(n__gt=1)
    ids = shares.filter(share_token__in=doubled.values("share_token")).order_by("id").values_list("id", flat=True)
    if ids:
        raise RuntimeError(
            f"panel_shares has the same share_token twice, in rows {list(ids)[:20]}: change one of each."
        )


class Migration(migrations.Migration):
    dependencies = [("panels", "0004_release_1_5_0_current_version")]

    operations = [migrations.RunPython(tokens_are_unique, migrations.RunPython.noop, elidable=False)]
