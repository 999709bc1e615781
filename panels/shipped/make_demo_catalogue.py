"""Make the demonstration catalogue: ``python -m panels.shipped.make_demo_catalogue``.

Gene names, ids and positions are those of the shipped gene names; which gene
stands in which panel, at which level and why is invented. The same gene names
give the same bytes.
"""

from __future__ import annotations

import gzip
import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import orjson

from panels.engine.symbols import APPROVED, GeneRecord
from panels.hgnc import read_genes
from panels.shipped.demo_themes import (
    CONFLICTS,
    INHERITANCE,
    OUTDATED,
    REGIONS,
    REPEATS,
    SUPER_PANELS,
    THEMES,
    Theme,
)

HERE = Path(__file__).parent
FIRST_ID = {"uk": 90001, "aus": 95001}
ENSEMBL = {"uk": ("82", "90"), "aus": ("87", "115")}
TIME_FORMAT = {"uk": "%Y-%m-%dT%H:%M:%S.%fZ", "aus": "%Y-%m-%dT%H:%M:%S.%f+10:00"}
# Subjects of which the Australian service has a smaller panel too; the UK has one of every subject that names it.
AUSTRALIAN_PARTS = {"arrhythmia", "retina", "cancer"}
WORDS = {"3": "Green", "2": "Amber", "1": "Red", "0": "Removed"}
DEMONSTRATION = {
    "name": "Demonstration",
    "slug": "demonstration",
    "description": "Invented panel of the demonstration catalogue. Not for clinical use.",
}
TYPES = {
    "uk": {"name": "GMS Rare Disease", "slug": "gms-rare-disease", "description": "Demonstration of a type"},
    "aus": {"name": "Rare Disease", "slug": "rare-disease", "description": "Demonstration of a type"},
}
SUPER = {"name": "Super Panel", "slug": "superpanel", "description": "Demonstration of a panel made of panels"}
COMPONENT = {
    "name": "Component Of Super Panel",
    "slug": "component-of-super-panel",
    "description": "Demonstration of a panel inside another",
}


