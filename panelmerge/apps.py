from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class PanelMergeConfig(AppConfig):
    name = "panelmerge"

    def ready(self) -> None:
        # Registers the checks; a check that is not imported does not run.
        from panelmerge import checks  # noqa: F401


class BackOfficeConfig(AdminConfig):
    default_site = "panelmerge.admin.BackOffice"
