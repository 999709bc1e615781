"""Saving: the one way in which the genes or the metadata of a panel change, and what each version keeps."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from django.db import transaction
from django.db.models import Count, Max
from django.utils import timezone

from audit.events import Action
from audit.record import record
from panels.actions.lists import keep_snapshot, records_in, snapshot_of, stored_genes, write_genes
from panels.actions.rights import check_expected, check_open, locked_panel
from panels.actions.symbols import current_resolver
from panels.engine.content import content_hash
from panels.engine.levels import Level
from panels.engine.records import LEVELS, Record, RecordChange, changes_between, digest, in_order, keyed, pack, renamed
from panels.engine.symbols import APPROVED, Resolver
from panels.models import PanelChange, PanelSnapshot, PanelVersion, SavedPanel

METADATA = ("name", "description", "tags")
LONGEST_REASON = 255
Genes = dict[str, Record]
Type = PanelChange.Type


@dataclass(frozen=True, slots=True)
class Saved:
    """What saving came to. ``is_new`` is False where everything was there already: then ``version`` is the one that
    was current before, and nothing was written. ``records`` is the list now, in reading order."""

    panel: SavedPanel
    version: PanelVersion | None
    is_new: bool
    records: list[Record]
    changes: list[RecordChange] = field(default_factory=list)
    renamed: list[tuple[str, str]] = field(default_factory=list)


def metadata_of(panel: SavedPanel) -> dict[str, Any]:
    """Name, description and tags, as a version keeps them."""
    return {"name": panel.name, "description": panel.description or "", "tags": panel.tag_list}


@transaction.atomic
def save_version(
    *,
    panel: int,
    by: Any,
    edit: Callable[[Genes, Resolver], Genes] | None = None,
    metadata: Mapping[str, Any] | None = None,
    comment: str = "",
    expected: int | None,
    recipe: Mapping[str, Any] | None = None,
    restored_from: int | None = None,
    sources: str = "",
    given: Mapping[str, str] | None = None,
) -> Saved:
    """Save a panel's genes, metadata or both as its next version; all of it, or nothing.

    ``edit`` is called with the current list by key, while nobody else can save,
    and returns the new one; None leaves the genes. ``metadata`` are some of
    METADATA, checked before (``panels.actions.metadata``). ``expected`` is the
    number of the version that the change was made on, None for whichever is
    current. ``recipe`` is how the new list was merged, ``sources`` the sources
    that came with it. ``given`` is what was typed for a gene (filled by ``edit``).

    Needs EDIT. Equal content and metadata make no version; metadata alone makes
    one that shares the snapshot. A gene whose symbol changed since is written
    under its current one, which is no change of content. Raises NotHere,
    LevelTooLow, VersionConflict, Refusal 409 for an archived panel, and what
    ``edit`` raises.
    """
    one, _ = locked_panel(by, panel, Level.EDIT)
    check_expected(one, expected)
    check_open(one)
    now = timezone.now()
    stored = stored_genes(one)
    old = {key: gene.record for key, gene in stored.items()}
    base = _kept(one, list(old.values()), by, now)
    resolver = current_resolver()
    new = old if edit is None else _under_current_names(edit(dict(old), resolver), resolver)
    changes = changes_between(old, new)
    before = metadata_of(one)
    after = before | dict(metadata or {})
    fields = [name for name in METADATA if after[name] != before[name]]
    if not changes and not fields:
        return Saved(one, base, False, in_order(old.values()))
    other_names = renamed(old, new)
    version = _write(
        one,
        by,
        now,
        base=base if not changes else None,
        genes=new,
        metadata=after,
        comment=comment,
        summary=_summary(changes, fields, other_names),
        recipe=recipe,
        restored_from=restored_from,
    )
    if changes or other_names:
        write_genes(panel=one, stored=stored, new=new, by=by, at=now)
    _write_changes(one, version, by, now, changes, _metadata_rows(before, after, fields), sources, given or {}, comment)
    record(
        Action.PANEL_UPDATE,
        by=by,
        target=one,
        description=f"Saved version {version.version_number} of “{one.name}”: {version.changes_summary}",
        details={
            "version": version.version_number,
            "content_hash": version.content_hash,
            "genes": len(new),
            "comment": comment,
            "restored_from": restored_from,
            "sources": sources,
        },
        old={name: before[name] for name in fields} or None,
        new={name: after[name] for name in fields} or None,
    )
    return Saved(one, version, True, in_order(new.values()), changes, other_names)


def first_version(
    *,
    panel: SavedPanel,
    by: Any,
    genes: Genes,
    comment: str,
    recipe: Mapping[str, Any] | None,
    given: Mapping[str, str],
) -> Saved:
    """Version 1 of a panel that was just made, its genes and one PANEL_CREATED, in the caller's transaction."""
    now = timezone.now()
    metadata = metadata_of(panel)
    version = _write(
        panel, by, now, base=None, genes=genes, metadata=metadata, comment=comment, summary="created", recipe=recipe
    )
    write_genes(panel=panel, stored={}, new=genes, by=by, at=now)
    told = metadata | {"genes": len(genes), "content_hash": version.content_hash} | ({"given": given} if given else {})
    PanelChange.objects.create(
        panel=panel,
        version=version,
        change_type=Type.PANEL_CREATED,
        target_type="panel",
        target_id=str(panel.pk),
        new_value=as_json(told),
        changed_by=by,
        changed_at=now,
        change_reason=comment[:LONGEST_REASON] or None,
    )
    return Saved(panel, version, True, in_order(genes.values()))


