"""Answers of PanelApp that somebody saved: a file, or a folder of them."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import orjson

from panelmerge.lib.errors import Refusal
from panels.panelapp.parse import PanelBody, PanelHeader, has_rows, parse_header, told_source
from panels.panelapp.sources import SOURCES

ENDINGS = (".json", ".jsonl", ".json.gz", ".jsonl.gz")

Progress = Callable[[int, int, str], None]


@dataclass(slots=True)
class Saved:
    """What the files hold of one source: ``listed`` are panels on pages of a listing, ``counts`` what these promise."""

    source: str
    headers: list[PanelHeader] = field(default_factory=list)
    bodies: list[PanelBody] = field(default_factory=list)
    listed: set[int] = field(default_factory=set)
    counts: set[object] = field(default_factory=set)

    @property
    def complete(self) -> bool:
        """Whether the pages together are the whole listing of the service."""
        return bool(self.listed) and self.counts == {len(self.listed)}

    @property
    def as_of(self) -> datetime:
        """The newest time in the files: they cannot be older."""
        headers = [*self.headers, *(body.parsed.header for body in self.bodies)]
        return max((header.version_created for header in headers if header.version_created), default=datetime.now(UTC))


def read_saved(path: Path, *, source: str | None = None, progress: Progress | None = None) -> list[Saved]:
    """Everything in the file or, recursively, in the folder, by source. Refusal that names the file otherwise.

    The source is told from the content; where it cannot be told, ``source``
    says it. Content that only Australia writes is never taken for the UK's.
    """
    found: dict[str, Saved] = {}
    files = _files(path)
    for number, file in enumerate(files, 1):
        for where, answer in _answers(file):
            try:
                _sort(answer, source, found)
            except Refusal as refusal:
                raise Refusal(f"{where}: {refusal.detail}", code=refusal.code) from refusal
        if progress:
            progress(number, len(files), file.name)
    if not found:
        raise Refusal(f"{path} holds no panel.")
    return [found[key] for key in SOURCES if key in found]


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise Refusal(f"There is no file or folder {path}.")
    files = sorted(file for file in path.rglob("*") if file.is_file() and file.name.lower().endswith(ENDINGS))
    if not files:
        raise Refusal(f"{path} holds no file that ends in {', '.join(ENDINGS)}.")
    return files


def _answers(file: Path) -> Iterator[tuple[str, object]]:
    """Every answer in the file with the words that name its place."""
    try:
        content = file.read_bytes()
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise Refusal(f"{file} cannot be read: {error}.") from error
    if ".jsonl" in file.name.lower():
        for number, line in enumerate(content.splitlines(), 1):
            if line.strip():
                yield f"{file}, line {number}", _json(line, f"{file}, line {number}")
        return
    answer = _json(content, str(file))
    for one in answer if isinstance(answer, list) else [answer]:
        yield str(file), one


def _json(content: bytes, where: str) -> object:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise Refusal(f"{where} is not JSON, or is cut short: {error}.") from error


def _sort(answer: object, source: str | None, found: dict[str, Saved]) -> None:
    if isinstance(answer, dict) and isinstance(answer.get("results"), list):
        _sort_page(answer, source, found)
        return
    header = parse_header(answer)
    saved = _of_source(told_source(answer), source, found)
    if has_rows(answer):
        saved.bodies.append(PanelBody.read(answer, source=saved.source))
    else:
        saved.headers.append(header)


def _sort_page(page: dict, source: str | None, found: dict[str, Saved]) -> None:
    results = page["results"]
    for entry in results:
        if not isinstance(entry, dict) or "gene_data" in entry or "entity_name" in entry:
            raise Refusal("this is a listing of genes, STRs or regions, not of panels. Take it out, and load again.")
        if "signed_off" in entry:
            raise Refusal("this lists signed-off versions, not the panels of today. Take it out, and load again.")
    headers = [parse_header(entry) for entry in results]
    told = {told_source(entry) for entry in (page, *results)} - {""}
    if len(told) > 1 and told_source(page) == "uk":
        raise Refusal("its address says UK, its panels say Australia.")
    saved = _of_source("aus" if "aus" in told else "".join(told), source, found)
    saved.headers += headers
    saved.listed |= {header.panel_id for header in headers}
    saved.counts.add(page.get("count"))


def _of_source(told: str, source: str | None, found: dict[str, Saved]) -> Saved:
    if source == "uk" and told == "aus":
        raise Refusal("this comes from PanelApp Australia, but --source uk was said.")
    key = source or told
    if not key:
        raise Refusal("it cannot be told whether this comes from the UK or from Australia. Say --source uk or aus.")
    return found.setdefault(key, Saved(key))
