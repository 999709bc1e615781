"""The address of the client, believed only from proxies that the operator named."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

from django.conf import settings
from django.http import HttpRequest

MAX_HOPS = 100
_WITH_PORT = re.compile(r"\[([0-9a-fA-F:.]+)\](?::\d{1,5})?|([0-9.]+):\d{1,5}")


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An address out of ``1.2.3.4``, ``1.2.3.4:80``, ``[::1]:80`` or ``::ffff:1.2.3.4``."""
    text = text.strip()
    if with_port := _WITH_PORT.fullmatch(text):
        text = with_port[1] or with_port[2]
    try:
        # Without the zone of fe80::1%eth0: it may be any text, and is nothing outside of one machine.
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address


def resolve_client(peer: str, forwarded_for: str, trusted: Iterable[str]) -> str:
    """The nearest address that is not one of ours.

    ``peer`` is the socket's other end. Only when it is trusted is
    X-Forwarded-For read, from the right, to the first address that is not
    trusted; anything malformed on the way falls back to the peer.
    """
    networks = [ipaddress.ip_network(network) for network in trusted]
    address = _address(peer)
    if address is None:
        return peer or "unknown"
    if not any(address in network for network in networks):
        return str(address)
    hops = forwarded_for.split(",")[-MAX_HOPS:] if forwarded_for else []
    for hop in reversed(hops):
        found = _address(hop)
        if found is None:
            return str(address)
        if not any(found in network for network in networks):
            return str(found)
    return str(address)


def client_address(request: HttpRequest) -> str:
    """At most 45 characters, as ``audit_log.ip_address`` holds them."""
    peer = request.META.get("REMOTE_ADDR", "")
    return resolve_client(peer, request.META.get("HTTP_X_FORWARDED_FOR", ""), settings.TRUSTED_PROXIES)[:45]


def network_of(address: str) -> str | None:
    """What counts as one network: an IPv4 address itself, the first address of an IPv6 /64; None for no address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return None
    if found.version == 6:
        return str(ipaddress.ip_network((found, 64), strict=False).network_address)
    return str(found)


def client_network(request: HttpRequest) -> str | None:
    return network_of(client_address(request))
