"""The main job: from what a person asks to a merged list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from panelmerge.lib.errors import NotHere, Refusal
from panels.actions.catalogue import read_panels
from panels.actions.symbols import current_resolver
from panels.actions.uploads import to_gene_list
from panels.engine.columns import level_word
from panels.engine.genes import Entity, EntityType, GeneList, Origin, Row, Unresolved
from panels.engine.listing import who_is_meant
from panels.engine.merge import MergeInput, MergeResult, merge
from panels.engine.request import ListChoice, MergeRequest, PanelChoice, UploadChoice
from panels.engine.symbols import Resolver
from panels.models import Upload

MAX_INPUTS = 200
MAX_LIST_GENES = 10_000


def merge_lists(*, request: MergeRequest, by: Any = None, session_key: str | None = None) -> MergeResult:
    """Read the inputs from mirror, uploads and the request, and merge them. Changes nothing.

    Uploads are looked up among those of ``by`` or of the browser session.
    Constant number of queries, whatever the number of inputs. Raises Refusal
    with a sentence that names the input.
    """
    if len(request.inputs) > MAX_INPUTS:
        raise Refusal(f"inputs: at most {MAX_INPUTS} panels and lists can be merged at once.")
    resolver = current_resolver()
    panels = iter(read_panels([choice.panel for choice in request.inputs if isinstance(choice, PanelChoice)], resolver))
    uploads = _uploads(
        [choice.upload for choice in request.inputs if isinstance(choice, UploadChoice)], by, session_key
    )
    inputs = []
    for choice in request.inputs:
        if isinstance(choice, PanelChoice):
            genes = next(panels)
        elif isinstance(choice, UploadChoice):
            genes = to_gene_list(uploads[choice.upload], resolver)
        else:
            genes = typed_list(choice, resolver)
        inputs.append(MergeInput(genes, choice.confidence))
    try:
        return merge(
            inputs,
            rule=request.rule,
            resolve=request.resolve,
            decisions=request.decisions,
            gene_names=resolver.release,
        )
    except ValueError as error:
        raise Refusal(f"{error}.") from error


def _uploads(ids: list[str], by: Any, session_key: str | None) -> dict[str, Upload]:
    if not ids:
        return {}
    found = {str(upload.pk): upload for upload in Upload.objects.visible_to(by, session_key).filter(pk__in=ids)}
    for upload_id in ids:
        if upload_id not in found:
            raise NotHere(f"There is no upload {upload_id} of yours; it may have expired. Upload the file again.")
    return found


def typed_list(choice: ListChoice, resolver: Resolver) -> GeneList:
    """A list given in the request itself. Rows count from 1."""
    if len(choice.genes) > MAX_LIST_GENES:
        raise Refusal(f"{choice.name}: a list holds at most {MAX_LIST_GENES:,} genes.")
    rows: list[Row] = []
    unresolved: list[Unresolved] = []
    for number, typed in enumerate(choice.genes, start=1):
        given = {"gene_symbol": typed} if isinstance(typed, str) else typed
        entity, why = _typed_entity(given, resolver)
        symbol = given.get("gene_symbol") or given.get("hgnc_id", "")
        if entity is None:
            unresolved.append(
                Unresolved(symbol, why, number, given.get("hgnc_id", "") if given.get("gene_symbol") else "")
            )
        else:
            rows.append(Row(entity, _typed_origin(choice.name, given, symbol if symbol != entity.name else "")))
    return GeneList("list", "", choice.name, rows=tuple(rows), unresolved=tuple(unresolved))


def _typed_entity(given: Mapping[str, str], resolver: Resolver) -> tuple[Entity | None, str]:
    """The entity meant, or None and why not."""
    symbol, hgnc_id = given.get("gene_symbol", ""), given.get("hgnc_id", "")
    if given.get("entity_type", EntityType.GENE) != EntityType.GENE:
        return Entity(given["entity_type"], symbol, hgnc_id), ""
    found, why = who_is_meant(symbol, hgnc_id, resolver)
    if why:
        return None, why
    record = resolver.gene(found.hgnc_id)
    return Entity(EntityType.GENE, found.gene_symbol, found.hgnc_id, found.gene_name, record.ensembl_id), ""


def _typed_origin(name: str, given: Mapping[str, str], as_given: str) -> Origin:
    return Origin(
        source="list",
        panel_id="",
        panel_name=name,
        confidence_level=level_word(given.get("confidence_level", "")),
        mode_of_inheritance=given.get("mode_of_inheritance", ""),
        phenotypes=(given["phenotype"],) if given.get("phenotype") else (),
        evidence=(given["evidence_level"],) if given.get("evidence_level") else (),
        note=given.get("user_notes", ""),
        given=as_given,
    )
