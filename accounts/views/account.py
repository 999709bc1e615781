"""The account in one page, and what people change about themselves."""

from __future__ import annotations

import json

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actions.profile import change_profile, hand_out_data
from accounts.actions.zones import choose_zone
from accounts.forms import ProfileForm, ZoneForm
from accounts.models import ApiToken
from accounts.sessions import standing_sessions
from panelmerge.lib.errors import Refusal, Unavailable
from panelmerge.lib.http import attachment


@login_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Every section with what holds now, and the way to change it."""
    person = request.user
    context = {
        "section": "account",
        "waiting": EmailAddress.objects.filter(user=person, verified=False).exclude(email=person.email).first(),
        "session_count": standing_sessions(person).count(),
        "token_count": ApiToken.objects.of(person).count(),
        "provider": settings.OIDC["name"] if settings.OIDC["server_url"] else "",
        "connected": SocialAccount.objects.filter(user=person).count(),
    }
    return render(request, "account/index.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    person = request.user
    now = {name: getattr(person, name) or "" for name in ProfileForm.base_fields}
    form = ProfileForm(request.POST or None, initial=now)
    if request.method == "POST" and form.is_valid():
        try:
            change_profile(by=person, **form.cleaned_data)
        except Unavailable:
            raise
        except Refusal as refusal:
            form.take(refusal)
        else:
            messages.success(request, "The profile is saved.")
            return redirect("account")
    return _form(request, form, "profile")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def zone(request: HttpRequest) -> HttpResponse:
    person = request.user
    now = {"timezone": person.timezone_preference, "time_format": person.time_format}
    form = ZoneForm(request.POST or None, initial=now)
    if request.method == "POST" and form.is_valid():
        choose_zone(by=person, zone=form.cleaned_data["timezone"], time_format=form.cleaned_data["time_format"])
        messages.success(request, f"Times are shown in {person.timezone_preference} from now on.")
        return redirect("account")
    return _form(request, form, "timezone")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def data(request: HttpRequest) -> HttpResponse:
    """What is held about the person, as a JSON file."""
    if request.method != "POST":
        return render(request, "account/data.html", {"section": "account"})
    content = json.dumps(hand_out_data(by=request.user), ensure_ascii=False, indent=2)
    return attachment(name="panelmerge-my-data.json", content_type="application/json", content=content.encode())


def _form(request: HttpRequest, form, name: str) -> HttpResponse:
    status = 400 if form.errors else 200
    return render(request, f"account/{name}.html", {"section": "account", "form": form}, status=status)
