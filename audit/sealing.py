"""The chain of entries and its seals.

On SQLite, where writers come one by one, an entry takes its place in the chain
in its own transaction. On PostgreSQL that would make every writer wait for the
one before, so entries are chained behind the commit, in batches: those whose
transaction is settled. A seal signs where the chain stood, and goes as one line
to the checkpoint file, outside of the database.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import Error, connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from audit.keys import proof_keys, signing_key
from audit.models import AuditLog, ChainLink, Seal
from audit.proof import START, checkpoint_line, next_link, seal_text
from audit.rows import mac_of

log = logging.getLogger(__name__)
# One sealer at a time on a PostgreSQL cluster; any fixed number.
LOCK = 0x70616E65
BATCH = 5000
# Seconds between the first unsealed entry and the seal.
SOON = 0.25
# Seconds until one looks again who found another at it: many processes asking each moment cost more than the sealing.
WHILE_ANOTHER_SEALS = 1.0


@dataclass(frozen=True, slots=True)
class Sealed:
    """What one pass did: entries chained, the seal's number (None when nothing was new), entries that were refused.
    ``by_another``: nothing was done, because another process is at it."""

    entries: int
    seal: int | None
    refused: tuple[int, ...] = ()
    by_another: bool = False


def link_inline(entry: AuditLog) -> None:
    """SQLite: give the entry its place now. Everywhere: have it sealed soon after the commit."""
    if connection.vendor == "sqlite":
        _link([(entry.pk, entry.row_mac)])
    transaction.on_commit(seal_soon, robust=True)


def _link(entries: list[tuple[int, str]]) -> None:
    last = ChainLink.objects.order_by("-seq").values_list("seq", "chain_hash").first()
    seq, chain = last or (0, START)
    links = []
    for entry_id, mac in entries:
        seq += 1
        chain = next_link(chain, seq, mac)
        links.append(ChainLink(seq=seq, entry_id=entry_id, row_mac=mac, chain_hash=chain))
    ChainLink.objects.bulk_create(links, batch_size=500)


def seal_now() -> Sealed:
    """Chain what is settled and sign where the chain stands. Safe to call from anywhere, any number of times."""
    with transaction.atomic():
        if connection.vendor == "postgresql" and not _sealing_alone():
            return Sealed(0, None, by_another=True)
        chained, refused, settled_below = 0, (), None
        if connection.vendor == "postgresql":
            chained, refused, settled_below = _chain_settled()
        seal = _seal(settled_below)
    if seal is not None:
        _checkpoint(seal)
    return Sealed(chained, seal.number if seal else None, refused)


def _sealing_alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return cursor.fetchone()[0]


def _chain_settled() -> tuple[int, tuple[int, ...], int]:
    """Chain every visible entry whose transaction is settled: (how many, ids that were refused, horizon).

    Below the horizon no transaction can still commit. Entries from the horizon of
    the last seal on are looked at again, so a late committer is never missed.
    Numbers that lie ahead of the counter come from another cluster, out of a
    restored backup: they are settled too.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint "
            "FROM pg_current_snapshot() AS s"
        )
        oldest_open, next_number = cursor.fetchone()
        since = Seal.objects.order_by("-number").values_list("settled_below", flat=True).first() or 0
        if since > next_number:
            since = 0
        cursor.execute(
            "SELECT id FROM audit_log a WHERE row_mac IS NOT NULL AND tx_id >= %s AND (tx_id < %s OR tx_id >= %s) "
            "AND NOT EXISTS (SELECT 1 FROM audit_chain c WHERE c.entry_id = a.id) ORDER BY id LIMIT %s",
            [since, oldest_open, next_number, BATCH],
        )
        ids = [entry_id for (entry_id,) in cursor.fetchall()]
    good, refused = _checked(ids)
    _link(good)
    # A full batch leaves older ones for the next pass, which must look from the same place.
    return len(good), refused, since if len(ids) == BATCH else oldest_open


