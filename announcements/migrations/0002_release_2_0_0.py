"""Release 2.0.0: when an announcement begins, whom it is for, and who does not want to see it any more.

Forward: adds starts_at (empty: at once) and audience (everyone, as before), and
the table of dismissals.
Back: drops all three. Announcements that were not for everyone, or had not
begun, are switched off by the next file before, so that nobody reads them by
this; dismissals are lost, and who dismissed a message sees it again.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("announcements", "0001_release_1_4_0"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            "adminmessage",
            "starts_at",
            models.DateTimeField(blank=True, help_text="Empty: at once.", null=True),
        ),
        migrations.AddField(
            "adminmessage",
            "audience",
            models.CharField(
                choices=[
                    ("everyone", "Everyone"),
                    ("signed_in", "People who are signed in"),
                    ("staff", "Staff of the back office"),
                ],
                db_default="everyone",
                default="everyone",
                max_length=20,
            ),
        ),
        migrations.AlterField(
            "adminmessage",
            "message",
            models.TextField(help_text="Plain text. Addresses that begin with https:// become links."),
        ),
        migrations.AlterField(
            "adminmessage",
            "message_type",
            models.CharField(
                choices=[
                    ("info", "Information"),
                    ("success", "Good news"),
                    ("warning", "Warning"),
                    ("error", "Problem"),
                ],
                db_default="info",
                default="info",
                max_length=20,
            ),
        ),
        migrations.AlterField(
            "adminmessage",
            "is_active",
            models.BooleanField(db_default=True, default=True, verbose_name="switched on"),
        ),
        migrations.AlterField(
            "adminmessage",
            "expires_at",
            models.DateTimeField(blank=True, help_text="Empty: until it is switched off.", null=True),
        ),
        migrations.AlterModelOptions(
            "adminmessage", options={"ordering": ["-created_at", "-id"], "verbose_name": "announcement"}
        ),
        migrations.CreateModel(
            name="Dismissal",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "message",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="dismissals",
                        to="announcements.adminmessage",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={"db_table": "admin_message_dismissal"},
        ),
        migrations.AddConstraint(
            "dismissal",
            models.UniqueConstraint(fields=("message", "user"), name="uq_admin_message_dismissal"),
        ),
    ]
