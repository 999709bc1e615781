"""The main job: from what a person asks to a merged list."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from panelmerge.lib.errors import NotHere, Refusal
from panels.actions.catalogue import read_panels
from panels.actions.saved_lists import read_saved
from panels.actions.symbols import current_resolver
from panels.actions.typed import typed_list
from panels.actions.uploads import to_gene_list
from panels.engine.merge import MergeInput, MergeResult, merge
from panels.engine.recipe import all_levels, request_of
from panels.engine.request import MergeRequest, PanelChoice, ReadyChoice, SavedChoice, UploadChoice
from panels.formats.reading import read_file
from panels.formats.reading.about import CONTENT_HASH, GENE_NAMES, RECIPE
from panels.models import Upload
from panels.models.visibility import SavedPanelQuerySet

MAX_INPUTS = 200
# A recipe holds its lists as they were typed; the json export has every origin beside them.
LIST = "list"
MAX_RECIPE_BYTES = 100 * 1024 * 1024


def merge_lists(
    *,
    request: MergeRequest,
    by: Any = None,
    session_key: str | None = None,
    among: SavedPanelQuerySet | None = None,
) -> MergeResult:
    """Read the inputs from mirror, library, uploads and the request, and merge them. Changes nothing.

    Uploads are looked up among those of ``by`` or of the browser session, saved
    panels among those that ``by`` may see, or ``among`` these. Constant number
    of queries, whatever the number of inputs. Raises Refusal with a sentence
    that names the input.
    """
    if len(request.inputs) > MAX_INPUTS:
        raise Refusal(f"inputs: at most {MAX_INPUTS} panels and lists can be merged at once.")
    resolver = current_resolver()
    panels = iter(read_panels([choice.panel for choice in request.inputs if isinstance(choice, PanelChoice)], resolver))
    chosen = [choice for choice in request.inputs if isinstance(choice, SavedChoice)]
    saved = iter(read_saved(chosen, resolver, by=by, among=among))
    uploads = _uploads(
        [choice.upload for choice in request.inputs if isinstance(choice, UploadChoice)], by, session_key
    )
    inputs = []
    for choice in request.inputs:
        if isinstance(choice, PanelChoice):
            genes = next(panels)
        elif isinstance(choice, SavedChoice):
            genes = next(saved)
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
