"""Watching over the door: signals are counted, what is odd is recorded, and a network may be kept out for a while."""

from __future__ import annotations

import ipaddress
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from audit.denials import record_denial
from audit.events import Action
from audit.models import BlockedAddress, SecuritySignal
from audit.record import record
from audit.threats import Rule, Signal, rules, threshold_of
from panelmerge.lib.errors import Refusal

LONGEST = timedelta(days=366)


def current_rules() -> dict[Signal, Rule]:
    return rules(brute_force_threshold=settings.BRUTE_FORCE_THRESHOLD, lockout_seconds=settings.LOCKOUT_DURATION)


def notice(signal: Signal, *, actor: str, network: str | None, by: Any = None, subject: str = "") -> bool:
    """Count a signal. True when it was the one that reached the rule's threshold: then it is recorded, and the network
    kept out where the rule says so and IP_BLOCKING_ENABLED is on. Does nothing without SECURITY_MONITORING_ENABLED."""
    if not settings.SECURITY_MONITORING_ENABLED:
        return False
    rule = current_rules()[signal]
    with transaction.atomic():
        reached = _counted(rule, actor, subject) == threshold_of(rule, settings.THREAT_DETECTION_SENSITIVITY)
        if reached:
            _alert(rule, actor, network, by)
    return reached


@transaction.atomic
def sign_in_failed(*, account: str, network: str | None) -> None:
    """A wrong password. ``account`` is the key that lockout counts under."""
    if not settings.SECURITY_MONITORING_ENABLED:
        return
    _counted(current_rules()[Signal.GUESSED], account, "")
    if network is not None:
        notice(Signal.SPRAYED, actor=network, network=network, subject=account)


def signed_in(*, account: str, network: str | None, is_new_network: bool, by: Any) -> None:
    """A right password: the network is no sprayer, and failures before it from elsewhere are odd."""
    if not settings.SECURITY_MONITORING_ENABLED:
        return
    rule = current_rules()[Signal.GUESSED]
    with transaction.atomic():
        if network is not None:
            forget(Signal.SPRAYED, actor=network)
        failures = count_of(Signal.GUESSED, actor=account)
        if is_new_network and failures >= threshold_of(rule, settings.THREAT_DETECTION_SENSITIVITY):
            _alert(rule, account, network, by)
        forget(Signal.GUESSED, actor=account)


def forget(signal: Signal, *, actor: str) -> None:
    """Begin counting anew, as after a success."""
    SecuritySignal.objects.filter(signal=signal, actor=actor).delete()


def count_of(signal: Signal, *, actor: str) -> int:
    """How many signals of the kind stand against the actor now."""
    rule = current_rules()[signal]
    found = SecuritySignal.objects.filter(
        signal=signal, actor=actor, since__gt=timezone.now() - timedelta(seconds=rule.seconds)
    )
    return sum(found.values_list("count", flat=True))


def _counted(rule: Rule, actor: str, subject: str) -> int:
    """How many there are now, this one included; each subject once where the rule counts different ones."""
    now = timezone.now()
    start = now - timedelta(seconds=rule.seconds)
    SecuritySignal.objects.filter(signal=rule.signal, actor=actor, since__lte=start).delete()
    subject = subject if rule.distinct else ""
    before = SecuritySignal.objects.filter(signal=rule.signal, actor=actor, subject=subject).exists()
    with connection.cursor() as cursor:
        # One statement, so that workers who count at the same time lose nothing.
        cursor.execute(
            "INSERT INTO security_signal (signal, actor, subject, count, since) VALUES (%s, %s, %s, 1, %s) "
            "ON CONFLICT (signal, actor, subject) DO UPDATE SET count = security_signal.count + 1 RETURNING count",
            [str(rule.signal), actor[:60], subject[:80], connection.ops.adapt_datetimefield_value(now)],
        )
        count = cursor.fetchone()[0]
    if not rule.distinct:
        return count
    # A subject that was there already is no news.
    return 0 if before else SecuritySignal.objects.filter(signal=rule.signal, actor=actor).count()


