"""What a person is shown of an upload, and what a merge takes from it."""

from __future__ import annotations

import csv
import io
import json
import zlib
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from panelmerge.lib.errors import Refusal
from panels.engine.columns import (
    Layout,
    cell,
    column_name,
    filled_columns,
    find_layout,
    letter,
    other_genes,
    own_columns,
    share_of_genes,
)
from panels.engine.genes import GeneList
from panels.engine.listing import ListedGene, Listing, Problem, gene_list, list_genes, unchanged
from panels.engine.symbols import Resolver
from panels.formats.cells import CUT, guarded
from panels.formats.reading import Sheet, Table
from panels.formats.reading.about import CONTENT_HASH, GENE_NAMES
from panels.models import Upload


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """A column a person may choose. ``share`` (0 to 1) of its cells name genes; None when that was not asked."""

    index: int
    name: str
    letter: str
    sample: tuple[str, ...]
    share: float | None = None


@dataclass(frozen=True, slots=True)
class UploadReport:
    """What was read from an upload. ``column`` is None while a person has to choose; ``suggestion`` is our advice."""

    id: str
    name: str
    sheet: str
    sheets: tuple[Sheet, ...]
    column: int | None
    columns: tuple[ColumnChoice, ...]
    suggestion: int | None
    genes: tuple[ListedGene, ...]
    problems: tuple[Problem, ...]
    counts: dict[str, int]
    notes: tuple[str, ...]
    encoding: str
    delimiter: str
    expires_at: datetime

    @property
    def detail(self) -> str:
        """The whole in a sentence."""
        if self.column is None:
            return f"{self.name}: no column is headed as genes. Choose the column that holds them."
        return f"{self.name}: {self.counts['genes']} genes, {self.counts['problems']} problems."

    @property
    def column_name(self) -> str:
        return next((choice.name for choice in self.columns if choice.index == self.column), "")


def table_of(upload: Upload) -> Table:
    """The cells as they were read."""
    return Table.from_json(json.loads(zlib.decompress(upload.table)))


def sheet_of(table: Table, name: str) -> Sheet:
    for sheet in table.sheets:
        if sheet.name == name:
            return sheet
    known = ", ".join(sheet.name for sheet in table.sheets)
    told = f"There is no sheet {name!a}. There are: {known}."
    raise Refusal(told, errors={"sheet": [told]})


def _listing(upload: Upload, table: Table, resolver: Resolver) -> tuple[Sheet, Layout, Listing]:
    sheet = sheet_of(table, upload.sheet)
    layout = replace(find_layout(sheet.rows), gene=upload.column)
    empty = Listing((), ())
    if layout.gene is None:
        return sheet, layout, empty
    return sheet, layout, list_genes(sheet.rows, layout, resolver, claimed=claimed_hash(table))


def claimed_hash(table: Table) -> str:
    """The content hash that a file of ours names; "" for the files of others."""
    return table.about.get(CONTENT_HASH, "")


def own_notes(name: str, table: Table, sheet: Sheet, layout: Layout, resolver: Resolver) -> list[str]:
    """For a file that says PanelMerge wrote it: whether it still is what was written, and under which gene names."""
    claimed = claimed_hash(table)
    if not claimed or layout.gene is None or own_columns(sheet.rows, layout) is None:
        return []
    if any(text.endswith(CUT) for row in sheet.rows for text in row):
        return [f"{name} was written by PanelMerge with texts cut to fit their cells: it is read like any other list."]
    if not unchanged(sheet.rows, layout, claimed):
        told = f"{name} says that PanelMerge wrote it, but it was changed since: its content is not that of {claimed}."
        return [f"{told} It is read like any other list."]
    notes = [f"{name} was written by PanelMerge and is unchanged, {claimed}."]
    then = table.about.get(GENE_NAMES, "")
    if then and then != resolver.release:
        notes.append(f"It was made with the gene names {then}; here they are {resolver.release}.")
    return notes


def report(upload: Upload, resolver: Resolver) -> UploadReport:
    """What a person sees of an upload: its genes, its problems, and the columns to choose from. No query."""
    table = table_of(upload)
    sheet, layout, listing = _listing(upload, table, resolver)
    columns = _columns(sheet, layout, resolver)
    best = max(columns, key=lambda choice: choice.share or 0, default=None)
    notes = own_notes(upload.name, table, sheet, layout, resolver) + list(table.notes)
    if layout.repeated:
        notes.append(f"Several columns are headed {', '.join(layout.repeated)}; the first of them is read.")
    if layout.gene is not None and not claimed_hash(table):
        notes.extend(_passed_over(sheet, layout))
    return UploadReport(
        id=str(upload.pk),
        name=upload.name,
        sheet=sheet.name,
        sheets=tuple(table.sheets),
        column=upload.column,
        columns=columns,
        suggestion=best.index if best is not None and best.share else None,
        genes=listing.genes,
        problems=listing.problems,
        counts=_counts(sheet, layout, listing),
        notes=tuple(notes),
        encoding=table.encoding,
        delimiter=table.delimiter,
        expires_at=upload.expires_at,
    )


def _passed_over(sheet: Sheet, layout: Layout) -> list[str]:
    read = column_name(sheet.rows, layout, layout.gene)
    return [
        f"The column {column_name(sheet.rows, layout, column)} names genes as well and is not read; {read} is. "
        f"Row {row} is the first in which the two differ. Choose the other column if it is the right one."
        for column, row in other_genes(sheet.rows, layout)
    ]


def _columns(sheet: Sheet, layout: Layout, resolver: Resolver) -> tuple[ColumnChoice, ...]:
    def resolves(text: str) -> bool:
        return resolver.resolve(text).found

    choices = []
    for index in filled_columns(sheet.rows):
        texts = (text for row in sheet.rows[layout.first_row :] if (text := cell(row, index)))
        name = column_name(sheet.rows, layout, index)
        # Only who has to choose needs the advice.
        share = share_of_genes(sheet.rows, layout, index, resolves) if layout.gene is None else None
        choices.append(ColumnChoice(index, name, letter(index), tuple(islice(texts, 3)), share))
    return tuple(choices)


def _counts(sheet: Sheet, layout: Layout, listing: Listing) -> dict[str, int]:
    usable = listing.usable
    return {
        "rows": sum(bool(row) for row in sheet.rows[layout.first_row :]),
        "genes": len({(gene.entity_type, gene.entity.key) for gene in usable}),
        "unresolved": len(listing.genes) - len(usable),
        "renamed": sum(gene.match in ("previous", "alias", "withdrawn") for gene in usable),
        "problems": len(listing.problems),
    }


def to_gene_list(upload: Upload, resolver: Resolver, *, source: str = "upload") -> GeneList:
    """The upload as one input of a merge; rows that name no sure gene stand in ``unresolved``. No query.

    As a "list" it is without its number here, as the recipe of a merge has it.
    Raises Refusal while nobody has said which column holds the genes.
    """
    _, layout, listing = _listing(upload, table_of(upload), resolver)
    if layout.gene is None:
        raise Refusal(f"{upload.name}: choose the column that holds the genes first.", code="no_column", status=409)
    return gene_list(listing, panel_id=str(upload.pk) if source == "upload" else "", name=upload.name, source=source)


def problems_csv(shown: UploadReport) -> bytes:
    """The problems as a file for a spreadsheet; a cell that it would run as a formula is text."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["row", "column", "value", "message"])
    for problem in shown.problems:
        writer.writerow([problem.row, *map(guarded, (problem.column, problem.value, problem.message))])
    return out.getvalue().encode("utf-8-sig")
