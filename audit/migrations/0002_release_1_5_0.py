"""Release 1.5.0: four more action types, for saved panels.

Forward: the CHECK allows PANEL_CREATE, PANEL_UPDATE, PANEL_SHARE and PANEL_LIST.
Back: it does not; the next file has put such rows under another word before.
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
]


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_release_1_4_0")]

    operations = [
        migrations.RemoveConstraint("auditlog", "check_audit_log_action_type"),
        migrations.AddConstraint(
            "auditlog",
            models.CheckConstraint(
                condition=models.Q(("action_type__in", ACTION_TYPES)), name="check_audit_log_action_type"
            ),
        ),
    ]
