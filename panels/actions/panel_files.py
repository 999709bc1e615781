"""Saved panels out as files, and files in as saved panels. Promises as in ``actions.library``."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from panelmerge.lib.errors import Refusal
from panels.actions.exporting import Export, export_merge
from panels.actions.library import create_panel
from panels.actions.merging import merge_lists
from panels.actions.rights import check_may_own, panel_for
from panels.actions.symbols import current_resolver
from panels.actions.templates import expanded, note_use
from panels.actions.uploads import display_name, read_for_panel
from panels.actions.versions import Genes, Saved, save_version
from panels.engine.genes import EntityType
from panels.engine.listing import ListedGene
from panels.engine.merge import MergedEntity, MergeResult, chosen_level
from panels.engine.recipe import recipe_of
from panels.engine.records import Record, key_of, keyed, record_of_merged
from panels.engine.request import MergeRequest, SavedChoice
from panels.engine.symbols import Resolver
from panels.formats.writing import FORMATS, Options
from panels.formats.writing.options import NOTHING_CHOSEN
from panels.models import ExportTemplate

MOST_PANELS = 100


def export_panel(
    *,
    panel: int,
    by: Any,
    format: str,
    version: int | None = None,
    options: Options = NOTHING_CHOSEN,
    template: ExportTemplate | None = None,
) -> Export:
    """A version of the panel (None: the current one) as a file: what a merge of it alone is. Recorded as a download.

    A ``template`` gives columns and the file's name. GenesNeverKept's sentence
    for a version of an earlier release.
    """
    one, _ = panel_for(by, panel)
    if template is not None:
        options = replace(options, columns=tuple(template.columns))
    with transaction.atomic():
        result = merge_lists(request=MergeRequest([SavedChoice(panel, version)]), by=by)
        export = export_merge(result=result, format=format, options=options, by=by, target=one)
        if template is not None:
            note_use(template)
    if template is None or not template.filename_pattern:
        return export
    [input_] = result.inputs
    name = expanded(
        template.filename_pattern, name=one.name, version=input_.genes.version, format=format, at=timezone.localtime()
    )
    return replace(export, name=name.removesuffix(FORMATS[format].suffix) + FORMATS[format].suffix)


def export_panels(*, panels: Sequence[int], by: Any, format: str, options: Options = NOTHING_CHOSEN) -> Export:
    """Several panels as one zip of files, each as ``export_panel`` writes it; NotHere, and no file at all, when
    one of them is not to be seen, which is recorded.

    The same panels at the same versions are the same bytes.
    """
    numbers = list(dict.fromkeys(panels))
    if not numbers:
        raise Refusal("No panel is chosen. Choose those that you want as files, one or more.")
    if len(numbers) > MOST_PANELS:
        told = f"At most {MOST_PANELS} panels at once."
        raise Refusal(told, errors={"ids": [told]})
    for number in numbers:
        panel_for(by, number)
    out, taken = io.BytesIO(), set()
    with transaction.atomic(), zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for number in numbers:
            export = export_panel(panel=number, by=by, format=format, options=options)
            name = export.name if export.name.lower() not in taken else f"{number}_{export.name}"
            taken.add(name.lower())
            # A date of its own would be a clock in the file.
            packed.writestr(zipfile.ZipInfo(name), export.content, zipfile.ZIP_DEFLATED)
    return Export(f"panels_{format}.zip", "application/zip", out.getvalue())


@dataclass(frozen=True, slots=True)
class Imported:
    """``problems`` are the rows that name no gene for certain, with why: they are not in the panel. ``notes`` say how
    the file was read."""

    saved: Saved
    problems: tuple[Any, ...]
    notes: tuple[str, ...]


def import_panel(
    *, by: Any, file_name: str, content: bytes, name: str = "", tags: str = "", comment: str = ""
) -> Imported:
    """Make a panel of a file in any format that is read. One that PanelMerge wrote has the content hash it had.

    Refusal as for an upload: 413, 415, 400 with rows for a file without one usable gene.
    """
    check_may_own(by)
    resolver = current_resolver()
    shown = display_name(file_name)
    read = read_for_panel(name=shown, content=content, max_size=settings.MAX_UPLOAD_SIZE, resolver=resolver)
    records: Genes = {}
    for gene in read.listing.usable:
        record = _record(gene, shown)
        _join(records, record)
    saved = create_panel(
        by=by,
        name=name or PurePath(shown).stem or shown,
        records=records.values(),
        tags=tags,
        comment=comment or f"Imported from {shown}",
        source_type="upload",
        source_reference=shown,
    )
    return Imported(saved, read.listing.problems, read.notes)


def _record(gene: ListedGene, file_name: str) -> Record:
    record = {
        "gene_symbol": gene.gene_symbol,
        "gene_name": gene.gene_name,
        "hgnc_id": gene.hgnc_id,
        "ensembl_id": gene.ensembl_id,
        "confidence_level": gene.confidence_level,
        "mode_of_inheritance": gene.mode_of_inheritance,
        "phenotype": gene.phenotype,
        "evidence_level": gene.evidence,
        "source_panel_id": gene.sources or f"list:{file_name}",
        "source_list_type": gene.levels if gene.sources else gene.confidence_level,
        "user_notes": gene.note,
        "custom_confidence": gene.custom_confidence,
        "entity_type": str(gene.entity_type),
    }
    if gene.entity_type != EntityType.GENE:
        record |= {key: place for key in ("grch37", "grch38") if (place := getattr(gene, key))}
    return record


def _join(records: Genes, record: Record) -> None:
    """A gene that a file has in several rows is one, with what each row says; the first says its level."""
    [key] = keyed([record])
    known = records.get(key)
    if known is None:
        records[key] = record
        return
    for name in ("phenotype", "evidence_level", "user_notes", "source_list_type"):
        parts = [part for one in (known, record) for part in one[name].split("; ") if part]
        known[name] = "; ".join(dict.fromkeys(parts))
    for name in ("confidence_level", "mode_of_inheritance", "custom_confidence"):
        known[name] = known[name] or record[name]


def merge_into(*, panel: int, by: Any, request: MergeRequest, expected: int | None, comment: str = "") -> tuple:
    """Merge other panels and lists into this one, which is the first input, as its next version; (Saved, MergeResult).

    Needs EDIT. What is decided against the panel's own word is in the recipe of
    the version. ``expected`` as in ``change_panel``.
    """
    with transaction.atomic():
        whole = replace(request, inputs=[SavedChoice(panel), *request.inputs])
        result = merge_lists(request=whole, by=by)
        saved = save_version(
            panel=panel,
            by=by,
            edit=_list_of(result),
            comment=comment,
            expected=expected,
            recipe=recipe_of(result),
            sources=", ".join(one.genes.label for one in result.inputs[1:]),
        )
    return saved, result


def _list_of(result: MergeResult) -> Any:
    """What a person decided in the panel stays beside what the sources say, unless this merge decides anew."""
    merged = {key_of(record): (record, one) for one in result.entities for record in [record_of_merged(one)]}

    def edit(current: Genes, resolver: Resolver) -> Genes:
        return {key: _overridden(*line, current.get(key, {}), result) for key, line in merged.items()}

    return edit


def _overridden(record: Record, merged: MergedEntity, before: Mapping[str, str], result: MergeResult) -> Record:
    decided = before.get("custom_confidence", "")
    if not decided or merged.custom_confidence or len(merged.origins) < 2:
        return record
    # Of the panel itself, the first input, its sources; a list of somebody else's speaks as it counts there.
    heard = zip(merged.origins, merged.inputs, strict=True)
    said = [origin.level if place else origin.confidence_level for origin, place in heard]
    level = chosen_level(said, merged.inputs, result.resolve["confidence_level"])
    return record | {"confidence_level": level, "custom_confidence": decided}
