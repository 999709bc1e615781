"""Release 1.4.1: people can prefer a time zone.

Forward: adds the column, VARCHAR(50) DEFAULT 'UTC'; the default fills it for everybody.
Back: drops it, and with it what people chose.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_release_1_4_0_require_address")]

    operations = [
        migrations.AddField(
            "user",
            "timezone_preference",
            models.CharField(blank=True, db_default="UTC", default="UTC", max_length=50, null=True),
        ),
    ]
