"""Asking addresses as somebody: the routes of the URLconf, a path for one, a request, and what its answer means.

``tests/access.py`` says who may do what, ``tests/covered.py`` what must be
recorded; both are asked from here. A table of one's own is a list of ``Row``.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.urls import URLResolver, get_resolver

from audit.models import AuditLog
from tests.accounts.acting import Browser

ROLES = ("anonymous", "VIEWER", "USER", "EDITOR", "AUDITOR", "ADMIN")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# What an answer means: it was done (with the status that the row names), or why not.
DONE, SIGN_IN, STRANGER, FORBIDDEN, HIDDEN = "yes", "sign-in", "401", "403", "404"
NO_SUCH_METHOD = "405"
SIGN_IN_PAGES = ("/account/login/", "/admin/login/")


@dataclass(frozen=True, slots=True)
class Row:
    """``who`` says for each role, in the order of ROLES, what becomes of a request; ``done`` is the status of "yes".
    ``of`` names the things that stand in the address, ``sent`` what is in the form or the JSON."""

    route: str
    method: str
    who: str
    done: int
    of: str = ""
    sent: dict[str, Any] | None = None
    query: str = ""

    def word(self, role: str) -> str:
        return dict(zip(ROLES, self.who.split(), strict=True))[role]

    def expected(self, role: str) -> str:
        word = self.word(role)
        return str(self.done) if word == DONE else word

    def __str__(self) -> str:
        return f"{self.method} {self.route or '/'}{f' of {self.of}' if self.of else ''}"


def at(route: str, *, of: str = "", query: str = "", **methods: tuple) -> list[Row]:
    """Rows of one address: ``GET=(who, status)`` and so on, with what is sent as the third."""
    return [
        Row(route, method, said[0], said[1], of, said[2] if len(said) > 2 else None, query)
        for method, said in methods.items()
    ]


def routes(resolver: URLResolver | None = None, before: str = "") -> Iterator[str]:
    """Every address of the URLconf, the back office's too; ``<name>`` where something is filled in."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = before + re.sub(r"\(\?P(<\w+>)[^()]*\)", r"\1", str(pattern.pattern)).strip("^$")
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, route)
        else:
            yield route


@dataclass
class Asker:
    """Somebody with a browser. ``things`` holds, by the name that rows use, what is filled into their addresses."""

    browser: Browser
    things: dict[str, dict[str, Any]] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def path_of(self, route: str, of: str = "") -> str:
        filled = {**self.things[""], **self.things[of]}
        return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(filled[found[1]]), route)

    def ask(self, row: Row, method: str = "") -> HttpResponse:
        """What the row asks, or its address by another method, in a browser that forgets it afterwards."""
        method, sent = (method or row.method).lower(), None if method else self._filled(row)
        browser = self.visitor().browser
        path = self.path_of(f"{row.route}?{row.query}" if row.query else row.route, row.of)
        if method == "get":
            return browser.get(path)
        if row.route.startswith("api/"):
            return getattr(browser, method)(path, sent or {}, content_type="application/json", headers=self.headers)
        return getattr(browser, method)(path, *([] if sent is None else [sent]))

    def visitor(self) -> Asker:
        """The same, with a browser of its own that begins where this one is."""
        browser = Browser(raise_request_exception=False)
        # Loading the middleware for each would take most of the time.
        browser.handler, browser.cookies = self.browser.handler, copy.deepcopy(self.browser.cookies)
        return Asker(browser, dict(self.things), dict(self.headers))

    def try_out(self, row: Row, method: str = "") -> HttpResponse:
        """The same, and everything it changed in the database is taken back. The answer's ``recorded`` are the action
        types of the record that it left, refusals apart."""
        before = AuditLog.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        with transaction.atomic():
            answer = self.ask(row, method)
            if answer.streaming:
                b"".join(answer.streaming_content)
            left = AuditLog.objects.filter(pk__gt=before).exclude(action_type="ACCESS_DENIED").order_by("pk")
            answer.recorded = list(left.values_list("action_type", flat=True))
            transaction.set_rollback(True)
        return answer

    def _filled(self, row: Row) -> dict[str, Any] | None:
        named = self.things[""] | self.things[row.of]
        return row.sent and {
            key: named.get(value[1:-1], value) if isinstance(value, str) else value for key, value in row.sent.items()
        }


def meaning(answer: HttpResponse) -> str:
    if answer.status_code == 302 and answer["Location"].startswith(SIGN_IN_PAGES):
        return SIGN_IN
    return str(answer.status_code)
