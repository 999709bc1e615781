"""Is it all working after an upgrade? Each thing is done, not asked about. VE-01 to VE-07

The guide's eight checks and ours. At an older release they go through the
models of that release; what it does not have is said and passed over.
"""

from __future__ import annotations

import logging
import os
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import redis
from django.conf import settings
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test import Client

from accounts.templatetags.times import local_words
from accounts.zones import Reader, Source, TimeFormat, reading_as
from panelmerge.lib.crypto import keyring
from panelmerge.releases.checking.everything import check
from panelmerge.releases.checking.integrity import encrypted_values
from panelmerge.releases.current import standing
from panelmerge.releases.looking import look
from panelmerge.releases.manifest import NEWEST
from panelmerge.releases.planning import state_after

ENTRY = "Release verification test"
# Half an hour before and after the clocks of London go forward.
BEFORE, AFTER = datetime(2025, 3, 30, 0, 30, tzinfo=UTC), datetime(2025, 3, 30, 1, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Result:
    """``is_well`` is None for what this release does not have."""

    title: str
    is_well: bool | None
    says: str

    def __str__(self) -> str:
        word = {True: "ok", False: "WRONG", None: "-"}[self.is_well]
        return f"{word:<6}{self.title}: {self.says}"


class Wrong(Exception):
    """A thing that was done and did not come out as it should."""


class NotYet(Exception):
    """This release does not have it."""


class _Undone(Exception):
    """Ends a transaction of which nothing is to stay."""


def verify_release() -> Iterator[Result]:
    """Every check, also behind one that fails."""
    applied = set(look(connection).applied)
    models = state_after(applied).apps
    checks: list[tuple[str, Callable[[], str]]] = [
        ("Release", _release),
        ("Time zone of a user", lambda: _stored_zone(models)),
        ("Times in a zone", _times),
        ("Time zone API", _zone_api),
        ("Announcements", lambda: _announcement(models)),
        ("Action types", lambda: _action_type(models)),
        ("Redis", _redis),
        ("Record of changes", lambda: _entry(models)),
        ("Encryption", _encryption),
        ("Tables, keys, indexes, words, triggers", _schema),
        ("Uploads", _uploads),
        ("Front page", _front_page),
    ]
    for title, do in checks:
        try:
            yield Result(title, True, do())
        except NotYet as reason:
            yield Result(title, None, str(reason))
        except Exception as error:
            logging.getLogger("panelmerge.releases").exception("verify_release: %s", title)
            yield Result(
                title, False, f"{type(error).__name__}: {error}" if not isinstance(error, Wrong) else str(error)
            )


@contextmanager
def _undone() -> Iterator[None]:
    """What is written while the block lasts is not there afterwards."""
    try:
        with transaction.atomic():
            yield
            raise _Undone
    except _Undone:
        return


def _model(models, app: str, name: str):
    try:
        return models.get_model(app, name)
    except LookupError:
        raise NotYet("this release does not have it") from None


def _only_at_the_newest() -> None:
    if standing().database != NEWEST:
        raise NotYet(f"pages and API answer at {NEWEST} only")


def _release() -> str:
    found = standing()
    if found.database is None:
        raise Wrong(f"the database is at no named release; next: {found.next}")
    return f"the database is at {found.database}, the code at {found.code}"


def _stored_zone(models) -> str:
    """1: the column is there and can be read, with nobody in the table too."""
    people = _model(models, "accounts", "User").objects
    if "timezone_preference" not in {field.name for field in people.model._meta.fields}:
        raise NotYet("people have time zones from 1.4.1 on")
    zone = people.exclude(timezone_preference=None).values_list("timezone_preference", flat=True).first()
    return f"the first one has {zone}" if zone else "nobody is there yet; the column can be read"


def _times() -> str:
    """2: one instant as a reader in London sees it, over the change to summer time."""
    shown = []
    with reading_as(Reader("Europe/London", Source.PREFERENCE, TimeFormat.TWENTY_FOUR)):
        for moment in (BEFORE, AFTER):
            shown.append(local_words(moment))
    if "00:30" not in shown[0] or "02:30" not in shown[1] or "BST" not in shown[1]:
        raise Wrong(f"{BEFORE} and {AFTER} are shown as {shown[0]} and {shown[1]}")
    return f"{shown[0]}, an hour later {shown[1]}"


def _zone_api() -> str:
    """3: called as a program calls it."""
    _only_at_the_newest()
    current, every = _get("/api/v1/timezone/current/").json(), _get("/api/v1/timezone/available/").json()
    if not every["count"] or "timezone" not in current:
        raise Wrong(f"it answers {current} and {every['count']} zones")
    return f"{every['count']} zones; here and now {current['timezone']}"


def _announcement(models) -> str:
    """4: written, read, and not kept."""
    messages, people = (
        _model(models, "announcements", "AdminMessage").objects,
        _model(models, "accounts", "User").objects,
    )
    mark = uuid.uuid4().hex
    with _undone():
        person = people.first() or people.create(username=mark, password="", email=f"{mark}@panelmerge.local")
        messages.create(title=mark, message=ENTRY, created_by=person)
        if messages.filter(title=mark).count() != 1:
            raise Wrong("what was written was not found")
    if messages.filter(title=mark).exists():
        raise Wrong("what was undone is still there")
    return f"written, read and undone; {messages.count():,} are there"


def _action_type(models) -> str:
    """5: the database is asked to take it."""
    entries = _model(models, "audit", "AuditLog").objects
    with _undone():
        entries.create(action_type="SECURITY_VIOLATION", action_description=ENTRY, ip_address="local")
    try:
        with _undone():
            entries.create(action_type="NO_SUCH_TYPE", action_description=ENTRY, ip_address="local")
    except IntegrityError:
        return "SECURITY_VIOLATION is taken, an unknown word is refused"
    raise Wrong("the database takes a word that is no action type")


def _redis() -> str:
    """6: a key set, read, and gone when its time is over."""
    if not settings.REDIS_URL:
        return "not configured; each process has a cache of its own"
    key = f"panelmerge:verify:{uuid.uuid4().hex}"
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=5, socket_connect_timeout=2)
    try:
        client.set(key, "x", px=200)
        if client.get(key) != b"x":
            raise Wrong("a key that was set was not found")
        time.sleep(0.3)
        if client.get(key) is not None:
            raise Wrong("a key outlived its time")
        found = client.info("server")["redis_version"]
    finally:
        client.close()
    cache.set("verify", "ok", 5)
    if cache.get("verify") != "ok":
        raise Wrong("the cache does not use it")
    return f"{found}; a key was set, read and expired"


