"""Release 1.4.0: people get an e-mail address, encrypted names, a role and a state.

Forward: adds the columns. E-mail stays optional until the next file has given
everybody one. Accounts that exist become USER, active, not verified.
Back: drops the columns, and with them addresses, names, roles and states.
"""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_release_1_3_0")]

    operations = [
        migrations.AddField("user", "email", models.EmailField(max_length=120, null=True, unique=True)),
        migrations.AddField(
            "user", "first_name", models.TextField(blank=True, db_column="first_name_encrypted", null=True)
        ),
        migrations.AddField(
            "user", "last_name", models.TextField(blank=True, db_column="last_name_encrypted", null=True)
        ),
        migrations.AddField(
            "user", "organization", models.TextField(blank=True, db_column="organization_encrypted", null=True)
        ),
        migrations.AddField("user", "role", models.CharField(db_default="USER", default="USER", max_length=20)),
        migrations.AddField("user", "is_active", models.BooleanField(db_default=True, default=True)),
        migrations.AddField("user", "is_verified", models.BooleanField(db_default=False, default=False)),
        migrations.AddField(
            "user",
            "created_at",
            models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
        ),
        migrations.AddField("user", "last_login", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("user", "login_count", models.IntegerField(db_default=0, default=0, null=True)),
        migrations.AddField("user", "last_ip_address", models.CharField(blank=True, max_length=45, null=True)),
        migrations.AddField("user", "failed_login_attempts", models.IntegerField(db_default=0, default=0, null=True)),
        migrations.AddField("user", "locked_until", models.DateTimeField(blank=True, null=True)),
        migrations.AddConstraint(
            "user",
            models.CheckConstraint(
                condition=models.Q(("role__in", ["VIEWER", "USER", "EDITOR", "ADMIN"])), name="check_user_role"
            ),
        ),
    ]
