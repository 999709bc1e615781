"""panelapp_tsv: the 36 columns of PanelApp's own table, by position.

PanelApp takes every line below the headings for an entity, so there are no
remarks: what list it is stands in ``Description``, which PanelApp keeps for the
panel as a whole. The recipe does not fit there; json and the workbook have it.
A mode of inheritance that is none of PanelApp's choices, ids of Ensembl for
GRCh37, and what our sources do not tell of an STR or region, stay empty.
"""

from __future__ import annotations

import csv
import io
import re

from panels.engine.coordinates import Place, places
from panels.engine.genes import EntityType
from panels.engine.merge import MergedEntity, MergeResult
from panels.formats.cells import guarded
from panels.formats.writing.about import RECIPE, about_lines, flat, title
from panels.formats.writing.columns import in_reading_order
from panels.formats.writing.options import NOTHING_CHOSEN, Options

HEADERS = (
    "Entity Name",
    "Entity type",
    "Gene Symbol",
    "Sources(; separated)",
    "Level4",
    "Level3",
    "Level2",
    "Model_Of_Inheritance",
    "Phenotypes",
    "Omim",
    "Orphanet",
    "HPO",
    "Publications",
    "Description",
    "Flagged",
    "GEL_Status",
    "UserRatings_Green_amber_red",
    "version",
    "ready",
    "Mode of pathogenicity",
    "EnsemblId(GRch37)",
    "EnsemblId(GRch38)",
    "HGNC",
    "Position Chromosome",
    "Position GRCh37 Start",
    "Position GRCh37 End",
    "Position GRCh38 Start",
    "Position GRCh38 End",
    "STR Repeated Sequence",
    "STR Normal Repeats",
    "STR Pathogenic Repeats",
    "Region Haploinsufficiency Score",
    "Region Triplosensitivity Score",
    "Region Required Overlap Percentage",
    "Region Variant Type",
    "Region Verbose Name",
)
_AUTOSOMAL = "autosomal or pseudoautosomal"
INHERITANCE = frozenset(
    {
        f"MONOALLELIC, {_AUTOSOMAL}, NOT imprinted",
        f"MONOALLELIC, {_AUTOSOMAL}, maternally imprinted (paternal allele expressed)",
        f"MONOALLELIC, {_AUTOSOMAL}, paternally imprinted (maternal allele expressed)",
        f"MONOALLELIC, {_AUTOSOMAL}, imprinted status unknown",
        f"BIALLELIC, {_AUTOSOMAL}",
        f"BOTH monoallelic and biallelic, {_AUTOSOMAL}",
        f"BOTH monoallelic and biallelic (but BIALLELIC mutations cause a more SEVERE disease form), {_AUTOSOMAL}",
        "X-LINKED: hemizygous mutation in males, biallelic mutations in females",
        "X-LINKED: hemizygous mutation in males, monoallelic mutations in females may cause disease "
        "(may be less severe, later onset than males)",
        "MITOCHONDRIAL",
        "Unknown",
        "Other",
    }
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
STATUS = {"green": "3", "amber": "2", "red": "1", "none": "0"}
NAMED_IN_DESCRIPTION = ("Format", "Content hash", "Gene names", "Input ", "Terms of input ")


def _described(result: MergeResult) -> str:
    pairs = [(heading, text) for heading, text in about_lines(result) if not heading.startswith(RECIPE)]
    return ". ".join(
        f"{head}: {flat(text).rstrip('.')}" for head, text in pairs if head.startswith(NAMED_IN_DESCRIPTION)
    )


def _all(texts) -> str:
    return ";".join(dict.fromkeys(flat(text) for text in texts if text.strip()))


def _cells(merged: MergedEntity, panel: str, described: str, where: dict[str, tuple[Place, ...]]) -> list[str]:
    entity, origins = merged.entity, merged.origins
    is_gene = entity.entity_type == EntityType.GENE
    pathogenicity = {origin.mode_of_pathogenicity for origin in origins} - {""}
    row = dict.fromkeys(HEADERS, "") | {
        "Entity Name": entity.name,
        "Entity type": str(entity.entity_type),
        "Gene Symbol": entity.name if is_gene else "",
        "Sources(; separated)": _all(text for origin in origins for text in origin.evidence),
        "Level4": panel,
        "Model_Of_Inheritance": merged.mode_of_inheritance if merged.mode_of_inheritance in INHERITANCE else "",
        "Phenotypes": _all(text for origin in origins for text in origin.phenotypes),
        "Publications": _all(text for origin in origins for text in origin.publications),
        "Description": described,
        "Flagged": "FALSE",
        "GEL_Status": STATUS.get(merged.level, ""),
        "Mode of pathogenicity": pathogenicity.pop() if len(pathogenicity) == 1 else "",
        "EnsemblId(GRch38)": entity.ensembl_id,
        "HGNC": entity.hgnc_id,
    }
    if not is_gene:
        row |= _positions(where)
    if entity.entity_type == EntityType.REGION:
        row["Region Verbose Name"] = entity.gene_name
    # A bare carriage return is not quoted here, and begins a row of its own in a spreadsheet.
    return [guarded(_CONTROL.sub(" ", row[header]).strip()) for header in HEADERS]


def _positions(where: dict[str, tuple[Place, ...]]) -> dict[str, str]:
    """Of an entity with one place in a build; several, or another chromosome in each build, have no cell here."""
    one = {build: found[0] for build, found in where.items() if len(found) == 1}
    if len({place.chromosome for place in one.values()}) != 1:
        return {}
    cells = {"Position Chromosome": next(iter(one.values())).chromosome}
    for build, place in one.items():
        cells |= {f"Position {build} Start": str(place.start), f"Position {build} End": str(place.end)}
    return cells


def write(result: MergeResult, options: Options = NOTHING_CHOSEN) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter="\t", lineterminator="\n")
    writer.writerow(HEADERS)
    panel, described = title(result), _described(result)
    where: dict[tuple[str, str], dict[str, tuple[Place, ...]]] = {}
    for build in ("GRCh37", "GRCh38"):
        for merged, found in places(result, build):
            where.setdefault((merged.entity.entity_type, merged.entity.key), {})[build] = found
    for merged in in_reading_order(result):
        writer.writerow(_cells(merged, panel, described, where[merged.entity.entity_type, merged.entity.key]))
    return text.getvalue().encode()
