"""Gene lists of saved panels in the database: the current rows, and the snapshots that versions own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from panelmerge.lib.statements import compiled
from panels.engine.content import GENE_KEYS
from panels.engine.records import PLACES, Packed, Record, in_order, key_of, labels, pack, unpack
from panels.models import PanelGene, PanelSnapshot, SavedPanel

_TEXTS = tuple(key for key in GENE_KEYS if key not in ("gene_symbol", "entity_type"))
_COLUMNS = ("entity_type", "gene_symbol", "own_name", *PLACES, *_TEXTS)


@dataclass(frozen=True, slots=True)
class StoredGene:
    """One row of panel_genes: its number, the record it makes, and the names it has there."""

    pk: int
    record: Record
    label: str
    key: str | None


def _record(row: Sequence[str | None]) -> Record:
    """Of the values of _COLUMNS, in their order."""
    kind, symbol, own_name, grch37, grch38, *texts = row
    record = dict.fromkeys(GENE_KEYS, "")
    record["gene_symbol"] = own_name or symbol
    for key, text in zip(_TEXTS, texts, strict=True):
        if text:
            record[key] = text
    record["entity_type"] = kind
    if kind != "gene":
        record |= {key: place for key, place in zip(PLACES, (grch37, grch38), strict=True) if place}
    return record


@compiled
def _rows_of(panel: int):
    rows = PanelGene.objects.filter(panel=panel, is_active=True).order_by("gene_symbol")
    return rows.values_list("pk", "entity_key", *_COLUMNS)


def current_records(panel: SavedPanel) -> list[Record]:
    """The current list, in reading order; one query. Genes that an earlier release switched off are not in it."""
    found: dict[str, Record] = {}
    for _pk, _key, *row in _rows_of(panel.pk):
        _put(found, _record(row))
    return in_order(found.values())


def current_records_of(panels: Iterable[SavedPanel]) -> dict[int, list[Record]]:
    """The current lists of several panels by their number; one query for all."""
    found: dict[int, dict[str, Record]] = {panel.pk: {} for panel in panels}
    rows = PanelGene.objects.filter(panel__in=list(found), is_active=True).order_by("panel", "gene_symbol")
    for panel, *row in rows.values_list("panel", *_COLUMNS):
        _put(found[panel], _record(row))
    return {panel: in_order(records.values()) for panel, records in found.items()}


def _put(found: dict[str, Any], record: Record, value: Any = None) -> str:
    """Under its key. Older releases took a gene twice under two symbols: the second row then stands for its symbol."""
    key = key_of(record)
    if key in found:
        record["hgnc_id"] = ""
        key = key_of(record)
    found[key] = record if value is None else value
    return key


def stored_genes(panel: SavedPanel) -> dict[str, StoredGene]:
    """The current rows by the key of their entity; one query."""
    found: dict[str, StoredGene] = {}
    for pk, key, *row in _rows_of(panel.pk):
        record = _record(row)
        _put(found, record, StoredGene(pk, record, row[1], key))
    return found


def write_genes(
    *, panel: SavedPanel, stored: Mapping[str, StoredGene], new: Mapping[str, Record], by: Any, at: datetime
) -> None:
    """Make panel_genes what ``new`` says. Rows that say it already stay; who added a gene, and when, stays with it."""
    names = labels(new.values())
    kept = {
        key
        for key, one in stored.items()
        if one.key == key and one.label == names.get(key) and one.record == new.get(key)
    }
    going = [one.pk for key, one in stored.items() if key not in kept]
    added = _who_added(going)
    for start in range(0, len(going), 5000):
        PanelGene.objects.filter(pk__in=going[start : start + 5000]).delete()
    fresh = [key for key in new if key not in kept]
    _make_room(panel, {names[key] for key in fresh})
    nobody = (by.pk, at, False)
    _insert(
        [
            _row(panel, key, names[key], new[key], stored.get(key), added[stored[key].pk] if key in stored else nobody)
            for key in fresh
        ]
    )


def _who_added(rows: Sequence[int]) -> dict[int, tuple]:
    """Of rows that are written anew: by whom and when they were added, and whether they were changed since."""
    found: dict[int, tuple] = {}
    for start in range(0, len(rows), 5000):
        part = PanelGene.objects.filter(pk__in=rows[start : start + 5000])
        found |= {pk: tuple(said) for pk, *said in part.values_list("pk", "added_by", "added_at", "is_modified")}
    return found


def _make_room(panel: SavedPanel, labels: set[str]) -> None:
    """A gene that an earlier release switched off may come back under the same symbol."""
    switched_off = PanelGene.objects.filter(panel=panel.pk, is_active=False).values_list("pk", "gene_symbol")
    if in_the_way := [pk for pk, symbol in switched_off if symbol in labels]:
        PanelGene.objects.filter(pk__in=in_the_way).delete()


_WRITTEN = (
    *("panel_id", "gene_symbol", "own_name", "entity_type", "entity_key", *PLACES),
    *("added_by_id", "added_at", "is_modified", "is_active", *_TEXTS),
)


def _row(panel: SavedPanel, key: str, label: str, record: Record, before: StoredGene | None, added: tuple) -> tuple:
    """The values of _WRITTEN."""
    name, (added_by, added_at, is_modified) = record["gene_symbol"], added
    return (
        panel.pk,
        label,
        None if label == name else name,
        record["entity_type"],
        key,
        record.get("grch37"),
        record.get("grch38"),
        added_by,
        added_at,
        bool(is_modified) or (before is not None and before.record != record),
        True,
        *(record[text] or None for text in _TEXTS),
    )


def _insert(rows: Sequence[tuple]) -> None:
    """Thousands of rows at once, as fast as the database takes them: bulk_create takes several times as long."""
    columns = ", ".join(_WRITTEN)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            statement = f"COPY panel_genes ({columns}) FROM STDIN"
            with connection.wrap_database_errors, cursor.copy(statement) as copy:
                for row in rows:
                    copy.write_row(row)
            return
        place, adapt = _WRITTEN.index("added_at"), connection.ops.adapt_datetimefield_value
        marks = ", ".join(["%s"] * len(_WRITTEN))
        cursor.executemany(
            f"INSERT INTO panel_genes ({columns}) VALUES ({marks})",  # noqa: S608
            [(*row[:place], adapt(row[place]), *row[place + 1 :]) for row in rows],
        )


def keep_snapshot(packed: Packed) -> PanelSnapshot:
    """The snapshot of this content, stored if it is not there yet, and held until the transaction ends."""
    while True:
        # Whoever prunes may take it away between the two statements.
        PanelSnapshot.objects.bulk_create(
            [PanelSnapshot(sha256=packed.sha256, body=packed.body, gene_count=packed.gene_count)],
            ignore_conflicts=True,
        )
        held = PanelSnapshot.objects.select_for_update(no_key=True).filter(pk=packed.sha256).defer("body").first()
        if held is not None:
            return held


def snapshot_of(records: Iterable[Record]) -> PanelSnapshot:
    return keep_snapshot(pack(list(records)))


def records_in(body: bytes | memoryview) -> list[Record]:
    """The list of a snapshot, in reading order."""
    return unpack(bytes(body))
