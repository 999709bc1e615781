"""F-14: what is committed is sealed, once, in a gapless chain; nothing else is. AU-01"""

from __future__ import annotations

import os
import random
import re
import threading
import time
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import IntegrityError, ProgrammingError, connection, transaction

from accounts.models import User
from audit import guards, sealing
from audit.events import Action
from audit.models import AuditLog, ChainLink, Seal
from audit.proof import read_checkpoint, signed_by
from audit.record import record
from audit.sealing import seal_now, unsealed_for
from audit.verifying import verify
from tests.audit.tampering import begin_anew, write

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.django_db(transaction=True)
on_postgresql = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="late committers need PostgreSQL")
WRITERS = 16
EACH = 200 if os.environ.get("PANELMERGE_PROOF") else 15


@pytest.fixture(autouse=True)
def _checkpoints(transactional_db, settings, tmp_path):
    settings.AUDIT_CHECKPOINT_FILE = str(tmp_path / "kept" / "audit.checkpoints")
    begin_anew()
    for name in ("ada", "grace"):
        User.objects.create_user(name, f"{name}@example.org")


def checkpoints(settings) -> list[str]:
    return Path(settings.AUDIT_CHECKPOINT_FILE).read_text().splitlines()


def test_seal_signs_where_the_chain_stands_and_leaves_a_line_outside(settings):
    write(5)

    done = seal_now()

    seal = Seal.objects.get()
    found = read_checkpoint(checkpoints(settings)[0])
    assert (done.seal, seal.first_seq, seal.last_seq) == (1, 1, 5)
    assert found["chain"] == ChainLink.objects.get(seq=5).chain_hash
    assert signed_by(found["public"], found["text"], found["signature"])
    assert oct(Path(settings.AUDIT_CHECKPOINT_FILE).stat().st_mode & 0o777) == "0o600"


def test_seal_with_nothing_new_makes_no_seal(settings):
    write(2)
    seal_now()

    done = seal_now()

    assert (done.entries, done.seal, len(checkpoints(settings))) == (0, None, 1)


def test_an_entry_that_was_rolled_back_leaves_no_gap():
    write(2)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record(Action.VIEW, description="never was")
        raise ZeroDivisionError
    write(2, first=5)

    seal_now()

    assert list(ChainLink.objects.values_list("seq", flat=True)) == [1, 2, 3, 4]
    assert verify().whole


def test_a_checkpoint_file_that_cannot_be_written_is_said_and_loses_no_seal(settings, caplog, tmp_path):
    (tmp_path / "a file").touch()
    settings.AUDIT_CHECKPOINT_FILE = str(tmp_path / "a file" / "audit.checkpoints")
    write(1)

    done = seal_now()

    assert (done.seal, Seal.objects.count()) == (1, 1)
    assert "AUDIT_CHECKPOINT_FILE" in caplog.text


def test_the_age_of_what_waits_is_told():
    assert unsealed_for() == 0
    write(1)

    assert 0 < unsealed_for() < 60
    seal_now()
    assert unsealed_for() == 0


def test_seal_audit_says_what_it_did(capsys):
    write(3)

    call_command("seal_audit", "--dry-run")
    call_command("seal_audit")
    call_command("seal_audit")

    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("The oldest unsealed entry has waited")
    assert said[1:] == ["Seal 1 was made.", "Nothing was waiting for a seal."]


@on_postgresql
def test_a_forged_row_is_never_sealed_and_is_told():
    write(2)
    with guards.lifted():
        AuditLog.objects.filter(resource_id="1").update(action_description="was altered before its seal")

    done = seal_now()

    assert (done.entries, len(done.refused)) == (1, 1)
    assert set(verify().kinds) == {"altered"}


