"""Is the record whole? Streams the chain once, in order, and names the first thing that is wrong and its kind."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from audit.guards import ERASED
from audit.keys import proof_keys
from audit.models import AuditLog, ChainLink, Seal
from audit.proof import START, next_link, read_checkpoint, signed_by
from audit.rows import CONTENT, digest_of_content, digest_of_person, mac_of
from audit.sealing import text_of
from panelmerge.lib.crypto import Undecryptable

CHUNK = 2000
# An entry may wait so long for its seal.
GRACE = timedelta(minutes=1)
PRUNED, ERASURE = "audit_prune", "audit_erasure"
# Acts that set the database back on purpose; each names the last checkpoint that was written before.
SET_BACK = ("restore", "rollback")
# Neither pruned nor emptied: without them the proof cannot be told from a tampering.
EXPLAINS_THE_PROOF = (PRUNED, ERASURE, "audit_genesis", *SET_BACK)
# The history of a panel stays while the panel lives; the panels app says which do. It names nobody.
PANEL_HISTORY = "savedpanel"
NEVER_EMPTIED = (*EXPLAINS_THE_PROOF, PANEL_HISTORY)
MOST_NAMED = 100


@dataclass(frozen=True, slots=True)
class Finding:
    """``kind`` is a stable word; ``seq`` the place in the chain where there is one, else the entry's id or the seal's
    number is in the sentence."""

    kind: str
    seq: int | None
    sentence: str


@dataclass
class Verdict:
    """What was looked at and what was found; the first findings by name, all of them counted."""

    entries: int = 0
    pruned: int = 0
    erased: int = 0
    seals: int = 0
    checkpoints: int = 0
    unsealed: int = 0
    findings: list[Finding] = field(default_factory=list)
    kinds: Counter = field(default_factory=Counter)

    @property
    def whole(self) -> bool:
        return not self.kinds

    def add(self, kind: str, seq: int | None, sentence: str) -> None:
        self.kinds[kind] += 1
        if len(self.findings) < MOST_NAMED:
            self.findings.append(Finding(kind, seq, sentence))


def verify(*, first: int = 1, last: int | None = None, anchor: Iterable[str] | None = None) -> Verdict:
    """Check entries ``first`` to ``last`` of the chain (all by default), every seal, and what no seal covers yet.

    ``anchor``: lines of the checkpoint file; only they show that the end was cut
    off or the whole database set back. Reads in one snapshot on PostgreSQL.
    """
    with transaction.atomic():
        if connection.vendor == "postgresql" and len(connection.savepoint_ids) == 0:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        return _Check(first, last).run(anchor)


class _Check:
    def __init__(self, first: int, last: int | None) -> None:
        self.first, self.last = first, last
        self.keys = proof_keys()
        self.verdict = Verdict()
        self.erased = self._erasures()
        self.pruned_through, self.pruned_digest = self._pruned()
        self.missing = hashlib.sha256()

    def run(self, anchor: Iterable[str] | None) -> Verdict:
        self._chain()
        self._seals()
        if self.last is None:
            self._unsealed()
        if anchor is not None:
            self._anchor(anchor)
        return self.verdict

    # --- what may be absent, by events that are themselves under the proof ---

    def _proven_events(self, kind: str) -> Iterator[dict[str, Any]]:
        ids = AuditLog.objects.filter(resource_type=kind).order_by("pk").values_list("pk", flat=True)
        for columns in self._entries(list(ids)).values():
            key = self.keys.get(columns["mac_key_id"])
            if (
                key
                and "unreadable" not in columns
                and mac_of(key, columns) == columns["row_mac"]
                and digest_of_content(key, columns) == columns["content_digest"]
            ):
                yield columns

    def _erasures(self) -> dict[int, int]:
        """{user id: last entry that the erasure covers}"""
        return {event["details"]["user_id"]: event["details"]["through"] for event in self._proven_events(ERASURE)}

    def _pruned(self) -> tuple[int, str]:
        """(last place that pruning reached, digest of every place it emptied)."""
        through, digest = 0, ""
        for event in self._proven_events(PRUNED):
            through, digest = event["details"]["through"], event["details"]["sha256_of_places"]
        return through, digest

    # --- the chain ---

    def _chain(self) -> None:
        before = ChainLink.objects.filter(seq=self.first - 1).values_list("chain_hash", flat=True).first()
        chain, expected = before or START, self.first
        for seq, entry_id, mac, kept_hash, columns in self._links():
            if seq != expected:
                self.verdict.add("deleted", expected, f"Places {expected} to {seq - 1} of the chain are gone")
                chain = ChainLink.objects.filter(seq=seq - 1).values_list("chain_hash", flat=True).first() or chain
            expected = seq + 1
            linked = next_link(chain, seq, mac) if len(mac) == 64 else ""
            if linked != kept_hash:
                self.verdict.add("reordered", seq, f"Place {seq} does not follow from the one before it")
            chain = kept_hash if len(kept_hash) == 64 else chain
            self._entry(seq, entry_id, mac, columns)
        if (
            self.first == 1
            and self.last is None
            and self.missing.hexdigest() != (self.pruned_digest or hashlib.sha256().hexdigest())
        ):
            self.verdict.add("deleted", None, f"What is gone below place {self.pruned_through} is not what was pruned")

    def _links(self) -> Iterator[tuple[int, int, str, str, dict | None]]:
        """(place, entry's id, its MAC, chain's hash, the entry's columns or None), in the order of the chain."""
        links = ChainLink.objects.filter(seq__gte=self.first).order_by("seq")
        if self.last is not None:
            links = links.filter(seq__lte=self.last)
        rows = links.values_list("seq", "entry_id", "row_mac", "chain_hash").iterator(chunk_size=CHUNK)
        for chunk in _chunks(rows):
            entries = self._entries([entry_id for _, entry_id, _, _ in chunk])
            for seq, entry_id, mac, kept_hash in chunk:
                yield seq, entry_id, mac, kept_hash, entries.get(entry_id)

    def _entries(self, ids: list[int]) -> dict[int, dict]:
        """{id: the entry's columns}, of those that are there."""
        try:
            return {columns["id"]: columns for columns in AuditLog.objects.filter(pk__in=ids).order_by("pk").values()}
        except (Undecryptable, ValueError):
            return self._one_by_one(ids)

    def _one_by_one(self, ids: list[int]) -> dict[int, dict]:
        """The same where a value cannot be read: that entry is named, the others are still checked."""
        entries = {}
        for pk in ids:
            try:
                for columns in AuditLog.objects.filter(pk=pk).values():
                    entries[pk] = columns
            except (Undecryptable, ValueError) as error:
                plain = [one.attname for one in AuditLog._meta.concrete_fields if one.attname not in CONTENT]
                entries[pk] = {**AuditLog.objects.filter(pk=pk).values(*plain).get(), "unreadable": str(error)}
        return entries

    def _entry(self, seq: int, entry_id: int, mac: str, columns: dict | None) -> None:
        if columns is None:
            self.missing.update(seq.to_bytes(8, "big"))
            if seq <= self.pruned_through:
                self.verdict.pruned += 1
            else:
                self.verdict.add("deleted", seq, f"Entry {entry_id} at place {seq} is gone")
            return
        self.verdict.entries += 1
        self._content(f"place {seq}", seq, mac, columns)

    def _content(self, where: str, seq: int | None, mac: str | None, columns: dict) -> None:
        """The entry's own proof: its MAC, and the digests of what may be erased or encrypted anew."""
        add = self.verdict.add
        key = self.keys.get(columns["mac_key_id"])
        if columns["row_mac"] is None:
            add("forged", seq, f"Entry {columns['id']} bears no MAC: it was not written by PanelMerge")
            return
        if key is None:
            add(
                "unknown_key", seq, f"Entry {columns['id']} was signed by key {columns['mac_key_id']}, not in AUDIT_KEY"
            )
            return
        if mac_of(key, columns) != columns["row_mac"]:
            add("altered", seq, f"Entry {columns['id']} at {where} was altered")
            return
        if mac is not None and columns["row_mac"] != mac:
            add("replaced", seq, f"Entry {columns['id']} at {where} is not the one that was chained there")
            return
        erased = self.erased.get(columns["user_id"], 0) >= columns["id"]
        if digest_of_person(key, columns) != columns["person_digest"]:
            pseudonym = (f"{ERASED}-{columns['user_id']}", ERASED, None)
            if erased and pseudonym == (columns["username"], columns["ip_address"], columns["user_agent"]):
                self.verdict.erased += 1
            else:
                add("altered", seq, f"Name, address or agent of entry {columns['id']} at {where} were altered")
                return
        if "unreadable" in columns:
            add("unreadable", seq, f"Entry {columns['id']} at {where}: {columns['unreadable']}")
        elif digest_of_content(key, columns) != columns["content_digest"]:
            emptied = all(columns[name] is None for name in CONTENT)
            if not (erased and emptied and columns["resource_type"] not in NEVER_EMPTIED):
                add("altered", seq, f"Details of entry {columns['id']} at {where} were altered or swapped")

    # --- seals, what no seal covers, and the world outside ---

    def _seals(self) -> None:
        expected, reached = 1, 0
        for seals in _chunks(Seal.objects.order_by("number").iterator(chunk_size=CHUNK)):
            ends = ChainLink.objects.filter(seq__in=[seal.last_seq for seal in seals])
            hashes = dict(ends.values_list("seq", "chain_hash"))
            for seal in seals:
                self.verdict.seals += 1
                if seal.number != expected or seal.first_seq != reached + 1:
                    self.verdict.add("seal_deleted", seal.first_seq, f"Before seal {seal.number} a seal is gone")
                expected, reached = seal.number + 1, seal.last_seq
                self._seal(seal, hashes.get(seal.last_seq))

    def _seal(self, seal: Seal, chain_hash: str | None) -> None:
        """``chain_hash`` is what the chain says at the seal's end; None where it does not reach it."""
        key = self.keys.get(seal.key_id)
        if key is None:
            self.verdict.add("unknown_key", None, f"Seal {seal.number} was signed by key {seal.key_id}")
        elif not key.signed(text_of(seal), seal.signature):
            self.verdict.add("seal_altered", seal.last_seq, f"Seal {seal.number} was altered")
        elif self._covered(seal) and chain_hash != seal.chain_hash:
            self.verdict.add("cut", seal.last_seq, f"The chain does not reach or match seal {seal.number}")

    def _covered(self, seal: Seal) -> bool:
        return seal.last_seq >= self.first and (self.last is None or seal.last_seq <= self.last)

    def _unsealed(self) -> None:
        """Entries outside of the chain: young ones with a right MAC are waiting, the others are findings."""
        chained, young = ChainLink.objects.filter(entry_id=OuterRef("pk")), timezone.now() - GRACE
        waiting = AuditLog.objects.filter(~Exists(chained)).order_by("pk").values_list("pk", flat=True)
        for ids in _chunks(waiting.iterator(chunk_size=CHUNK)):
            for columns in self._entries(ids).values():
                self.verdict.unsealed += 1
                before = self.verdict.kinds.total()
                self._content("the end", None, None, columns)
                if self.verdict.kinds.total() == before and columns["timestamp"] < young:
                    self.verdict.add("unsealed", None, f"Entry {columns['id']} has waited too long for its seal")

    def _anchor(self, lines: Iterable[str]) -> None:
        """Every checkpoint that was ever written must still be true.

        What is missing is excused by a later line that an event under the proof
        names: the last one before the database was set back on purpose.
        """
        excusing, missing = self._excusing(), []
        publics = {key.id: key.public for key in self.keys.values()}
        for numbered in _chunks((number, line.strip()) for number, line in enumerate(lines, start=1)):
            found = {number: read_checkpoint(line) for number, line in numbered if line}
            seals = Seal.objects.in_bulk({one["number"] for one in found.values() if one})
            for number, line in numbered:
                if not line:
                    continue
                one = found[number]
                self.verdict.checkpoints += 1
                if one is None or publics.get(one["key_id"]) != one["public"]:
                    self.verdict.add("checkpoint_altered", None, f"Line {number} of the checkpoint file is not ours")
                elif not signed_by(one["public"], one["text"], one["signature"]):
                    self.verdict.add("checkpoint_altered", None, f"Line {number} of the checkpoint file was altered")
                elif one["number"] not in seals or text_of(seals[one["number"]]) != one["text"]:
                    missing.append((one["number"], one["last"], number))
                if line in excusing:
                    missing.clear()
        for seal, place, number in missing:
            self.verdict.add(
                "rolled_back",
                place,
                f"Seal {seal} of line {number} is not in the database: set back, or its end cut off",
            )

    def _excusing(self) -> set[str]:
        """The lines of checkpoints that events under the proof name as the last before the database was set back."""
        return {
            event["details"]["excused_until"]
            for kind in SET_BACK
            for event in self._proven_events(kind)
            if isinstance(event["details"], dict) and event["details"].get("excused_until")
        }


def _chunks(rows: Iterable[Any]) -> Iterator[list[Any]]:
    """Lists of so many that a query takes them at once."""
    rows = iter(rows)
    while chunk := list(islice(rows, CHUNK)):
        yield chunk
