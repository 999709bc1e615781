"""The genes of a saved panel as plain values: one record an entity, and what turns one list into another.

A record has every key of GENE_KEYS, all text; an STR or region may have grch37
and grch38 beside them. ``confidence_level`` is what the sources make of it,
``custom_confidence`` what a person decided against that. In one list an entity
stands once: a gene by its HGNC id, everything else by its name.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter

import orjson

from panels.engine.content import GENE_KEYS, content_record
from panels.engine.genes import Entity, EntityType, Origin, Row
from panels.engine.merge import MergedEntity

Record = dict[str, str]
PLACES = ("grch37", "grch38")
# What an edit may say of an entity; the other keys follow from who it is.
EDITABLE = (
    "confidence_level",
    "mode_of_inheritance",
    "phenotype",
    "evidence_level",
    "source_panel_id",
    "source_list_type",
    "user_notes",
    "custom_confidence",
)
LEVELS = ("confidence_level", "custom_confidence")
# Who typed a gene into a panel is told by the version; where it comes from, by this word.
BY_HAND = "manual"
LONGEST_NAME = 300
_ORDER = {kind: place for place, kind in enumerate(EntityType)}


def record_of(row: Row) -> Record:
    """What a row of a list brings into a panel."""
    entity, origin = row.entity, row.origin
    stated = origin.stated_sources
    found = {
        "gene_symbol": entity.name,
        "gene_name": entity.gene_name,
        "hgnc_id": entity.hgnc_id,
        "ensembl_id": entity.ensembl_id,
        "confidence_level": origin.confidence_level,
        "mode_of_inheritance": origin.mode_of_inheritance,
        "phenotype": "; ".join(origin.phenotypes),
        "evidence_level": "; ".join(origin.evidence),
        "source_panel_id": stated or BY_HAND,
        "source_list_type": origin.stated_levels if stated else origin.confidence_level,
        "user_notes": origin.note,
        "custom_confidence": origin.custom_confidence,
        "entity_type": str(entity.entity_type),
    }
    return found | _placed(entity)


def record_of_merged(merged: MergedEntity) -> Record:
    """What one line of a merged list is in a panel."""
    return content_record(merged) | _placed(merged.entity)


def _placed(entity: Entity) -> Record:
    """Where a gene lies is known by its id; of all others only the list knows."""
    if entity.entity_type == EntityType.GENE:
        return {}
    return {key: place for key in PLACES if (place := getattr(entity, key))}


def entity_of(record: Mapping[str, str]) -> Entity:
    return Entity(
        EntityType(record["entity_type"]),
        record["gene_symbol"],
        record["hgnc_id"],
        record["gene_name"],
        record["ensembl_id"],
        record.get("grch37", ""),
        record.get("grch38", ""),
    )


def row_of(record: Mapping[str, str], *, panel_id: str, name: str, version: str) -> Row:
    """The record as a row of the panel that has it; its sources are those that the record states."""
    origin = Origin(
        source="saved",
        panel_id=panel_id,
        panel_name=name,
        version=version,
        confidence_level=record["confidence_level"],
        mode_of_inheritance=record["mode_of_inheritance"],
        phenotypes=(record["phenotype"],) if record["phenotype"] else (),
        evidence=(record["evidence_level"],) if record["evidence_level"] else (),
        note=record["user_notes"],
        custom_confidence=record["custom_confidence"],
        stated_sources=record["source_panel_id"],
        stated_levels=record["source_list_type"],
    )
    return Row(entity_of(record), origin)


def key_of(record: Mapping[str, str]) -> str:
    """Who it is, in one text: ``gene:HGNC:1100``, ``str:dmpk_ctg``.

    A gene without an id, as older panels have them, is its name letter for
    letter: GBA and gba were two rows there, and neither may be lost.
    """
    kind = record["entity_type"]
    if kind == EntityType.GENE:
        return f"gene:{record['hgnc_id'] or record['gene_symbol']}"
    return f"{kind}:{record['gene_symbol'].casefold()}"


def keyed(records: Iterable[Record]) -> dict[str, Record]:
    return {key_of(record): record for record in records}


def in_order(records: Iterable[Record]) -> list[Record]:
    """Genes, STRs, regions; each by name."""
    return sorted(records, key=lambda one: (_ORDER[one["entity_type"]], one["gene_symbol"], one["hgnc_id"]))


_values = itemgetter(*GENE_KEYS)
_BETWEEN = b'},{"gene_symbol":'


def canonical(records: Iterable[Record]) -> bytes:
    """The list as JSON, a line for each entity, the same bytes whatever order it came in."""
    text = orjson.dumps([_canonical(one) for one in in_order(records)])
    # A quote inside of a text has a backslash before it: this stands between two entities only.
    return text.replace(_BETWEEN, _BETWEEN.replace(b",", b",\n"))


def _canonical(record: Record) -> Record:
    if tuple(record) == GENE_KEYS:
        return record
    found = dict(zip(GENE_KEYS, _values(record), strict=True))
    return found if len(record) == len(GENE_KEYS) else found | {key: record[key] for key in PLACES if record.get(key)}


def digest(records: Iterable[Record]) -> str:
    """The SHA-256 that the list's snapshot has."""
    return hashlib.sha256(canonical(records)).hexdigest()


