"""Whose address goes into the record: forged headers are believed from nobody. A-10."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from panelmerge.lib.net import client_address, resolve_client

NONE: list[str] = []
ONE = ["10.0.0.0/8"]
TWO = ["10.0.0.0/8", "192.0.2.7/32", "2001:db8::/32"]
CLIENT = "203.0.113.5"


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "trusted", "expected"),
    [
        # Nobody is trusted: the socket's other end, whatever the header says.
        (CLIENT, "", NONE, CLIENT),
        (CLIENT, "1.1.1.1", NONE, CLIENT),
        (CLIENT, "10.0.0.1, 1.1.1.1", NONE, CLIENT),
        ("10.0.0.1", "1.1.1.1", NONE, "10.0.0.1"),
        # Somebody is, but not who asks.
        (CLIENT, "1.1.1.1", ONE, CLIENT),
        (CLIENT, "10.0.0.1", ONE, CLIENT),
        ("::1", "1.1.1.1", ONE, "::1"),
        # A trusted proxy: the nearest address that is not ours.
        ("10.0.0.1", CLIENT, ONE, CLIENT),
        ("10.0.0.1", f"1.1.1.1, {CLIENT}", ONE, CLIENT),
        ("10.0.0.1", f"1.1.1.1,{CLIENT},10.0.0.2", ONE, CLIENT),
        ("10.0.0.1", f"evil, {CLIENT}, 192.0.2.7, 10.9.9.9", TWO, CLIENT),
        ("2001:db8::1", f"1.1.1.1, {CLIENT}", TWO, CLIENT),
        ("10.0.0.1", "", ONE, "10.0.0.1"),
        ("10.0.0.1", "10.0.0.2, 10.0.0.3", ONE, "10.0.0.1"),
        # Spellings.
        ("::ffff:10.0.0.1", CLIENT, ONE, CLIENT),
        ("10.0.0.1", f"::ffff:{CLIENT}", ONE, CLIENT),
        ("10.0.0.1", f"{CLIENT}:51234", ONE, CLIENT),
        ("10.0.0.1:80", f" {CLIENT} ", ONE, CLIENT),
        ("10.0.0.1", "[2001:db8::9]:443", ONE, "2001:db8::9"),
        ("10.0.0.1", "[2001:db8::9]", ONE, "2001:db8::9"),
        ("10.0.0.1", "2001:DB8:0::9", ONE, "2001:db8::9"),
        ("fe80::1%eth0", "", NONE, "fe80::1"),
        ("10.0.0.1", "fe80::1%<script>alert(1)</script>", ONE, "fe80::1"),
        # Malformed: the proxy itself.
        ("10.0.0.1", "unknown", ONE, "10.0.0.1"),
        ("10.0.0.1", f"{CLIENT}, unknown", ONE, "10.0.0.1"),
        ("10.0.0.1", f"{CLIENT},", ONE, "10.0.0.1"),
        ("10.0.0.1", "1.2.3", ONE, "10.0.0.1"),
        ("10.0.0.1", "1.2.3.4:x", ONE, "10.0.0.1"),
        ("10.0.0.1", "[::1", ONE, "10.0.0.1"),
        ("10.0.0.1", "999.1.1.1", ONE, "10.0.0.1"),
        ("10.0.0.1", "' OR 1=1 --", ONE, "10.0.0.1"),
        # A hundred hops are read and no more.
        ("10.0.0.1", ",".join([CLIENT, *["10.0.0.2"] * 99]), ONE, CLIENT),
        ("10.0.0.1", ",".join([CLIENT, *["10.0.0.2"] * 100]), ONE, "10.0.0.1"),
        # No address at all: a Unix socket.
        ("", CLIENT, ONE, "unknown"),
        ("unix:", CLIENT, ONE, "unix:"),
    ],
)
def test_resolve_client(peer, forwarded_for, trusted, expected):
    assert resolve_client(peer, forwarded_for, trusted) == expected


def test_client_address_of_a_request_with_every_forged_header(settings):
    settings.TRUSTED_PROXIES = []
    forged = {"HTTP_X_FORWARDED_FOR": "1.1.1.1", "HTTP_X_REAL_IP": "1.1.1.1", "HTTP_FORWARDED": "for=1.1.1.1"}

    address = client_address(RequestFactory().get("/", REMOTE_ADDR=CLIENT, **forged))

    assert address == CLIENT


def test_client_address_fits_the_column(settings):
    settings.TRUSTED_PROXIES = []

    assert len(client_address(RequestFactory().get("/", REMOTE_ADDR="x" * 99))) == 45
