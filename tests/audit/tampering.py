"""What somebody with SQL could do to the record: one function a kind, each changes one place chosen by chance.

Each returns the place in the chain that the verifier must name, or None where there is no such place.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from django.db import connection, transaction

from accounts.models import User
from audit import guards
from audit.events import Action
from audit.models import AuditLog, ChainLink, Seal
from audit.proof import ProofKey
from audit.record import record
from audit.rows import mac_of
from audit.sealing import seal_now

TEXT = ("action_description", "ip_address", "user_agent", "session_id", "resource_type", "resource_id", "request_id")
STOLEN = "c3RvbGVuIGZyb20gYW5vdGhlciBpbnN0YWxsYXRpb24hISE="


def begin_anew() -> None:
    """Without the entry that loading gene names before the first test leaves."""
    with guards.lifted():
        for table in (AuditLog, ChainLink, Seal):
            table.objects.all().delete()


def write(number: int, first: int = 0) -> None:
    """Entries of several kinds, by two people, with and without details."""
    people = list(User.objects.order_by("pk")[:2])
    for position in range(first, first + number):
        with transaction.atomic():
            record(
                Action.VIEW if position % 3 else Action.PROFILE_UPDATE,
                by=people[position % 2],
                resource_type="thing",
                resource_id=str(position),
                description=f"Looked at {position}",
                details={10: position, 9: "é" * (position % 400)} if position % 4 else None,
                old={"a": position, "b": (1.5, None)} if position % 5 == 0 else None,
                success=position % 7 != 0,
            )


def _links() -> list[ChainLink]:
    """Those whose entry was not pruned."""
    return list(ChainLink.objects.filter(entry_id__in=AuditLog.objects.values("pk")))


def _place(chance: random.Random) -> ChainLink:
    return chance.choice(_links())


def _with_details() -> list[ChainLink]:
    entries = AuditLog.objects.filter(details__isnull=False).values("pk")
    return list(ChainLink.objects.filter(entry_id__in=entries))


def _set(table: str, column: str, value, key: str, where) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {column} = %s WHERE {key} = %s", [value, where])


def alter_a_column(chance: random.Random) -> int:
    link = _place(chance)
    entry = AuditLog.objects.get(pk=link.entry_id)
    column = chance.choice((*TEXT, "success", "user_id", "username", "timestamp", "action_type"))
    if column == "success":
        value = not entry.success
    elif column == "user_id":
        value = (entry.user_id or 0) + 1
    elif column == "timestamp":
        value = entry.timestamp.replace(microsecond=(entry.timestamp.microsecond + 1) % 1_000_000)
    elif column == "action_type":
        value = "LOGIN"
    else:
        value = (getattr(entry, column) or "") + "x"
    AuditLog.objects.filter(pk=entry.pk).update(**{column: value})
    return link.seq


def empty_the_details(chance: random.Random) -> int:
    link = chance.choice(_with_details())
    AuditLog.objects.filter(pk=link.entry_id).update(details=None)
    return link.seq


def delete_one(chance: random.Random) -> int:
    link = _place(chance)
    AuditLog.objects.filter(pk=link.entry_id).delete()
    return link.seq


def delete_one_with_its_link(chance: random.Random) -> int:
    last = ChainLink.objects.order_by("-seq").first().seq
    link = chance.choice([one for one in _links() if one.seq < last])
    AuditLog.objects.filter(pk=link.entry_id).delete()
    link.delete()
    return link.seq


def swap_two(chance: random.Random) -> int:
    """Two entries exchange everything but their ids."""
    one, other = sorted(chance.sample(_links(), 2), key=lambda link: link.seq)
    columns = [field.attname for field in AuditLog._meta.concrete_fields if not field.primary_key]
    first, second = (AuditLog.objects.filter(pk=link.entry_id).values(*columns).get() for link in (one, other))
    AuditLog.objects.filter(pk=one.entry_id).update(event_id=None)
    AuditLog.objects.filter(pk=other.entry_id).update(**first)
    AuditLog.objects.filter(pk=one.entry_id).update(**second)
    return one.seq


def swap_two_links(chance: random.Random) -> int:
    one, other = sorted(chance.sample(_links(), 2), key=lambda link: link.seq)
    ChainLink.objects.filter(seq=one.seq).update(entry_id=-1)
    ChainLink.objects.filter(seq=other.seq).update(entry_id=one.entry_id)
    ChainLink.objects.filter(seq=one.seq).update(entry_id=other.entry_id)
    return one.seq


def forge(chance: random.Random) -> None:
    """A plain INSERT, as the upgrade guide's SQL would."""
    AuditLog.objects.create(action_type="LOGIN", action_description="never was", ip_address="10.0.0.1")


