"""Release 1.3.0: people with a name and a password hash.

Forward: makes the table "user" (a reserved word in PostgreSQL: quote it).
Back: drops it, and with it every account.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = []

    operations = [
        migrations.CreateModel(
            name="User",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("username", models.CharField(max_length=80, unique=True)),
                ("password", models.CharField(db_column="password_hash", max_length=255)),
            ],
            options={"db_table": "user"},
        ),
    ]
