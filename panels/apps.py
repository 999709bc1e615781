from django.apps import AppConfig


class PanelsConfig(AppConfig):
    name = "panels"
    verbose_name = "Panels"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from accounts.signals import account_closing, account_data_wanted, rights_ended
        from audit.signals import asking_for_living_panels
        from panels import converters
        from panels.actions.catalogue import name_entries_again
        from panels.actions.closing import held_of, let_go
        from panels.actions.lifecycle import living_panels
        from panels.actions.sharing import end_of_rights
        from panels.actions.symbols import gene_names_loaded
        from panels.actions.uploads import take_over_at_sign_in

        converters.register()
        gene_names_loaded.connect(name_entries_again, dispatch_uid="name entries again")
        user_logged_in.connect(take_over_at_sign_in, dispatch_uid="take uploads over")
        account_closing.connect(let_go, dispatch_uid="let go")
        rights_ended.connect(end_of_rights, dispatch_uid="end of rights")
        account_data_wanted.connect(held_of, dispatch_uid="held of")
        asking_for_living_panels.connect(living_panels, dispatch_uid="living panels")
