"""Matrices as files: ``write(matrix) -> bytes``. The same matrix gives the same bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from panels.engine.matrix import Matrix
from panels.formats.writing.matrix import delimited, xlsx


@dataclass(frozen=True, slots=True)
class MatrixFormat:
    name: str
    title: str
    content_type: str
    write: Callable[[Matrix], bytes]


WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

FORMATS: dict[str, MatrixFormat] = {
    one.name: one
    for one in (
        MatrixFormat("xlsx", "Excel workbook", WORKBOOK, xlsx.write),
        MatrixFormat("csv", "Comma-separated", "text/csv; charset=utf-8", delimited.write),
    )
}

__all__ = ["FORMATS", "MatrixFormat"]
