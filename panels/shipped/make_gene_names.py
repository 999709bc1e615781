"""Make ``gene_names.tsv.gz`` from HGNC's lists and Ensembl's positions.

    python panels/shipped/make_gene_names.py DATA_FOLDER

DATA_FOLDER holds ``hgnc/`` (a custom download, and one with names and locus
types) and ``genes_reference/`` (genes with Ensembl ids and positions). The same
input gives the same bytes.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from panels.engine.symbols import APPROVED, WITHDRAWN, GeneRecord
from panels.hgnc import GeneFiles, read_genes

SHIPPED = Path(__file__).with_name("gene_names.tsv.gz")
COLUMNS = tuple(GeneRecord.__slots__)
# One Ensembl release for each build.
RELEASES = {"grch37": ("GRch37", "82"), "grch38": ("GRch38", "90")}
CHROMOSOME = re.compile(r"([1-9]|1[0-9]|2[0-2]|X|Y|MT):[0-9]+-[0-9]+")


def places(reference: list[dict]) -> dict[str, dict[str, tuple[str, str]]]:
    """HGNC id -> build -> (Ensembl id, position), for positions on whole chromosomes.

    A gene may stand twice, under its symbol and under a clone's name: the row
    under its symbol is taken where both have the build.
    """
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for row in sorted(reference, key=lambda row: row["pk"] != row["fields"]["hgnc_symbol"]):
        fields = row["fields"]
        if not fields["hgnc_id"] or not isinstance(fields["ensembl_genes"], dict):
            continue
        for build, (label, release) in RELEASES.items():
            place = fields["ensembl_genes"].get(label, {}).get(release)
            if place and CHROMOSOME.fullmatch(place["location"]):
                builds = found.setdefault(fields["hgnc_id"], {})
                builds.setdefault(build, (place["ensembl_id"], place["location"]))
    return found


def withdrawn_entries(records: Iterable[GeneRecord], reference: list[dict]) -> set[str]:
    """HGNC ids of entries withdrawn without a successor, which HGNC's custom download does not mark.

    The reference calls them ``SYMBOL~withdrawn`` and "entry withdrawn". An
    entry that has a row of its own there lives: it was given the symbol anew.
    """
    alive = {row["fields"]["hgnc_id"] for row in reference}
    gone = {
        row["pk"].removesuffix("~withdrawn")
        for row in reference
        if row["pk"].endswith("~withdrawn") and row["fields"]["gene_name"] == "entry withdrawn"
    }
    return {record.hgnc_id for record in records if record.symbol in gone and record.hgnc_id not in alive}


def placed(record: GeneRecord, builds: dict[str, tuple[str, str]]) -> GeneRecord:
    """The record with its positions, and with the Ensembl id of the newer build that has one."""
    if record.status != APPROVED or not builds:
        return record
    nowhere = ("", "")
    old, new = builds.get("grch37", nowhere), builds.get("grch38", nowhere)
    return replace(record, ensembl_id=record.ensembl_id or new[0] or old[0], grch37=old[1], grch38=new[1])


def written(names: GeneFiles) -> bytes:
    """The file as bytes: a line with the day, a header, a row for each entry by HGNC number, all gzipped."""
    lines = [f"# dated: {names.dated.isoformat()}", "\t".join(COLUMNS)]
    for record in sorted(names.records, key=lambda record: int(record.hgnc_id[5:])):
        cells = (getattr(record, column) for column in COLUMNS)
        lines.append("\t".join("|".join(cell) if isinstance(cell, tuple) else cell for cell in cells))
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=packed, compresslevel=9, mtime=0) as file:
        file.write(("\n".join(lines) + "\n").encode())
    return packed.getvalue()


def main(folder: Path) -> None:
    lists = [path for part in ("dump", "names") for path in sorted(folder.glob(f"hgnc/hgnc_{part}_*.txt.gz"))]
    names = read_genes(lists)
    reference = []
    for path in sorted(folder.glob("genes_reference/*.json.gz")):
        reference += json.loads(gzip.decompress(path.read_bytes()))
    gone, builds = withdrawn_entries(names.records, reference), places(reference)
    records = tuple(
        replace(record, name="", status=WITHDRAWN)
        if record.hgnc_id in gone
        else placed(record, builds.get(record.hgnc_id, {}))
        for record in names.records
    )
    content = written(names._replace(records=records))
    SHIPPED.write_bytes(content)
    for problem in names.problems:
        print(problem)
    approved = [record for record in records if record.status == APPROVED]
    print(f"{len(approved)} approved and {len(records) - len(approved)} withdrawn genes as of {names.dated}")
    for build in RELEASES:
        print(f"{sum(bool(getattr(record, build)) for record in approved)} with a position in {build}")
    print(f"{len(content)} bytes in {SHIPPED.name}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
