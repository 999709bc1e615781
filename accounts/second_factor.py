"""Whether a code of the second factor is right: each one once, guesses counted like wrong passwords.

The last period that was used stands in the database beside the secret, so a code
that somebody read over a shoulder is no use, whichever worker or cache is asked.
"""

from __future__ import annotations

from allauth.core import context
from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt
from axes.handlers.proxy import AxesProxyHandler
from django.contrib.auth.signals import user_login_failed
from django.db import transaction

from accounts.lockout import is_slowed_down
from accounts.models import User
from audit.events import Action
from audit.record import record

LAST_PERIOD = "last_period"


def check_code(person: User, code: str) -> Authenticator:
    """What the code belongs to, and the code used up. ValidationError when it is wrong, old or used."""
    request, credentials = context.request, {"username": person.username}
    if not AxesProxyHandler.is_allowed(request, credentials) or is_slowed_down(request, credentials):
        request.axes_locked_out, request.axes_credentials = True, credentials
        raise get_adapter().validation_error("incorrect_code")
    with transaction.atomic():
        # TOTP before recovery codes.
        for authenticator in Authenticator.objects.select_for_update().filter(user=person).order_by("-type"):
            if _fits(authenticator, code):
                # Saved at once by what follows; the person is known here already.
                authenticator.user = person
                return authenticator
    user_login_failed.send(sender=__name__, credentials=credentials, request=request)
    raise get_adapter().validation_error("incorrect_code")


def _fits(authenticator: Authenticator, code: str) -> bool:
    if authenticator.type == Authenticator.Type.TOTP:
        return _fits_the_app(authenticator, code)
    codes = authenticator.wrap()
    if not codes.validate_code(code):
        return False
    authenticator.refresh_from_db()
    left = len(codes.get_unused_codes())
    person = authenticator.user
    record(Action.MFA_EVENT, by=person, target=person, description=f"Used a recovery code; {left} are left")
    return True


def _fits_the_app(authenticator: Authenticator, code: str) -> bool:
    secret, last = decrypt(authenticator.data["secret"]), authenticator.data.get(LAST_PERIOD, 0)
    for period in yield_hotp_counters_from_time():
        if period > last and compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, period))):
            authenticator.data[LAST_PERIOD] = period
            authenticator.save(update_fields=["data"])
            return True
    return False
