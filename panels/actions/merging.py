"""The main job: from what a person asks to a merged list."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from panelmerge.lib.errors import NotHere, Refusal
from panels.actions.catalogue import read_panels
from panels.actions.symbols import current_resolver
from panels.actions.uploads import to_gene_list
from panels.engine.columns import level_word
from panels.engine.genes import Entity, EntityType, GeneList, Origin, Row, Unresolved
from panels.engine.listing import EMPTY_CELL, stated_entity, who_is_meant
from panels.engine.merge import MergeInput, MergeResult, merge
from panels.engine.recipe import all_levels, request_of
from panels.engine.request import ListChoice, MergeRequest, PanelChoice, ReadyChoice, UploadChoice
from panels.engine.symbols import GeneRecord, Resolver, clean
from panels.formats.reading import read_file
from panels.formats.reading.about import CONTENT_HASH, GENE_NAMES, RECIPE
from panels.models import Upload

MAX_INPUTS = 200
# A recipe holds its lists as they were typed; the json export has every origin beside them.
LIST = "list"
MAX_RECIPE_BYTES = 100 * 1024 * 1024
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
            genes = to_gene_list(uploads[choice.upload], resolver, source=LIST)
        elif isinstance(choice, ReadyChoice):
            genes = choice.genes
        else:
            genes = typed_list(choice, resolver)
        inputs.append(MergeInput(genes, all_levels(genes) if choice.confidence is None else choice.confidence))
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
    """A list given in the request itself. Rows count from 1. Refusal for an Ensembl id that is another gene's."""
    if len(choice.genes) > MAX_LIST_GENES:
        raise Refusal(f"{choice.name}: a list holds at most {MAX_LIST_GENES:,} genes.")
    rows: list[Row] = []
    unresolved: list[Unresolved] = []
    for place, typed in enumerate(choice.genes, start=1):
        given = {"gene_symbol": typed} if isinstance(typed, str) else typed
        # A recipe says in which row of a file a name stood.
        number = given.get("row", place)
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
    if not symbol and not hgnc_id:
        return None, EMPTY_CELL
    if given.get("source_panel_id"):
        return stated_entity(given, resolver)
    if (given.get("entity_type") or EntityType.GENE) != EntityType.GENE:
        own = {key: given.get(key, "") for key in ("gene_name", "ensembl_id", "grch37", "grch38")}
        return Entity(given["entity_type"], clean(symbol), hgnc_id, **own), ""
    found, why = who_is_meant(symbol, hgnc_id, resolver)
    if why:
        return None, why
    record = resolver.gene(found.hgnc_id)
    _check_ensembl_id(given.get("ensembl_id", ""), record)
    names = (found.gene_symbol, found.hgnc_id, found.gene_name, record.ensembl_id)
    return Entity(EntityType.GENE, *names, record.grch37, record.grch38), ""


def _check_ensembl_id(given: str, record: GeneRecord) -> None:
    """Refusal for an Ensembl id, in any version, that is not the gene's own: one of the two must be a mistake."""
    if given.strip().partition(".")[0].upper() not in ("", record.ensembl_id):
        known = f"its Ensembl id is {record.ensembl_id}" if record.ensembl_id else "its Ensembl id is not known here"
        told = f"ensembl_id: {given[:40]} was given for {record.symbol} ({record.hgnc_id}), but {known}."
        raise Refusal(f"{told} Correct it or leave it out.", errors={"ensembl_id": [told]})


def _typed_origin(name: str, given: Mapping[str, str], as_given: str) -> Origin:
    sources = given.get("source_panel_id", "")
    return Origin(
        source="list",
        panel_id="",
        panel_name=name,
        confidence_level=given.get("confidence_level", "")
        if sources
        else level_word(given.get("confidence_level", "")),
        mode_of_inheritance=given.get("mode_of_inheritance", ""),
        phenotypes=(given["phenotype"],) if given.get("phenotype") else (),
        evidence=(given["evidence_level"],) if given.get("evidence_level") else (),
        note=given.get("user_notes", ""),
        given=as_given,
        custom_confidence=given.get("custom_confidence", ""),
        stated_sources=sources,
        stated_levels=given.get("source_list_type", "") if sources else "",
    )


@dataclass(frozen=True, slots=True)
class SavedRecipe:
    """A recipe as a file has it, and what the list was when the file was made ("" where the file does not say)."""

    request: MergeRequest
    content_hash: str
    gene_names: str

    def why_different(self, result: MergeResult, content_hash: str) -> str:
        """Why the list made again is not the one of the file, in a sentence; "" when it is, or nobody can tell."""
        if not self.content_hash or self.content_hash == content_hash:
            return ""
        told = f"The content hash is {content_hash}, but the file names {self.content_hash}: "
        if self.gene_names and self.gene_names != result.gene_names:
            return f"{told}the list was made with the gene names {self.gene_names}; here they are {result.gene_names}."
        without = [c for c in self.request.inputs if isinstance(c, PanelChoice) and not c.panel.version]
        if without:
            return f"{told}its recipe names no version of panel {without[0].panel.panel_id}, so today's was taken."
        return f"{told}the file was changed since it was made, or a panel's version is not what it was."


def read_recipe(*, name: str, content: bytes) -> SavedRecipe:
    """The recipe in our json, in our workbook (sheet About), or in a file that holds a recipe alone.

    Refusal that names the file for anything else.
    """
    if name.lower().endswith(".xlsx"):
        about = read_file(content, name, max_size=MAX_RECIPE_BYTES).about
        text, named, gene_names = about.get(RECIPE, ""), about.get(CONTENT_HASH, ""), about.get(GENE_NAMES, "")
        if not text:
            raise Refusal(f"{name} has no sheet About with a recipe in it.", code="no_recipe")
        recipe = _loaded(text, name)
    else:
        if len(content) > MAX_RECIPE_BYTES:
            raise Refusal(f"{name} has {len(content):,} bytes; at most {MAX_RECIPE_BYTES:,} are read.")
        whole = _loaded(content, name)
        whole = whole if isinstance(whole, dict) else {}
        recipe = whole.get("recipe", whole)
        named = whole.get("content_hash", "")
        gene_names = recipe.get("gene_names", "") if isinstance(recipe, dict) else ""
    try:
        return SavedRecipe(request_of(recipe), str(named), str(gene_names))
    except ValueError as error:
        raise Refusal(f"{name} holds no recipe: {error}.", code="no_recipe") from error


def _loaded(text: str | bytes, name: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refusal(f"{name} is neither a workbook nor JSON: {error}.", code="no_recipe") from error
