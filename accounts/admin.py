from django.contrib import admin

from accounts.models import User
from panelmerge.lib.admin import ReadOnlyAdmin


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    """Looking only: what changes an account comes with its record."""

    list_display = ["username", "email", "role", "is_active", "last_login", "created_at"]
    list_filter = ["role", "is_active"]
    search_fields = ["username", "email"]
    exclude = ["password"]
