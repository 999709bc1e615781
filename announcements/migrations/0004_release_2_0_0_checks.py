"""Release 2.0.0: the database itself refuses unknown types and audiences, and an end before the beginning.

Forward: adds the three checks. Back: drops them.
"""

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("announcements", "0003_release_2_0_0_words")]

    operations = [
        migrations.AddConstraint(
            "adminmessage",
            models.CheckConstraint(
                condition=Q(("message_type__in", ["info", "success", "warning", "error"])),
                name="check_admin_message_type",
            ),
        ),
        migrations.AddConstraint(
            "adminmessage",
            models.CheckConstraint(
                condition=Q(("audience__in", ["everyone", "signed_in", "staff"])), name="check_admin_message_audience"
            ),
        ),
        migrations.AddConstraint(
            "adminmessage",
            models.CheckConstraint(
                condition=Q(("starts_at", None), ("expires_at", None), ("expires_at__gt", F("starts_at")), _connector="OR"),
                name="check_admin_message_span",
            ),
        ),
    ]