def _checked(ids: list[int]) -> tuple[list[tuple[int, str]], tuple[int, ...]]:
    """(id, MAC) of the entries whose MAC is right, and ids of the others: a forged row is never sealed."""
    keys = proof_keys()
    good, refused = [], []
    for columns in AuditLog.objects.filter(pk__in=ids).order_by("pk").values():
        key = keys.get(columns["mac_key_id"])
        if key and mac_of(key, columns) == columns["row_mac"]:
            good.append((columns["id"], columns["row_mac"]))
        else:
            refused.append(columns["id"])
    if refused:
        log.error("Entries of the record do not bear their own MAC and were not sealed: %s", refused[:20])
    return good, tuple(refused)


def _seal(settled_below: int | None) -> Seal | None:
    """Sign the chain's end, if something came after the last seal."""
    end = ChainLink.objects.order_by("-seq").values_list("seq", "chain_hash").first()
    before = Seal.objects.order_by("-number").first()
    sealed_until, number = (before.last_seq, before.number) if before else (0, 0)
    if end is None or end[0] <= sealed_until:
        return None
    key, moment = signing_key(), timezone.now()
    text = seal_text(number + 1, sealed_until + 1, end[0], end[1], moment)
    return Seal.objects.create(
        number=number + 1,
        first_seq=sealed_until + 1,
        last_seq=end[0],
        chain_hash=end[1],
        sealed_at=moment,
        key_id=key.id,
        signature=key.sign(text),
        settled_below=settled_below,
    )


def text_of(seal: Seal) -> str:
    return seal_text(seal.number, seal.first_seq, seal.last_seq, seal.chain_hash, seal.sealed_at)


def _checkpoint(seal: Seal) -> None:
    """Append the seal's line. A file that cannot be written is said loudly; the seal stands in the database."""
    path = Path(settings.AUDIT_CHECKPOINT_FILE)
    line = checkpoint_line(text_of(seal), seal.key_id, proof_keys()[seal.key_id].public, seal.signature)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(line + "\n")
    except OSError as error:
        log.error("AUDIT_CHECKPOINT_FILE %s cannot be written: %s", path, error)


def unsealed_for() -> float:
    """Seconds since the oldest entry that no seal covers was written; 0 when all are sealed."""
    sealed_until = Seal.objects.order_by("-number").values_list("last_seq", "settled_below").first() or (0, None)
    waiting = AuditLog.objects.exclude(row_mac=None)
    if connection.vendor == "postgresql":
        chained = ChainLink.objects.filter(entry_id=OuterRef("pk"))
        waiting = waiting.filter(~Exists(chained), tx_id__gte=sealed_until[1] or 0)
    else:
        links = ChainLink.objects.filter(seq__gt=sealed_until[0]).values("entry_id")
        waiting = waiting.filter(pk__in=links)
    oldest = waiting.order_by("timestamp").values_list("timestamp", flat=True).first()
    return max(0.0, (timezone.now() - oldest).total_seconds()) if oldest else 0.0


# --- Soon after the commit, by a thread of this process --------------------------------------------

_waking = threading.Lock()
_left_to_others = False
_thread: threading.Thread | None = None


def seal_soon() -> None:
    """Have a thread of this process seal within a moment; one thread, gone when nothing is left to do."""
    global _thread
    if not settings.AUDIT_SEAL_SOON or _left_to_others:
        return
    with _waking:
        if _thread is None or not _thread.is_alive():
            _thread = threading.Thread(target=_seal_until_done, name="audit sealer", daemon=True)
            _thread.start()


@contextmanager
def left_to_others() -> Iterator[None]:
    """No thread of this process seals while the block lasts, and one that does has ended: it would have the very
    database open that is to be exchanged, and wait for whoever waits for it."""
    global _left_to_others
    _left_to_others = True
    try:
        if (thread := _thread) is not None:
            thread.join()
        yield
    finally:
        _left_to_others = False


def _seal_until_done() -> None:
    global _thread
    pause = SOON
    try:
        while True:
            time.sleep(pause)
            done = seal_now()
            pause = WHILE_ANOTHER_SEALS if done.by_another else SOON
            if done.by_another:
                continue
            with _waking:
                if done.seal is None and unsealed_for() == 0:
                    _thread = None
                    return
    except Error as error:
        # The next record starts another; seal_audit and /readyz show what is waiting.
        log.warning("Sealing waits: %s", error)
    finally:
        connection.close()
