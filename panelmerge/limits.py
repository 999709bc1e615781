"""Rate limits as answers: 429 as page or problem, and where one stands on every answer that was counted."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from accounts.limits import admit, is_counted, must_be_counted, windows
from panelmerge.errors import error_page
from panelmerge.lib.budgets import Verdict


class RateLimitMiddleware:
    """Stands behind the one that knows who is asking."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_counted(request) or not windows():
            return self.get_response(request)
        verdict = admit(request)
        if verdict is None and must_be_counted(request):
            return error_page(
                request,
                503,
                detail="Attempts to sign in cannot be counted just now, so nobody can sign in. Try again shortly.",
            )
        answer = self.get_response(request) if verdict is None or verdict.admitted else _refused(request, verdict)
        for name, value in (verdict.headers() if verdict else {}).items():
            answer[name] = value
        return answer


def _refused(request: HttpRequest, verdict: Verdict) -> HttpResponse:
    budget, seconds = verdict.tightest.budget, verdict.tightest.reset
    return error_page(
        request,
        429,
        detail=f"{budget.limit:,} requests in one {budget.window} were made, which is the limit "
        f"(RATE_LIMIT_PER_{budget.window.upper()}). Nothing was changed. "
        f"Try again in {seconds} second{'' if seconds == 1 else 's'}.",
    )
