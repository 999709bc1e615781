"""Release 1.4.0: messages to everyone who opens a page.

Forward: makes admin_message with the two indexes of the upgrade guide.
Back: drops it, and with it every message.
"""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = [("accounts", "0004_release_1_4_0_require_address")]

    operations = [
        migrations.CreateModel(
            name="AdminMessage",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=200)),
                ("message", models.TextField()),
                ("message_type", models.CharField(db_default="info", default="info", max_length=20)),
                ("is_active", models.BooleanField(db_default=True, default=True)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "admin_message",
                "ordering": ["-created_at", "-id"],
                "indexes": [
                    models.Index(fields=["is_active"], name="idx_admin_message_active"),
                    models.Index(fields=["expires_at"], name="idx_admin_message_expires"),
                ],
            },
        ),
    ]
