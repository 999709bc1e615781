"""Release 2.0.0: a share names a team that exists, or an e-mail address.

Forward: the team's number becomes a key; an address is a fourth kind of target.
Back: the number without a key; the next file has put addresses aside before.
"""

import django.db.models.deletion
from django.db import migrations, models


def target(*columns):
    """At least one of them is filled."""
    filled = models.Q(*((f"{column}__isnull", False) for column in columns), _connector="OR")
    return models.CheckConstraint(condition=filled, name="check_share_target")


class Migration(migrations.Migration):
    dependencies = [("panels", "0014_release_2_0_0_library_rows")]

    operations = [
        migrations.RemoveConstraint("panelshare", "check_share_target"),
        migrations.AlterField(
            "panelshare", "shared_with_team_id", models.IntegerField(db_column="shared_with_team_id", null=True)
        ),
        migrations.RenameField("panelshare", "shared_with_team_id", "shared_with_team"),
        migrations.AlterField(
            "panelshare",
            "shared_with_team",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="shares", to="panels.team"
            ),
        ),
        migrations.AddField("panelshare", "shared_with_email", models.CharField(max_length=120, null=True)),
        migrations.AddIndex(
            "panelshare",
            models.Index(
                condition=models.Q(("shared_with_email__isnull", False)),
                fields=["shared_with_email"],
                name="idx_panel_shares_email",
            ),
        ),
        migrations.AddConstraint(
            "panelshare", target("shared_with_user", "shared_with_team", "share_token", "shared_with_email")
        ),
    ]
