"""What ``make run`` does before it serves: secrets, tables, gene names, demonstration panels, an administrator."""

from __future__ import annotations

import os
import secrets
import sys

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import transaction
from django.db.models import Q

from accounts.models import User
from accounts.permissions import Role
from audit.events import Action
from audit.record import record
from panelmerge.lib.env import secret
from panels.models import Generation, GeneRelease

FRESH = """\
# Written by make run. The names are explained in .env.example; keep this file to yourself.
DEBUG=True
SECRET_KEY={secret}
ENCRYPTION_KEY={encryption}
AUDIT_KEY={audit}
"""


class Command(BaseCommand):
    help = (
        "Prepare an installation on this machine: write .env with fresh secrets if there is none, migrate, load gene "
        "names and the demonstration catalogue if there are none, create one administrator if there is none. "
        "Running it again changes nothing."
    )
    # It writes what the checks would miss.
    requires_system_checks = ()

    def handle(self, *args, **options):
        if not settings.ENV_FILE.exists() and not secret("SECRET_KEY"):
            self._write_env()
            self.stdout.flush()
            # Settings were read before the file was there: begin again.
            os.execv(sys.executable, [sys.executable, *sys.argv])
        if settings.WITHOUT_DB:
            return
        call_command("check", verbosity=0)
        call_command("migrate", verbosity=0)
        if not GeneRelease.objects.filter(is_current=True).exists():
            call_command("load_genes", stdout=self.stdout)
        if not Generation.objects.exists():
            call_command("load_catalogue", settings.DEMO_CATALOGUE, stdout=self.stdout)
        self._create_administrator()

    def _write_env(self) -> None:
        text = FRESH.format(
            secret=secrets.token_urlsafe(50),
            encryption=Fernet.generate_key().decode(),
            audit=Fernet.generate_key().decode(),
        )
        descriptor = os.open(settings.ENV_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
        self.stdout.write(f"Wrote {settings.ENV_FILE.name} with fresh secrets.")

    @transaction.atomic
    def _create_administrator(self) -> None:
        if User.objects.filter(role=Role.ADMIN).exists():
            return
        if User.objects.filter(Q(username="admin") | Q(email="admin@localhost")).exists():
            self.stdout.write(
                "No administrator was created, because an account called admin is there and is none.\n"
                "Create one under another name: python manage.py createsuperuser"
            )
            return
        password = secrets.token_urlsafe(15)
        admin = User.objects.create_superuser("admin", "admin@localhost", password, must_change_password=True)
        record(
            Action.USER_CREATE, target=admin, description="Created the first administrator", new={"role": Role.ADMIN}
        )
        self.stdout.write(
            f"\n  Administrator: admin\n  Password:      {password}\n"
            "  It is shown this once; the first sign-in asks for a new one. The back office is at /admin/.\n"
        )
