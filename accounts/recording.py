"""allauth tells what happened; here it becomes a record, in the transaction of the change."""

from __future__ import annotations

from allauth.account import signals as account_signals
from allauth.account.models import EmailAddress
from allauth.mfa import signals as mfa_signals
from allauth.mfa.models import Authenticator
from allauth.socialaccount import signals as social_signals
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt
from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.db import transaction
from django.db.models.signals import post_save, pre_save
from django.http import HttpRequest

from accounts.lockout import account_key, keep_nothing_typed, network, sweep_failures
from accounts.models import User
from accounts.passwords import remember_password
from accounts.sessions import open_session
from audit import watching
from audit.events import Action
from audit.record import record


def signed_up(sender, request: HttpRequest, user: User, sociallogin=None, **kwargs) -> None:
    if sociallogin is None:
        remember_password(user)
    record(Action.REGISTER, by=user, target=user, description="Signed up")


def password_was_set(sender, request: HttpRequest, user: User, **kwargs) -> None:
    _new_password(user, kept_session=request.session.session_key)
    record(Action.PASSWORD_CHANGE, by=user, target=user, description="Changed the password")


def password_was_reset(sender, request: HttpRequest, user: User, **kwargs) -> None:
    _new_password(user, kept_session=None)
    record(Action.PASSWORD_RESET, by=user, target=user, description="Set a new password through the mailed link")


def _new_password(user: User, *, kept_session: str | None) -> None:
    """Every other session of the person ends."""
    remember_password(user)
    User.objects.filter(pk=user.pk).update(must_change_password=False)
    UserSession.objects.filter(user=user).exclude(session_key=kept_session).delete()


def address_confirmed(sender, request: HttpRequest, email_address: EmailAddress, **kwargs) -> None:
    person = email_address.user
    User.objects.filter(pk=person.pk).update(is_verified=True)
    record(Action.PROFILE_UPDATE, by=person, target=person, description="Confirmed the e-mail address")


def address_changed(sender, request, user: User, from_email_address, to_email_address, **kwargs) -> None:
    if from_email_address is None:
        # The first address, which signing up has told already.
        return
    record(
        Action.PROFILE_UPDATE,
        by=user,
        target=user,
        description="Changed the e-mail address",
        old={"email": from_email_address.email},
        new={"email": to_email_address.email},
    )


def address_added(sender, request, user: User, email_address: EmailAddress, **kwargs) -> None:
    record(
        Action.PROFILE_UPDATE,
        by=user,
        target=user,
        description="Asked for another e-mail address, which is still to be confirmed",
        new={"email": email_address.email},
    )


def address_removed(sender, request, user: User, email_address: EmailAddress, **kwargs) -> None:
    record(
        Action.PROFILE_UPDATE,
        by=user,
        target=user,
        description="Took an e-mail address back",
        old={"email": email_address.email},
    )


def provider_connected(sender, request, sociallogin, **kwargs) -> None:
    account = sociallogin.account
    description = f"Connected the sign-in with {account.provider}"
    record(Action.PROFILE_UPDATE, by=account.user, target=account.user, description=description)


def provider_disconnected(sender, request, socialaccount, **kwargs) -> None:
    person = socialaccount.user
    description = f"Disconnected the sign-in with {socialaccount.provider}"
    record(Action.PROFILE_UPDATE, by=person, target=person, description=description)


def second_factor_added(sender, instance: Authenticator, created: bool, **kwargs) -> None:
    """By Django's signal: allauth's own comes after the commit, too late to undo anything."""
    if created:
        _second_factor(instance.user, instance, "Switched on")


def second_factor_removed(sender, request, user: User, authenticator, **kwargs) -> None:
    _second_factor(user, authenticator, "Switched off")


def _second_factor(user: User, authenticator, verb: str) -> None:
    record(Action.MFA_EVENT, by=user, target=user, description=f"{verb}: {authenticator.get_type_display()}")


@transaction.atomic
def sign_in_failed(sender, credentials: dict, request: HttpRequest | None = None, **kwargs) -> None:
    """The name that was typed is not kept; it may be a password in the wrong field."""
    if request is None or getattr(request, "axes_locked_out", False):
        return
    key = account_key(request, credentials)
    record(Action.LOGIN, resource_type="account", resource_id=key, description="A sign-in failed", success=False)
    watching.sign_in_failed(account=key, network=network(request))


@transaction.atomic
def was_locked(sender, request: HttpRequest, username: str, ip_address: str | None, **kwargs) -> None:
    if not request.axes_failures_since_start:
        # Turned away while the lock lasts; that it was locked stands in the record already.
        return
    sweep_failures()
    record(
        Action.ACCOUNT_LOCKOUT,
        resource_type="account",
        resource_id=username,
        description=f"Locked for {network(request) or 'an unknown network'} after failed sign-ins",
        success=False,
    )


def connect() -> None:
    for signal, receiver in (
        (user_logged_in, open_session),
        (user_login_failed, sign_in_failed),
        (user_locked_out, was_locked),
        (account_signals.user_signed_up, signed_up),
        (account_signals.password_changed, password_was_set),
        (account_signals.password_set, password_was_set),
        (account_signals.password_reset, password_was_reset),
        (account_signals.email_confirmed, address_confirmed),
        (account_signals.email_changed, address_changed),
        (account_signals.email_added, address_added),
        (account_signals.email_removed, address_removed),
        (social_signals.social_account_added, provider_connected),
        (social_signals.social_account_removed, provider_disconnected),
        (mfa_signals.authenticator_removed, second_factor_removed),
    ):
        signal.connect(receiver, dispatch_uid=f"accounts.{receiver.__name__}")
    post_save.connect(second_factor_added, sender=Authenticator, dispatch_uid="accounts.second_factor_added")
    pre_save.connect(keep_nothing_typed, sender=AccessAttempt, dispatch_uid="accounts.keep_nothing_typed")