def _entry(models) -> str:
    """7: one real entry, found again, with a right proof."""
    entries = _model(models, "audit", "AuditLog").objects
    mark = uuid.uuid4().hex
    if standing().database != NEWEST:
        made = entries.create(
            action_type="ADMIN_ACTION", action_description=f"{ENTRY} {mark}", ip_address="local", resource_id=mark
        )
        if not entries.filter(pk=made.pk, resource_id=mark).exists():
            raise Wrong("the entry was not found again")
        return f"entry {made.pk} was written and found; its proof begins with 2.0.0"
    from audit.events import Action
    from audit.keys import proof_keys
    from audit.models import AuditLog
    from audit.record import record
    from audit.rows import digest_of_content, mac_of

    with transaction.atomic():
        made = record(
            Action.ADMIN_ACTION, resource_type="verify_release", description=f"{ENTRY} {mark}", details={"mark": mark}
        )
    [found] = AuditLog.objects.filter(pk=made.pk).values()
    key = proof_keys().get(found["mac_key_id"])
    if found["details"] != {"mark": mark} or key is None or mac_of(key, found) != found["row_mac"]:
        raise Wrong(f"entry {made.pk} was written, and its proof is not right")
    if digest_of_content(key, found) != found["content_digest"]:
        raise Wrong(f"entry {made.pk} was written, and its details are not what was proven")
    return f"entry {made.pk} was written, found and proven"


def _encryption() -> str:
    """8: there and back, and every value that is there under the present keys."""
    text = "test ü"
    if keyring().decrypt(keyring().encrypt(text.encode(), "verify.release"), "verify.release").decode() != text:
        raise Wrong("what was encrypted came back otherwise")
    said, findings = encrypted_values(look(connection))
    if findings:
        raise Wrong("; ".join(map(str, findings[:3])))
    return f"a value went there and back; {said} are readable"


def _schema() -> str:
    lines: list[str] = []
    done = check(lines.append)
    if done.findings:
        raise Wrong("; ".join(map(str, done.findings[:5])) + "; see manage.py check_db")
    return f"{sum(line.startswith('ok') for line in lines)} things as they should be"


def _uploads() -> str:
    """A file can be written where uploads go, and nobody else can look in."""
    folder = Path(settings.MEDIA_ROOT)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o077:
        raise Wrong(f"{folder} is open to other users; run: chmod 700 {folder}")
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        file.write(b"x")
        file.flush()
        os.fsync(file.fileno())
    return f"{folder} can be written and is closed to other users"


def _front_page() -> str:
    _only_at_the_newest()
    answer = _get("/")
    return f"answers {answer.status_code} with {len(answer.content):,} bytes"


def _get(address: str):
    host = next((host for host in settings.ALLOWED_HOSTS if not host.startswith((".", "*"))), "localhost")
    answer = Client(raise_request_exception=False, headers={"host": host}).get(address, secure=True)
    if answer.status_code != 200:
        raise Wrong(f"{address} answers {answer.status_code}")
    return answer
