"""Which column of a table holds the genes, and which ones say something about them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

Rows = Sequence[Sequence[str]]

# A title, a date and a line about the laboratory often stand above the headings.
HEADING_ROWS = 20

# In order of preference: where two of them head columns of one table, the earlier one holds the genes.
GENE_HEADINGS = (
    "gene",
    "genes",
    "entityname",
    "genesymbol",
    "symbol",
    "entitysymbol",
    "hgncsymbol",
    "approvedsymbol",
    "genesymbols",
    "symbols",
    "genelist",
)
ID_HEADINGS = ("hgncid", "hgnc", "hgncids", "hgncidnumber")
OTHER_HEADINGS = {
    "entity_type": ("entitytype",),
    "level": ("confidencelevel", "confidence", "level", "list", "gelstatus", "rating"),
    "inheritance": (
        "modeofinheritance",
        "modelofinheritance",
        "moi",
        "inheritance",
        "geneticdiseasemodels",
        "inheritancemodels",
    ),
    "phenotype": ("phenotype", "phenotypes"),
    "note": ("usernotes", "note", "notes", "comment", "comments"),
    "own_level": ("customconfidence",),
    "evidence": ("evidence", "evidencelevel", "sourcesseparated"),
    "chromosome": ("positionchromosome",),
    "start37": ("positiongrch37start",),
    "end37": ("positiongrch37end",),
    "start38": ("positiongrch38start",),
    "end38": ("positiongrch38end",),
}
_KNOWN = {
    **{heading: kind for kind, headings in OTHER_HEADINGS.items() for heading in headings},
    **dict.fromkeys(ID_HEADINGS, "hgnc_id"),
    **dict.fromkeys(GENE_HEADINGS, "gene"),
}

# Words that stand for "none given" where a gene should be; anything else that is no symbol is a problem to report.
BLANKS = frozenset({"", "-", ".", "n/a", "na", "none", "null", "nan"})


@dataclass(frozen=True, slots=True)
class Layout:
    """Positions, counted from 0. None: the table has no such thing.

    ``heading`` is the row with the column headings. ``gene`` is the column
    that names the genes; ``hgnc_id`` a second one that names them by id.
    ``repeated`` are headings that stand over more than one column, ``named_genes``
    all columns whose heading says that they name genes.
    """

    heading: int | None = None
    gene: int | None = None
    hgnc_id: int | None = None
    entity_type: int | None = None
    level: int | None = None
    inheritance: int | None = None
    phenotype: int | None = None
    note: int | None = None
    own_level: int | None = None
    evidence: int | None = None
    chromosome: int | None = None
    start37: int | None = None
    end37: int | None = None
    start38: int | None = None
    end38: int | None = None
    repeated: tuple[str, ...] = ()
    named_genes: tuple[int, ...] = ()

    @property
    def first_row(self) -> int:
        """Where the rows below the headings begin."""
        return 0 if self.heading is None else self.heading + 1


def heading_key(text: str) -> str:
    """A heading without regard to case, spaces, underscores and other signs: "Gene Symbol" is "genesymbol"."""
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def find_layout(rows: Rows) -> Layout:
    """Read the headings from the first 20 rows; without any, a single column holds the genes.

    ``gene`` stays None where several columns might: then a person chooses.
    """
    best = Layout()
    for index, row in enumerate(rows[:HEADING_ROWS]):
        layout = _read_headings(rows, index, row)
        if layout.gene is not None:
            return layout
        named = sum(getattr(layout, field.name) is not None for field in fields(Layout)[2:-2])
        if named >= 2 and best.heading is None:
            best = layout
    filled = filled_columns(rows)
    if len(filled) == 1:
        return _single_column(rows, filled[0])
    return best


def _read_headings(rows: Rows, index: int, row: Sequence[str]) -> Layout:
    found: dict[str, int] = {}
    rank: dict[str, int] = {}
    seen: dict[str, int] = {}
    named_genes: list[int] = []
    for column, cell in enumerate(row):
        key = heading_key(cell)
        # A column of entity types says "gene" on every row: a word that comes again in its column is no heading.
        if key not in _KNOWN:
            continue
        others = _others(rows, index, column)
        if key in others or (key == "gene" and others & {"str", "region"}):
            continue
        seen[cell.strip()] = seen.get(cell.strip(), 0) + 1
        kind = _KNOWN[key]
        place = GENE_HEADINGS.index(key) if kind == "gene" else 0
        if kind == "gene":
            named_genes.append(column)
        if kind not in found or place < rank[kind]:
            found[kind], rank[kind] = column, place
    if not found:
        return Layout()
    if "gene" not in found and "hgnc_id" in found:
        found["gene"] = found["hgnc_id"]
    repeated = tuple(text for text, times in seen.items() if times > 1)
    return Layout(heading=index, repeated=repeated, named_genes=tuple(named_genes), **found)


def _others(rows: Rows, index: int, column: int) -> set[str]:
    near = rows[: index + HEADING_ROWS]
    return {heading_key(row[column]) for number, row in enumerate(near) if number != index and column < len(row)}


def _single_column(rows: Rows, column: int) -> Layout:
    """A bare list. Its first cell is a heading only when it says so; a misspelt gene must not pass for one."""
    for index, row in enumerate(rows):
        if column < len(row) and row[column].strip():
            words = re.findall(r"[^\W_]+", row[column].casefold())
            says_so = len(words) > 1 and any(word in GENE_HEADINGS for word in words)
            return Layout(heading=index if says_so else None, gene=column)
    return Layout()


def filled_columns(rows: Rows) -> list[int]:
    """The columns with any text in them, from the left."""
    return sorted({column for row in rows for column, cell in enumerate(row) if cell.strip()})


def letter(column: int) -> str:
    """How a spreadsheet calls the column: 0 is A, 26 is AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def column_name(rows: Rows, layout: Layout, column: int) -> str:
    """The column's heading, or its letter where it has none."""
    if layout.heading is not None and column < len(rows[layout.heading]):
        heading = rows[layout.heading][column].strip()
        if heading:
            return heading
    return letter(column)


