from django.apps import AppConfig


class PanelsConfig(AppConfig):
    name = "panels"
    verbose_name = "Panels"

    def ready(self) -> None:
        from panels import converters
        from panels.actions.catalogue import name_entries_again
        from panels.actions.symbols import gene_names_loaded

        converters.register()
        gene_names_loaded.connect(name_entries_again, dispatch_uid="name entries again")