def duplicate(chance: random.Random) -> None:
    columns = AuditLog.objects.filter(pk=_place(chance).entry_id).values().get()
    AuditLog.objects.create(**{**columns, "id": None, "event_id": None})


def splice_from_another(chance: random.Random) -> int:
    """An entry that another installation signed, in the place of one of ours."""
    link = _place(chance)
    key = ProofKey.of(STOLEN)
    columns = AuditLog.objects.filter(pk=link.entry_id).values().get()
    AuditLog.objects.filter(pk=link.entry_id).update(
        mac_key_id=chance.choice((key.id, columns["mac_key_id"])), row_mac=mac_of(key, columns)
    )
    return link.seq


def swap_ciphertexts(chance: random.Random) -> int:
    one, other = sorted(chance.sample(_with_details(), 2), key=lambda link: link.seq)
    with connection.cursor() as cursor:
        pair = [one.entry_id, other.entry_id]
        cursor.execute("SELECT id, details_encrypted FROM audit_log WHERE id IN (%s, %s)", pair)
        stored = dict(cursor.fetchall())
    _set("audit_log", "details_encrypted", stored[other.entry_id], "id", one.entry_id)
    _set("audit_log", "details_encrypted", stored[one.entry_id], "id", other.entry_id)
    return one.seq


def damage_a_ciphertext(chance: random.Random) -> int:
    link = chance.choice(_with_details())
    _set("audit_log", "details_encrypted", "pm1:00000000:gAAAA", "id", link.entry_id)
    return link.seq


def edit_a_link(chance: random.Random) -> int:
    link = _place(chance)
    column = chance.choice(("row_mac", "chain_hash"))
    value = getattr(link, column)
    ChainLink.objects.filter(seq=link.seq).update(**{column: ("0" if value[0] != "0" else "1") + value[1:]})
    return link.seq


def edit_a_seal(chance: random.Random) -> int:
    seal = chance.choice(list(Seal.objects.all()))
    column = chance.choice(("chain_hash", "signature", "sealed_at"))
    value = getattr(seal, column)
    if column == "sealed_at":
        value = value.replace(year=value.year - 1)
    else:
        value = ("0" if value[0] != "0" else "1") + value[1:]
    Seal.objects.filter(number=seal.number).update(**{column: value})
    return seal.last_seq


def delete_a_seal(chance: random.Random) -> None:
    last = Seal.objects.order_by("-number").first().number
    chance.choice(list(Seal.objects.filter(number__lt=last))).delete()


def cut_the_tail(chance: random.Random) -> int:
    """The end of the record with every link and seal that vouched for it."""
    kept = chance.choice(list(Seal.objects.all())[:-1])
    cut = ChainLink.objects.filter(seq__gt=kept.last_seq)
    AuditLog.objects.filter(pk__in=cut.values("entry_id")).delete()
    AuditLog.objects.exclude(pk__in=ChainLink.objects.values("entry_id")).delete()
    cut.delete()
    Seal.objects.filter(number__gt=kept.number).delete()
    return Seal.objects.get(number=kept.number).last_seq


def set_back_and_go_on(chance: random.Random) -> int:
    """As after bringing an old copy back without a word: other entries, and seals under the same numbers."""
    last = cut_the_tail(chance)
    write(chance.randrange(1, 5), first=9000)
    seal_now()
    return last


# What is found without the checkpoint file, and the words it may be called.
SEEN_INSIDE: dict[Callable[[random.Random], int | None], set[str]] = {
    alter_a_column: {"altered"},
    empty_the_details: {"altered"},
    delete_one: {"deleted"},
    delete_one_with_its_link: {"deleted"},
    swap_two: {"altered", "replaced"},
    swap_two_links: {"replaced"},
    forge: {"forged"},
    duplicate: {"altered", "forged"},
    splice_from_another: {"altered", "unknown_key"},
    swap_ciphertexts: {"altered"},
    damage_a_ciphertext: {"unreadable"},
    edit_a_link: {"reordered", "replaced"},
    edit_a_seal: {"seal_altered"},
    delete_a_seal: {"seal_deleted"},
}
