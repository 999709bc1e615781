"""F-15: whatever changes something is recorded, exactly so; and where the record cannot be written, nothing changes."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.core import mail
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from accounts.actions.tokens import create_token
from accounts.models import User
from announcements.actions import publish
from audit.models import AuditLog
from audit.watching import block
from panelmerge.lib.errors import Unavailable
from panels.actions.catalogue import load_catalogue
from panels.actions.uploads import add_text, add_upload
from panels.models import Gene
from tests.access import TABLE
from tests.accounts.acting import PASSWORD, Browser, break_the_record
from tests.asking import FORBIDDEN, HIDDEN, SIGN_IN, STRANGER, Asker
from tests.fakes.panelapp import demo_bodies
from tests.panels.actions.mirror import listing, written
from tests.panels.library_recorded import LOOKED_AT, LOOKING
from tests.recorded_actions import ACTIONS, MODULES, PARTS, READS, UNRECORDED, Place
from tests.recorded_addresses import CHANGES_NOTHING, ELSEWHERE, VISITS, Visit
from tests.recorded_addresses import UNRECORDED as UNRECORDED_ADDRESSES
from tests.world import settled

pytestmark = pytest.mark.django_db
# Too many rows to compare, and loaded by one action only.
NOT_COMPARED = (Gene, apps.get_model("sessions", "Session"))
CHANGES = re.compile(
    r"(?<!digest)\.(save|create|update|delete|bulk_create|update_or_create|get_or_create)\(|set_cookie\("
)


@pytest.fixture
def place(settings, tmp_path) -> Place:
    settings.MEDIA_ROOT, settings.STATIC_ROOT = str(tmp_path / "uploads"), str(tmp_path)
    settings.AUDIT_CHECKPOINT_FILE = str(tmp_path / "audit.checkpoints")
    settings.SECURITY_MONITORING_ENABLED = settings.IP_BLOCKING_ENABLED = True
    cache.clear()
    [body] = demo_bodies("uk", 1)
    load_catalogue(path=written(tmp_path, listing(body), body), source="uk")
    ada = User.objects.create_user("ada", "ada@example.org", PASSWORD, is_verified=True)
    root = User.objects.create_superuser("root", "root@example.org", PASSWORD)
    add_upload(name="two.csv", content=b"gene,other\nBRCA1,TP53\n", owner=ada, by=ada)
    add_text(text="BRCA1", session_key="visitor")
    soon = timezone.now() + timedelta(days=1)
    create_token(by=ada, name="old", scope="read", expires_at=soon)
    publish(by=root, title="Tonight", message="We move.")
    block(network="198.51.100.7", extent="all", reason="test", ends_at=soon, by=root, own_network=None)
    Browser().sign_in("ada")
    Browser().sign_in("ada", "wrong")
    return Place(ada, root, tmp_path)


def functions() -> Iterator[str]:
    """Every public function of the modules."""
    for name in MODULES:
        module = importlib.import_module(name)
        inside = [one.name for one in pkgutil.iter_modules(getattr(module, "__path__", []), f"{name}.")]
        for found in inside or [name]:
            for function, value in vars(importlib.import_module(found)).items():
                if inspect.isfunction(value) and value.__module__ == found and not function.startswith("_"):
                    yield f"{found}.{function}"


def snapshot() -> dict[str, list]:
    """All rows of all tables, and the files that were brought along."""
    rows = {
        model._meta.label: list(model._base_manager.order_by("pk").values_list())
        for model in apps.get_models()
        if not model._meta.proxy and model not in NOT_COMPARED
    }
    return rows | {"files": sorted(path.name for path in Path(django_settings.MEDIA_ROOT).glob("*"))}


def newest() -> int:
    return AuditLog.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def recorded_since(pk: int) -> list[str]:
    return list(AuditLog.objects.filter(pk__gt=pk).order_by("pk").values_list("action_type", flat=True))


def test_every_action_has_its_place_in_the_table():
    known = [*ACTIONS, *PARTS, *UNRECORDED, *READS]

    assert sorted(set(functions()) - set(known)) == [], "Say in tests/recorded_actions.py what they leave in the record"
    assert sorted(set(known) - set(functions())) == []
    assert len(known) == len(set(known)) and set(PARTS.values()) <= set(ACTIONS)


def test_what_only_reads_holds_no_word_that_writes():
    for name in READS:
        module, _, function = name.rpartition(".")
        assert not CHANGES.search(inspect.getsource(getattr(importlib.import_module(module), function))), name


def test_every_action_leaves_exactly_its_events(place):
    wrong = []
    for name, deed in ACTIONS.items():
        with transaction.atomic():
            deed.prepare(place)
            before = newest()
            deed.act(place)
            found = recorded_since(before)
            transaction.set_rollback(True)
        if found != deed.events:
            wrong.append(f"{name}: expected {deed.events}, was {found}")

    assert not wrong, "\n".join(wrong)


def test_every_action_without_a_record_changes_nothing(place, monkeypatch):
    """AU-01: no entry, no change."""
    wrong = []
    for name, deed in ACTIONS.items():
        with transaction.atomic(), monkeypatch.context() as broken:
            deed.prepare(place)
            before = snapshot()
            break_the_record(broken)
            try:
                # In no transaction but its own.
                deed.act(place)
                wrong.append(f"{name}: went on without a record")
            except Unavailable:
                pass
            after = snapshot()
            transaction.set_rollback(True)
        wrong += [f"{name}: changed {table}" for table in before if after[table] != before[table]]

    assert not wrong, "\n".join(wrong)


# --- The same, asked through the doors ---------------------------------------------------------------------------


def mutating() -> set[tuple[str, str]]:
    """Addresses with a method that is not safe, where somebody is not simply refused."""
    refused = {SIGN_IN, STRANGER, FORBIDDEN, HIDDEN}
    return {(row.route, row.method) for row in TABLE if row.method != "GET" and not set(row.who.split()) <= refused}


def test_every_address_that_changes_something_has_its_place():
    known = [*{(one.row.route, one.row.method) for one in VISITS}, *CHANGES_NOTHING, *UNRECORDED_ADDRESSES, *ELSEWHERE]

    assert sorted(mutating() - set(known)) == [], "Say in tests/recorded_addresses.py what they record"
    assert all((route, method) in {(row.route, row.method) for row in TABLE} for route, method in known)


@pytest.mark.parametrize("role", ["ADMIN", "anonymous"])
def test_every_address_leaves_exactly_its_events(role, tmp_path, open_site):
    asker, wrong = settled(role, tmp_path), []
    for one in VISITS:
        if one.role != role:
            continue
        with transaction.atomic():
            visitor = prepared(asker, one)
            before = newest()
            answer = visitor.ask(one.row)
            found = recorded_since(before)
            transaction.set_rollback(True)
        if (answer.status_code, found) != (one.row.done, one.events):
            wrong.append(f"{one}: expected {one.row.done} {one.events}, was {answer.status_code} {found}")

    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", ["ADMIN", "anonymous"])
def test_every_address_without_a_record_changes_nothing_and_answers_503(role, tmp_path, open_site, monkeypatch):
    """AU-01, A-20: and no mail says otherwise."""
    asker, wrong = settled(role, tmp_path), []
    for one in VISITS:
        if one.role != role or not one.events:
            continue
        with transaction.atomic(), monkeypatch.context() as broken:
            visitor = prepared(asker, one)
            mail.outbox.clear()
            before = snapshot()
            break_the_record(broken)
            answer = visitor.ask(one.row)
            after = snapshot()
            transaction.set_rollback(True)
        if answer.status_code != 503 or mail.outbox:
            wrong.append(f"{one}: answered {answer.status_code}, {len(mail.outbox)} mails")
        changed = [table for table in before if after[table] != before[table] and table not in one.keeps]
        wrong += [f"{one}: changed {table}" for table in changed]

    assert not wrong, "\n".join(wrong)


def test_what_reads_or_computes_changes_nothing(tmp_path, open_site):
    """A-13: no GET has an effect; nor have the posts that the table says so of."""
    asker, wrong = settled("ADMIN", tmp_path), []
    before, last = snapshot(), newest()
    for row in TABLE:
        if row.method != "GET" and (row.route, row.method) not in CHANGES_NOTHING:
            continue
        with transaction.atomic():
            asker.visitor().ask(row)
            after, left = snapshot(), set(recorded_since(last)) - {"ACCESS_DENIED"}
            transaction.set_rollback(True)
        changed = [table for table in before if after[table] != before[table] and not table.startswith("audit.")]
        looked_at = LOOKED_AT if row.method == "GET" and row.route.startswith(LOOKING) else set()
        wrong += [f"{row}: changed {what}" for what in (*changed, *left) if what not in looked_at]

    assert not wrong, "\n".join(wrong)


@pytest.fixture
def open_site(db, settings, tmp_path) -> None:
    settings.MEDIA_ROOT, settings.STATIC_ROOT = str(tmp_path / "uploads"), str(tmp_path)
    settings.EMAIL_CONFIGURED, settings.ACCOUNT_RATE_LIMITS = True, False
    known = {"provider_id": "oidc", "name": "Hospital", "client_id": "x", "settings": {"server_url": "http://[::1]:1"}}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [known]}}
    cache.clear()


def prepared(asker: Asker, one: Visit) -> Asker:
    visitor = asker.visitor()
    visitor.things["accounts/user"] = {"object_id": User.objects.get(username="bob").pk}
    made = one.prepare(visitor)
    if isinstance(made, dict):
        visitor.things[""] = visitor.things[""] | made
    return visitor