def _under_current_names(genes: Genes, resolver: Resolver) -> Genes:
    """A gene keeps its id; the symbol it was saved under may be an old one by now."""
    found = {}
    for key, one in genes.items():
        gene = resolver.gene(one["hgnc_id"]) if key.startswith("gene:HGNC:") else None
        if gene is not None and gene.status == APPROVED and gene.symbol != one["gene_symbol"]:
            one = one | {"gene_symbol": gene.symbol, "gene_name": gene.name or one["gene_name"]}
        found[key] = one
    return found


def _kept(panel: SavedPanel, records: list[Record], by: Any, now: datetime) -> PanelVersion | None:
    """The version that keeps the list as it is now, before it changes; None for an empty panel without versions.

    Earlier releases kept no genes with their versions, and plain SQL writes
    genes without a version: what was found is kept before anything replaces it.
    """
    version = panel.current_version
    if version is None:
        if not records and not panel.versions.exists():
            return None
        return _found(panel, records, panel.owner, now, "As it was found: the panel had no version of its own.")
    if version.snapshot_id is None:
        version.snapshot = keep_snapshot(pack(records))
        version.content_hash = content_hash(records)
        version.metadata = metadata_of(panel)
        version.gene_count = len(records)
        version.save(update_fields=["snapshot", "content_hash", "metadata", "gene_count"])
        return version
    if digest(records) == version.snapshot_id:
        return version
    body = PanelSnapshot.objects.values_list("body", flat=True).get(pk=version.snapshot_id)
    if not changes_between(keyed(records_in(body)), keyed(records)):
        return version
    return _found(panel, records, by, now, "As it was found: its genes were changed outside of PanelMerge.")


def _found(panel: SavedPanel, records: list[Record], by: Any, now: datetime, comment: str) -> PanelVersion:
    return _write(
        panel, by, now, base=None, genes=keyed(records), metadata=metadata_of(panel), comment=comment, summary="found"
    )


