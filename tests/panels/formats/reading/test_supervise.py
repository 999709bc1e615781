"""The child: its limits hold, its death is a refusal, and it costs little."""

from __future__ import annotations

import os
import time

import pytest

from panelmerge.lib.errors import Refusal, TooLarge
from panels.formats.reading import supervise
from tests.panels.formats.reading.building import with_part, workbook, zipped

CHILD = "panels.formats.reading.child"


def start_instead(monkeypatch, code: str) -> None:
    """Let the child run this once its limits are set, in the place of a reader."""
    limits = f"import resource; from {CHILD} import LIMITS; [resource.setrlimit(one, (n, n)) for one, n in LIMITS]; "
    monkeypatch.setattr(supervise, "_START", f"import sys; sys.path[:0] = sys.argv[1:]; {limits}{code}")


def test_run_the_largest_list_stays_below_256_mib():
    content = workbook({"S": [["Gene", "Level", "Note"]] + [[f"G{n}", "green", f"note {n}"] for n in range(49_999)]})

    reading = supervise.run(content, name="large.xlsx", ending=".xlsx")

    assert len(reading.table.sheets[0].rows) == 50_000
    assert reading.peak_kib < 256 * 1024


GREEDY = f"""
import json, sys
sys.path[:0] = sys.argv[1:]
from {CHILD} import confine, peak_kib, prepared
_, status = prepared(".csv")
confine()
taken = []
try:
    while True:
        taken.append(b"x" * 1_000_000)
except MemoryError:
    del taken[-9:]
print(json.dumps({{"table": {{"sheets": []}}, "peak_kib": peak_kib(status), "cpu_seconds": len(taken)}}))
"""


def test_run_a_child_that_takes_all_it_can_stays_below_256_mib(monkeypatch):
    """F-5: the limit is on the address space, so what is resident cannot pass it, whatever is read."""
    monkeypatch.setattr(supervise, "_START", GREEDY)

    reading = supervise.run(b"x", name="a.csv", ending=".csv")

    assert 200 * 1024 < reading.peak_kib <= 256 * 1024


def test_run_a_sheet_as_wide_as_it_is_long_is_refused_within_its_memory():
    """One cell far out makes a reader think of 17 thousand million empty ones."""
    sheet = (
        b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
        b"</sheetData></worksheet>"
    )
    content = with_part(workbook({"S": [["x"]]}), "xl/worksheets/sheet1.xml", sheet)

    with pytest.raises(TooLarge):
        supervise.run(content, name="far.xlsx", ending=".xlsx")


@pytest.mark.parametrize(
    ("code", "refusal"),
    [
        ("bytearray(400_000_000)", Refusal),
        ("import os; os.kill(os.getpid(), 9)", TooLarge),
        ("import os; os.abort()", Refusal),
        ("open('/etc/passwd')", Refusal),
        ("import socket; socket.socket()", Refusal),
        ("sys.exit(3)", Refusal),
    ],
)
def test_run_a_child_that_dies_is_a_refusal(monkeypatch, code, refusal):
    start_instead(monkeypatch, code)

    with pytest.raises(refusal):
        supervise.run(b"x", name="a.csv", ending=".csv")


def test_run_a_child_that_hangs_is_ended_with_its_group(monkeypatch):
    monkeypatch.setattr(supervise, "WALL_SECONDS", 1)
    start_instead(monkeypatch, "import time; time.sleep(60)")

    began = time.monotonic()
    with pytest.raises(TooLarge, match="longer than 1 seconds"):
        supervise.run(b"x", name="a.csv", ending=".csv")

    assert time.monotonic() - began < 10


def test_run_gives_the_child_none_of_our_secrets(monkeypatch):
    assert "SECRET_KEY" in os.environ
    answer = '{"table": {"sheets": [{"name": "", "rows": [sorted(os.environ)]}]}, "peak_kib": 0, "cpu_seconds": 0}'
    monkeypatch.setattr(supervise, "_START", f"import json, os; print(json.dumps({answer}))")

    reading = supervise.run(b"x", name="a.csv", ending=".csv")

    assert reading.table.sheets[0].rows == [["LC_ALL"]]


def test_run_the_files_name_is_not_among_the_arguments(monkeypatch):
    """Everyone on a machine may list the arguments of processes, and a name may be a patient's."""
    said = []
    spawn = supervise.subprocess.Popen
    monkeypatch.setattr(
        supervise.subprocess, "Popen", lambda args, **options: said.append(args) or spawn(args, **options)
    )

    supervise.run(b"Gene\nBRCA1\n", name="Mrs Smith.csv", ending=".csv")

    assert "Smith" not in " ".join(said[0])


def test_run_with_every_place_taken_says_so(monkeypatch):
    monkeypatch.setattr(supervise, "WALL_SECONDS", 0.05)
    monkeypatch.setattr(supervise, "_places", supervise.threading.BoundedSemaphore(1))
    supervise._places.acquire()

    with pytest.raises(Refusal) as refused:
        supervise.run(b"x", name="a.csv", ending=".csv")

    assert refused.value.status == 503


def test_run_a_bomb_of_zeros_costs_no_memory():
    content = zipped([("xl/workbook.xml", b"\0" * 90_000_000)])

    began = time.monotonic()
    with pytest.raises(TooLarge):
        supervise.run(content, name="bomb.xlsx", ending=".xlsx")

    assert time.monotonic() - began < 3
