"""Excel workbooks, .xlsx and .xls, read by calamine."""

from __future__ import annotations

from datetime import date, datetime, time
from io import BytesIO
from itertools import islice

import python_calamine as calamine

from panelmerge.lib.errors import Refusal, TooLarge
from panels.formats.reading import MAX_CELL, MAX_COLUMNS, MAX_FILLED_CELLS, MAX_ROWS, Sheet, Table
from panels.formats.reading.about import about_rows
from panels.formats.reading.safety import check_workbook


def read(content: bytes, name: str, delimiter: str = "") -> Table:
    """Every sheet of cells, hidden ones marked; charts and macro sheets are left out.

    Formulas give the value the workbook was saved with. Dates become ISO text
    and whole numbers have no decimals, so that what a spreadsheet made of a
    gene name can be recognised.
    """
    unseen = check_workbook(content, name)
    try:
        workbook = calamine.CalamineWorkbook.from_filelike(BytesIO(content))
        found = [
            (index, about)
            for index, about in enumerate(workbook.sheets_metadata)
            if about.typ == calamine.SheetTypeEnum.WorkSheet
        ]
        table = Table(sheets=[])
        for index, about in found:
            hidden = about.visible != calamine.SheetVisibleEnum.Visible
            _add_sheet(table, workbook.get_sheet_by_index(index), about.name, hidden, name)
    except calamine.PasswordError as error:
        raise Refusal(f"{name} is protected by a password.", code="unsafe_content") from error
    except calamine.CalamineError as error:
        raise Refusal(f"{name} is damaged and cannot be read: {error}.", code="unreadable") from error
    if not any(sheet.rows for sheet in table.sheets):
        raise Refusal(f"{name} has no sheet with any text.", code="empty")
    for sheet in table.sheets:
        if sheet.name == "About" and not table.about:
            table.about = about_rows(sheet.rows)
    if unseen.errors:
        told = "cells hold a spreadsheet's error (such as #REF! or #N/A) and are read as empty."
        table.notes.append(f"{unseen.errors} {told}")
    if unseen.unsaved:
        told = "cells hold a formula without its value and are read as empty. Save the file in a spreadsheet first."
        table.notes.append(f"{unseen.unsaved} {told}")
    return table


def _add_sheet(table: Table, sheet: calamine.CalamineSheet, called: str, hidden: bool, file: str) -> None:
    name = _own_name(called, {other.name for other in table.sheets})
    rows = _rows(sheet, f"{file}, sheet {name}") if sheet.end is not None else []
    table.sheets.append(Sheet(name, rows, hidden))
    if sum(len(row) for other in table.sheets for row in other.rows) > MAX_FILLED_CELLS:
        raise TooLarge(f"{file} has more than {MAX_FILLED_CELLS:,} cells.")
    if hidden and rows:
        table.notes.append(f"The sheet {name} is hidden. It is not read unless it is chosen.")
    if not rows:
        table.notes.append(f"The sheet {name} is empty.")
    if sheet.merged_cell_ranges:
        table.notes.append(f"The sheet {name} has merged cells. Their text counts for the first row and column only.")


def _own_name(called: str, taken: set[str]) -> str:
    """The sheet's name without control characters, and different from the others."""
    name = "".join(sign for sign in called if sign.isprintable())[:200] or "Sheet"
    number = 2
    own = name
    while own in taken:
        own, number = f"{name} ({number})", number + 1
    return own


def _rows(sheet: calamine.CalamineSheet, place: str) -> list[list[str]]:
    last_row, last_column = sheet.end
    if last_row >= MAX_ROWS:
        raise TooLarge(f"{place}: the last row is {last_row + 1:,}; at most {MAX_ROWS:,} are read.")
    if last_column >= MAX_COLUMNS:
        raise TooLarge(f"{place}: there are {last_column + 1:,} columns; at most {MAX_COLUMNS} are read.")
    before = [""] * sheet.start[1]
    rows: list[list[str]] = []
    filled = 0
    # Rows above the first cell come as empty ones, columns before it do not come.
    for number, values in enumerate(islice(sheet.iter_rows(), MAX_ROWS), start=1):
        row = before + [_text(value) for value in values]
        while row and not row[-1].strip():
            row.pop()
        for cell in row:
            if len(cell) > MAX_CELL:
                raise TooLarge(f"{place}, row {number}: a cell has more than {MAX_CELL:,} characters.")
            if "\0" in cell:
                raise Refusal(f"{place}, row {number}: a cell holds a NUL character.", code="nul")
        rows.append(row)
        filled += len(row)
        if filled > MAX_FILLED_CELLS:
            raise TooLarge(f"{place}: there are more than {MAX_FILLED_CELLS:,} cells.")
    while rows and not rows[-1]:
        rows.pop()
    return rows


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    # Excel has no dates without a time: midnight is how it keeps a plain one.
    if isinstance(value, datetime) and value.time() == time.min:
        return value.date().isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)
