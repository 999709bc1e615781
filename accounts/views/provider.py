"""Going to the provider of sign-ins, and coming back."""

from __future__ import annotations

from contextlib import ExitStack
from urllib.parse import urlsplit

from allauth.socialaccount.providers.openid_connect import views as oidc
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from requests import RequestException


def login(request: HttpRequest, provider_id: str) -> HttpResponse:
    """A page that leads to the provider: a browser follows no redirect to another host from a form of ours."""
    try:
        response = oidc.login(request, provider_id)
    except (RequestException, KeyError):
        return _no_answer(request)
    target = response.get("Location", "")
    if urlsplit(target).netloc in ("", request.get_host()):
        return response
    return render(request, "socialaccount/leaving.html", {"target": target, "host": urlsplit(target).netloc})


def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Everything or nothing, in a transaction that is not open yet while the provider is being asked."""
    try:
        with ExitStack() as stack:
            request.begin_transaction = lambda: stack.enter_context(transaction.atomic())
            return oidc.callback(request, provider_id)
    except (RequestException, KeyError):
        return _no_answer(request)


def _no_answer(request: HttpRequest) -> HttpResponse:
    return render(request, "socialaccount/authentication_error.html", status=502)