def _alert(rule: Rule, actor: str, network: str | None, by: Any) -> None:
    record_denial(
        Action(rule.action),
        by=by,
        resource_type="threat",
        resource_id=actor,
        description=f"{actor} {rule.sentence}",
        details={"signal": str(rule.signal), "within_seconds": rule.seconds, "network": network},
    )
    signed_in = by is not None and by.is_authenticated
    if rule.blocks and network and settings.IP_BLOCKING_ENABLED and not signed_in and not _is_ours(network):
        now = timezone.now()
        block = BlockedAddress.objects.create(
            network=network,
            extent=rule.blocks,
            reason=f"It {rule.sentence}",
            created_at=now,
            ends_at=now + timedelta(hours=settings.IP_BLOCK_HOURS),
        )
        record(Action.SYSTEM_SECURITY, target=block, description=f"Blocked {network}: it {rule.sentence}")


def is_blocked(network: str | None, *, signed_in: bool, signing_in: bool = False) -> bool:
    """Whether a request from the network is turned away. One query; none without IP_BLOCKING_ENABLED."""
    if not settings.IP_BLOCKING_ENABLED or network is None:
        return False
    blocks = BlockedAddress.objects.standing(timezone.now()).values_list("network", "extent")
    for blocked, extent in blocks:
        closed = extent == "hard" or (not signed_in and (extent == "all" or signing_in))
        if closed and _lies_in(network, blocked):
            return True
    return False


@transaction.atomic
def block(
    *, network: str, extent: str, reason: str, ends_at: datetime, by: Any, own_network: str | None
) -> BlockedAddress:
    """Keep a network out until then. Refused for the trusted proxies and for the address of whoever says so."""
    wanted = checked_network(network, ends_at, own_network)
    made = BlockedAddress.objects.create(
        network=wanted, extent=extent, reason=reason, created_at=timezone.now(), ends_at=ends_at
    )
    record(
        Action.ADMIN_ACTION,
        by=by,
        target=made,
        description=f"Blocked {wanted}",
        new={"extent": extent, "reason": reason, "ends_at": ends_at.isoformat()},
    )
    return made


def checked_network(network: str, ends_at: datetime, own_network: str | None) -> str:
    """The network as it will stand. Refusal names the field: no network, a proxy of ours, one's own, no good end."""
    try:
        wanted = str(ipaddress.ip_network(network.strip(), strict=False))
    except ValueError as error:
        raise _no("network", "Write an address, or a network such as 192.0.2.0/24.") from error
    if _is_ours(wanted):
        raise _no("network", "A trusted proxy lies in it: everybody would be kept out.")
    if own_network and _lies_in(own_network, wanted):
        raise _no("network", "Your own address lies in it.")
    if not timezone.now() < ends_at <= timezone.now() + LONGEST:
        raise _no("ends_at", "A block ends in the future, and within a year.")
    return wanted


def _no(field: str, sentence: str) -> Refusal:
    return Refusal(f"{field}: {sentence}", errors={field: [sentence]})


@transaction.atomic
def lift(*, block: BlockedAddress, by: Any) -> None:
    """Let the network in again, from the next request on."""
    lifted = BlockedAddress.objects.filter(pk=block.pk, lifted_at=None).update(lifted_at=timezone.now())
    if lifted:
        record(Action.ADMIN_ACTION, by=by, target=block, description=f"Lifted the block of {block.network}")


def _lies_in(address: str, network: str) -> bool:
    try:
        inner = ipaddress.ip_network(address, strict=False)
        outer = ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False
    return inner.version == outer.version and inner.subnet_of(outer)


def _is_ours(network: str) -> bool:
    """Whether a trusted proxy lies in the network, or the network in one."""
    return any(_lies_in(proxy, network) or _lies_in(network, proxy) for proxy in settings.TRUSTED_PROXIES)
