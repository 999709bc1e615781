from django.contrib import admin

from audit.models import AuditLog
from panelmerge.lib.admin import ReadOnlyAdmin


@admin.register(AuditLog)
class AuditLogAdmin(ReadOnlyAdmin):
    list_display = ["timestamp", "action_type", "action_description", "username", "ip_address", "success"]
    list_filter = ["action_type", "success", "timestamp"]
    search_fields = ["username", "action_description", "resource_id", "request_id"]
    date_hierarchy = "timestamp"
    show_full_result_count = False
    list_per_page = 50
