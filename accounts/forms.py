"""What people fill in about themselves."""

from __future__ import annotations

from allauth.account.forms import SignupForm
from allauth.account.internal.flows.signup import prevent_enumeration
from django import forms
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.http import HttpRequest


class SignUpForm(SignupForm):
    """An address and a password. Whether the address has an account already is told to its owner alone, by mail."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
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
