"""Many genes at once against every panel of both catalogues and one's own lists. Changes nothing. BG-07."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from panelmerge.lib.errors import NotHere, Refusal
from panels.actions.symbols import current_resolver
from panels.actions.uploads import add_text, remove_upload, report, to_gene_list
from panels.engine.genes import EntityType, GeneList, Unresolved
from panels.engine.listing import ListedGene, why_unresolved
from panels.engine.matrix import AskedGene, Filters, Matrix, MatrixPanel, Statement, gene_matrix
from panels.engine.symbols import Match, Resolver
from panels.models import CatalogueEntry, CataloguePanel, Upload
from panels.panelapp.sources import DEMONSTRATION, terms_of

MAX_GENES = 5_000
MAX_LISTS = 20
_ID = re.compile(r"HGNC:[1-9][0-9]{0,8}", re.IGNORECASE)
# A gene as asked for, or why it is none; in the order of the list.
_Asked = AskedGene | Unresolved


def matrix_of_genes(*, genes: Sequence[str], lists: Sequence[Upload] = (), filters: Filters | None = None) -> Matrix:
    """The matrix of symbols of any time or HGNC ids; rows of ``unresolved`` count from 1.

    Constant number of queries, whatever the number of genes. Refusal beyond
    5,000 genes, and for one of ``lists`` whose column of genes nobody chose.
    """
    _check_number("genes", len(genes))
    resolver = current_resolver()
    asked = []
    for row, found in enumerate(resolver.resolve_many(genes), start=1):
        if found.found:
            asked.append(_gene(found.hgnc_id, found.gene_symbol, found.gene_name, found.query))
        else:
            asked.append(Unresolved(found.query, why_unresolved(found), row))
    return _matrix(asked, lists, filters, resolver)


def matrix_of_list(*, upload: Upload, lists: Sequence[Upload] = (), filters: Filters | None = None) -> Matrix:
    """The matrix of the genes of an upload; ``unresolved`` names its rows. Otherwise as ``matrix_of_genes``."""
    resolver = current_resolver()
    shown = report(upload, resolver)
    if shown.column is None:
        raise Refusal(f"{upload.name}: choose the column that holds the genes first.", code="no_column", status=409)
    _check_number(upload.name, len(shown.genes))
    return _matrix([_listed(gene) for gene in shown.genes], lists, filters, resolver)


def keep_pasted(*, text: str, owner: Any = None, session_key: str = "", by: Any = None) -> Upload:
    """Pasted genes as an upload that the matrix takes. Refusal as for any upload, and beyond 5,000 genes."""
    upload = add_text(text=text, name="Genes of a matrix", owner=owner, session_key=session_key, by=by)
    genes = len(report(upload, current_resolver()).genes)
    if genes > MAX_GENES:
        remove_upload(upload=upload, by=by)
        _check_number("genes", genes)
    return upload


def own_lists(ids: Sequence[str], *, by: Any, session_key: str | None) -> list[Upload]:
    """These uploads of the person or browser session, each once, in this order. One query; NotHere for any other's."""
    wanted = list(dict.fromkeys(map(str, ids)))
    if len(wanted) > MAX_LISTS:
        raise Refusal(f"uploads: at most {MAX_LISTS} lists of your own stand beside the panels.")
    if not wanted:
        return []
    found = {str(upload.pk): upload for upload in Upload.objects.visible_to(by, session_key).filter(pk__in=wanted)}
    for upload_id in wanted:
        if upload_id not in found:
            raise NotHere(f"There is no upload {upload_id} of yours; it may have expired. Upload the file again.")
    return [found[upload_id] for upload_id in wanted]


def _check_number(name: str, genes: int) -> None:
    if genes > MAX_GENES:
        told = f"{name}: there are {genes:,} genes; a matrix takes at most {MAX_GENES:,}. Split the list."
        raise Refusal(told, errors={"genes": [told]})


def _gene(key: str, symbol: str, name: str, query: str) -> AskedGene:
    return AskedGene(key, symbol, key if key.startswith("HGNC:") else "", name, (query,))


def _listed(gene: ListedGene) -> _Asked:
    if gene.reason:
        return Unresolved(gene.query, gene.reason, gene.row, gene.given_id if gene.given_id != gene.query else "")
    if gene.entity_type != EntityType.GENE:
        kind = "an STR" if gene.entity_type == EntityType.STR else "a region"
        return Unresolved(gene.query, f"{gene.query} is {kind}; the matrix is of genes.", gene.row)
    return _gene(gene.entity.key, gene.gene_symbol, gene.gene_name, gene.query)