def cell(row: Sequence[str], column: int | None) -> str:
    """The text of a cell without outer spaces, "" where the row ends before it or there is no such column."""
    return row[column].strip() if column is not None and column < len(row) else ""


def other_genes(rows: Rows, layout: Layout) -> list[tuple[int, int]]:
    """Columns beside ``layout.gene`` that name genes as well: (column, the first row, from 1, that says another).

    STRs and regions have names of their own beside the gene they lie in: their rows do not count.
    """
    found = []
    for column in layout.named_genes:
        if column == layout.gene:
            continue
        for number, row in enumerate(rows[layout.first_row :], start=layout.first_row + 1):
            text = cell(row, column)
            is_gene = cell(row, layout.entity_type).casefold() in ("", "gene")
            if is_gene and text.casefold() not in BLANKS and text.casefold() != cell(row, layout.gene).casefold():
                found.append((column, number))
                break
    return found


def share_of_genes(
    rows: Rows, layout: Layout, column: int, resolves: Callable[[str], bool], sample: int = 200
) -> float:
    """Which part (0 to 1) of a column's first cells names a gene."""
    texts = [text for row in rows[layout.first_row :] if (text := cell(row, column))][:sample]
    return sum(map(resolves, texts)) / len(texts) if texts else 0.0


_NUMBERED = {"4": "green", "3": "green", "2": "amber", "1": "red", "0": "none"}
# "not green" and "green on amber" are texts of their own; only a colour and words of habit around it are a level.
_COLOUR = re.compile(
    r"(?:expert review |expert list |list )?(green|amber|red)(?: list| genes?| rating)?(?: ?\([^()]*\))?", re.IGNORECASE
)


def level_word(text: str) -> str:
    """green, amber, red or none for the ways sources write them (GEL_Status 4 and 3 are green); else the text."""
    text = text.strip()
    if text in _NUMBERED:
        return _NUMBERED[text]
    if found := _COLOUR.fullmatch(text):
        return found[1].lower()
    return "none" if text.casefold() in {"none", "no list", "grey", "gray"} else text


def id_text(text: str) -> str:
    """An HGNC id as ``HGNC:n``; Scout's files write the bare number."""
    return f"HGNC:{text}" if text.isascii() and text.isdigit() else text


# The keys of a gene, and the headings over them in our own tables; json has the keys themselves. Places come with them.
OWN_HEADINGS = {
    "gene_symbol": "GeneSymbol",
    "gene_name": "Gene name",
    "hgnc_id": "HGNC ID",
    "ensembl_id": "Ensembl ID",
    "confidence_level": "Confidence",
    "mode_of_inheritance": "Mode of inheritance",
    "phenotype": "Phenotypes",
    "evidence_level": "Evidence",
    "source_panel_id": "Source IDs",
    "source_list_type": "List type(s)",
    "user_notes": "Notes",
    "custom_confidence": "Custom confidence",
    "entity_type": "Entity type",
    "grch37": "GRCh37",
    "grch38": "GRCh38",
}


def own_columns(rows: Rows, layout: Layout) -> dict[str, int] | None:
    """The place of each key in a table that PanelMerge wrote; None when one is missing or another column is chosen."""
    if layout.heading is None:
        return None
    headings = list(rows[layout.heading])
    found: dict[str, int] = {}
    for key, heading in OWN_HEADINGS.items():
        for name in (key, heading):
            if name in headings:
                found[key] = headings.index(name)
    complete = len(found) == len(OWN_HEADINGS) and found["gene_symbol"] == layout.gene
    return found if complete else None


def own_record(row: Sequence[str], columns: dict[str, int]) -> dict[str, str]:
    """What a row of our own table states, under the keys of OWN_HEADINGS and letter for letter."""
    return {key: row[column] if column < len(row) else "" for key, column in columns.items()}
