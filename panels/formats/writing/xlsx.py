"""xlsx: Combined list first, a sheet per input, Conflicts, Dropped, About.

Where the chosen build has no place for some of the entities, the sheet No place names them.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from datetime import datetime

import xlsxwriter

from panels.engine.content import source_id
from panels.engine.merge import MergeInput, MergeResult
from panels.formats.cells import CELL_LIMIT, CUT
from panels.formats.writing.about import about_lines
from panels.formats.writing.columns import headers_of, lines_of
from panels.formats.writing.options import NOTHING_CHOSEN, Options
from panels.formats.writing.places import without_place

SHEET_NAME_LIMIT = 31
WIDTHS = {
    "GeneSymbol": 16,
    "Panel(s)": 42,
    "Phenotypes": 42,
    "Evidence": 30,
    "Mode of inheritance": 34,
    "Gene name": 34,
}

SOURCE_HEADERS = (
    "entity_type",
    "entity_name",
    "hgnc_id",
    "confidence_level",
    "mode_of_inheritance",
    "phenotypes",
    "evidence",
    "publications",
    "tags",
    "as_given",
    "child_panel",
    "note",
)
CONFLICT_HEADERS = ("GeneSymbol", "HGNC ID", "Field", "Value", "Said by", "Chosen", "Decided by", "Reason")
NO_PLACE_HEADERS = ("entity_type", "entity_name", "hgnc_id", "Build")
DROPPED_HEADERS = ("Input", "Gene or text", "HGNC ID", "Row", "Reason")


def sheet_names(inputs: Sequence[MergeInput]) -> list[str]:
    """At most 31 characters, without what Excel forbids, never two alike (Excel does not tell case apart)."""
    taken = {"combined list", "conflicts", "dropped", "about", "history", "no place"}
    names = []
    for one in inputs:
        tag = {"uk": "GB ", "aus": "AUS "}.get(one.genes.source, "")
        plain = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", f"{tag}{one.genes.name}").strip().strip("'") or "List"
        name, number = plain[:SHEET_NAME_LIMIT].rstrip("' "), 2
        while name.casefold() in taken:
            ending = f" ({number})"
            name, number = plain[: SHEET_NAME_LIMIT - len(ending)].rstrip() + ending, number + 1
        taken.add(name.casefold())
        names.append(name)
    return names


def source_rows(one: MergeInput) -> Iterable[tuple[str, ...]]:
    """Every row the input gave, whether it was taken or not."""
    for row in one.genes.rows:
        entity, origin = row.entity, row.origin
        yield (
            str(entity.entity_type),
            entity.name,
            entity.hgnc_id,
            origin.confidence_level,
            origin.mode_of_inheritance,
            "; ".join(origin.phenotypes),
            "; ".join(origin.evidence),
            "; ".join(origin.publications),
            "; ".join(origin.tags),
            origin.given,
            f"{origin.child_panel_name} v{origin.child_version}" if origin.child_panel_name else "",
            origin.note,
        )


def conflict_rows(result: MergeResult) -> Iterable[tuple[str, ...]]:
    for merged in result.in_conflict():
        for conflict in merged.conflicts:
            for value, positions in conflict.values:
                said_by = dict.fromkeys(
                    f"{source_id(merged.origins[p])} {merged.origins[p].child_panel_name}".strip() for p in positions
                )
                yield (
                    merged.entity.name,
                    merged.entity.hgnc_id,
                    conflict.field,
                    value,
                    "; ".join(said_by),
                    conflict.chosen,
                    "undecided" if conflict.is_open else conflict.decided_by,
                    conflict.reason,
                )


def dropped_rows(result: MergeResult) -> Iterable[tuple[str, ...]]:
    for dropped in result.dropped:
        yield (
            result.inputs[dropped.input].genes.label,
            dropped.entity.name if dropped.entity else dropped.query,
            dropped.entity.hgnc_id if dropped.entity else "",
            "" if dropped.row is None else str(dropped.row),
            dropped.reason,
        )


def no_place_rows(result: MergeResult, options: Options) -> list[tuple[str, ...]]:
    return [
        (str(merged.entity.entity_type), merged.entity.name, merged.entity.hgnc_id, options.build)
        for merged in without_place(result, options)
    ]


def write(result: MergeResult, options: Options = NOTHING_CHOSEN) -> bytes:
    stream = io.BytesIO()
    workbook = xlsxwriter.Workbook(
        stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    # No clock inside: the same result is the same file.
    workbook.set_properties({"title": "PanelMerge", "created": datetime(2000, 1, 1)})
    bold = workbook.add_format({"bold": True})

    def table(name: str, headers: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        sheet = workbook.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        for column, header in enumerate(headers):
            sheet.write_string(0, column, header, bold)
            sheet.set_column(column, column, WIDTHS.get(header, 18))
        write_string = sheet.write_string
        last = 0
        for last, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                if cell:
                    write_string(last, column, cell if len(cell) <= CELL_LIMIT else cell[: CELL_LIMIT - len(CUT)] + CUT)
        sheet.autofilter(0, 0, last, len(headers) - 1)

    table("Combined list", headers_of(options), lines_of(result, options))
    for one, name in zip(result.inputs, sheet_names(result.inputs), strict=True):
        table(name, SOURCE_HEADERS, source_rows(one))
    if unplaced := no_place_rows(result, options):
        table("No place", NO_PLACE_HEADERS, unplaced)
    table("Conflicts", CONFLICT_HEADERS, conflict_rows(result))
    table("Dropped", DROPPED_HEADERS, dropped_rows(result))
    table("About", ("What", "Text"), about_lines(result))
    workbook.close()
    return stream.getvalue()
