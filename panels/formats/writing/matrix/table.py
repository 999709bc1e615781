"""What every file of a matrix holds: the words of a cell, the lines of the table, and what the file says of itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from panels.engine.content import BETWEEN
from panels.engine.genes import Confidence
from panels.engine.matrix import CATALOGUES, OWN, Cell, Matrix, MatrixPanel

FORMAT = "panelmerge-matrix/1"
HEADERS = ("GeneSymbol", "HGNC ID", "As given", "Panels")


def level_in_words(cell: Cell) -> str:
    """ "green" … "level 0", a list's own word, or "listed" where a list gives no level."""
    return "level 0" if cell.confidence_level == Confidence.NONE else cell.confidence_level or "listed"


def heading(panel: MatrixPanel) -> str:
    """Names the panel and its version; the id in it keeps two of one name apart."""
    return f"{panel.label} [{panel.key if panel.source != OWN else 'own list'}]"


def inheritance_in_words(cell: Cell) -> str:
    """The modes of inheritance, and how many rows of a super panel stand behind them."""
    return " | ".join(filter(None, (BETWEEN.join(cell.modes), f"{cell.rows} rows" if cell.rows > 1 else "")))


def about_lines(matrix: Matrix) -> list[tuple[str, str]]:
    """Pairs of a heading and a text, in reading order. No clock and no person in them."""
    filters, counts = matrix.filters, matrix.counts
    shown = {panel.source for panel in matrix.panels}
    source = CATALOGUES[filters.source] if filters.source else "both catalogues"
    lines = [
        ("Format", FORMAT),
        ("Gene names", matrix.gene_names),
        ("Genes asked for", str(counts["asked"])),
        ("Different genes", str(counts["genes"])),
        ("Not resolved", str(counts["unresolved"])),
        ("In no panel shown", str(counts["in_no_panel"])),
        ("Panels", str(counts["panels"])),
        ("Confidence", filters.levels_in_words),
        ("Source", source + (", and lists of one's own" if OWN in shown else "")),
        ("Panels with at least", f"{max(1, filters.least)} of the genes"),
        ("Words in the panel's name", filters.words or "any"),
    ]
    lines += [(f"Panels of {name}", str(_of(matrix, key))) for key, name in CATALOGUES.items() if key in shown]
    terms = dict.fromkeys((panel.source, panel.terms) for panel in matrix.panels if panel.terms)
    lines += [(f"Terms of {CATALOGUES[key]}", text) for key, text in sorted(terms, key=lambda one: one[0] != "uk")]
    lines.append(("Versions", "Each panel's version stands beside its name."))
    lines.append(("Cells", "The highest confidence that the panel's rows give, of those the confidence filter takes."))
    return lines


def _of(matrix: Matrix, source: str) -> int:
    return sum(panel.source == source for panel in matrix.panels)


@dataclass(frozen=True, slots=True)
class Line:
    """A gene's own cells, and by their column those of the panels that hold it: most do not."""

    gene: tuple[str, ...]
    cells: list[tuple[int, Cell]]


def lines_of(matrix: Matrix) -> Iterator[Line]:
    column = {panel.key: place for place, panel in enumerate(matrix.panels, start=len(HEADERS))}
    held: dict[str, list[tuple[int, Cell]]] = {gene.key: [] for gene in matrix.genes}
    for (gene, panel), cell in matrix.cells.items():
        held[gene].append((column[panel], cell))
    for gene in matrix.genes:
        given = BETWEEN.join(gene.renamed_from)
        own = (gene.gene_symbol, gene.hgnc_id, given, str(matrix.by_gene[gene.key]))
        yield Line(own, sorted(held[gene.key], key=lambda one: one[0]))


def totals(matrix: Matrix) -> tuple[str, ...]:
    return ("Genes in the panel", "", "", "", *(str(matrix.by_panel[panel.key]) for panel in matrix.panels))
