from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class AuditConfig(AppConfig):
    name = "audit"
    verbose_name = "Record of changes"

    def ready(self) -> None:
        from audit import genesis

        pre_migrate.connect(genesis.before_migrate, sender=self, dispatch_uid="audit.before_migrate")
        post_migrate.connect(genesis.after_migrate, sender=self, dispatch_uid="audit.after_migrate")
