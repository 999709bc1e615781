"""Never a 500 by input, on any page: hostile addresses and forms, with real panels behind them."""

from __future__ import annotations

import os
import random
import re
import uuid
from itertools import product
from urllib.parse import quote, urlencode

import pytest
from django.urls import get_resolver
from django.urls.resolvers import URLPattern

pytestmark = pytest.mark.django_db
NASTY = (
    *("", " ", "0", "-1", "1e9", "9" * 40, "٣", "²", "x" * 3000, "\u202e", "王", "\ufffd", "'", '"', "<b>", "%", "\\"),
    *("' OR 1=1 --", "../../etc/passwd", "{{7*7}}", "a\r\nX: y", "uk:0", "uk:1@1", "upload:" + "-" * 36, "HGNC:1100"),
)
FORM_ONLY = ("\0", "BRCA1\0TP53", "a\0.csv")
NAMES = (
    *("q", "search", "source", "page", "per_page", "rule", "number", "confidence", "inheritance", "show", "version"),
    *("gene", "disease_group", "type", "format", "uk:90001", "aus:95001@1.2", f"upload:{uuid.UUID(int=7)}", "next"),
    *("entity", "field", "value", "reason", "take_back", "text", "name", "column", "sheet", "file", "username"),
    *("levels", "least", "words", "across", "login", "password", "password1", "email", "oldpassword", "code", "scope"),
    *("action_add", "action_send", "action_remove", "first_name", "timezone", "expires_at", "consent", "state"),
)
ROUNDS = 300 if os.environ.get("PANELMERGE_PROOF") else 12


def pages() -> list[str]:
    """Every address of ours outside of the back office, with something in the place of what varies."""
    filled = {
        "<str:format_name>": "csv",
        "<uuid:upload_id>": str(uuid.UUID(int=7)),
        "<uuid:pk>": str(uuid.UUID(int=7)),
        "<source:source>": "uk",
        "<panel:panel_id>": "90001",
        "<path:symbol>": "BRCA1",
        "<path:gene>": "BRCA1",
        "<int:pk>": "1",
        "<str:key>": "MQ:1abc:def",
        "<str:provider_id>": "oidc",
        "^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": "password/reset/key/1-abc-def/",
    }
    found = []

    def walk(patterns, prefix: str) -> None:
        for pattern in patterns:
            route = prefix + str(pattern.pattern)
            if isinstance(pattern, URLPattern):
                found.append("/" + route)
            elif not route.startswith("admin"):
                walk(pattern.url_patterns, route)

    walk(get_resolver().url_patterns, "")
    for old, new in filled.items():
        found = [address.replace(old, new) for address in found]
    # Numbers of panels, versions, teams; a link's token.
    found = [re.sub(r"<str:\w+>", "nothing", re.sub(r"<panel:\w+>", "7", address)) for address in found]
    assert len(found) > 15 and not any("<" in address for address in found)
    return found


PAGES = pages()


def pairs(chance: random.Random, values: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(chance.choice(NAMES), chance.choice(values)) for _ in range(chance.randrange(1, 6))]


def test_no_question_breaks_an_address(demo_catalogue, client):
    chance = random.Random(7)
    for address in PAGES * ROUNDS:
        query = urlencode(pairs(chance, NASTY))
        answer = client.get(f"{address}?{query}")

        assert answer.status_code < 500, (address, query)


def test_no_form_breaks_a_page(demo_catalogue, client):
    chance = random.Random(8)
    for address in [page for page in PAGES if not page.startswith("/api/")] * ROUNDS:
        query, form = urlencode(pairs(chance, NASTY)), pairs(chance, NASTY + FORM_ONLY)
        answer = client.post(f"{address}?{query}", urlencode(form), content_type="application/x-www-form-urlencoded")

        assert answer.status_code < 500, (address, query, form)


def test_no_name_breaks_an_address(demo_catalogue, client):
    bases = ("/", "/genes/", "/catalogue/uk/", "/download/", "/uploads/", "/api/v1/catalogue/genes/")
    for base, nasty in product(bases, (*NASTY, "\0", "%", "a/b", "..", "\udcff")):
        answer = client.get(f"{base}{quote(nasty, safe='', errors='surrogateescape')}/")

        assert answer.status_code < 500, (base, nasty)
