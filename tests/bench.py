"""``make bench``: our work against a bare bound in the same run, as ratios. BG-26, contract §8.

Prints a line per row, ``name<TAB>ratio<TAB>limit<TAB>ok|over`` ("-" where
nothing is promised), medians of one run on one machine, and writes
``var/bench.json``. Runs on whatever ``DATABASE_URL`` names, in a database of its own.
"""

from __future__ import annotations

import io
import json
import os
import random
import statistics
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

import orjson
import xlsxwriter
from django.conf import settings
from django.db import connection, connections
from django.test.utils import setup_databases, teardown_databases

from panels.actions.catalogue import PARSED, read_panels
from panels.actions.finding import gene_asked, occurrences
from panels.actions.merging import merge_lists
from panels.actions.mirroring import publish
from panels.actions.symbols import current_resolver, load_gene_names
from panels.engine.merge import MergeResult
from panels.engine.request import MergeRequest, PanelChoice, PanelSpec
from panels.formats.writing import FORMATS
from panels.formats.writing.about import about_lines
from panels.formats.writing.columns import HEADERS, cells_of, in_reading_order
from panels.formats.writing.xlsx import (
    CONFLICT_HEADERS,
    DROPPED_HEADERS,
    SOURCE_HEADERS,
    conflict_rows,
    dropped_rows,
    source_rows,
)
from panels.models import CatalogueVersion, Gene
from panels.panelapp.parse import PanelBody

ROUNDS = 9
PANELS, SMALL, LARGE, MERGED = 750, 54, 250, 20
ROWS: list[dict] = []


