"""Files and pasted text become tables of text. One reader a file; each is called in a child process.

A reader is a module of this package with ``read(content: bytes, name: str,
delimiter: str) -> Table``. It raises Refusal with a sentence for what it will
not read; any other way to end is the child's death, and a refusal as well.
Nothing here imports Django.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

from panelmerge.lib.errors import TooLarge, WrongType

MAX_SIZE = 10 * 1024 * 1024
MAX_COLUMNS = 100
MAX_ROWS = 50_000
MAX_CELL = 32_767
# Rows times columns may be five millions; no list of genes needs them, and they would not fit the child's memory.
MAX_FILLED_CELLS = 1_000_000

READERS = {
    ".xlsx": "workbook",
    ".xls": "workbook",
    ".csv": "delimited",
    ".tsv": "delimited",
    ".txt": "delimited",
    ".json": "json",
    ".bed": "bed",
    ".gmt": "gmt",
}


@dataclass(slots=True)
class Sheet:
    """Row n of the file is ``rows[n - 1]``, an empty one ``[]``; a row ends with its last filled cell."""

    name: str
    rows: list[list[str]]
    hidden: bool = False


@dataclass(slots=True)
class Table:
    """What a file says, every cell as text.

    ``notes`` are sentences on how it was read. ``encoding`` and ``delimiter``
    are "" for workbooks; the delimiter is "" as well for a bare list. ``about``
    is what a file of ours says of itself ("Content hash", "Gene names", …), and
    empty for the files of others.
    """

    sheets: list[Sheet]
    notes: list[str] = field(default_factory=list)
    encoding: str = ""
    delimiter: str = ""
    about: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        # dataclasses.asdict copies each cell, which takes seconds for a full table.
        return {
            "sheets": [{"name": sheet.name, "rows": sheet.rows, "hidden": sheet.hidden} for sheet in self.sheets],
            "notes": self.notes,
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "about": self.about,
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Table:
        sheets = [Sheet(**sheet) for sheet in stored["sheets"]]
        said = {key: stored.get(key, "") for key in ("encoding", "delimiter")}
        return cls(sheets, stored.get("notes", []), about=stored.get("about", {}), **said)


def read_file(source: Path | bytes, name: str, *, max_size: int = MAX_SIZE, delimiter: str = "") -> Table:
    """Read a file in a child process. ``name`` is what the person calls it; its ending chooses the reader.

    ``delimiter`` (``,`` ``;`` or TAB) is for a delimited file whose own was
    guessed wrongly. Raises WrongType for an ending nobody reads or a content
    that belies it, TooLarge over any limit, Refusal for what is damaged or
    unsafe, Unavailable when every child is busy.
    """
    ending = PurePath(name).suffix.lower()
    if ending not in READERS:
        known = ", ".join(READERS)
        raise WrongType(f"{name}: files of this kind cannot be read. These can: {known}.")
    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    if size > max_size:
        raise TooLarge(f"{name} has {size:,} bytes; at most {max_size:,} are read.")
    return _in_child(source if isinstance(source, bytes) else source.read_bytes(), name, ending, delimiter)


def read_text(text: str, name: str = "Pasted list", *, max_size: int = MAX_SIZE) -> Table:
    """Read pasted text: a table, or genes between commas, semicolons, spaces or line ends."""
    content = text.encode("utf-8", "surrogatepass")
    if len(content) > max_size:
        raise TooLarge(f"The text has {len(content):,} bytes; at most {max_size:,} are read.")
    return _in_child(content, name, ".txt", "")


def _in_child(content: bytes, name: str, ending: str, delimiter: str) -> Table:
    # Not above: the child imports this package too, and what starts processes would double its start-up time.
    from panels.formats.reading.supervise import run

    return run(content, name=name, ending=ending, delimiter=delimiter).table
