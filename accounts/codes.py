"""Codes of the second factor: six digits, so few guesses.

allauth counts them in the cache by its limit for failed sign-ins, which is off
here; a cache that is flushed would give new guesses besides. They are counted in
the database alone, per account: who gets so far has the password.
"""

from __future__ import annotations

from allauth.mfa.base.forms import AuthenticateForm as AllauthAuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as AllauthReauthenticateForm
from django import forms

from accounts.counters import count_in_database
from accounts.models import RateWindow
from panelmerge.lib.budgets import Budget

CODES_IN_AN_HOUR = 10


class _FewGuesses:
    """A form with ``user`` and ``clean_code``. The right code gives the guesses back."""

    def clean_code(self) -> str:
        budget = Budget(f"codes:{self.user.pk}", "hour", CODES_IN_AN_HOUR)
        verdict = count_in_database([budget])
        if verdict is None:
            raise forms.ValidationError("Codes cannot be counted just now, so none is taken. Try again shortly.")
        if not verdict.admitted:
            minutes = -(-verdict.tightest.reset // 60)
            raise forms.ValidationError(
                f"{CODES_IN_AN_HOUR} codes were wrong. Wait {minutes} minute{'' if minutes == 1 else 's'}, "
                "then try again. If it was not you, change your password."
            )
        code = super().clean_code()
        RateWindow.objects.filter(key=budget.key).delete()
        return code


class AuthenticateForm(_FewGuesses, AllauthAuthenticateForm):
    """After the password."""


class ReauthenticateForm(_FewGuesses, AllauthReauthenticateForm):
    """Before something that matters."""