def median(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Seconds, the median of several runs after one that is not counted."""
    work()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def row(name: str, ours: Callable[[], object], bare: Callable[[], object], limit: float | None) -> None:
    """Time both, one after the other, and print the ratio."""
    ratio_row(name, median(ours), median(bare), limit)


def ratio_row(name: str, our_seconds: float, bare_seconds: float, limit: float | None) -> None:
    """Print and keep what was measured already."""
    ratio = our_seconds / bare_seconds
    verdict = "-" if limit is None else "ok" if ratio <= limit else "over"
    ROWS.append(
        {
            "name": name,
            "ratio": round(ratio, 3),
            "limit": limit,
            "verdict": verdict,
            "ms": round(our_seconds * 1000, 2),
            "bare_ms": round(bare_seconds * 1000, 2),
        }
    )
    sys.stdout.write(f"{name}\t{ratio:.2f}\t{'-' if limit is None else limit}\t{verdict}\n")
    sys.stdout.flush()


def catalogue_of(records: list, size: int) -> None:
    """750 panels in the wire shape: twenty of 250 genes, the others of about 54; 45,000 rows in all."""
    chance = random.Random(20261123)
    bodies = []
    for number in range(1, PANELS + 1):
        rows = LARGE if number <= MERGED else SMALL
        bodies.append(
            {
                "id": number,
                "hash_id": None,
                "name": f"Bench panel {number}",
                "disease_group": "Bench",
                "disease_sub_group": "",
                "status": "public",
                "version": "1.10",
                "version_created": "2026-01-01T00:00:00Z",
                "relevant_disorders": [],
                "stats": {"number_of_genes": rows, "number_of_strs": 0, "number_of_regions": 0},
                "types": [],
                "genes": [wire_gene(gene, chance) for gene in chance.sample(records[:size], rows)],
                "strs": [],
                "regions": [],
            }
        )
    read = [PanelBody.read(body, source="uk") for body in bodies]
    publish(source="uk", origin="bench", headers=[one.parsed.header for one in read], bodies=read, complete=True)


def wire_gene(gene: Gene, chance: random.Random) -> dict:
    return {
        "gene_data": {
            "gene_symbol": gene.symbol,
            "hgnc_id": gene.hgnc_id,
            "gene_name": gene.name,
            "ensembl_genes": {"GRch38": {"90": {"ensembl_id": gene.ensembl_id, "location": gene.grch38}}},
        },
        "entity_type": "gene",
        "entity_name": gene.symbol,
        "confidence_level": chance.choice("3321"),
        "penetrance": None,
        "mode_of_pathogenicity": "",
        "publications": ["12345678"],
        "evidence": ["Expert Review Green", "Bench"],
        "phenotypes": [f"Bench disorder {chance.randrange(500)}", "another phenotype"],
        "mode_of_inheritance": chance.choice(
            ["BIALLELIC, autosomal or pseudoautosomal", "MONOALLELIC, autosomal or pseudoautosomal, NOT imprinted"]
        ),
        "tags": [],
        "transcript": None,
    }


def bench_symbols() -> None:
    resolver = current_resolver()
    symbols = list(Gene.objects.filter(status="approved").values_list("symbol", flat=True)[:40_000])
    known = {
        record.symbol: record for record in map(resolver.gene, Gene.objects.values_list("pk", flat=True)) if record
    }
    row(
        "resolve 40,000 symbols / the same look-ups in a bare dictionary",
        lambda: resolver.resolve_many(symbols),
        lambda: [known[symbol] for symbol in symbols],
        None,
    )


def bench_gene() -> None:
    sql = (
        "SELECT p.source, p.panel_id, p.name, p.disease_group, v.version, e.entity_type, e.entity_name, "
        "e.confidence_level, e.mode_of_inheritance, e.child_panel_id, e.child_panel_name "
        "FROM panels_catalogueentry e JOIN panels_cataloguepanel p ON p.id = e.panel_id "
        "JOIN panels_catalogueversion v ON v.id = p.current_version_id "
        "WHERE e.hgnc_id = %s AND p.retired_at IS NULL"
    )
    chosen = busiest_gene()

    def bare() -> list:
        with connection.cursor() as cursor:
            cursor.execute(sql, [chosen])
            return cursor.fetchall()

    row(
        "panels of a gene among 750 panels, 45,000 genes / the bare indexed query",
        lambda: occurrences(gene_asked(chosen)),
        bare,
        3,
    )


def busiest_gene() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT hgnc_id FROM panels_catalogueentry GROUP BY hgnc_id ORDER BY count(*) DESC, hgnc_id")
        return cursor.fetchone()[0]


def merge_request() -> MergeRequest:
    return MergeRequest(inputs=[PanelChoice(PanelSpec("uk", number)) for number in range(1, MERGED + 1)])


def bench_merge() -> MergeResult:
    request = merge_request()
    specs = [choice.panel for choice in request.inputs]

    def read_rows() -> list:
        """The rows with everything they say, from the database: the least a merge has to do."""
        PARSED.clear()
        return read_panels(specs)

    def merge_cold() -> MergeResult:
        PARSED.clear()
        return merge_lists(request=request)

    row(
        "merge 20 panels, 5,000 rows / reading the rows (both from the database)",
        merge_cold,
        read_rows,
        3,
    )
    bodies = list(CatalogueVersion.objects.filter(panel__panel_id__lte=MERGED).values_list("pk", flat=True))
    row(
        "merge 20 panels, bodies in memory / fetching and decoding the stored bodies",
        lambda: merge_lists(request=request),
        lambda: [
            orjson.loads(zlib.decompress(body))
            for body in CatalogueVersion.objects.filter(pk__in=bodies).values_list("body", flat=True)
        ],
        None,
    )
    return merge_lists(request=request)


def bench_xlsx(result: MergeResult) -> None:
    tables = [
        (HEADERS, [cells_of(merged, result) for merged in in_reading_order(result)]),
        *((SOURCE_HEADERS, list(source_rows(one))) for one in result.inputs),
        (CONFLICT_HEADERS, list(conflict_rows(result))),
        (DROPPED_HEADERS, list(dropped_rows(result))),
        (("What", "Text"), about_lines(result)),
    ]

    def bare() -> bytes:
        stream = io.BytesIO()
        workbook = xlsxwriter.Workbook(stream, {"in_memory": True})
        for headers, lines in tables:
            sheet = workbook.add_worksheet()
            for number, line in enumerate([headers, *lines]):
                for column, cell in enumerate(line):
                    sheet.write_string(number, column, cell)
        workbook.close()
        return stream.getvalue()

    row(
        "xlsx of that merge / writing the same cells with the library alone",
        lambda: FORMATS["xlsx"].write(result),
        bare,
        2,
    )


def bench_catalogue() -> None:
    load_gene_names(paths=None)
    catalogue_of(list(Gene.objects.filter(status="approved").exclude(grch38="")[:4000]), 4000)
    bench_symbols()
    bench_gene()
    bench_xlsx(bench_merge())


def run_rows(*benches: Callable[[], None]) -> int:
    """Run them on a database of their own; 1 when a figure is over its limit."""
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        for bench in benches:
            bench()
    finally:
        connections.close_all()
        teardown_databases(databases, verbosity=0)
    out = Path(settings.BASE_DIR) / "var" / "bench.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps({"database": connection.vendor, "rows": ROWS}, indent=1) + "\n")
    return int(any(one["verdict"] == "over" for one in ROWS))


def main() -> int:
    from tests.bench_adopting import bench_adopting
    from tests.bench_audit import bench_audit
    from tests.bench_library import bench_library
    from tests.bench_upgrading import bench_upgrading

    return run_rows(bench_catalogue, bench_library, bench_audit, bench_adopting, bench_upgrading)


if __name__ == "__main__":
    sys.exit(main())
