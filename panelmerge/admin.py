"""The back office."""

from django.contrib import admin


class BackOffice(admin.AdminSite):
    site_header = "PanelMerge back office"
    site_title = "PanelMerge"
    index_title = "Back office"
    enable_nav_sidebar = False
