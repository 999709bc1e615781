"""What counts as the same account and the same network when wrong passwords are counted.

Counting and locking is django-axes'. Its key is a pair: the account, however its
name was spelt, and the network. A browser that signed in to the account before
has a budget of its own, so that nobody locks the owner out at home or at work.
"""

from __future__ import annotations

import hashlib
import ipaddress
from datetime import timedelta

from axes.models import AccessAttempt, AccessFailureLog
from django.conf import settings
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.known_browsers import is_known
from accounts.models import User
from panelmerge.lib.net import client_network

# Failures against one account from all networks together, in the time below.
SLOW_DOWN_AFTER = 100
SLOW_DOWN_WINDOW = timedelta(hours=1)
# Stands where a column wants an address and there is none.
NOWHERE = str(ipaddress.IPv4Address(0))
KEEP_FAILURES = timedelta(days=7)


def network(request: HttpRequest) -> str | None:
    """The network that axes counts under."""
    return client_network(request)


def account_key(request: HttpRequest, credentials: dict | None = None) -> str:
    """``user:7``, ``user:7:known`` from a browser it knows, or ``unknown:<digest>``: what was typed is not kept,
    it may be a password in the wrong field."""
    credentials = credentials or {}
    login = str(credentials.get("username") or credentials.get("email") or credentials.get("login") or "").strip()
    known_keys = request.__dict__.setdefault("_account_keys", {})
    if login not in known_keys:
        person = User.objects.by_login(login)
        if person is None:
            digest = hashlib.sha256(f"{settings.SECRET_KEY}\0{login.casefold()}".encode()).hexdigest()
            known_keys[login] = f"unknown:{digest[:32]}"
        else:
            known_keys[login] = key_of(person, known=is_known(request, person))
    return known_keys[login]


def key_of(person: User, *, known: bool = False) -> str:
    return f"user:{person.pk}:known" if known else f"user:{person.pk}"


def is_slowed_down(request: HttpRequest, credentials: dict) -> bool:
    """Whether an account had a hundred failures within the hour, from anywhere; never for a browser it knows."""
    key = account_key(request, credentials)
    if key.endswith(":known"):
        return False
    return slowed_down().filter(username=key).exists()


def slowed_down() -> QuerySet:
    """{username, failures} of the accounts that had so many."""
    recent = AccessFailureLog.objects.filter(attempt_time__gt=timezone.now() - SLOW_DOWN_WINDOW).order_by()
    return recent.values("username").annotate(failures=Count("pk")).filter(failures__gte=SLOW_DOWN_AFTER)


def keep_nothing_typed(sender, instance: AccessAttempt, **kwargs) -> None:
    """axes would append what each failed form held: tokens, and whatever was typed into a wrong field."""
    instance.get_data = instance.post_data = ""


def locked_answer(request: HttpRequest, response: HttpResponse | None = None, credentials: dict | None = None):
    """429 with Retry-After; the same for an account that is there and for one that is not."""
    minutes = -(-settings.LOCKOUT_DURATION // 60)
    answer = render(request, "account/locked.html", {"minutes": minutes}, status=429)
    answer["Retry-After"] = str(settings.LOCKOUT_DURATION)
    return answer


def sweep_failures() -> int:
    """Forget failures that no rule looks at any more; how many."""
    deleted, _ = AccessFailureLog.objects.filter(attempt_time__lt=timezone.now() - KEEP_FAILURES).delete()
    return deleted
