"""Watching counts what happens, never what was typed. SM-01 to SM-04."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import User
from audit.models import AuditLog, BlockedAddress
from audit.threats import Signal, rules, threshold_of
from audit.watching import block, count_of, is_blocked, lift, notice, sign_in_failed, signed_in
from panelmerge.lib.errors import Refusal

pytestmark = pytest.mark.django_db
NETWORK = "192.0.2.7"


@pytest.fixture(autouse=True)
def _watching(settings):
    settings.SECURITY_MONITORING_ENABLED = settings.IP_BLOCKING_ENABLED = True


def told(action: str) -> int:
    return AuditLog.objects.filter(action_type=action).count()


@pytest.mark.parametrize(("sensitivity", "needed"), [("LOW", 10), ("MEDIUM", 5), ("HIGH", 2)])
def test_sensitivity_moves_the_threshold(sensitivity, needed):
    """SM-02"""
    rule = rules(brute_force_threshold=5, lockout_seconds=900)[Signal.SPRAYED]

    assert threshold_of(rule, sensitivity) == needed


def test_failures_at_many_accounts_are_a_brute_force_attempt_and_close_the_door():
    """SM-04"""
    for account in ("user:1", "user:1", "user:2", "user:3", "unknown:4"):
        sign_in_failed(account=account, network=NETWORK)
    before = told("BRUTE_FORCE_ATTEMPT")

    sign_in_failed(account="user:5", network=NETWORK)

    assert (before, told("BRUTE_FORCE_ATTEMPT")) == (0, 1)
    assert is_blocked(NETWORK, signed_in=False, signing_in=True)
    assert not is_blocked(NETWORK, signed_in=False)
    assert not is_blocked("192.0.2.8", signed_in=False, signing_in=True)


def test_a_success_between_begins_the_count_anew():
    for account in ("user:1", "user:2", "user:3", "user:4"):
        sign_in_failed(account=account, network=NETWORK)
    signed_in(account="user:9", network=NETWORK, is_new_network=False, by=None)

    sign_in_failed(account="user:5", network=NETWORK)

    assert told("BRUTE_FORCE_ATTEMPT") == 0


def test_failures_outside_of_the_window_are_forgotten(settings):
    with time_machine.travel(timezone.now() - timedelta(seconds=settings.LOCKOUT_DURATION + 5)):
        for account in ("user:1", "user:2", "user:3", "user:4"):
            sign_in_failed(account=account, network=NETWORK)

    sign_in_failed(account="user:5", network=NETWORK)

    assert told("BRUTE_FORCE_ATTEMPT") == 0


def test_a_sign_in_from_a_new_network_after_failures_is_told():
    ada = User.objects.create_user("ada", "ada@example.org")
    for _ in range(3):
        sign_in_failed(account=f"user:{ada.pk}", network=NETWORK)

    signed_in(account=f"user:{ada.pk}", network="198.51.100.1", is_new_network=True, by=ada)

    assert AuditLog.objects.get(action_type="SUSPICIOUS_ACTIVITY").user_id == ada.pk
    assert count_of(Signal.GUESSED, actor=f"user:{ada.pk}") == 0


def test_a_sign_in_from_the_usual_network_after_failures_is_not():
    for _ in range(3):
        sign_in_failed(account="user:1", network=NETWORK)

    signed_in(account="user:1", network=NETWORK, is_new_network=False, by=None)

    assert told("SUSPICIOUS_ACTIVITY") == 0


def test_a_burst_of_absent_things_is_told_once_and_blocks_people_not_signed_in():
    reached = [notice(Signal.NOT_FOUND, actor=NETWORK, network=NETWORK) for _ in range(70)]

    assert reached.count(True) == 1
    assert told("SUSPICIOUS_ACTIVITY") == 1
    assert is_blocked(NETWORK, signed_in=False)
    assert not is_blocked(NETWORK, signed_in=True)


def test_a_block_ends_by_itself(settings):
    for _ in range(60):
        notice(Signal.NOT_FOUND, actor=NETWORK, network=NETWORK)

    with time_machine.travel(timezone.now() + timedelta(hours=settings.IP_BLOCK_HOURS, seconds=5)):
        assert not is_blocked(NETWORK, signed_in=False)


def test_nothing_is_counted_where_monitoring_is_off(settings):
    """SM-01"""
    settings.SECURITY_MONITORING_ENABLED = False

    for number in range(80):
        notice(Signal.NOT_FOUND, actor=NETWORK, network=NETWORK)
        sign_in_failed(account=f"user:{number}", network=NETWORK)

    assert not BlockedAddress.objects.exists()
    assert not AuditLog.objects.filter(resource_type="threat").exists()


def test_a_trusted_proxy_is_never_blocked(settings):
    settings.TRUSTED_PROXIES = ["192.0.2.0/24"]

    for _ in range(60):
        notice(Signal.NOT_FOUND, actor=NETWORK, network=NETWORK)

    assert told("SUSPICIOUS_ACTIVITY") == 1
    assert not BlockedAddress.objects.exists()


@pytest.mark.parametrize(
    ("network", "days", "field"),
    [
        ("nowhere", 1, "network"),
        ("10.1.0.0/16", 1, "network"),
        ("198.51.100.0/24", 1, "network"),
        (NETWORK, -1, "ends_at"),
    ],
)
def test_a_block_that_would_hurt_is_refused_by_field(settings, network, days, field):
    settings.TRUSTED_PROXIES = ["10.1.2.0/24"]
    root = User.objects.create_superuser("root", "root@example.org", "a long password")

    with pytest.raises(Refusal) as refused:
        block(
            network=network,
            extent="all",
            reason="test",
            ends_at=timezone.now() + timedelta(days=days),
            by=root,
            own_network="198.51.100.4",
        )

    assert set(refused.value.errors) == {field}
    assert not BlockedAddress.objects.exists()


def test_a_hard_block_keeps_everybody_out_until_it_is_lifted():
    root = User.objects.create_superuser("root", "root@example.org", "a long password")
    made = block(
        network="192.0.2.0/24",
        extent="hard",
        reason="test",
        ends_at=timezone.now() + timedelta(days=1),
        by=root,
        own_network="198.51.100.4",
    )
    stood = is_blocked(NETWORK, signed_in=True)

    lift(block=made, by=root)

    assert stood
    assert not is_blocked(NETWORK, signed_in=True)
    assert list(AuditLog.objects.filter(action_type="ADMIN_ACTION").values_list("action_description", flat=True)) == [
        "Lifted the block of 192.0.2.0/24",
        "Blocked 192.0.2.0/24",
    ]


def test_the_server_turns_a_blocked_visitor_away_and_counts_what_it_refuses(settings):
    visitor = Client(REMOTE_ADDR=NETWORK)
    answers = [visitor.get(f"/nothing-{number}/").status_code for number in range(61)]

    page = visitor.get("/")

    assert answers == [404] * 60 + [403]
    assert page.status_code == 403
    assert "kept out for a while" in page.content.decode()
    assert Client(REMOTE_ADDR="198.51.100.1").get("/").status_code == 200
    assert visitor.get("/healthz").status_code == 200


def test_what_somebody_may_not_do_is_recorded_and_told_when_it_goes_on():
    """AU-02"""
    browser = Client()
    browser.force_login(User.objects.create_user("ada", "ada@example.org"))

    answers = {browser.get("/api/v1/audit/events/").status_code for _ in range(10)}

    denied = AuditLog.objects.get(action_type="ACCESS_DENIED")
    assert answers == {403}
    assert (denied.username, denied.resource_id, denied.success) == ("ada", "/api/v1/audit/events/", False)
    assert told("PRIVILEGE_ESCALATION") == 1


def test_blocks_are_made_and_lifted_in_the_back_office():
    """SM-03"""
    browser = Client(REMOTE_ADDR="198.51.100.4")
    browser.force_login(User.objects.create_superuser("root", "root@example.org", "a long password"))
    ends = timezone.now() + timedelta(days=1)
    form = {
        "network": "192.0.2.0/24",
        "extent": "all",
        "reason": "noise",
        "ends_at_0": f"{ends:%Y-%m-%d}",
        "ends_at_1": "12:00",
    }

    own = browser.post("/admin/audit/blockedaddress/add/", {**form, "network": "198.51.100.0/24"})
    made = browser.post("/admin/audit/blockedaddress/add/", form)
    stood = is_blocked(NETWORK, signed_in=False)
    browser.post(
        "/admin/audit/blockedaddress/", {"action": "lift_blocks", "_selected_action": BlockedAddress.objects.get().pk}
    )

    assert "Your own address lies in it" in own.content.decode()
    assert made.status_code == 302
    assert (stood, is_blocked(NETWORK, signed_in=False)) == (True, False)


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="threads share SQLite's database in memory badly")
@pytest.mark.django_db(transaction=True)
def test_workers_that_count_at_the_same_time_lose_nothing():
    def count() -> None:
        try:
            for _ in range(5):
                notice(Signal.NOT_FOUND, actor=NETWORK, network=NETWORK)
        finally:
            connection.close()

    workers = [threading.Thread(target=count) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert count_of(Signal.NOT_FOUND, actor=NETWORK) == 30
