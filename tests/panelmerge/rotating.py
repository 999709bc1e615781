"""Rotation under four writers and kill -9, as a process of its own.

``python -m tests.panelmerge.rotating VALUES KILLS FOLDER`` prints one JSON object.
ENCRYPTION_KEY holds the new key and the old one.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import django
from django.conf import settings

WRITERS = 4


def forked(work: Callable[[], None], log: Path) -> int:
    """The process id of a child that does the work and ends; what went wrong stands in its log."""
    from django.db import connections

    connections.close_all()
    child = os.fork()
    if child:
        return child
    try:
        work()
        os._exit(0)
    except BaseException:
        log.write_text(traceback.format_exc())
        os._exit(1)


def fill(number: int) -> None:
    """Half of the values are names, half are details of events."""
    from accounts.models import User
    from audit.models import AuditLog

    half = number // 2
    people = (User(username=f"u{n}", email=f"u{n}@example.org", first_name=f"name {n}") for n in range(half))
    events = (
        AuditLog(action_type="VIEW", action_description="x", ip_address="local", details={"n": n}) for n in range(half)
    )
    User.objects.bulk_create(people, batch_size=500)
    AuditLog.objects.bulk_create(events, batch_size=500)


def write(place: int, folder: Path) -> None:
    """Change the names of one share of the people, each read back before: nobody else writes them."""
    from django.db import transaction

    from accounts.models import User
    from audit.events import Action
    from audit.record import record

    chance, stop = random.Random(place), folder / "stop"
    known = dict(User.objects.order_by("pk").values_list("pk", "first_name")[place::WRITERS])
    edits = 0
    while not stop.exists():
        pk = chance.choice(list(known))
        with transaction.atomic():
            person = User.objects.select_for_update().get(pk=pk)
            assert person.first_name == known[pk], (pk, person.first_name, known[pk])
            person.first_name = f"name {pk} edit {edits} by {place}"
            person.save(update_fields=["first_name"])
            record(Action.USER_UPDATE, target=person, description="edit", details={"edit": edits})
        known[pk] = person.first_name
        edits += 1
        time.sleep(0.004)
    wrong = [pk for pk, name in User.objects.values_list("pk", "first_name") if pk in known and known[pk] != name]
    (folder / f"writer{place}.json").write_text(json.dumps({"edits": edits, "wrong": wrong}))


def rotate(keys: list[str]) -> None:
    from panelmerge.rotation import rotate_keys

    settings.ENCRYPTION_KEYS = keys
    done = rotate_keys()
    assert not done.unreadable, done.unreadable


def main(number: int, kills: int, folder: Path) -> None:
    django.setup()
    from django.core.management import call_command

    from accounts.models import User
    from audit.models import AuditLog
    from panelmerge.rotation import count_by_key, rotate_keys

    new, old = settings.ENCRYPTION_KEYS
    call_command("migrate", verbosity=0)
    settings.ENCRYPTION_KEYS = [old]
    fill(number)
    settings.ENCRYPTION_KEYS = [new, old]
    writers = [forked(lambda place=place: write(place, folder), folder / f"log{place}") for place in range(WRITERS)]
    chance, at_work = random.Random(16), 0
    longest = max(0.3, number / 20_000)
    for turn in range(kills):
        # To and fro, so that there is always something to rewrite.
        ring = [old, new] if turn % 2 else [new, old]
        child = forked(lambda ring=ring: rotate(ring), folder / "rotator.log")
        time.sleep(chance.uniform(0.01, longest))
        os.kill(child, signal.SIGKILL)
        at_work += os.WIFSIGNALED(os.waitpid(child, 0)[1])
    done = rotate_keys()
    (folder / "stop").touch()
    ended = [os.waitstatus_to_exitcode(os.waitpid(writer, 0)[1]) for writer in writers]
    logs = [log.read_text() for log in folder.glob("*log*") if "Traceback" in log.read_text()]
    told = [json.loads(path.read_text()) for path in sorted(folder.glob("writer*.json"))]
    settings.ENCRYPTION_KEYS = [new]
    names = sum(name is not None for (name,) in User.objects.values_list("first_name").iterator())
    details = sum(value is not None for (value,) in AuditLog.objects.values_list("details").iterator())
    found = {
        "wrong": logs + [one for one in ended if one] + [pk for one in told for pk in one["wrong"]],
        "left": done.left,
        "unreadable": len(done.unreadable),
        "under": sorted({key for _, _, key, _ in count_by_key()}),
        "kills": kills,
        "killed_at_work": at_work,
        "edits": sum(one["edits"] for one in told),
        "readable": names + details,
    }
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "panelmerge.settings")
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