@dataclass(frozen=True, slots=True)
class Packed:
    """A list as it is stored. ``sha256`` is that of the JSON, ``body`` the JSON compressed."""

    sha256: str
    body: bytes
    gene_count: int


def pack(records: list[Record]) -> Packed:
    text = canonical(records)
    # Faster by half than the usual level, for a tenth more bytes.
    return Packed(hashlib.sha256(text).hexdigest(), zlib.compress(text, 3), len(records))


def unpack_text(body: bytes) -> bytes:
    """The JSON of a stored list, as it goes into an answer."""
    return zlib.decompress(body)


def unpack(body: bytes) -> list[Record]:
    return orjson.loads(unpack_text(body))


def differing(a: bytes, b: bytes) -> tuple[list[Record], list[Record], int]:
    """Of two stored lists the records that are not in both letter for letter, and how many are. Only those are read."""
    old, new = (set(unpack_text(body)[1:-1].split(b",\n")) - {b""} for body in (a, b))
    sides = (orjson.loads(b"[" + b",".join(lines) + b"]") for lines in (old - new, new - old))
    return (*sides, len(old & new))


def labels(records: Iterable[Record]) -> dict[str, str]:
    """A different name for each entity of a list, by its key: its own, or with a mark where another has it already."""
    taken: set[str] = set()
    found: dict[str, str] = {}
    for record in in_order(records):
        name = label = record["gene_symbol"]
        mark = record["hgnc_id"] if record["entity_type"] == EntityType.GENE else record["entity_type"]
        number = 1
        while label in taken:
            label = f"{name} [{mark}]" if number == 1 else f"{name} [{mark} {number}]"
            number += 1
        taken.add(label)
        found[key_of(record)] = label
    return found


@dataclass(frozen=True, slots=True)
class RecordChange:
    """One entity of two lists. ``old`` is None for an added one, ``new`` for a removed one, else ``fields`` differ."""

    key: str
    old: Record | None
    new: Record | None
    fields: tuple[str, ...] = ()

    @property
    def record(self) -> Record:
        return self.new or self.old or {}

    @property
    def target_id(self) -> str:
        """The HGNC id of a gene, the name of everything else."""
        record = self.record
        is_named_by_id = record["entity_type"] == EntityType.GENE and record["hgnc_id"]
        return record["hgnc_id"] if is_named_by_id else record["gene_symbol"]


def changes_between(old: Mapping[str, Record], new: Mapping[str, Record]) -> list[RecordChange]:
    """What turns one list into the other, in reading order. Another symbol for the same HGNC id is none."""
    found = []
    for key, record in new.items():
        before = old.get(key)
        if before is None:
            found.append(RecordChange(key, None, record))
        elif before != record and (fields := _differing(before, record)):
            found.append(RecordChange(key, before, record, fields))
    found += [RecordChange(key, record, None) for key, record in old.items() if key not in new]
    return sorted(found, key=lambda one: (_ORDER[one.record["entity_type"]], one.record["gene_symbol"], one.key))


def _differing(old: Record, new: Record) -> tuple[str, ...]:
    named_by_id = new["entity_type"] == EntityType.GENE and new["hgnc_id"]
    left_out = ("gene_symbol", "gene_name") if named_by_id else ()
    return tuple(key for key in (*GENE_KEYS, *PLACES) if key not in left_out and old.get(key, "") != new.get(key, ""))


def renamed(old: Mapping[str, Record], new: Mapping[str, Record]) -> list[tuple[str, str]]:
    """Old and new symbol of genes that both lists have under their id."""
    return sorted(
        (before["gene_symbol"], record["gene_symbol"])
        for key, record in new.items()
        if (before := old.get(key)) is not None and before["gene_symbol"] != record["gene_symbol"]
    )


_HGNC = re.compile(r"HGNC:[1-9][0-9]{0,8}")


def why_unfit(record: Record) -> str:
    """Why no panel can hold this, in a sentence; "" when it can."""
    name = record["gene_symbol"]
    if not name.strip():
        return "There is no name."
    if len(name) > LONGEST_NAME:
        return f"A name has at most {LONGEST_NAME} characters."
    if record["hgnc_id"] and not _HGNC.fullmatch(record["hgnc_id"]):
        return f"{record['hgnc_id'][:40]} is not an HGNC id."
    if len(record["ensembl_id"]) > 100:
        return "ensembl_id: it has at most 100 characters."
    if any(len(record.get(key, "")) > 200 for key in PLACES):
        return "grch37, grch38: a place has at most 200 characters."
    return ""
