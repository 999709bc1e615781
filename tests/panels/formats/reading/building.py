"""Files for the readers' tests: honest ones by two programs, and hostile ones by hand."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping

import openpyxl
import xlsxwriter

CONTENT_TYPES = (
    b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    b'<Default Extension="xml" ContentType="application/xml"/></Types>'
)


def workbook(sheets: Mapping[str, Iterable[Iterable[object]]]) -> bytes:
    """A workbook as XlsxWriter writes it, everything as given (numbers stay numbers)."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    book.close()
    return out.getvalue()


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def zipped(parts: Iterable[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, body in parts:
            archive.writestr(name, body)
    return out.getvalue()


def with_part(content: bytes, name: str, body: bytes) -> bytes:
    """The workbook with one part added, or put in the place of the one of that name."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = [(part, archive.read(part)) for part in archive.namelist() if part != name]
    return zipped([*parts, (name, body)])
