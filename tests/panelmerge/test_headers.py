"""Headers on every kind of answer: F-24."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import replace

import pytest
from django.core.exceptions import RequestDataTooBig
from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from panelmerge.lib.headers import RequestSizeMiddleware
from tests.accounts.acting import break_the_record
from tests.panelmerge.observatory import Scan, points, score
from tests.panelmerge.running import SOUND, run, settings_of

pytestmark = pytest.mark.django_db
ANSWERS = [
    ("/", 200),
    ("/catalogue/", 200),
    ("/api/v1/version/", 200),
    ("/api/v1/schema/", 200),
    ("/api/v1/docs/", 200),
    ("/favicon.ico", 302),
    ("/healthz", 200),
    ("/account/login/", 200),
    ("/static/panels/panelmerge.css", 200),
    ("/admin/", 302),
    ("/catalogue", 301),
    ("/nothing/", 404),
    ("/api/v1/nothing/", 404),
    ("/static/nothing.css", 404),
    ("/?q=%00", 400),
    ("/decide/", 405),
]


@pytest.fixture
def visitor(settings) -> Client:
    settings.WHITENOISE_USE_FINDERS = True
    settings.WHITENOISE_AUTOREFRESH = True
    return Client(raise_request_exception=False)


def fetch(visitor: Client, address: str):
    """The answer, read to its end: a static file stays open until then."""
    answer = visitor.get(address)
    if answer.streaming:
        b"".join(answer.streaming_content)
        answer.close()
    return answer


def check(answer) -> None:
    policy = dict(part.strip().partition(" ")[::2] for part in answer["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'self'"
    assert {policy[name] for name in ("object-src", "base-uri", "frame-ancestors")} == {"'none'"}
    assert not re.search(r"unsafe|\*|https?:|//|[a-z]\.[a-z]", answer["Content-Security-Policy"])
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]
    assert re.fullmatch("[0-9a-f]{32}", answer["X-Request-ID"])
    assert not {"Server", "X-Powered-By"} & set(answer.headers)


@pytest.mark.parametrize(("address", "status"), ANSWERS)
def test_every_answer_has_every_header(visitor, address, status):
    answer = fetch(visitor, address)

    assert answer.status_code == status
    check(answer)


@pytest.mark.parametrize(("address", "status"), ANSWERS)
def test_only_static_files_may_be_kept_by_anybody(visitor, address, status):
    kept = status == 200 and address.startswith("/static/")

    answer = fetch(visitor, address)

    assert ("no-store" in answer["Cache-Control"]) != kept
    assert ("public" in answer["Cache-Control"]) == kept


def test_an_error_of_ours_has_every_header(visitor, monkeypatch):
    monkeypatch.setattr("panelmerge.health.__version__", object())

    answer = visitor.get("/healthz")

    assert (answer.status_code, "no-store" in answer["Cache-Control"]) == (500, True)
    check(answer)


def test_the_redirect_to_https_has_every_header(visitor, settings):
    settings.SECURE_SSL_REDIRECT = True

    answer = visitor.get("/catalogue/?q=x")

    assert (answer.status_code, answer["Location"]) == (301, "https://testserver/catalogue/?q=x")
    check(answer)


def test_over_https_the_browser_is_told_to_stay_there(visitor, settings):
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = 31536000, True

    answer = visitor.get("/", secure=True)

    assert answer["Strict-Transport-Security"].startswith("max-age=31536000; includeSubDomains")


def test_no_page_has_what_the_policy_forbids(visitor):
    """A script or style inside a page would not run, so there is none."""
    User.objects.create_superuser("root", "root@example.org", "a-long-password")

    for address in ("/", "/catalogue/", "/genes/", "/nothing/", "/account/login/", "/account/signup/", "/api/v1/docs/"):
        page = visitor.get(address).content.decode()
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", page), address
        assert not re.search(r"""(?:src|href|action)=["'](?:https?:)?//""", page), address


def test_cookies_are_for_this_site_and_no_script(visitor):
    User.objects.create_superuser("root", "root@example.org", "a-long-password")
    visitor.get("/account/login/")

    visitor.post("/account/login/", {"login": "root", "password": "a-long-password"})

    assert set(visitor.cookies) >= {"csrftoken", "sessionid"}
    for cookie in visitor.cookies.values():
        assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


