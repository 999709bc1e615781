"""Release 2.0.0: the record proves itself.

Forward: columns for a MAC and two keyed digests on audit_log, the chain of
entries and its seals, and indexes for reading the record. Rows that are there already get theirs right after the
migration, together with an event that says how many they were.
Back: drops the proof. The rows stay, without it; the older releases never had one.
"""

from django.db import migrations, models

TRIGGERS = [
    (table, f"{table}_keep_{kind}")
    for table in ("audit_log", "audit_chain", "audit_seal")
    for kind in ("update", "delete", "truncate")
]


def lift_guards(apps, schema_editor):
    """On the way back, first of all: the steps below change rows. On the way forward they are put on afterwards."""
    for table, name in TRIGGERS:
        on = f" ON {table}" if schema_editor.connection.vendor == "postgresql" else ""
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


class Migration(migrations.Migration):
    dependencies = [("audit", "0005_release_2_0_0_words")]

    operations = [
        migrations.AddField("auditlog", "event_id", models.UUIDField(editable=False, null=True, unique=True)),
        migrations.AddField(
            "auditlog", "person_digest", models.CharField(editable=False, max_length=64, null=True)
        ),
        migrations.AddField(
            "auditlog", "content_digest", models.CharField(editable=False, max_length=64, null=True)
        ),
        migrations.AddField("auditlog", "mac_key_id", models.CharField(editable=False, max_length=8, null=True)),
        migrations.AddField("auditlog", "row_mac", models.CharField(editable=False, max_length=64, null=True)),
        migrations.AddField(
            "auditlog", "tx_id", models.BigIntegerField(db_index=True, editable=False, null=True)
        ),
        migrations.AddIndex("auditlog", models.Index(fields=["timestamp"], name="idx_audit_log_timestamp")),
        migrations.AddIndex("auditlog", models.Index(fields=["action_type", "id"], name="idx_audit_log_action")),
        migrations.AddIndex("auditlog", models.Index(fields=["user_id", "id"], name="idx_audit_log_person")),
        migrations.AddIndex(
            "auditlog",
            models.Index(fields=["resource_type", "resource_id", "id"], name="idx_audit_log_resource"),
        ),
        migrations.CreateModel(
            "ChainLink",
            [
                ("seq", models.BigIntegerField(primary_key=True, serialize=False)),
                ("entry_id", models.BigIntegerField(unique=True)),
                ("row_mac", models.CharField(max_length=64)),
                ("chain_hash", models.CharField(max_length=64)),
            ],
            options={"db_table": "audit_chain", "ordering": ["seq"]},
        ),
        migrations.CreateModel(
            "Seal",
            [
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("first_seq", models.BigIntegerField()),
                ("last_seq", models.BigIntegerField()),
                ("chain_hash", models.CharField(max_length=64)),
                ("sealed_at", models.DateTimeField()),
                ("key_id", models.CharField(max_length=8)),
                ("signature", models.CharField(max_length=128)),
                (
                    "settled_below",
                    models.BigIntegerField(
                        help_text="PostgreSQL: transactions below are all in the chain.", null=True
                    ),
                ),
            ],
            options={"db_table": "audit_seal", "ordering": ["number"]},
        ),
        migrations.RunPython(migrations.RunPython.noop, lift_guards, elidable=False),
    ]