class Maker:
    """Makes the panels of one source. Everything random comes from one fixed seed a source."""

    def __init__(self, source: str, genes: dict[str, GeneRecord]) -> None:
        self.source = source
        self.genes = genes
        # Not for secrets: the point is that it is the same every time.
        self.random = random.Random(f"demonstration {source}")
        self.next_id = FIRST_ID[source]

    def bodies(self) -> list[dict]:
        """Every current panel, super panels last."""
        panels = {theme.key: self.panel(theme) for theme in THEMES}
        parts = [self.part(theme, panels[theme.key]) for theme in THEMES if self.has_part(theme)]
        supers = [self.super_panel(name, [panels[key] for key in keys]) for name, keys in SUPER_PANELS.items()]
        return [*panels.values(), *parts, *supers]

    def has_part(self, theme: Theme) -> bool:
        return bool(theme.part) and (self.source == "uk" or theme.key in AUSTRALIAN_PARTS)

    # --- Panels ----------------------------------------------------------------------------------------

    def panel(self, theme: Theme) -> dict:
        genes = [self.theme_gene(theme, *entry.partition(":")[::2]) for entry in theme.genes.split()]
        strs = [self.repeat(theme, *entry) for entry in REPEATS.get(theme.key, [])]
        regions = [self.region(theme, *entry) for entry in REGIONS.get(theme.key, [])]
        if self.source == "aus":
            strs = strs[:-1]
        types = [DEMONSTRATION, TYPES[self.source]]
        if any(theme.key in keys for keys in SUPER_PANELS.values()):
            types.append(COMPONENT)
        return self.body(theme.name, theme, types, genes, strs, regions)

    def part(self, theme: Theme, whole: dict) -> dict:
        """A smaller panel of the same subject, which sees some genes differently."""
        genes = []
        for row in whole["genes"][: len(whole["genes"]) // 3]:
            level = row["confidence_level"] if self.random.random() < 0.8 else self.random.choice("0123")
            genes.append(row | {"confidence_level": level, "evidence": self.evidence(level)})
        return self.body(theme.part, theme, [DEMONSTRATION, TYPES[self.source]], genes, [], [])

    def super_panel(self, name: str, children: list[dict]) -> dict:
        first = next(theme for theme in THEMES if children[0]["name"].startswith(theme.name))
        lists: dict[str, list[dict]] = {
            key: [row | {"panel": self.heading(child)} for child in children for row in child[key]]
            for key in ("genes", "strs", "regions")
        }
        body = self.body(name, first, [DEMONSTRATION, SUPER], *lists.values())
        if self.source == "aus":
            body["child_panel_ids"] = [child["id"] for child in children]
        return body

    def earlier(self, body: dict) -> dict:
        """The version before: the last five genes were not in it, and one gene was of another level."""
        major, minor = body["version"].split(".")
        genes = [dict(row) for row in body["genes"][:-5]]
        genes[0] |= {"confidence_level": "2", "evidence": self.evidence("2")}
        created = datetime.fromisoformat(body["version_created"]) - timedelta(days=90)
        return body | {
            "version": f"{major}.{int(minor) - 1}",
            "version_created": created.strftime(TIME_FORMAT[self.source]),
            "genes": genes,
            "stats": body["stats"] | {"number_of_genes": len(genes)},
        }

    def body(self, name: str, theme: Theme, types: list[dict], genes: list, strs: list, regions: list) -> dict:
        number, self.next_id = self.next_id, self.next_id + 1
        created = datetime(2026, 2, 1, 9, 30, 0, 125000) + timedelta(days=number % 20, minutes=number % 57)
        heading = {
            "id": number,
            "hash_id": None,
            "name": f"{name} (demo)",
            "disease_group": theme.group,
            "disease_sub_group": theme.sub_group if self.source == "uk" else "",
            "status": "public",
            # Two digits after the point, so that 1.10 and 1.1 cannot be mistaken for each other unseen.
            "version": f"{1 + number % 4}.{9 + number % 5}",
            "version_created": created.strftime(TIME_FORMAT[self.source]),
            "relevant_disorders": self.disorders(name, theme, number),
            "stats": {
                "number_of_genes": len(genes),
                "number_of_strs": len(strs),
                "number_of_regions": len(regions),
            },
            "types": types,
        }
        if self.source == "aus":
            heading |= {"description": f"Invented panel about {name.lower()}.", "child_panel_ids": []}
        return heading | {"genes": genes, "strs": strs, "regions": regions}

    def disorders(self, name: str, theme: Theme, number: int) -> list[str]:
        if self.source == "uk":
            return [f"{name} (demo)", f"R{number - 89100}.{1 + number % 3}"]
        return [name, theme.phenotype]

    def heading(self, body: dict) -> dict:
        return {key: value for key, value in body.items() if key not in ("genes", "strs", "regions")}

    # --- Rows ------------------------------------------------------------------------------------------

    def theme_gene(self, theme: Theme, symbol: str, own: str) -> dict:
        gene = self.genes[symbol]
        inheritance = own or self.usual(gene, theme.inheritance)
        level = self.random.choices("3210", (60, 18, 17, 5))[0]
        if (theme.key, symbol) in CONFLICTS:
            uk, aus, uk_inheritance, aus_inheritance = CONFLICTS[theme.key, symbol]
            level, inheritance = (uk, uk_inheritance) if self.source == "uk" else (aus, aus_inheritance)
        name = OUTDATED[self.source].get(symbol, symbol)
        row = {"gene_data": self.gene_data(gene, name), "entity_type": "gene", "entity_name": name}
        row |= self.judgement(theme, level, inheritance)
        row["mode_of_pathogenicity"] = "Other" if self.random.random() < 0.03 else None
        return row | {"transcript": None}

    def usual(self, gene: GeneRecord, inheritance: str) -> str:
        chromosome = (gene.grch38 or gene.grch37).partition(":")[0]
        return {"X": "XD" if inheritance == "M" else "XR", "MT": "MT"}.get(chromosome, inheritance)

    def judgement(self, theme: Theme, level: str, inheritance: str) -> dict:
        return {
            "confidence_level": level,
            "penetrance": self.random.choice([None, None, None, "Complete", "Incomplete", "unknown"]),
            "publications": [],
            "evidence": self.evidence(level),
            "phenotypes": [f"{theme.name}, demonstration entry {self.random.randint(1, 40)}"],
            "mode_of_inheritance": INHERITANCE[inheritance],
            "tags": ["demo-review"] if self.random.random() < 0.05 else [],
        }

    def evidence(self, level: str) -> list[str]:
        return [f"Expert Review {WORDS[level]}", "Demonstration"]

    def gene_data(self, gene: GeneRecord, name: str) -> dict:
        old, new = ENSEMBL[self.source]
        places = {
            build: {release: {"location": place, "ensembl_id": gene.ensembl_id}}
            for build, release, place in (("GRch37", old, gene.grch37), ("GRch38", new, gene.grch38))
            if place and gene.ensembl_id
        }
        return {
            "alias": list(gene.alias_symbols),
            "biotype": "protein_coding" if "protein" in gene.locus_type else None,
            "hgnc_id": gene.hgnc_id,
            "gene_name": gene.name,
            "omim_gene": None,
            "alias_name": None,
            "gene_symbol": name,
            "hgnc_symbol": name,
            "hgnc_release": None,
            "ensembl_genes": places,
            "hgnc_date_symbol_changed": None,
        }

    def repeat(self, theme: Theme, symbol: str, motif: str, normal: int, pathogenic: int, inheritance: str) -> dict:
        gene = self.genes[symbol]
        level = "3" if self.random.random() < 0.7 else "2"
        row = {
            "gene_data": self.gene_data(gene, symbol),
            "entity_type": "str",
            "entity_name": f"{symbol}_{motif}",
            "repeated_sequence": motif,
            "chromosome": gene.grch38.partition(":")[0],
            "grch37_coordinates": self.inside(gene.grch37, 3 * normal),
            "grch38_coordinates": self.inside(gene.grch38, 3 * normal),
            "normal_repeats": normal,
            "pathogenic_repeats": pathogenic,
        }
        return row | self.judgement(theme, level, inheritance)

    @staticmethod
    def inside(place: str, length: int) -> list[int] | None:
        """An invented stretch in the middle of the gene."""
        start, _, end = place.partition(":")[2].partition("-")
        if not end:
            return None
        middle = (int(start) + int(end)) // 2
        return [middle, middle + length]

    def region(self, theme: Theme, band: str, chromosome: str, grch37: list | None, grch38: list, kind: str) -> dict:
        word = "Gain" if kind == "cnv_gain" else "Loss"
        row = {
            "gene_data": None,
            "entity_type": "region",
            "entity_name": f"DEMO-{band}-{word}",
            "verbose_name": f"{band} region (demo) {word}",
            "haploinsufficiency_score": "3",
            "triplosensitivity_score": "",
            "required_overlap_percentage": 60,
            "type_of_variants": kind,
            "chromosome": chromosome,
            "grch37_coordinates": grch37,
            "grch38_coordinates": grch38,
            "mode_of_pathogenicity": None,
        }
        return row | self.judgement(theme, self.random.choice("321"), "U")


def demo_lines(source: str, records: Iterable[GeneRecord]) -> list[dict]:
    """One source's file: its listing as one page, then the body of every panel, then two earlier versions."""
    maker = Maker(source, {record.symbol: record for record in records if record.status == APPROVED})
    bodies = maker.bodies()
    page = {"count": len(bodies), "next": None, "previous": None, "results": [maker.heading(body) for body in bodies]}
    return [page, *bodies, *(maker.earlier(body) for body in bodies[:2])]


def main() -> None:
    records = read_genes([HERE / "gene_names.tsv.gz"]).records
    for source in FIRST_ID:
        lines = demo_lines(source, records)
        path = HERE / "demo_catalogue" / f"{source}.jsonl.gz"
        path.parent.mkdir(exist_ok=True)
        # Without a time in it, the same content is the same file.
        path.write_bytes(gzip.compress(b"".join(orjson.dumps(line) + b"\n" for line in lines), 9, mtime=0))
        rows = sum(len(line[key]) for line in lines[1:-2] for key in ("genes", "strs", "regions"))
        print(f"{path.name}: {lines[0]['count']} panels, {rows} rows, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
