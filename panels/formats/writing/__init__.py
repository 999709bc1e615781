"""Files out. A format is one file of one shape: ``write(result) -> bytes``; the same result gives the same bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from panels.engine.merge import MergeResult
from panels.formats.writing import delimited, json, xlsx


@dataclass(frozen=True, slots=True)
class Format:
    name: str
    title: str
    content_type: str
    write: Callable[[MergeResult], bytes]

    @property
    def suffix(self) -> str:
        return f".{self.name}"


FORMATS: dict[str, Format] = {
    one.name: one
    for one in (
        Format(
            "xlsx",
            "Excel workbook",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            xlsx.write,
        ),
        Format("csv", "Comma-separated", "text/csv; charset=utf-8", delimited.write_csv),
        Format("tsv", "Tab-separated", "text/tab-separated-values; charset=utf-8", delimited.write_tsv),
        Format("json", "JSON with recipe", "application/json", json.write),
    )
}
