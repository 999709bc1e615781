"""Where allauth asks us: names, mails, what is recorded, what is encrypted."""

from __future__ import annotations

import secrets
from smtplib import SMTPException

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts import second_factor_secrets
from accounts.known_browsers import is_known, remember
from accounts.lockout import NOWHERE, key_of, network
from accounts.models import User
from audit import watching
from audit.events import Action
from audit.record import record
from panelmerge.lib.net import client_address, network_of

# Letters and digits that nobody confuses when a name is read out.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": "The name, e-mail address or password is not right.",
        "email_password_mismatch": "The name, e-mail address or password is not right.",
        "enter_current_password": "That is not your password.",
        "incorrect_password": "That is not your password.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Without a way to send mails an address cannot be verified; an administrator creates accounts then."""
        return settings.EMAIL_CONFIGURED

    def generate_unique_username(self, txts, regex=None) -> str:
        """A name that says nothing about the person; it can be changed on the profile page."""
        while True:
            name = "user-" + "".join(secrets.choice(LETTERS) for _ in range(8))
            if not User.objects.filter(username__iexact=name).exists():
                return name

    def get_client_ip(self, request: HttpRequest) -> str:
        return network(request) or NOWHERE

    @transaction.atomic
    def login(self, request: HttpRequest, user: User) -> None:
        """The session, its row and its record, or none of them."""
        super().login(request, user)
        User.objects.filter(pk=user.pk).update(
            login_count=F("login_count") + 1, last_ip_address=client_address(request)[:45]
        )
        record(Action.LOGIN, by=user, target=user, description="Signed in")
        here = network(request)
        is_new = here != network_of(user.last_ip_address or "") and not is_known(request, user)
        watching.signed_in(account=key_of(user), network=here, is_new_network=is_new, by=user)

    def post_login(self, request: HttpRequest, user: User, **kwargs):
        response = super().post_login(request, user, **kwargs)
        remember(request, response, user)
        return response

    @transaction.atomic
    def logout(self, request: HttpRequest) -> None:
        person = request.user
        if person.is_authenticated:
            record(Action.LOGOUT, by=person, target=person, description="Signed out")
        super().logout(request)

    def send_mail(self, template_prefix: str, email: str, context: dict) -> None:
        """Sent once the change is in the database. A mail that could not be sent is recorded; nothing hangs on it."""
        context = {"request": self.request, "email": email, "site_url": site_address(self.request), **context}
        message = self.render_mail(template_prefix, email, context)
        transaction.on_commit(lambda: deliver(message, template_prefix), robust=False)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account")

    def get_reset_password_from_key_url(self, key: str) -> str:
        return _link(self.request, super().get_reset_password_from_key_url(key))

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation) -> str:
        return site_address(request) + reverse("account_confirm_email", args=[emailconfirmation.key])


def site_address(request: HttpRequest) -> str:
    """SITE_URL, so that nobody's Host header ends up in a mail; the request's own address where it is not set."""
    return settings.SITE_URL or f"{request.scheme}://{request.get_host()}"


def _link(request: HttpRequest, address: str) -> str:
    return address.replace(f"{request.scheme}://{request.get_host()}", site_address(request), 1)


def deliver(message, kind: str) -> None:
    try:
        message.send()
    except (OSError, SMTPException) as error:
        with transaction.atomic():
            record(
                Action.ERROR,
                resource_type="mail",
                resource_id=kind[-100:],
                description=f"A mail could not be sent: {type(error).__name__}",
                success=False,
            )


class MFAAdapter(DefaultMFAAdapter):
    """Secrets of the second factor lie encrypted under ENCRYPTION_KEY."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "That code is not right, or it was used before. Wait for the next one.",
    }

    def encrypt(self, text: str) -> str:
        return second_factor_secrets.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return second_factor_secrets.decrypt(encrypted_text)


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest, sociallogin) -> bool:
        """Who the provider vouches for needs no mail of ours."""
        return True

    def new_user(self, request: HttpRequest, sociallogin) -> User:
        """Waits in the session until an address or a password is given, and there a database's default cannot lie."""
        person = super().new_user(request, sociallogin)
        person.created_at = timezone.now()
        return person

    def pre_social_login(self, request: HttpRequest, sociallogin) -> None:
        """The provider has said all it says: from here on everything stands or falls together."""
        request.begin_transaction()
