"""Files out. A format is one file of one shape: ``write(result, options) -> bytes``.

The same result with the same options gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from panels.engine.merge import MergedEntity, MergeResult
from panels.formats.writing import bed, delimited, gmt, ids, json, panelapp_tsv, scout, xlsx
from panels.formats.writing.options import Options, options_of
from panels.formats.writing.places import without_place


def _nothing(result: MergeResult, options: Options) -> list[MergedEntity]:
    return []


def _unless(holds: Callable[[MergedEntity], bool]) -> Callable[[MergeResult, Options], list[MergedEntity]]:
    return lambda result, options: [merged for merged in result.entities if not holds(merged)]


@dataclass(frozen=True, slots=True)
class Format:
    """``left_out`` names the entities of a result that a file of this format cannot hold."""

    name: str
    title: str
    content_type: str
    write: Callable[..., bytes]
    suffix: str
    left_out: Callable[[MergeResult, Options], list[MergedEntity]] = _nothing


WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV, TSV, TEXT = (f"text/{kind}; charset=utf-8" for kind in ("csv", "tab-separated-values", "plain"))

FORMATS: dict[str, Format] = {
    one.name: one
    for one in (
        Format("xlsx", "Excel workbook", WORKBOOK, xlsx.write, ".xlsx"),
        Format("csv", "Comma-separated", CSV, delimited.write_csv, ".csv"),
        Format("tsv", "Tab-separated", TSV, delimited.write_tsv, ".tsv"),
        Format("json", "JSON with recipe", "application/json", json.write, ".json"),
        Format("bed", "BED", TEXT, bed.write, ".bed", without_place),
        Format("gmt", "GMT gene set", TEXT, gmt.write, ".gmt", _unless(gmt.holds)),
        Format("panelapp_tsv", "PanelApp TSV", TSV, panelapp_tsv.write, ".panelapp.tsv"),
        Format("scout", "Scout panel", TSV, scout.write, ".scout.tsv", _unless(ids.holds)),
        Format("ids", "HGNC ids", TEXT, ids.write, ".ids.txt", _unless(ids.holds)),
    )
}

# Without their parameters.
CONTENT_TYPES = tuple(sorted({one.content_type.partition(";")[0] for one in FORMATS.values()}))

__all__ = ["CONTENT_TYPES", "FORMATS", "Format", "Options", "options_of"]
