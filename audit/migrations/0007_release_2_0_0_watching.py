"""Release 2.0.0: counted signals, and networks that are kept out for a while.

Forward: two new tables. Back: drops them; blocks that stand are gone with them.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0006_release_2_0_0_proof")]

    operations = [
        migrations.CreateModel(
            "SecuritySignal",
            [
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("signal", models.CharField(max_length=40)),
                ("actor", models.CharField(max_length=60)),
                ("subject", models.CharField(default="", max_length=80)),
                ("count", models.IntegerField()),
                ("since", models.DateTimeField()),
            ],
            options={
                "db_table": "security_signal",
                "indexes": [models.Index(fields=["since"], name="idx_security_signal_since")],
                "constraints": [
                    models.UniqueConstraint(fields=("signal", "actor", "subject"), name="uq_security_signal")
                ],
            },
        ),
        migrations.CreateModel(
            "BlockedAddress",
            [
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "network",
                    models.CharField(help_text="An address, or a network such as 192.0.2.0/24.", max_length=50),
                ),
                (
                    "extent",
                    models.CharField(
                        choices=[
                            ("sign_in", "Signing in"),
                            ("all", "Everything, for people not signed in"),
                            ("hard", "Everything, for everybody"),
                        ],
                        default="all",
                        max_length=10,
                    ),
                ),
                ("reason", models.CharField(max_length=200)),
                ("created_at", models.DateTimeField(editable=False)),
                ("ends_at", models.DateTimeField()),
                ("lifted_at", models.DateTimeField(editable=False, null=True)),
            ],
            options={
                "db_table": "blocked_address",
                "ordering": ["-created_at", "-id"],
                "indexes": [models.Index(fields=["ends_at"], name="idx_blocked_address_ends")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("extent__in", ["sign_in", "all", "hard"])),
                        name="check_blocked_address_extent",
                    )
                ],
            },
        ),
    ]
