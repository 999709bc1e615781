"""What people fill in about themselves: allauth's forms in our words, and ours."""

from __future__ import annotations

from allauth.account import forms as account
from allauth.account.internal.flows.signup import prevent_enumeration
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.socialaccount import forms as social
from allauth.socialaccount.models import SocialApp
from django import forms
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.validators import MaxLengthValidator
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from accounts.actions.profile import LONGEST
from accounts.models.tokens import Scope
from accounts.second_factor import check_code
from accounts.zones import TimeFormat, available_zones
from panelmerge.lib.errors import Refusal

LABELS = {
    "login": "User name or e-mail address",
    "password": "Password",
    "oldpassword": "Your password now",
    "password1": "New password",
    "password2": "The new password again",
    "email": "E-mail address",
    "code": "Code",
    "account": "Connected",
}
CODE = {"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}


class InOurWords:
    """Labels instead of texts that vanish when one types."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        for name, field in self.fields.items():
            field.label = LABELS.get(name, field.label)
            field.widget.attrs.pop("placeholder", None)
            if name == "code":
                field.widget.attrs.update(CODE)
            if name == "email":
                field.validators.append(MaxLengthValidator(settings.ACCOUNT_EMAIL_MAX_LENGTH))
                field.widget.attrs["maxlength"] = settings.ACCOUNT_EMAIL_MAX_LENGTH


class SignInForm(InOurWords, account.LoginForm):
    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autocomplete"] = "username"


class SignUpForm(InOurWords, account.SignupForm):
    """An address and a password. Whether the address has an account already is told to its owner alone, by mail."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = "Password"
        if settings.SIGN_UP_CONSENT:
            self.fields["consent"] = forms.BooleanField(
                label=settings.SIGN_UP_CONSENT, error_messages={"required": "Without this there can be no account."}
            )

    def try_save(self, request: HttpRequest):
        if self.account_already_exists:
            # Takes as long as making the account would.
            make_password(self.cleaned_data["password1"])
        try:
            with transaction.atomic():
                return super().try_save(request)
        except IntegrityError:
            # Somebody took the address between our look and our write.
            return None, prevent_enumeration(request, email=self.cleaned_data["email"])


class ChangePasswordForm(InOurWords, account.ChangePasswordForm):
    """The password now, and the new one twice."""


class SetPasswordForm(InOurWords, account.SetPasswordForm):
    """For an account that had none."""


class ResetPasswordForm(InOurWords, account.ResetPasswordForm):
    """Where to send the link."""


class ResetPasswordKeyForm(InOurWords, account.ResetPasswordKeyForm):
    """The new password, twice, behind the mailed link."""


class NewAddressForm(InOurWords, account.AddEmailForm):
    """Where the account's mails shall go."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = "New e-mail address"


class PasswordAgainForm(InOurWords, account.ReauthenticateForm):
    """The password once more, before what matters."""


class CodeForm(InOurWords, mfa.AuthenticateForm):
    """The second step of signing in."""

    def clean_code(self) -> str:
        self.authenticator = check_code(self.user, self.cleaned_data["code"])
        return self.cleaned_data["code"]


class CodeAgainForm(InOurWords, mfa.ReauthenticateForm):
    """A code once more, before what matters."""

    def clean_code(self) -> str:
        self.authenticator = check_code(self.user, self.cleaned_data["code"])
        return self.cleaned_data["code"]


class SwitchOnForm(InOurWords, totp.ActivateTOTPForm):
    """The first code of an app, to see that it has the key."""


class SocialSignUpForm(InOurWords, social.SignupForm):
    """What the provider did not tell."""


class DisconnectForm(InOurWords, social.DisconnectForm):
    """Which way of signing in goes."""

    def clean(self) -> dict:
        found = super().clean()
        try:
            if found.get("account"):
                found["account"].get_provider()
        except SocialApp.DoesNotExist as error:
            told = (
                "That service is not set up here any more. Nobody signs in with it, so there is nothing to disconnect."
            )
            raise forms.ValidationError(told) from error
        return found


class OwnForm(forms.Form):
    """Ours, with what an action refuses beside the field it names."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, label_suffix="", **kwargs)

    def take(self, refusal: Refusal) -> None:
        for name, sentences in refusal.errors.items():
            self.add_error(name if name in self.fields else None, sentences)
        if not refusal.errors:
            self.add_error(None, refusal.detail)


class ProfileForm(OwnForm):
    username = forms.CharField(
        label="User name",
        max_length=80,
        help_text="3 to 80 letters, digits or . + - _. Others see it beside panels and versions.",
        widget=forms.TextInput({"autocomplete": "username"}),
    )
    first_name = forms.CharField(
        label="First name",
        max_length=LONGEST["first_name"],
        required=False,
        widget=forms.TextInput({"autocomplete": "given-name"}),
    )
    last_name = forms.CharField(
        label="Last name",
        max_length=LONGEST["last_name"],
        required=False,
        widget=forms.TextInput({"autocomplete": "family-name"}),
    )
    organization = forms.CharField(
        label="Organisation",
        max_length=LONGEST["organization"],
        required=False,
        widget=forms.TextInput({"autocomplete": "organization"}),
    )


class ZoneForm(OwnForm):
    timezone = forms.ChoiceField(label="Time zone", choices=lambda: [(name, name) for name in available_zones()])
    time_format = forms.ChoiceField(
        label="Clock",
        choices=[(TimeFormat.TWENTY_FOUR, "18:30 (24 hours)"), (TimeFormat.TWELVE, "6:30 p.m. (12 hours)")],
    )


class TokenForm(OwnForm):
    name = forms.CharField(label="Name", max_length=100, help_text="What uses it, such as nightly export.")
    scope = forms.ChoiceField(label="It may", choices=Scope.choices)
    days = forms.ChoiceField(
        label="It works for", choices=[("30", "30 days"), ("90", "90 days"), ("365", "a year")], initial="90"
    )