@on_postgresql
@pytest.mark.parametrize("table", guards.TABLES)
@pytest.mark.parametrize("verb", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_role_of_the_servers_writes_and_seals_and_changes_nothing(table, verb):
    """docs/audit.md: the pair of roles, with its own statements."""
    statements = re.search(r"```sql\n(.*?)```", (ROOT / "docs" / "audit.md").read_text(), re.S)[1].split(";")
    column = "id" if table == "audit_log" else "chain_hash"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE ROLE web")
        for statement in statements[1:-1]:
            cursor.execute(statement)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL ROLE web")
            record(Action.VIEW, description="as the role of the servers")
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL ROLE web")
            assert seal_now().entries == 1
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("SET LOCAL ROLE web")
            cursor.execute(verb.format(table, column, column))
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP OWNED BY web")
            cursor.execute("DROP ROLE web")


@on_postgresql
def test_truncate_is_refused_to_the_owner_too():
    for table in guards.TABLES:
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {table}")


def test_replacing_a_row_is_refused_as_changing_it_is():
    write(1)
    entry = AuditLog.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        verb = "INSERT OR REPLACE" if connection.vendor == "sqlite" else "INSERT"
        cursor.execute(
            f"{verb} INTO audit_log (id, action_type, action_description, ip_address, timestamp, success) "
            "VALUES (%s, 'LOGIN', 'other', 'x', CURRENT_TIMESTAMP, true)",
            [entry.pk],
        )

    assert AuditLog.objects.get().action_description == entry.action_description


@on_postgresql
def test_who_commits_late_is_sealed_after_others_were():
    inside, finish = threading.Event(), threading.Event()

    def late() -> None:
        try:
            with transaction.atomic():
                record(Action.VIEW, description="took its number first, commits last")
                inside.set()
                finish.wait(20)
        finally:
            connection.close()

    thread = threading.Thread(target=late)
    thread.start()
    inside.wait(20)
    write(3)
    first = seal_now()
    finish.set()
    thread.join()

    second = seal_now()

    assert first.entries + second.entries == 4
    assert ChainLink.objects.count() == 4
    assert verify().whole


@on_postgresql
def test_sealing_while_another_seals_does_nothing_and_says_so():
    write(2)
    other = connection.copy("other")
    with transaction.atomic(), other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [sealing.LOCK])

        meanwhile = seal_now()

    other.close()
    assert meanwhile == sealing.Sealed(0, None, by_another=True)
    assert seal_now().entries == 2


@on_postgresql
def test_entries_from_another_cluster_are_sealed_after_a_restore():
    """Their transaction numbers lie ahead of the new counter, and the seals' horizon as well."""
    write(2)
    seal_now()
    write(2, first=10)
    with guards.lifted():
        AuditLog.objects.filter(resource_id__in=["10", "11"]).update(tx_id=2**60)
        Seal.objects.update(settled_below=2**60)
    write(2, first=20)

    seal_now()

    assert ChainLink.objects.count() == 6
    write(1, first=30)
    seal_now()
    assert ChainLink.objects.count() == 7
    assert verify().whole


@on_postgresql
def test_what_is_sealed_is_what_was_committed_with_many_writers_and_sealers_that_die():
    """F-14"""
    committed, stop = [], threading.Event()

    def writer(number: int) -> None:
        chance = random.Random(number)
        try:
            for turn in range(EACH):
                keep = chance.random() > 0.3
                try:
                    with transaction.atomic():
                        entry = record(Action.VIEW, description=f"{number}/{turn}")
                        time.sleep(chance.random() * 0.05)
                        if not keep:
                            raise ZeroDivisionError
                    committed.append(entry.pk)
                except ZeroDivisionError:
                    continue
        finally:
            connection.close()

    def sealer() -> None:
        chance = random.Random(99)
        try:
            while not stop.is_set():
                try:
                    with transaction.atomic():
                        seal_now()
                        if chance.random() < 0.2:
                            raise ZeroDivisionError
                except ZeroDivisionError:
                    continue
        finally:
            connection.close()

    threads = [threading.Thread(target=writer, args=(number,)) for number in range(WRITERS)]
    sealers = [threading.Thread(target=sealer) for _ in range(2)]
    for thread in threads + sealers:
        thread.start()
    for thread in threads:
        thread.join()
    stop.set()
    for thread in sealers:
        thread.join()
    while seal_now().seal:
        continue

    links = list(ChainLink.objects.values_list("seq", "entry_id"))
    assert [seq for seq, _ in links] == list(range(1, len(committed) + 1))
    assert sorted(entry_id for _, entry_id in links) == sorted(committed)
    assert verify().whole


def test_the_server_seals_by_itself_within_two_seconds_of_a_record(settings):
    settings.AUDIT_SEAL_SOON = True
    write(3)

    for _ in range(100):
        if Seal.objects.exists() and unsealed_for() == 0:
            break
        time.sleep(0.1)

    assert ChainLink.objects.count() == 3
    assert sum(seal.last_seq - seal.first_seq + 1 for seal in Seal.objects.all()) == 3
    _wait_for_the_sealer()


def _wait_for_the_sealer() -> None:
    thread = sealing._thread
    if thread is not None:
        thread.join(20)


def test_no_thread_seals_while_that_is_left_to_others(settings):
    """The database is being exchanged: a sealer of this very process would hold it open."""
    settings.AUDIT_SEAL_SOON = True

    with sealing.left_to_others():
        write(1)
        threads = [thread.name for thread in threading.enumerate()]

    assert "audit sealer" not in threads
    assert seal_now().seal
