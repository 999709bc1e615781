"""What spreadsheets make of gene names: dates, days since 1899, and numbers."""

from __future__ import annotations

import re
from datetime import date, timedelta

# What a month's gene names begin with, likeliest first, and the words that spreadsheets write for the month.
_STEMS = ("JAN", "FEB", "MARCH MARC MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEPT SEP", "OCT", "NOV", "DEC")
_MONTHS = {
    word: number
    for number, words in enumerate(
        (
            "jan january januar janvier",
            "feb february februar février fév",
            "mar march mrz mär märz mars mrt",
            "apr april avril avr",
            "may mai mei mayo",
            "jun june juni juin",
            "jul july juli juil juillet",
            "aug august août ago",
            "sep sept september septembre",
            "oct october okt oktober octobre",
            "nov november novembre",
            "dec december dez dezember déc décembre dic",
        ),
        start=1,
    )
    for word in words.split()
}
_GAP = r"[-\s./,]+"
_TIME = r"(?:[T ][0-9:.]+Z?)?"
_DAY_MONTH = re.compile(rf"([0-9]{{1,2}}){_GAP}([^\W\d_]+)\.?(?:{_GAP}[0-9]{{2,4}})?{_TIME}")
_MONTH_DAY = re.compile(rf"([^\W\d_]+){_GAP}([0-9]{{1,2}})(?:{_GAP}[0-9]{{2,4}})?{_TIME}")
_ISO = re.compile(rf"[0-9]{{4}}[-/.]([0-9]{{1,2}})[-/.]([0-9]{{1,2}}){_TIME}")
_NUMBERS = re.compile(rf"([0-9]{{1,2}})[-/.]([0-9]{{1,2}})[-/.][0-9]{{2}}(?:[0-9]{{2}})?{_TIME}")
_SERIAL = re.compile(r"([0-9]{5})(?:\.0+)?")
_FLOAT = re.compile(r"[0-9](?:[.,][0-9]+)?E\+[0-9]{2,3}", re.IGNORECASE)
# The same number as a cell holds it.
_LONG = re.compile(r"[1-9][0-9]{0,6}0{8,}")
_DAY_ZERO = date(1899, 12, 30)
# Days that a spreadsheet on somebody's desk may have written: 1990 to 2049.
_SERIALS = range(32874, 54789)


def undamaged(text: str) -> tuple[str, list[str]]:
    """What a cell looks like, and the names it may have been before, likeliest first.

    The first is "date", "serial" (a date's number of days since 1899-12-30),
    "number" (a name read as 2.31E+13; the names are not listed, they are those
    that give this number) or "" for a text that no spreadsheet has touched.
    Dates that count from 1904 are not guessed.
    """
    if _FLOAT.fullmatch(text) or _LONG.fullmatch(text):
        return "number", []
    days: list[tuple[int, int]] = []
    if found := _DAY_MONTH.fullmatch(text):
        days = [(_MONTHS.get(found[2].casefold(), 0), int(found[1]))]
    elif found := _MONTH_DAY.fullmatch(text):
        days = [(_MONTHS.get(found[1].casefold(), 0), int(found[2]))]
    elif found := _ISO.fullmatch(text):
        days = [(int(found[1]), int(found[2]))]
    elif found := _NUMBERS.fullmatch(text):
        # 9/2/2021 is the second of September here and the ninth of February there.
        days = list(dict.fromkeys([(int(found[1]), int(found[2])), (int(found[2]), int(found[1]))]))
    elif (found := _SERIAL.fullmatch(text)) and int(found[1]) in _SERIALS:
        day = _DAY_ZERO + timedelta(days=int(found[1]))
        return "serial", _names_of_day(day.month, day.day)
    days = [(month, day) for month, day in days if 1 <= month <= 12 and 1 <= day <= 31]
    return ("date" if days else ""), [name for month, day in days for name in _names_of_day(month, day)]


def _names_of_day(month: int, day: int) -> list[str]:
    return [f"{stem}{dash}{day}" for stem in _STEMS[month - 1].split() for dash in ("", "-")]