def _write(
    panel: SavedPanel,
    by: Any,
    now: datetime,
    *,
    base: PanelVersion | None,
    genes: Genes,
    metadata: Mapping[str, Any],
    comment: str,
    summary: str,
    recipe: Mapping[str, Any] | None = None,
    restored_from: int | None = None,
) -> PanelVersion:
    """The version's row, and the panel's pointer and counts. With a ``base`` its snapshot is shared."""
    records = list(genes.values())
    known = panel.versions.aggregate(last=Max("version_number"), number=Count("pk"))
    version = PanelVersion.objects.create(
        panel=panel,
        version_number=(known["last"] or 0) + 1,
        comment=comment or None,
        created_by=by,
        created_at=now,
        gene_count=len(records),
        changes_summary=summary,
        snapshot=base.snapshot if base else snapshot_of(records),
        content_hash=base.content_hash if base else content_hash(records),
        metadata=dict(metadata),
        recipe=zlib.compress(orjson.dumps(recipe)) if recipe is not None else None,
        restored_from=restored_from,
    )
    panel.name, panel.description = metadata["name"], metadata["description"] or None
    panel.tags = ",".join(metadata["tags"]) or None
    panel.current_version, panel.version_count, panel.gene_count = version, known["number"] + 1, len(records)
    panel.updated_at = now
    panel.save(
        update_fields=[
            *("name", "description", "tags", "current_version", "version_count", "gene_count", "updated_at"),
        ]
    )
    return version


def _summary(changes: Sequence[RecordChange], fields: Sequence[str], names: Sequence[tuple[str, str]]) -> str:
    added = sum(one.old is None for one in changes)
    removed = sum(one.new is None for one in changes)
    counts = {"added": added, "removed": removed, "changed": len(changes) - added - removed}
    parts = [f"{number} {verb}" for verb, number in counts.items() if number]
    parts += [f"{name} changed" for name in fields]
    if names:
        shown = ", ".join(f"{old} is {new} now" for old, new in names[:5])
        parts.append(shown if len(names) <= 5 else f"{shown} and {len(names) - 5} more new symbols")
    return ", ".join(parts) or "nothing changed"


Row = tuple[str, str, str, Any, Any]


def _metadata_rows(old: Mapping[str, Any], new: Mapping[str, Any], fields: Sequence[str]) -> list[Row]:
    return [(Type.METADATA_CHANGED, "panel", name, old[name], new[name]) for name in fields]


def _gene_rows(one: RecordChange, given: Mapping[str, str]) -> list[Row]:
    kind, target = one.record["entity_type"], one.target_id[:100]
    if one.old is None:
        typed = {"given": given[one.key]} if one.key in given else {}
        return [(Type.GENE_ADDED, kind, target, None, one.record | typed)]
    if one.new is None:
        return [(Type.GENE_REMOVED, kind, target, one.old, None)]
    found = []
    levels = [name for name in one.fields if name in LEVELS]
    others = [name for name in one.fields if name not in LEVELS]
    for change_type, names in ((Type.CONFIDENCE_CHANGED, levels), (Type.GENE_MODIFIED, others)):
        if names:
            old, new = ({name: side.get(name, "") for name in names} for side in (one.old, one.new))
            found.append((change_type, kind, target, old, new))
    return found


def _write_changes(
    panel: SavedPanel,
    version: PanelVersion,
    by: Any,
    now: datetime,
    changes: Sequence[RecordChange],
    rows: list[Row],
    sources: str,
    given: Mapping[str, str],
    comment: str,
) -> None:
    """Every gene and every field has its row."""
    if sources:
        rows.append((Type.SOURCE_UPDATED, "panel", "source", None, {"sources": sources}))
    for one in changes:
        rows.extend(_gene_rows(one, given))
    PanelChange.objects.bulk_create(
        [
            PanelChange(
                panel=panel,
                version=version,
                change_type=change_type,
                target_type=kind,
                target_id=target,
                old_value=as_json(old),
                new_value=as_json(new),
                changed_by=by,
                changed_at=now,
                change_reason=comment[:LONGEST_REASON] or None,
            )
            for change_type, kind, target, old, new in rows
        ],
        batch_size=500,
    )


def as_json(value: Any) -> str | None:
    """As the values of a change are kept, before they are encrypted."""
    return None if value is None else orjson.dumps(value).decode()
