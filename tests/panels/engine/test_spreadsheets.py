"""What a spreadsheet may have had before it helped."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panels.engine.spreadsheets import undamaged


@pytest.mark.parametrize("cell", ["1-Mar", "Mar-01", "1. März", "01/03/2021", "1-mar-21", "1 Mar 2021"])
def test_undamaged_first_of_march(cell):
    sort, names = undamaged(cell)

    assert sort == "date"
    assert names[-6:] == ["MARCH1", "MARCH-1", "MARC1", "MARC-1", "MAR1", "MAR-1"]


def test_undamaged_numbers_are_read_in_both_orders():
    assert undamaged("9/2/2021") == ("date", ["SEPT2", "SEPT-2", "SEP2", "SEP-2", "FEB9", "FEB-9"])


def test_undamaged_serial_counts_from_1899():
    """44441 is 2 September 2021; counted from 1904 it would be 3 September 2025."""
    assert undamaged("44441") == ("serial", ["SEPT2", "SEPT-2", "SEP2", "SEP-2"])


@pytest.mark.parametrize("cell", ["2.31E+13", "2,31E+13", "1e+02"])
def test_undamaged_number(cell):
    assert undamaged(cell) == ("number", [])


@pytest.mark.parametrize(
    "cell", ["", "BRCA1", "HLA-A", "32-Sep", "0-Sep", "2-Foo", "32873", "54789", "1E3", "13/13/2021"]
)
def test_undamaged_what_no_spreadsheet_touched(cell):
    assert undamaged(cell) == ("", [])


@given(st.from_regex(r"[0-9]{0,6}[-/. eE+T:]{0,2}[A-Za-z0-9]{0,5}[-/. ]{0,2}[0-9]{0,5}", fullmatch=True))
def test_undamaged_any_text_has_an_answer(text):
    sort, names = undamaged(text)

    assert sort in ("date", "serial", "number", "")
    assert bool(names) == (sort in ("date", "serial"))


@pytest.mark.parametrize("text", ["23100000000000", "2310000000000"])
def test_a_long_round_number_is_a_name_that_a_cell_held_as_a_number(text):
    assert undamaged(text) == ("number", [])


def test_a_short_number_is_nobodys_name():
    assert undamaged("2310") == ("", [])
