"""Tokens for programs."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actions.tokens import create_token, revoke_token
from accounts.forms import TokenForm
from accounts.models import ApiToken
from panelmerge.lib.errors import Refusal, Unavailable


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """The list and the form. A new token stands in the answer to the form, and nowhere afterwards."""
    form, created, status = TokenForm(request.POST or None), "", 200
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        expires_at = timezone.now() + timedelta(days=int(asked["days"]))
        try:
            _, created = create_token(by=request.user, name=asked["name"], scope=asked["scope"], expires_at=expires_at)
            form = TokenForm()
        except Unavailable:
            raise
        except Refusal as refusal:
            form.take(refusal)
            status = refusal.status
    elif form.errors:
        status = 400
    context = {
        "section": "account",
        "form": form,
        "created": created,
        "tokens": ApiToken.objects.of(request.user),
        "now": timezone.now(),
    }
    return render(request, "account/tokens.html", context, status=status)


@login_required
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    revoke_token(by=request.user, pk=pk)
    messages.success(request, "The token is revoked. It works no more.")
    return redirect("account_tokens")
