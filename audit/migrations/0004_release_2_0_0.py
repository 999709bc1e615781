"""Release 2.0.0: the action types of this release, and the request that an event belongs to.

Forward: the CHECK allows the new words; adds request_id.
Back: drops request_id; the next file has put rows under another word before.
"""

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
    "PANEL_CREATE",
    "PANEL_UPDATE",
    "PANEL_SHARE",
    "PANEL_LIST",
    "CATALOGUE_LOAD",
    "GENE_NAMES_LOAD",
    "UPLOAD_CHANGE",
    "UPLOAD_DELETE",
]


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_release_1_5_0_words")]

    operations = [
        migrations.RemoveConstraint("auditlog", "check_audit_log_action_type"),
        migrations.AddConstraint(
            "auditlog",
            models.CheckConstraint(
                condition=models.Q(("action_type__in", ACTION_TYPES)), name="check_audit_log_action_type"
            ),
        ),
        migrations.AddField("auditlog", "request_id", models.CharField(max_length=36, null=True)),
        migrations.AlterField(
            "auditlog",
            "action_type",
            models.CharField(choices=[(word, word.replace("_", " ").title()) for word in ACTION_TYPES], max_length=50),
        ),
        migrations.AlterField(
            "auditlog",
            "session_id",
            models.CharField(help_text="A keyed digest of the session's key.", max_length=200, null=True),
        ),
    ]
