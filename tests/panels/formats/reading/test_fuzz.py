"""F-5: whatever is sent, a reader answers with a table or a refusal, and what it answers can be worked with."""

from __future__ import annotations

import os
import signal
import sys
import time

import pytest

from panelmerge.lib.errors import Refusal
from panels.actions.symbols import current_resolver
from panels.engine.columns import find_layout
from panels.engine.listing import gene_list, list_genes
from panels.formats.reading import Table, read_file
from tests.panels.formats.reading.fuzzing import ENDINGS, case
from tests.panels.formats.reading.many import Readers

IN_FULL = bool(os.environ.get("PANELMERGE_PROOF"))
# For each ending: in all, and how many of them by the very door of an upload, a child for each.
CASES, BY_THE_DOOR = (10_000, 200) if IN_FULL else (80, 4)
RESIDENT_KIB = 256 * 1024
CODES = range(400, 500)


def asserted_table(table: Table, resolver) -> None:
    """It can be kept in any database and shown, and becomes a list of genes."""
    for sheet in table.sheets:
        for text in (sheet.name, *table.notes, *(cell for row in sheet.rows for cell in row)):
            assert "\0" not in text
            text.encode()
        layout = find_layout(sheet.rows)
        if layout.gene is not None:
            listing = list_genes(sheet.rows, layout, resolver, claimed=table.about.get("Content hash", ""))
            made = gene_list(listing, panel_id="1", name="a")
            assert len(made.rows) <= len(listing.usable)


def asserted_refusal(status: int, detail: str, name: str) -> None:
    assert status in CODES
    assert detail.startswith(name)
    assert detail.isprintable(), detail
    detail.encode()


def read_by_the_door(content: bytes, name: str, resolver) -> Table | Refusal:
    try:
        table = read_file(content, name)
    except Refusal as refusal:
        asserted_refusal(refusal.status, refusal.detail, name)
        return refusal
    asserted_table(table, resolver)
    return table


@pytest.mark.parametrize("ending", ENDINGS)
def test_read_of_anything_ends_in_a_table_or_a_refusal(db, ending, caplog, capsys):
    """F-5. With PANELMERGE_PROOF 10,000 files for each ending, else a seeded sample.

    One in fifty goes by ``read_file``, in a supervised child of its own (in the
    sample one in twenty). The others go many to a child that has the same
    reader and the same limits; a file that such a child dies of is given to
    ``read_file`` as well, and has to end in a refusal there. The largest
    resident memory is that of all those children.
    """
    resolver, name = current_resolver(), f"a{ending}"
    began, tables, refusals = time.monotonic(), 0, 0

    with Readers(ending) as readers:
        for number in range(CASES):
            content = case(ending, number)
            said = None if number % (CASES // BY_THE_DOOR) == 0 else readers.read(content)
            if said is None:
                found = read_by_the_door(content, name, resolver)
                tables, refusals = tables + isinstance(found, Table), refusals + isinstance(found, Refusal)
            elif "refusal" in said:
                asserted_refusal(said["refusal"]["status"], said["refusal"]["detail"], name)
                refusals += 1
            else:
                asserted_table(Table.from_json(said["table"]), resolver)
                tables += 1

    if IN_FULL:
        with capsys.disabled():
            took, peak = time.monotonic() - began, readers.peak_kib // 1024
            why = ", ".join(sorted({one.splitlines()[-1][:80] for one in readers.ended})) or "none"
            ended = f"{len(readers.ended)} children died of one, each a refusal ({why})"
            sys.stdout.write(f"\n{ending}: {CASES:,} files, {tables:,} tables, {refusals:,} refusals; {ended}; ")
            sys.stdout.write(f"largest child {peak} MiB; {took:.0f} s\n")
    assert tables + refusals == CASES
    assert min(tables, refusals) > 0
    assert readers.peak_kib <= RESIDENT_KIB
    # Ten seconds of processor time: such a file is refused as well, but a list of genes never needs them.
    assert str(-signal.SIGPROF) not in readers.ended
    # A module that the child loads too late would look like a damaged file.
    assert "Too many open files" not in caplog.text + "".join(readers.ended)
