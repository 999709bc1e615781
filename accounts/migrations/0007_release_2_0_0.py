"""Release 2.0.0: a mark for zones that people chose themselves, how they read times, and the role AUDITOR.

Forward: adds the mark (nobody has chosen yet), gives everybody 24 hours, and lets the role be AUDITOR.
Back: drops the mark and 12 or 24 hours; the next file has made every auditor a viewer before.
"""

import django.contrib.auth.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_release_1_4_1_set_utc")]
    # Apps that point at people come after the table has its final shape.
    run_before = [("admin", "0001_initial")]

    operations = [
        migrations.AddField(
            "user",
            "timezone_is_chosen",
            models.BooleanField(
                db_default=False,
                default=False,
                help_text="Whether the person chose the zone, or a release wrote it.",
            ),
        ),
        migrations.AddField(
            "user",
            "time_format",
            models.CharField(
                choices=[("12h", "12h"), ("24h", "24h")],
                db_column="time_format_preference",
                db_default="24h",
                default="24h",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            "user",
            models.CheckConstraint(
                condition=models.Q(("time_format__in", ["12h", "24h"])), name="check_user_time_format"
            ),
        ),
        migrations.RemoveConstraint("user", "check_user_role"),
        migrations.AlterField(
            "user",
            "role",
            models.CharField(
                choices=[
                    ("VIEWER", "Viewer"),
                    ("USER", "User"),
                    ("EDITOR", "Editor"),
                    ("ADMIN", "Administrator"),
                    ("AUDITOR", "Auditor"),
                ],
                db_default="USER",
                default="USER",
                max_length=20,
            ),
        ),
        migrations.AlterField(
            "user",
            "username",
            models.CharField(
                help_text="At most 80 characters.",
                max_length=80,
                unique=True,
                validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
            ),
        ),
        migrations.AlterModelOptions("user", options={"ordering": ["username"]}),
        migrations.AddConstraint(
            "user",
            models.CheckConstraint(
                condition=models.Q(("role__in", ["VIEWER", "USER", "EDITOR", "ADMIN", "AUDITOR"])),
                name="check_user_role",
            ),
        ),
    ]
