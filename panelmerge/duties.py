"""What somebody has to do before anything else: choose a password of their own, switch a second factor on."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from accounts.models import User
from accounts.permissions import Role
from panelmerge.errors import problem

CHOOSE_FIRST = "Choose a password of your own first: somebody else knows this one."
SECOND_FACTOR = "Administrators use a second factor here. Switch it on first; it takes a minute."
# What a duty is done with, and leaving. Not the rest of the account: a token made there would outlive the duty.
ALWAYS_OPEN = (
    *("/static/", "/healthz", "/readyz", "/favicon.ico"),
    *("/account/password/", "/account/2fa/", "/account/reauthenticate/", "/account/logout/", "/account/login/"),
)


def duty_of(person: User) -> tuple[str, str] | None:
    """(name of the page to do it on, sentence) of what comes first for this person; None when nothing does."""
    if person.must_change_password:
        return "account_change_password", CHOOSE_FIRST
    if settings.MFA_REQUIRED_FOR_ADMINS and person.role == Role.ADMIN and not person.has_second_factor:
        return "mfa_activate_totp", SECOND_FACTOR
    return None


class DutiesMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(ALWAYS_OPEN) or settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return self.get_response(request)
        try:
            duty = duty_of(request.user) if request.user.is_authenticated else None
        except DatabaseError:
            # The view will meet the same, and answers with what is wrong.
            duty = None
        if duty is None:
            return self.get_response(request)
        page, sentence = duty
        if request.path_info.startswith("/api/"):
            return problem(403, code="duty_first", detail=f"{sentence} The page for it is {reverse(page)}")
        messages.warning(request, sentence)
        # A redirect would be followed by htmx itself, and the page put into a part of the page.
        return HttpResponseClientRedirect(reverse(page)) if request.htmx else redirect(page)
