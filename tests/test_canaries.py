"""F-23: forty canaries through five hundred flows. None in a log, a mail, an error page, an address or a key of the
cache, and none in clear text in the record, whatever fails on the way."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as project
from django.core import mail
from django.core.cache import cache
from django.db import DatabaseError, connection, transaction
from django.http import HttpResponse
from django.utils.module_loading import import_string

from accounts.models import User
from panelmerge.lib.logline import LineFormatter
from panels.actions.discussion import add_comment
from panels.actions.library import create_panel
from panels.actions.uploads import add_text
from tests.access import TABLE
from tests.accounts.acting import NEW_PASSWORD, PASSWORD
from tests.asking import ROLES, Asker, Row
from tests.world import settled

FLOWS = 500 if os.environ.get("PANELMERGE_PROOF") else 240
# Typed, pasted, uploaded or saved by somebody, and nobody else's business: who they are, notes, two genes.
ADA = (*(f"KANARI{number:02d}" for number in range(8)), "ZNF835", "ZNF836")
BOB = (*(f"KANARI{number:02d}" for number in range(8, 16)), "ZNF841", "ZNF844")
# Sent as what opens a door; the last ones are what really opens one.
SECRETS = tuple(f"kanari-secret-{number:02d}" for number in range(15))
FIELDS = ("password", "password1", "password2", "oldpassword", "code", "token", "secret", "key", "share_token", "state")
OPENING = (PASSWORD, NEW_PASSWORD, project.SECRET_KEY, project.ENCRYPTION_KEYS[0], project.AUDIT_KEYS[0])
CLEAR = ("audit_log", "axes_accessattempt", "axes_accessfailurelog", "axes_accesslog", "security_signal")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What an operator's log would have, with the lines of LOG_LEVEL=DEBUG too."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(LineFormatter())
    for name in project.LOGGING["handlers"]["stderr"]["filters"]:
        handler.addFilter(import_string(project.LOGGING["filters"][name]["()"])())
    root, template = logging.getLogger(), logging.getLogger("django.template")
    before = root.level, template.level
    root.setLevel(logging.DEBUG)
    template.setLevel(logging.INFO)
    root.addHandler(handler)
    yield text
    root.removeHandler(handler)
    root.setLevel(before[0])
    template.setLevel(before[1])


@pytest.fixture
def world(request, db, settings, tmp_path) -> Asker:
    """Somebody of a role, and Bob; both with names, a private panel, notes and a pasted list that are canaries."""
    settings.MEDIA_ROOT, settings.STATIC_ROOT = str(tmp_path / "uploads"), str(tmp_path)
    settings.EMAIL_CONFIGURED, settings.ACCOUNT_RATE_LIMITS = True, False
    asker = settled(request.param, tmp_path)
    for person in User.objects.filter(username__in=["ada", "bob"]):
        words = {"ada": ADA, "bob": BOB}[person.username]
        person.first_name, person.last_name, person.organization = words[:3]
        person.save()
        role, person.role = person.role, "USER"
        genes = [{"gene_symbol": words[8], "user_notes": words[3], "phenotype": words[4]}, words[9]]
        panel = create_panel(by=person, name="Kept", genes=genes, description=words[5]).panel
        add_comment(panel=panel.pk, by=person, text=words[6])
        add_text(text=f"BRCA1\n{words[7]}", owner=person, by=person)
        person.role = role
    mail.outbox.clear()
    return asker


def test_there_are_forty_canaries():
    assert len({*ADA, *BOB, *SECRETS, *OPENING}) == 40


@pytest.mark.parametrize(("role", "world"), [(role, role) for role in ROLES], indirect=["world"])
def test_no_canary_is_told(role, world, log):
    chance, found, statuses = random.Random(f"canaries {role}"), [], Counter()
    cookies = tuple(one.value for one in world.browser.cookies.values() if len(one.value) > 20)
    for number in range(-(-FLOWS // len(ROLES))):
        row, fault = chance.choice(TABLE), FAULTS[number % len(FAULTS)]
        begin = log.tell()
        with transaction.atomic():
            answer = flow(world, row, chance, fault)
            statuses[answer.status_code // 100] += 1
            log.seek(begin)
            seen = places(answer, log.read(), fault)
            transaction.set_rollback(True)
        mail.outbox.clear()
        found += [
            f"{row} ({fault.__name__}): {canary} in {place}"
            for place, text in seen.items()
            for canary in (*SECRETS, *OPENING, *cookies, *ADA, *BOB)
            # Who typed a gene or a name is told which one was wrong, and gets back what they typed.
            if canary in text and not (place == "an error page" and canary in ADA)
        ]

    assert found == []
    assert statuses[2] and statuses[4] and statuses[5], statuses


def flow(asker: Asker, row: Row, chance: random.Random, fault) -> HttpResponse:
    """One request of the table with canaries in every place that takes one."""
    sent = dict(zip(FIELDS, chance.sample(SECRETS, len(FIELDS)), strict=True))
    row = Row(row.route, row.method, row.who, row.done, row.of, _with_canaries(row, sent, chance), row.query)
    visitor = asker.visitor()
    visitor.headers = {"idempotency-key": SECRETS[0], "x-api-key": SECRETS[1], "referer": f"https://a/?{SECRETS[2]}"}
    if chance.random() < 0.3:
        visitor.headers["authorization"] = f"Bearer pm_{SECRETS[3]}"
    with fault(chance):
        answer = visitor.ask(row)
        if answer.streaming:
            answer.content = b"".join(answer.streaming_content)
    return answer


def _with_canaries(row: Row, secrets: dict[str, str], chance: random.Random) -> dict[str, Any] | None:
    """What is sent, with genes that are canaries. Forms get fields that they do not know as well; JSON sometimes,
    because it is refused for them."""
    if row.method == "GET":
        return None
    sent = _more_genes(row.sent or {}, chance.choice(ADA))
    return {**secrets, **sent} if not row.route.startswith("api/") or chance.random() < 0.3 else sent


def _more_genes(value: Any, canary: str) -> Any:
    if isinstance(value, dict):
        return {key: _more_genes(inner, canary) for key, inner in value.items()}
    if isinstance(value, list) and "BRCA1" in value:
        return [*value, canary]
    if isinstance(value, list):
        return [_more_genes(inner, canary) for inner in value]
    return f"BRCA1\n{canary}" if value == "BRCA1" else value


# --- What goes wrong -----------------------------------------------------------------------------------------------


@contextlib.contextmanager
def nothing_fails(chance: random.Random) -> Iterator[None]:
    yield


@contextlib.contextmanager
def the_database_fails(chance: random.Random) -> Iterator[None]:
    """One of the first queries, with what a database would say: values of the row among it."""
    turn = [chance.randrange(1, 12)]

    def fail(execute, sql, params, many, context):
        turn[0] -= 1
        if turn[0] == 0 and not sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            raise DatabaseError(f"broken on purpose at {sql[:20]}")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(fail):
        yield


@contextlib.contextmanager
def we_fail(chance: random.Random) -> Iterator[None]:
    """A fault of ours in the middle of a request: the log has the traceback."""
    turn = [chance.randrange(2, 12)]

    def fail(execute, sql, params, many, context):
        turn[0] -= 1
        if turn[0] == 0:
            raise RuntimeError("broken on purpose")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(fail):
        yield


FAULTS = (nothing_fails, the_database_fails, we_fail)


# --- Where it could be told --------------------------------------------------------------------------------------


def places(answer: HttpResponse, logged: str, fault) -> dict[str, str]:
    """Text by the place where no canary may stand."""
    headers = {key: value for key, value in answer.headers.items() if key != "Set-Cookie"}
    said = {"the log": logged, "a header": str(headers), "a mail": "\n".join(one.body for one in mail.outbox)}
    if answer.status_code >= 400:
        said["an error page"] = answer.content.decode(errors="replace")
    said["a key of the cache"] = " ".join(_keys())
    if not connection.needs_rollback:
        said |= {table: "\n".join(_rows(table)) for table in CLEAR}
    return said


def _keys() -> list[str]:
    """Of Redis or of this process."""
    if hasattr(cache, "_cache") and isinstance(cache._cache, dict):
        return list(cache._cache)
    return [str(key) for key in cache.iter_keys("*")] if hasattr(cache, "iter_keys") else []


def _rows(table: str) -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} ORDER BY 1 DESC LIMIT 50")
        yield from map(str, cursor.fetchall())