NAMES = (
    *("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "SECURE_SSL_REDIRECT"),
    *("SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "CSRF_TRUSTED_ORIGINS", "SECURE_PROXY_SSL_HEADER"),
    "SECURE_REDIRECT_EXEMPT",
)


@pytest.mark.parametrize("site", ["https://panels.example.org/", "HTTPS://panels.example.org"])
def test_an_https_address_switches_everything_on(site):
    found = settings_of(*NAMES, SITE_URL=site)

    assert found["SESSION_COOKIE_SECURE"] is found["CSRF_COOKIE_SECURE"] is found["SECURE_SSL_REDIRECT"] is True
    assert (found["SESSION_COOKIE_NAME"], found["CSRF_COOKIE_NAME"]) == ("__Host-sessionid", "__Host-csrftoken")
    assert found["SECURE_HSTS_SECONDS"] >= 31536000 and found["SECURE_HSTS_INCLUDE_SUBDOMAINS"] is True
    assert found["CSRF_TRUSTED_ORIGINS"] == [site.rstrip("/")]
    # A header that anybody can send says nothing until a proxy is named.
    assert found["SECURE_PROXY_SSL_HEADER"] is None


def test_without_an_https_address_nothing_is_switched_on():
    assert set(settings_of(*NAMES, SITE_URL="http://panels.example.org").values()) == {None}


def test_who_watches_the_server_is_not_redirected(visitor, settings):
    found = settings_of("SECURE_REDIRECT_EXEMPT", SITE_URL="https://panels.example.org")
    settings.SECURE_SSL_REDIRECT, settings.SECURE_REDIRECT_EXEMPT = True, found["SECURE_REDIRECT_EXEMPT"]

    assert [visitor.get(address).status_code for address in ("/healthz", "/readyz", "/healthz/x")] == [200, 200, 301]


def test_a_request_larger_than_all_files_together_is_refused(client, settings):
    settings.MAX_REQUEST_SIZE = 10

    answers = [client.generic("POST", "/uploads/", b"x" * size) for size in (10, 11, 21)]

    assert [answer.status_code for answer in answers[1:]] == [413, 413]
    assert answers[0].status_code != 413


@pytest.mark.parametrize("size", [9, 15, 21])
def test_what_an_answer_left_of_a_body_is_read_unless_it_is_far_too_large(rf, settings, size):
    """A proxy that is still sending when the server closes tells of a server that is away."""
    settings.MAX_REQUEST_SIZE = 10
    request = rf.generic("POST", "/uploads/", b"x" * size)
    middleware = RequestSizeMiddleware(lambda request: HttpResponse("refused"))

    with suppress(RequestDataTooBig):
        middleware(request)

    assert len(request.read()) == (21 if size == 21 else 0)


def test_a_refusal_for_too_many_has_every_header(visitor, settings):
    settings.RATE_LIMIT_PER_MINUTE = 1
    visitor.get("/api/v1/version/")

    answer = visitor.get("/api/v1/version/")

    assert (answer.status_code, "no-store" in answer["Cache-Control"]) == (429, True)
    check(answer)


def test_what_is_not_there_just_now_has_every_header(visitor, monkeypatch):
    break_the_record(monkeypatch)

    answer = visitor.post("/uploads/", {"text": "BRCA1"})

    assert (answer.status_code, "no-store" in answer["Cache-Control"]) == (503, True)
    check(answer)


def test_a_download_has_every_header_and_is_no_page(visitor, demo_catalogue):
    answer = visitor.post("/download/csv/?uk:90001=green")

    assert (answer.status_code, "no-store" in answer["Cache-Control"]) == (200, True)
    assert answer["Content-Disposition"].startswith("attachment;")
    check(answer)


@pytest.fixture(scope="module")
def production() -> dict:
    """What a production set-up hands to a browser, over https."""
    done = run(
        *("-m", "tests.panelmerge.cookies"),
        **(
            SOUND
            | {
                "DJANGO_SETTINGS_MODULE": "tests.panelmerge.production",
                "DATABASE_URL": "sqlite://:memory:",
                "SITE_URL": "https://panels.example.org",
                "ALLOWED_HOSTS": "panels.example.org",
                "MFA_REQUIRED_FOR_ADMINS": "False",
            }
        ),
    )
    return json.loads(done.stdout.splitlines()[-1])


def test_in_production_every_cookie_is_secure_and_what_decides_is_for_this_host_alone(production):
    """F-24: __Host- Secure HttpOnly SameSite=Lax; the time zone alone is written by a script and decides nothing."""
    for name, cookie in production["cookies"].items():
        assert (bool(cookie["secure"]), cookie["samesite"]) == (True, "Lax"), name
        assert name == "timezone" or (name.startswith("__Host-") and cookie["httponly"] and cookie["path"] == "/"), name
        assert not cookie["domain"], name
    assert {
        "__Host-sessionid",
        "__Host-csrftoken",
        "__Host-known",
        "__Host-messages",
        "__Host-dismissed",
        "timezone",
    } <= set(production["cookies"])
    assert all(page["Strict-Transport-Security"].startswith("max-age=31536000; incl") for page in production["pages"])


def test_the_observatory_would_give_every_page_an_a_plus(production):
    """F-24: at least 115 by the published rules, signed in or not, and where nothing is or can be told just now."""
    scans = {
        (scan["address"], scan["status"]): Scan(
            *("panels.example.org", scan["headers"], scan["cookies"], scan["body"], tuple(production["from_http"])),
        )
        for scan in production["scans"]
    }

    assert {address: score(scan) for address, scan in scans.items() if score(scan) < 115} == {}
    assert {status for _, status in scans} == {200, 404, 503}


@pytest.mark.parametrize(
    ("change", "lost"),
    [
        (
            {"Content-Security-Policy": "default-src 'self'; script-src 'self' 'unsafe-inline'"},
            "content-security-policy",
        ),
        ({"Strict-Transport-Security": "max-age=600"}, "strict-transport-security"),
        ({"X-Content-Type-Options": ""}, "x-content-type-options"),
        ({"Referrer-Policy": "unsafe-url"}, "referrer-policy"),
        ({"Access-Control-Allow-Origin": "*"}, "cross-origin-resource-sharing"),
        ({"Cross-Origin-Resource-Policy": "cross-origin"}, "cross-origin-resource-policy"),
    ],
)
def test_the_observatory_takes_points_for_a_header_that_is_worse(production, change, lost):
    first = production["scans"][0]
    at_best = Scan("panels.example.org", first["headers"], first["cookies"], "", tuple(production["from_http"]))

    worse = replace(at_best, headers=first["headers"] | change)

    assert points(worse)[lost] < points(at_best)[lost]
    assert score(worse) < score(at_best)