def _matrix(asked: Sequence[_Asked], lists: Sequence[Upload], filters: Filters | None, resolver: Resolver) -> Matrix:
    filters = filters or Filters()
    asked, newer = _with_newer(asked, resolver)
    genes = [one for one in asked if isinstance(one, AskedGene)]
    keys, panels = _catalogue(filters)
    own = [to_gene_list(upload, resolver) for upload in lists]
    statements = [
        *_statements({gene.hgnc_id for gene in genes} - {"", *(key for key, *_ in newer)}, keys),
        *(Statement(gene, keys[panel], *said) for gene, panel, *said in newer if panel in keys),
        *(statement for one in own for statement in _own_statements(one)),
    ]
    return gene_matrix(
        genes,
        [*panels, *map(_own_panel, own)],
        statements,
        filters,
        unresolved=[one for one in asked if isinstance(one, Unresolved)],
        gene_names=resolver.release,
    )


def _catalogue(filters: Filters) -> tuple[dict[int, str], list[MatrixPanel]]:
    """The keys of panels in use by their row, and the panels."""
    found = CataloguePanel.objects.in_use().exclude(current_version=None).order_by()
    if filters.source:
        found = found.filter(source=filters.source)
    # Types are asked for apart: joined, a panel would come once for each.
    demonstrations = set(CataloguePanel.objects.of_type(DEMONSTRATION).order_by().values_list("pk", flat=True))
    keys, panels = {}, []
    columns = ("pk", "source", "panel_id", "name", "current_version__version", "current_version__genes")
    for pk, source, panel_id, name, version, size in found.values_list(*columns):
        keys[pk] = f"{source}:{panel_id}"
        terms = terms_of(source, [DEMONSTRATION] if pk in demonstrations else [])
        panels.append(MatrixPanel(keys[pk], source, str(panel_id), name, version, size, terms))
    return keys, panels


def _statements(hgnc_ids: Iterable[str], keys: dict[int, str]) -> Iterator[Statement]:
    rows = CatalogueEntry.objects.filter(hgnc_id__in=hgnc_ids, entity_type=EntityType.GENE).order_by()
    said = rows.values_list("hgnc_id", "panel_id", "confidence_level", "mode_of_inheritance")
    for gene, panel, level, mode in said:
        if panel in keys:
            yield Statement(gene, keys[panel], level, mode)


def _with_newer(asked: Sequence[_Asked], resolver: Resolver) -> tuple[list[_Asked], list[tuple]]:
    """Genes newer than our names, that a panel names exactly so, put in their place; and those rows of panels.

    Only what is unknown altogether is looked for: a text that may mean several genes is never guessed.
    """
    unknown = [one for one in asked if isinstance(one, Unresolved) and _is_unknown(one, resolver)]
    ids = {text.upper() for one in unknown if _ID.fullmatch(text := one.query.strip())}
    names = {name for one in unknown for name in (one.query.strip(), one.query.strip().upper())} - {""}
    rows = CatalogueEntry.objects.filter(entity_type=EntityType.GENE, panel__retired_at=None).order_by()
    columns = ("hgnc_id", "entity_name", "panel_id", "confidence_level", "mode_of_inheritance")
    found: list[tuple] = []
    symbols: dict[str, str] = {}
    for hgnc_id, name, *said in rows.filter(hgnc_id__in=ids).values_list(*columns) if ids else ():
        symbols.setdefault(hgnc_id, name)
        found.append((hgnc_id, *said))
    for _, name, *said in rows.filter(entity_name__in=names).values_list(*columns) if names else ():
        symbols.setdefault(name.upper(), name)
        found.append((name.upper(), *said))
    return [_placed(one, symbols) for one in asked], found


def _placed(one: _Asked, symbols: dict[str, str]) -> _Asked:
    if isinstance(one, AskedGene) or one.hgnc_id or (key := one.query.strip().upper()) not in symbols:
        return one
    return _gene(key, symbols[key], "", one.query)


def _is_unknown(one: Unresolved, resolver: Resolver) -> bool:
    return not one.hgnc_id and resolver.resolve(one.query).match == Match.UNKNOWN


def _own_panel(one: GeneList) -> MatrixPanel:
    size = len({row.entity.key for row in one.rows if row.entity.entity_type == EntityType.GENE})
    return MatrixPanel(f"upload:{one.panel_id}", "upload", one.panel_id, one.name, size=size)


def _own_statements(one: GeneList) -> Iterator[Statement]:
    for row in one.rows:
        if row.entity.entity_type == EntityType.GENE:
            origin = row.origin
            yield Statement(row.entity.key, f"upload:{one.panel_id}", origin.level, origin.mode_of_inheritance)
