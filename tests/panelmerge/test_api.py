"""Errors of the API over HTTP: their shape, their status, and never a 500 by what is sent."""

from __future__ import annotations

import json
import os
import random
import re
import uuid

import pytest
from django.urls import get_resolver
from django.urls.resolvers import URLPattern
from rest_framework.exceptions import NotAuthenticated, Throttled, ValidationError

from panelmerge.api import problem_handler
from panelmerge.lib.errors import Refusal
from panelmerge.lib.requestid import RequestIdMiddleware

pytestmark = pytest.mark.django_db
RESOLVE, MERGES = "/api/v1/genes/resolve/", "/api/v1/merges/"
KEYS = {"type", "title", "status", "code", "detail", "request_id"}
LONGER = 25 if os.environ.get("PANELMERGE_PROOF") else 1


def send(client, address: str, body: bytes | str, content_type: str = "application/json", **extra):
    return client.generic("POST", address, body, content_type=content_type, **extra)


def check(answer) -> dict:
    """The problem that was answered, after a look at its shape."""
    problem = answer.json()
    assert answer["Content-Type"] == "application/problem+json"
    assert KEYS <= set(problem) <= KEYS | {"errors"}
    assert (problem["type"], problem["status"]) == ("about:blank", answer.status_code)
    assert problem["request_id"] == answer["X-Request-ID"]
    assert problem["code"] and problem["detail"] and problem["title"]
    return problem


@pytest.mark.parametrize(
    ("method", "address", "content_type", "accept", "status", "code"),
    [
        ("POST", RESOLVE, "application/json", "*/*", 400, "invalid"),
        ("POST", "/api/v1/nothing/", "application/json", "*/*", 404, "not_found"),
        ("GET", f"/api/v1/uploads/{uuid.UUID(int=7)}/", "", "*/*", 404, "not_found"),
        ("GET", MERGES, "", "*/*", 405, "method_not_allowed"),
        ("PUT", RESOLVE, "application/json", "*/*", 405, "method_not_allowed"),
        ("POST", RESOLVE, "application/json", "text/html", 406, "not_acceptable"),
        ("GET", "/api/v1/version/", "", "image/png", 406, "not_acceptable"),
        ("POST", MERGES, "text/csv", "*/*", 415, "unsupported_media_type"),
        ("POST", RESOLVE, "application/x-www-form-urlencoded", "*/*", 415, "unsupported_media_type"),
    ],
)
def test_every_error_is_a_problem(client, method, address, content_type, accept, status, code):
    """BG-19: problem+json for every error."""
    answer = client.generic(method, address, b'{"a": 1}', content_type=content_type, headers={"accept": accept})

    problem = check(answer)
    assert (answer.status_code, problem["code"]) == (status, code)


@pytest.mark.parametrize("address", [RESOLVE, MERGES, "/api/v1/merges/export/csv/", "/api/v1/uploads/"])
def test_a_body_that_is_too_large_is_413(client, settings, address):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000

    problem = check(send(client, address, json.dumps({"symbols": ["A" * 2000]})))

    assert problem["status"] == 413


def test_a_body_with_a_mistake_names_the_field(client):
    body = {"inputs": [{"source": "uk", "panel_id": 1}, {"source": "mars", "panel_id": "x"}], "wrong": 1}

    problem = check(send(client, MERGES, json.dumps(body)))

    assert problem["errors"].keys() >= {"wrong"}
    del body["wrong"]
    problem = check(send(client, MERGES, json.dumps(body)))
    assert set(problem["errors"]) == {"inputs.1.source", "inputs.1.panel_id"}


def test_whoever_asks_too_often_is_told_when_to_come_back(rf):
    answer = RequestIdMiddleware(lambda request: problem_handler(Throttled(wait=29.2), {}))(rf.get("/"))

    assert (answer.status_code, answer["Retry-After"]) == (429, "30")


def test_a_stranger_is_told_how_to_sign_in():
    refused = NotAuthenticated()
    refused.auth_header = "Bearer"

    answer = problem_handler(refused, {})

    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")


def test_a_refusal_carries_its_sentences_by_field():
    answer = problem_handler(Refusal("No.", code="quota", status=409, errors={"file": ["Too many."]}), {})

    problem = json.loads(answer.content)
    assert (answer.status_code, problem["code"], problem["errors"]) == (409, "quota", {"file": ["Too many."]})


def test_nested_mistakes_are_named_by_their_path():
    answer = problem_handler(ValidationError({"inputs": [{}, {"confidence": ["Not a level."]}], "rule": ["No."]}), {})

    assert json.loads(answer.content)["errors"] == {"inputs.1.confidence": ["Not a level."], "rule": ["No."]}


def test_an_error_of_ours_is_left_to_rise():
    assert problem_handler(ZeroDivisionError(), {}) is None


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "PATCH", "DELETE", "PUT", "GET", "MAKE"])
def test_no_verb_breaks_an_address(client, method):
    for address in addresses("post"):
        assert client.generic(method, address, b"{}", content_type="application/json").status_code < 500


