"""Where one is signed in, and ending it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.actions.sessions import end_other_sessions, end_session
from accounts.browsers import in_words
from accounts.lockout import NOWHERE
from accounts.sessions import standing_sessions


@login_required
@require_safe
def list_sessions(request: HttpRequest) -> HttpResponse:
    sessions = [
        {
            "pk": one.pk,
            "browser": in_words(one.user_agent),
            "network": "" if one.ip == NOWHERE else one.ip,
            "opened": one.created_at,
            "last_used": one.last_seen_at,
            "is_this": one.session_key == request.session.session_key,
        }
        for one in standing_sessions(request.user)
    ]
    return render(request, "account/sessions.html", {"section": "account", "sessions": sessions})


@login_required
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    end_session(by=request.user, pk=pk)
    messages.success(request, "That browser is signed out.")
    return redirect("account_sessions")


@login_required
@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    end_other_sessions(by=request.user, kept_key=request.session.session_key)
    messages.success(request, "All other browsers are signed out.")
    return redirect("account_sessions")
