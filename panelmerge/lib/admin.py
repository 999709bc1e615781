"""Admin pages that only show."""

from django.contrib import admin


class ReadOnlyAdmin(admin.ModelAdmin):
    """Lists, searches and shows; adds, changes and deletes nothing."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
