"""Release 2.0.0: a mark for zones that people chose themselves, how they read times, a mark for passwords somebody
else knows, a place for addresses in capitals, and the role AUDITOR.

Forward: adds the marks (nobody has chosen yet, nobody has to change), gives everybody 24 hours, and lets the role be
AUDITOR.
Back: drops them; the next file has made every auditor a viewer and written the addresses back before.
"""

import django.contrib.auth.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_release_1_4_1_set_utc")]

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
            "must_change_password",
            models.BooleanField(
                db_column="force_password_change",
                db_default=False,
                default=False,
                help_text="Set where somebody else knows the password; the next page asks for a new one.",
            ),
        ),
        migrations.AddField(
            "user",
            "email_as_written",
            models.CharField(blank=True, editable=False, max_length=120, null=True),
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
