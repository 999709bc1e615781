from importlib import import_module

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class PanelMergeConfig(AppConfig):
    name = "panelmerge"

    def ready(self) -> None:
        # Registers the checks; a check that is not imported does not run.
        import_module("panelmerge.checks")


class BackOfficeConfig(AdminConfig):
    default_site = "panelmerge.admin.BackOffice"
