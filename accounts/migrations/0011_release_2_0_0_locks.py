"""Release 2.0.0: failed sign-ins have pages of their own in the back office.

Forward and back: nothing in the database; the rows are django-axes'.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_release_2_0_0_addresses"),
        ("axes", "0010_accessattemptexpiration"),
    ]

    operations = [
        migrations.CreateModel(
            "Lock",
            [],
            options={
                "verbose_name": "lock",
                "proxy": True,
                "indexes": [],
                "constraints": [],
                "default_manager_name": "objects",
            },
            bases=("axes.accessattempt",),
        ),
    ]
