"""People. The table keeps the name and columns that earlier releases gave it."""

from __future__ import annotations

from datetime import datetime

from django.apps import apps
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Subquery
from django.db.models.functions import Now

from accounts.permissions import Permission, Role, role_allows, role_allows_app
from accounts.zones import TimeFormat
from panelmerge.lib.fields import EncryptedTextField


class UserManager(BaseUserManager):
    @transaction.atomic
    def create_user(self, username: str, email: str, password: str | None = None, **fields) -> User:
        """An account with its address, which counts as verified when ``is_verified`` says so."""
        user = self.model(username=username, email=email.lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        addresses = apps.get_model("account", "EmailAddress").objects.using(self._db)
        addresses.create(user=user, email=user.email, verified=user.is_verified, primary=True)
        return user

    def create_superuser(self, username: str, email: str, password: str | None = None, **fields) -> User:
        """What ``manage.py createsuperuser`` calls: an administrator."""
        fields.setdefault("is_verified", True)
        return self.create_user(username, email, password, role=Role.ADMIN, **fields)

    def standing_in(self, session_key: str, *, opened_after: datetime, used_after: datetime) -> models.QuerySet[User]:
        """People with ``session_stands``: whether that session is theirs and still open, by the database's word;
        ``session_end``: the end of its row, which moves with every saving; and ``has_second_factor``. One query, so
        that nothing a cache remembers decides who somebody is."""
        sessions = apps.get_model("usersessions", "UserSession").objects.filter(
            user=OuterRef("pk"), session_key=session_key, created_at__gt=opened_after, last_seen_at__gt=used_after
        )
        codes = apps.get_model("mfa", "Authenticator").objects.filter(user=OuterRef("pk"), type="totp")
        rows = apps.get_model("sessions", "Session").objects.filter(session_key=session_key)
        return self.annotate(
            session_stands=Exists(sessions),
            session_end=Subquery(rows.values("expire_date")[:1]),
            has_second_factor=Exists(codes),
        )

    def by_login(self, login: str) -> User | None:
        """Whom a typed user name or e-mail address means, in any case; one query.

        The exact spelling comes first: earlier releases allowed names and
        addresses that differ in case alone. Two people that fit equally well
        are nobody.
        """
        login = login.strip()
        found = list(
            self.filter(
                models.Q(username__iexact=login) | models.Q(email=login.lower()) | models.Q(email_as_written=login)
            )
        )
        for fits in (
            lambda person: person.username == login,
            lambda person: person.email_as_written == login,
            lambda person: person.email == login.lower(),
            lambda person: True,
        ):
            people = [person for person in found if fits(person)]
            if people:
                return people[0] if len(people) == 1 else None
        return None


class User(AbstractBaseUser):
    username = models.CharField(
        max_length=80, unique=True, validators=[UnicodeUsernameValidator()], help_text="At most 80 characters."
    )
    password = models.CharField(max_length=255, db_column="password_hash")
    email = models.EmailField(max_length=120, unique=True)
    email_as_written = models.CharField(max_length=120, null=True, blank=True, editable=False)
    first_name = EncryptedTextField(null=True, blank=True, db_column="first_name_encrypted")
    last_name = EncryptedTextField(null=True, blank=True, db_column="last_name_encrypted")
    organization = EncryptedTextField(null=True, blank=True, db_column="organization_encrypted")
    role = models.CharField(max_length=20, choices=Role, default=Role.USER, db_default="USER")
    is_active = models.BooleanField(default=True, db_default=True)
    is_verified = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    last_login = models.DateTimeField(null=True, blank=True)
    login_count = models.IntegerField(null=True, default=0, db_default=0)
    last_ip_address = models.CharField(max_length=45, null=True, blank=True)
    failed_login_attempts = models.IntegerField(null=True, default=0, db_default=0)
    locked_until = models.DateTimeField(null=True, blank=True)
    timezone_preference = models.CharField(max_length=50, null=True, blank=True, default="UTC", db_default="UTC")
    timezone_is_chosen = models.BooleanField(
        default=False, db_default=False, help_text="Whether the person chose the zone, or a release wrote it."
    )
    time_format = models.CharField(
        max_length=10,
        choices=[(form.value, form.value) for form in TimeFormat],
        default="24h",
        db_default="24h",
        db_column="time_format_preference",
    )

    must_change_password = models.BooleanField(
        default=False,
        db_default=False,
        db_column="force_password_change",
        help_text="Set where somebody else knows the password; the next page asks for a new one.",
    )

    objects = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["email"]

    class Meta:
        db_table = "user"
        ordering = ["username"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(role__in=["VIEWER", "USER", "EDITOR", "ADMIN", "AUDITOR"]), name="check_user_role"
            ),
            models.CheckConstraint(condition=models.Q(time_format__in=["12h", "24h"]), name="check_user_time_format"),
        ]

    def __str__(self) -> str:
        return self.username

    @property
    def is_staff(self) -> bool:
        return self.has_perm(Permission.ENTER_BACK_OFFICE)

    @property
    def is_superuser(self) -> bool:
        return self.is_active and self.role == Role.ADMIN

    def has_perm(self, perm: str, obj=None) -> bool:
        """Django's question, answered from the role. An inactive account may nothing."""
        return self.is_active and role_allows(self.role, perm)

    def has_perms(self, perms, obj=None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perms)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff and role_allows_app(self.role, app_label)
