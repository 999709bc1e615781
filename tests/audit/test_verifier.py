"""F-13: the verifier itself is tried. Without any one of its checks, something that it must find goes unseen."""

from __future__ import annotations

import ast
import random
import sys
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit import guards, verifying
from audit.events import Action
from audit.models import AuditLog, ChainLink, Seal
from audit.proof import ProofKey
from audit.pruning import prune
from audit.record import record
from audit.sealing import seal_now, text_of
from tests.audit import tampering
from tests.audit.living import lines
from tests.audit.tampering import SEEN_INSIDE, STOLEN, begin_anew, write

pytestmark = pytest.mark.django_db(transaction=True)
SOURCE = Path(verifying.__file__).read_text()
TRIALS = 2


def checks() -> list[tuple[int, int]]:
    """Where the verifier says that something is wrong: (line, column) of each."""
    calls = [node for node in ast.walk(ast.parse(SOURCE)) if isinstance(node, ast.Call)]
    return [(one.lineno, one.col_offset) for one in calls if ast.unparse(one.func) in ("add", "self.verdict.add")]


def without(place: tuple[int, int]) -> types.ModuleType:
    """The verifier that looks at the same and keeps silent there."""

    class Silence(ast.NodeTransformer):
        def visit_Call(self, node: ast.Call) -> ast.AST:
            is_it = (node.lineno, node.col_offset) == place and ast.unparse(node.func).endswith("add")
            return ast.copy_location(ast.Constant(None), node) if is_it else self.generic_visit(node)

    module = types.ModuleType("audit.verifying_without")
    # Dataclasses look for their module there.
    sys.modules[module.__name__] = module
    exec(compile(Silence().visit(ast.parse(SOURCE)), "verifying_without", "exec"), module.__dict__)
    return module


@pytest.fixture
def record_(transactional_db, settings, tmp_path):
    """Twelve entries, of which all but a panel's were pruned; twenty more under two seals."""
    settings.AUDIT_CHECKPOINT_FILE = str(tmp_path / "audit.checkpoints")
    begin_anew()
    for name in ("ada", "grace"):
        User.objects.create_user(name, f"{name}@example.org")
    write(11)
    with transaction.atomic():
        record(Action.PANEL_CREATE, resource_type="savedpanel", resource_id="7", description="Created")
    seal_now()
    prune(living_panels=["7"], days=0)
    for batch in (1, 2):
        write(10, first=10 * batch)
        seal_now()


# --- What the tamperings of F-12 do not do by themselves: each returns the lines to check against, and the kind ----


def a_place_is_emptied_where_was_pruned(chance: random.Random) -> str:
    with guards.lifted():
        AuditLog.objects.filter(resource_type=verifying.PRUNED).update(resource_type="x")
    return "deleted"


def the_history_of_a_panel_goes_with_what_was_pruned(chance: random.Random) -> str:
    AuditLog.objects.filter(resource_type="savedpanel").delete()
    return "deleted"


def a_seal_by_a_key_that_is_gone(chance: random.Random) -> str:
    Seal.objects.filter(number=2).update(key_id="00000000")
    return "unknown_key"


def the_end_of_the_chain_without_its_seals(chance: random.Random) -> str:
    last = ChainLink.objects.order_by("-seq").first()
    AuditLog.objects.filter(pk=last.entry_id).delete()
    last.delete()
    return "cut"


def an_entry_that_waits_for_ever(chance: random.Random) -> str:
    with time_machine.travel(timezone.now() - timedelta(hours=1)):
        write(1, first=500)
    ChainLink.objects.filter(entry_id=AuditLog.objects.order_by("-pk").first().pk).delete()
    return "unsealed"


def another_address_of_a_person(chance: random.Random) -> str:
    AuditLog.objects.filter(pk=tampering._place(chance).entry_id).update(ip_address="192.0.2.99")
    return "altered"


def the_end_with_the_seal_that_vouched_for_it(chance: random.Random) -> str:
    cut = ChainLink.objects.filter(seq__gt=Seal.objects.get(number=2).last_seq)
    AuditLog.objects.filter(pk__in=cut.values("entry_id")).delete()
    cut.delete()
    Seal.objects.filter(number=3).delete()
    return "rolled_back"


INSIDE: tuple[Callable[[random.Random], str], ...] = (
    the_history_of_a_panel_goes_with_what_was_pruned,
    *(a_seal_by_a_key_that_is_gone, the_end_of_the_chain_without_its_seals, an_entry_that_waits_for_ever),
    *(another_address_of_a_person, a_place_is_emptied_where_was_pruned, the_end_with_the_seal_that_vouched_for_it),
)


def edited_lines() -> Iterator[tuple[list[str], str]]:
    """The checkpoint file with a line of somebody else's key, and with one that was edited."""
    was, seal = lines(), Seal.objects.get(number=2)
    stranger = ProofKey.of(STOLEN)
    theirs = f"{text_of(seal)} key {stranger.id} public {stranger.public} signature {stranger.sign(text_of(seal))}"
    yield [was[0], theirs, was[2]], "checkpoint_altered"
    yield [was[0], was[1].replace("entries 13-", "entries 12-"), was[2]], "checkpoint_altered"


class Undone(Exception):
    """Ends a trial."""


@contextmanager
def undone():
    with pytest.raises(Undone), guards.lifted():
        yield
        raise Undone


def unseen(verify: Callable) -> Iterator[str]:
    """What the verifier should have found and did not, or called by another name."""

    def misses(wanted: set[str], anchor: list[str] | None = None) -> bool:
        found = verify(anchor=anchor).findings
        return not found or found[0].kind not in wanted

    missed = False
    for tamper in INSIDE:
        with undone():
            was = lines()
            missed = misses({tamper(random.Random(1))}, was)
        if missed:
            yield tamper.__name__
    for anchor, kind in edited_lines():
        if misses({kind}, anchor):
            yield anchor[1]
    for tamper, wanted in SEEN_INSIDE.items():
        for trial in range(TRIALS):
            with undone():
                tamper(random.Random(trial))
                missed = misses(wanted)
            if missed:
                yield tamper.__name__


def test_the_verifier_as_it_is_sees_all(record_):
    assert len(checks()) >= 17
    assert verifying.verify(anchor=lines()).whole
    assert list(unseen(verifying.verify)) == []


@pytest.mark.parametrize("place", checks(), ids=lambda place: f"line {place[0]}")
def test_without_one_of_its_checks_the_verifier_misses_something(record_, place):
    assert next(unseen(without(place).verify), None)
