"""Release 1.4.0: a download knows who took it, where that is known.

Forward: adds panel_download.user_id. Back: drops it.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("panels", "0001_release_1_3_0"),
        ("accounts", "0004_release_1_4_0_require_address"),
    ]

    operations = [
        migrations.AddField(
            "paneldownload",
            "user",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
