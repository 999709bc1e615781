"""csv of a comparison: a line for every field that differs; behind them what the file says of itself."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from panels.engine.diff import LEVEL_FIELDS, Comparison, Folded
from panels.formats.cells import guarded
from panels.formats.reading.about import REMARK
from panels.formats.writing.about import flat

FORMAT = "panelmerge-comparison/1"
CONTENT_TYPE = "text/csv; charset=utf-8"
HEADERS = ("Difference", "GeneSymbol", "HGNC ID", "Entity type", "Field")
NAME = "name"


def about_lines(comparison: Comparison) -> list[tuple[str, str]]:
    """Pairs of a heading and a text, in reading order. No clock and no person in them."""
    a, b, found = comparison.a, comparison.b, comparison.diff
    lines = [
        ("Format", FORMAT),
        ("A", f"{a.label} [{a.source}:{a.panel_id}]"),
        ("B", f"{b.label} [{b.source}:{b.panel_id}]"),
        ("Only in A", str(len(found.only_a))),
        ("Only in B", str(len(found.only_b))),
        ("In both, different", str(len(found.changed))),
        ("In both, equal", str(found.equal)),
        ("Gene names", comparison.gene_names),
    ]
    lines += [(f"Terms of {side}", one.terms) for side, one in (("A", a), ("B", b)) if one.terms]
    for side, one in (("A", a), ("B", b)):
        lines += [(f"Not read of {side}", f"{lost.query}: {lost.reason}") for lost in one.unresolved]
    return lines


def _rows(comparison: Comparison) -> Iterator[tuple[str, ...]]:
    found = comparison.diff
    for one in found.only_a:
        yield from ((*_who("only in A", one), name, one.fields[name], "") for name in _stated(one))
    for one in found.only_b:
        yield from ((*_who("only in B", one), name, "", one.fields[name]) for name in _stated(one))
    for change in found.changed:
        yield from ((*_who("different", change.new), one.field, one.old, one.new) for one in change.fields)
    for one in found.renamed:
        yield (*_who("other name", one.new), NAME, one.old.written, one.new.written)


def _who(what: str, one: Folded) -> tuple[str, ...]:
    return (what, one.entity.name, one.entity.hgnc_id, str(one.entity.entity_type))


def _stated(one: Folded) -> tuple[str, ...]:
    """The confidence always, so that no entity is without a line."""
    return tuple(name for name in LEVEL_FIELDS if one.fields[name] or name == LEVEL_FIELDS[0])


def write_csv(comparison: Comparison) -> bytes:
    """One table, only in A first; the two last columns are headed by the panels with their versions."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    sides = (f"A: {comparison.a.label}", f"B: {comparison.b.label}")
    writer.writerow([guarded(cell) for cell in (*HEADERS, *sides)])
    for row in _rows(comparison):
        writer.writerow([guarded(cell) for cell in row])
    text.write("\r\n")
    for heading, line in about_lines(comparison):
        writer.writerow([f"{REMARK}{heading}", guarded(flat(line))])
    # The mark lets Excel read UTF-8 as UTF-8.
    return b"\xef\xbb\xbf" + text.getvalue().encode()
