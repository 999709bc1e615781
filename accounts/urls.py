"""The addresses below /account/: allauth's views under allauth's names, and ours."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from allauth.account import views as account
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.socialaccount import views as social
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path, re_path
from django.views.decorators.http import require_http_methods, require_safe

from accounts.views import account as page
from accounts.views import closing, provider, sessions, tokens

# allauth's own views take a PUT for a POST without a form.
page_or_form = require_http_methods(["GET", "HEAD", "POST"])


def recorded(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The view, with what a form changes and the record of it in one transaction: no record, no change."""

    @page_or_form
    @wraps(view)
    def in_one_transaction(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        with transaction.atomic():
            try:
                return view(request, *args, **kwargs)
            except ImmediateHttpResponse as answer:
                # An answer like any other, not a failure.
                return answer.response

    return in_one_transaction


urlpatterns = [
    path("", page.index, name="account"),
    path("profile/", page.profile, name="account_profile"),
    path("timezone/", page.zone, name="account_timezone"),
    path("data/", page.data, name="account_data"),
    path("delete/", closing.delete, name="account_delete"),
    path("sessions/", sessions.list_sessions, name="account_sessions"),
    path("sessions/end-others/", sessions.end_others, name="account_sessions_end_others"),
    path("sessions/<int:pk>/end/", sessions.end, name="account_session_end"),
    path("tokens/", tokens.tokens, name="account_tokens"),
    path("tokens/<int:pk>/revoke/", tokens.revoke, name="account_token_revoke"),
    # Signing in hashes passwords; its adapter records in a transaction of its own, so that no lock waits for a hash.
    path("login/", page_or_form(account.login), name="account_login"),
    path("logout/", page_or_form(account.logout), name="account_logout"),
    path("inactive/", require_safe(account.account_inactive), name="account_inactive"),
    path("reauthenticate/", recorded(account.reauthenticate), name="account_reauthenticate"),
    path("signup/", recorded(account.signup), name="account_signup"),
    path("email/", recorded(account.email), name="account_email"),
    path("confirm-email/", require_safe(account.email_verification_sent), name="account_email_verification_sent"),
    path("confirm-email/<str:key>/", recorded(account.confirm_email), name="account_confirm_email"),
    path("password/change/", recorded(account.password_change), name="account_change_password"),
    path("password/set/", recorded(account.password_set), name="account_set_password"),
    path("password/reset/", recorded(account.password_reset), name="account_reset_password"),
    path("password/reset/done/", require_safe(account.password_reset_done), name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        recorded(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        require_safe(account.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    path("2fa/", require_safe(mfa.index), name="mfa_index"),
    path("2fa/authenticate/", recorded(mfa.authenticate), name="mfa_authenticate"),
    path("2fa/reauthenticate/", recorded(mfa.reauthenticate), name="mfa_reauthenticate"),
    path("2fa/totp/activate/", recorded(totp.activate_totp), name="mfa_activate_totp"),
    path("2fa/totp/deactivate/", recorded(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("2fa/recovery-codes/", require_safe(recovery_codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "2fa/recovery-codes/generate/",
        recorded(recovery_codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "2fa/recovery-codes/download/",
        require_safe(recovery_codes.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
    path("3rdparty/", recorded(social.connections), name="socialaccount_connections"),
    path("3rdparty/signup/", recorded(social.signup), name="socialaccount_signup"),
    path("3rdparty/login/cancelled/", require_safe(social.login_cancelled), name="socialaccount_login_cancelled"),
    path("3rdparty/login/error/", require_safe(social.login_error), name="socialaccount_login_error"),
    path("oidc/<str:provider_id>/login/", page_or_form(provider.login), name="openid_connect_login"),
    path("oidc/<str:provider_id>/login/callback/", page_or_form(provider.callback), name="openid_connect_callback"),
]