def addresses(verb: str) -> list[str]:
    """Every address below /api/v1/ that takes the verb, with something in the place of what varies."""
    found = []

    def walk(patterns, prefix: str) -> None:
        for pattern in patterns:
            route = prefix + str(pattern.pattern)
            if isinstance(pattern, URLPattern):
                if hasattr(getattr(pattern.callback, "cls", None), verb):
                    found.append("/" + route)
            elif not route or route.startswith("api/"):
                walk(pattern.url_patterns, route)

    walk(get_resolver().url_patterns, "")
    filled = {"<str:format_name>": "xlsx", "<uuid:pk>": str(uuid.UUID(int=7))}
    for old, new in filled.items():
        found = [address.replace(old, new) for address in found]
    # Numbers of panels, versions, shares; a link's token.
    found = [re.sub(r"<str:\w+>", "nothing", re.sub(r"<panel:\w+>", "7", address)) for address in found]
    assert found and not any("<" in address for address in found if verb == "post")
    return found


NASTY = (
    *(None, True, -1, 0, 1e308, 10**30, "", " ", "x" * 300, "\u202e", "王", "=cmd|'/c calc'!A0", "' OR 1=1 --"),
    *([], {}, [[]], [None], {"": ""}, {"a": {"b": []}}, "../../etc/passwd", "${7*7}", "HGNC:0", "NaN"),
)
SOUND = {
    "inputs": [
        {"source": "uk", "panel_id": 90001, "version": "1.0", "confidence": ["green"]},
        {"upload": str(uuid.UUID(int=7)), "confidence": ["red"]},
        {"name": "mine", "genes": ["BRCA1", {"gene_symbol": "TP53", "entity_type": "gene"}]},
    ],
    "rule": {"at_least": 1},
    "resolve": {"confidence": "highest", "mode_of_inheritance": "ask"},
    "decisions": {"HGNC:1100": {"confidence_level": "green", "reason": "because"}},
    "symbols": ["BRCA1", "2-Sep"],
    "text": "BRCA1",
    "name": "mine",
}


def spoilt(value, chance: random.Random):
    """A copy with some of its parts replaced by something nasty, removed or under another name."""
    if chance.random() < 0.15:
        return chance.choice(NASTY)
    if isinstance(value, dict):
        kept = [pair for pair in value.items() if chance.random() < 0.8]
        return {
            (key if chance.random() < 0.95 else chance.choice(["", "x", "id"])): spoilt(v, chance) for key, v in kept
        }
    if isinstance(value, list):
        return [spoilt(inner, chance) for inner in value for _ in range(chance.choice([0, 1, 1, 1, 2]))]
    return value


def hostile() -> list[bytes]:
    chance = random.Random(20)
    bodies = [json.dumps(spoilt(SOUND, chance)).encode() for _ in range(30 * LONGER)]
    bodies += [json.dumps({name: nasty}).encode() for name in ("inputs", "symbols", "text", "rule") for nasty in NASTY]
    bodies += [
        b"",
        b"null",
        b"[]",
        b"1",
        b'"x"',
        b"{",
        b"\xff",
        b"[" * 990 + b"]" * 990,
        b'{"a":' * 400 + b"1" + b"}" * 400,
    ]
    sound = json.dumps(SOUND).encode()
    for _ in range(10 * LONGER):
        cut = bytearray(sound)
        cut[chance.randrange(len(cut))] = chance.randrange(256)
        bodies.append(bytes(cut))
    return bodies


@pytest.mark.parametrize("address", addresses("post"))
def test_no_body_breaks_an_address(client, address):
    """Never 500 by input: what is not right is a problem with a sentence."""
    for body in hostile():
        answer = send(client, address, body)

        if answer.status_code not in (200, 201):
            assert answer.status_code in (400, 401, 404, 409, 413, 415), (body, answer.content)
            check(answer)


PARTS = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nGene\nBRCA1\r\n--x--\r\n'


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", PARTS),
        ("multipart/form-data; boundary=", PARTS),
        ("multipart/form-data; boundary=é", PARTS),
        ("multipart/form-data; boundary=y", PARTS),
        ("multipart/form-data; boundary=x", b"--x"),
        ("multipart/form-data; boundary=x", PARTS[:60]),
        ("multipart/form-data; boundary=x", PARTS.replace(b'filename="a.csv"', b"filename*=foo''a.csv")),
        ("multipart/form-data; boundary=x", PARTS.replace(b'filename="a.csv"', b'filename=""')),
        ("multipart/form-data; boundary=x", PARTS.replace(b'filename="a.csv"; ', b"")),
        ("multipart/form-data; boundary=x", PARTS.replace(b"a.csv", b"\0.csv")),
        ("multipart/form-data; boundary=x", PARTS.replace(b'; filename="a.csv"', b"")),
        ("multipart/form-data; boundary=x", PARTS.replace(b'"file"', b'"text"').replace(b"BRCA1", b"\0\xff")),
        ("multipart/form-data; boundary=x; charset=zzz", PARTS.replace(b'"file"', b'"other"')),
        ("application/json; charset=utf-16", b"\xff\xfe{\x00"),
        ("", b"{}"),
        ("x" * 5000, b"{}"),
    ],
)
def test_no_form_breaks_the_uploads(client, content_type, body):
    answer = send(client, "/api/v1/uploads/", body, content_type)

    assert answer.status_code in (201, 400, 415)
