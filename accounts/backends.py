"""Whose name and password these are, and who has to wait."""

from __future__ import annotations

from allauth.account.auth_backends import AuthenticationBackend
from axes.backends import AxesStandaloneBackend
from axes.exceptions import AxesBackendPermissionDenied
from django.http import HttpRequest

from accounts.lockout import is_slowed_down
from accounts.models import User


class LockoutBackend(AxesStandaloneBackend):
    """Stands first: while an account is locked for a network, or slowed down, not even the right password is tried."""

    def authenticate(self, request: HttpRequest | None = None, username=None, password=None, **credentials):
        super().authenticate(request, username=username, password=password, **credentials)
        if is_slowed_down(request, {"username": username, **credentials}):
            request.axes_locked_out = True
            raise AxesBackendPermissionDenied("Too many failures from everywhere")


class RoleBackend(AuthenticationBackend):
    """User name or e-mail address, in any case, and the password.

    Rights are not asked here: ``User.has_perm`` answers from the role. An
    unknown name costs one password hash, as a known one does.
    """

    def _authenticate(self, request: HttpRequest | None, **credentials) -> User | None:
        login = credentials.get("username") or credentials.get("email") or ""
        return self._check_password(User.objects.by_login(login), credentials["password"])
