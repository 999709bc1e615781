"""Release 1.4.0: the record of what happened, with its first 33 action types.

The types are text under a named CHECK, so that every release can be undone.
Forward: makes audit_log. Back: drops it, and with it the whole record.
"""

import django.db.models.functions.datetime
from django.db import migrations, models

ACTION_TYPES = [
    "LOGIN",
    "LOGOUT",
    "REGISTER",
    "PASSWORD_CHANGE",
    "PROFILE_UPDATE",
    "PANEL_DOWNLOAD",
    "PANEL_UPLOAD",
    "PANEL_DELETE",
    "SEARCH",
    "VIEW",
    "CACHE_CLEAR",
    "ADMIN_ACTION",
    "USER_CREATE",
    "USER_UPDATE",
    "USER_DELETE",
    "ROLE_CHANGE",
    "DATA_EXPORT",
    "CONFIG_CHANGE",
    "SESSION_MANAGEMENT",
    "ERROR",
    "SECURITY_VIOLATION",
    "ACCESS_DENIED",
    "PRIVILEGE_ESCALATION",
    "SUSPICIOUS_ACTIVITY",
    "BRUTE_FORCE_ATTEMPT",
    "ACCOUNT_LOCKOUT",
    "PASSWORD_RESET",
    "MFA_EVENT",
    "API_ACCESS",
    "FILE_ACCESS",
    "DATA_BREACH_ATTEMPT",
    "COMPLIANCE_EVENT",
    "SYSTEM_SECURITY",
]


class Migration(migrations.Migration):
    initial = True
    dependencies = []

    operations = [
        migrations.CreateModel(
            name="AuditLog",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("user_id", models.IntegerField(null=True)),
                ("username", models.CharField(max_length=80, null=True)),
                ("action_type", models.CharField(max_length=50)),
                ("action_description", models.CharField(max_length=500)),
                ("ip_address", models.CharField(max_length=45)),
                ("user_agent", models.CharField(max_length=500, null=True)),
                ("session_id", models.CharField(max_length=200, null=True)),
                ("resource_type", models.CharField(max_length=50, null=True)),
                ("resource_id", models.CharField(max_length=100, null=True)),
                ("old_values", models.TextField(db_column="old_values_encrypted", null=True)),
                ("new_values", models.TextField(db_column="new_values_encrypted", null=True)),
                ("details", models.TextField(db_column="details_encrypted", null=True)),
                ("timestamp", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("success", models.BooleanField(db_default=True, default=True)),
                ("error_message", models.CharField(max_length=1000, null=True)),
                ("duration_ms", models.IntegerField(null=True)),
            ],
            options={"db_table": "audit_log", "ordering": ["-id"]},
        ),
        migrations.AddConstraint(
            "auditlog",
            models.CheckConstraint(
                condition=models.Q(("action_type__in", ACTION_TYPES)), name="check_audit_log_action_type"
            ),
        ),
    ]
