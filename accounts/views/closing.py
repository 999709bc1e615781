"""Deleting one's account."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.actions.profile import close_account
from accounts.known_browsers import COOKIE


@login_required
@reauthentication_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest) -> HttpResponse:
    """What goes and what stays; then, for good. The password was asked for again within the quarter of an hour."""
    if request.method != "POST":
        return render(request, "account/delete.html", {"section": "account"})
    close_account(person=request.user, by=request.user)
    logout(request)
    messages.success(request, "Your account is deleted.")
    response = redirect("panels:workbench")
    response.delete_cookie(COOKIE)
    return response
