"""Loading gene names, and the resolver that answers from what is loaded."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from django.db import transaction
from django.dispatch import Signal

from audit.events import Action
from audit.record import record
from panelmerge.lib.errors import Refusal, Unavailable
from panelmerge.lib.statements import compiled
from panels.engine.symbols import APPROVED, GeneRecord, Resolver
from panels.hgnc import GeneFiles, read_genes
from panels.models import Gene, GeneRelease

SHIPPED = Path(__file__).resolve().parents[1] / "shipped" / "gene_names.tsv.gz"
FEWEST = 1_000
BATCH = 2_000
COLUMNS = GeneRecord.__slots__
LISTS = {"previous_symbols", "alias_symbols", "merged_into"}

# Sent with ``release`` inside the transaction of a load: what listeners write stands or falls with it.
gene_names_loaded = Signal()
# HGNC's list grows: one that is a tenth smaller than what is loaded has probably lost its end.
SHRINKS_TO = 0.9


def read_gene_names(*, paths: Iterable[str | Path] | None = None, allow_small: bool = False) -> GeneFiles:
    """What a load of these files (None: the shipped file) would put in place. Nothing is written.

    HGNC's files have no positions: those of the shipped file stay, by HGNC id,
    and its Ensembl ids where the files have none. A set of fewer than 1,000
    approved genes is refused unless ``allow_small``.
    """
    chosen = [Path(path) for path in paths] if paths is not None else [SHIPPED]
    names = read_genes(chosen)
    if chosen != [SHIPPED]:
        shipped = {known.hgnc_id: known for known in read_genes([SHIPPED]).records}
        names = names._replace(records=tuple(_placed(gene, shipped.get(gene.hgnc_id)) for gene in names.records))
    approved = sum(gene.status == APPROVED for gene in names.records)
    if approved < FEWEST and not allow_small:
        files = ", ".join(path.name for path in chosen)
        raise Refusal(
            f"{files}: only {approved} approved genes, so most symbols would become unknown. "
            "Give HGNC's whole list, or --allow-small if this is meant."
        )
    held = Gene.objects.filter(status=APPROVED).count()
    if approved < held * SHRINKS_TO and not allow_small:
        raise Refusal(
            f"{', '.join(path.name for path in chosen)}: {approved:,} approved genes, but {held:,} are loaded. "
            "The file may be cut short; --allow-small loads it all the same."
        )
    return names


def _placed(gene: GeneRecord, known: GeneRecord | None) -> GeneRecord:
    if known is None or gene.status != APPROVED:
        return gene
    if known.status != APPROVED and not gene.name:
        # A download without names or statuses lists withdrawn entries like any other. HGNC never gives an id back.
        return replace(gene, status=known.status, merged_into=known.merged_into, name=known.name)
    return replace(
        gene,
        ensembl_id=gene.ensembl_id or known.ensembl_id,
        grch37=gene.grch37 or known.grch37,
        grch38=gene.grch38 or known.grch38,
    )


@transaction.atomic
def load_gene_names(
    *,
    paths: Iterable[str | Path] | None = None,
    by=None,
    allow_small: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> GeneRelease:
    """Replace all gene names by those of the files (None: the shipped file); all of it or nothing.

    ``progress`` is told how many entries of how many are written.
    """
    sources = [Path(path) for path in paths] if paths is not None else [SHIPPED]
    names = read_gene_names(paths=sources, allow_small=allow_small)
    old = GeneRelease.objects.filter(is_current=True).first()
    GeneRelease.objects.filter(is_current=True).update(is_current=False)
    Gene.objects.all().delete()
    for start in range(0, len(names.records), BATCH):
        batch = names.records[start : start + BATCH]
        Gene.objects.bulk_create(
            [Gene(**{column: getattr(gene, column) for column in COLUMNS}) for gene in batch], batch_size=BATCH
        )
        if progress is not None:
            progress(start + len(batch), len(names.records))
    release = GeneRelease.objects.create(
        dated=names.dated,
        sources=[path.name for path in sources],
        gene_count=len(names.records),
        is_current=True,
    )
    approved = sum(gene.status == APPROVED for gene in names.records)
    record(
        Action.GENE_NAMES_LOAD,
        by=by,
        target=release,
        description=f"Loaded {approved} approved gene names, as of {names.dated}",
        details={
            "sources": release.sources,
            "approved": approved,
            "withdrawn": len(names.records) - approved,
            "problems": list(names.problems[:100]),
        },
        old={"dated": old.dated.isoformat()} if old else None,
        new={"dated": names.dated.isoformat()},
    )
    gene_names_loaded.send(sender=GeneRelease, release=release)
    return release


@dataclass(frozen=True, slots=True)
class _Held:
    release: tuple
    resolver: Resolver


_lock = threading.Lock()
_held: _Held | None = None


def current_resolver() -> Resolver:
    """The resolver of the gene names in use: one small query, and one large one after each load.

    Raises Unavailable, with the command that helps, when no names are loaded.
    """
    global _held
    held = _held
    current = _current_release()
    if held is not None and held.release == current[:2]:
        return held.resolver
    with _lock:
        while _held is None or _held.release != current[:2]:
            made = Resolver(_records(), f"HGNC {current[2]}")
            # Another process may have loaded names between the two queries.
            _held, current = _Held(current[:2], made), _current_release()
        return _held.resolver


@compiled
def _current():
    return GeneRelease.objects.filter(is_current=True).order_by().values_list("id", "loaded_at", "dated")


def _current_release() -> tuple:
    """Id, time of loading and day. The time is needed too: an undone load gives its id to the next one."""
    found = _current()
    if not found:
        raise Unavailable("No gene names are loaded yet. Run: manage.py load_genes")
    return found[0]


def _records() -> Iterable[GeneRecord]:
    for row in Gene.objects.order_by("hgnc_id").values_list(*COLUMNS).iterator(chunk_size=5000):
        yield GeneRecord(*(tuple(cell) if name in LISTS else cell for name, cell in zip(COLUMNS, row, strict=True)))
