"""The published scoring of Mozilla's HTTP Observatory, so far as it meets what we send; nothing is asked of a network.

A scan begins at 100. Each test takes points or, where the rest is worth at
least 90, adds some: https://developer.mozilla.org/en-US/observatory/docs/tests_and_scoring
Not counted in our favour: the list of domains that browsers preload.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

BASE, BONUS_FROM = 100, 90
HALF_A_YEAR = 15768000
PRIVATE_REFERRERS = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}


@dataclass(frozen=True, slots=True)
class Scan:
    """One answer over https, and where http://host/ led: (status, Location)."""

    host: str
    headers: Mapping[str, str]
    cookies: Mapping[str, Mapping[str, Any]]
    body: str
    from_http: tuple[int, str]


def points(scan: Scan) -> dict[str, int]:
    """{test: points added or taken}"""
    policy = _policy(scan.headers.get("Content-Security-Policy", ""))
    return {
        "content-security-policy": _csp(policy),
        "cookies": _cookies(scan),
        "cross-origin-resource-sharing": -50 if scan.headers.get("Access-Control-Allow-Origin") == "*" else 0,
        "redirection": _redirection(scan),
        "referrer-policy": _referrer(scan.headers.get("Referrer-Policy")),
        "strict-transport-security": _hsts(scan.headers.get("Strict-Transport-Security", "")),
        "subresource-integrity": _scripts(scan),
        "x-content-type-options": 0 if scan.headers.get("X-Content-Type-Options", "").lower() == "nosniff" else -5,
        "x-frame-options": _framing(policy, scan.headers.get("X-Frame-Options", "")),
        "cross-origin-resource-policy": _corp(scan.headers.get("Cross-Origin-Resource-Policy")),
    }


def score(scan: Scan) -> int:
    """Points above 100 count only for who would have 90 without them."""
    found = points(scan).values()
    without = BASE + sum(one for one in found if one < 0)
    return max(0, without + sum(one for one in found if one > 0) if without >= BONUS_FROM else without)


def _policy(header: str) -> dict[str, list[str]]:
    parts = [part.split() for part in header.lower().split(";") if part.strip()]
    return {name: sources or ["'none'"] for name, *sources in parts}


def _csp(policy: dict[str, list[str]]) -> int:
    if not policy:
        return -25

    def of(name: str) -> list[str]:
        return policy.get(name, policy.get("default-src", ["*"]))

    scripts, styles, objects = of("script-src"), of("style-src"), of("object-src")
    is_strict = any(re.match(r"'(nonce|sha\d+)-", one) for one in scripts)
    anywhere = {"*", "http:", "https:", "data:", "blob:", "http://*", "https://*"}
    if ("'unsafe-inline'" in scripts and not is_strict) or anywhere & {*scripts, *objects}:
        return -20
    if any(one.startswith("http:") for sources in policy.values() for one in sources):
        return -20
    if "'unsafe-eval'" in scripts:
        return -10
    if "'unsafe-inline'" in styles or anywhere & set(styles):
        return 0
    return 10 if policy.get("default-src") == ["'none'"] else 5


def _cookies(scan: Scan) -> int:
    stays = _hsts(scan.headers.get("Strict-Transport-Security", "")) >= 0
    worst = 5
    for name, cookie in scan.cookies.items():
        decides = bool(re.search("login|sess", name, re.I))
        if not cookie["secure"]:
            worst = min(worst, (-10 if decides else -5) if stays else (-40 if decides else -20))
        if decides and not cookie["httponly"]:
            worst = min(worst, -30)
        if re.search("csrf|xsrf", name, re.I) and not cookie["samesite"]:
            worst = min(worst, -20)
        if cookie["samesite"] not in ("Lax", "Strict"):
            worst = min(worst, 0)
    # Who sets none has nothing to be praised for.
    return worst if scan.cookies else 0


def _redirection(scan: Scan) -> int:
    status, location = scan.from_http
    target = urlsplit(location)
    if status not in (301, 302, 303, 307, 308):
        return -20
    if target.scheme != "https":
        return -20
    return 0 if target.hostname == scan.host else -5


def _referrer(header: str | None) -> int:
    if header is None:
        return 0
    last = header.split(",")[-1].strip().lower()
    if last in PRIVATE_REFERRERS:
        return 5
    # Unsafe ones, and words that are none.
    return -5


def _hsts(header: str) -> int:
    age = re.search(r"max-age=(\d+)", header)
    if age is None:
        return -20
    return 0 if int(age[1]) >= HALF_A_YEAR else -10


def _scripts(scan: Scan) -> int:
    if not scan.headers.get("Content-Type", "").startswith("text/html"):
        return 0
    worst = 0
    for tag in re.findall(r"<script\b[^>]*\bsrc=[^>]*>", scan.body):
        source = urlsplit(re.search(r"""\bsrc=["']?([^"'\s>]+)""", tag)[1])
        if source.hostname in (None, scan.host):
            continue
        is_secure, is_checked = source.scheme != "http", "integrity=" in tag
        worst = min(worst, (5 if is_checked else -5) if is_secure else (-20 if is_checked else -50))
    return worst


def _framing(policy: dict[str, list[str]], header: str) -> int:
    ancestors = policy.get("frame-ancestors")
    if ancestors and not {"*", "http:", "https:"} & set(ancestors):
        return 5
    return 0 if header.upper() in ("DENY", "SAMEORIGIN") else -20


def _corp(header: str | None) -> int:
    return {None: 0, "cross-origin": 0, "same-origin": 10, "same-site": 10}.get(header, -5)
