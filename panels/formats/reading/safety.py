"""A workbook is looked at before it is parsed: what kind of file it is, what its zip holds, what its XML wants."""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from xml.parsers import expat

from panelmerge.lib.errors import Refusal, TooLarge, WrongType

ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

MAX_PARTS = 200
MAX_UNPACKED = 100 * 1024 * 1024
MAX_RATIO = 100
# A small part of blanks compresses well and does no harm.
RATIO_MATTERS_FROM = 1024 * 1024
CHUNK = 256 * 1024

_KINDS = (
    (ZIP, "a zip archive or a workbook"),
    (b"PK\x05\x06", "an empty zip archive"),
    (OLE, "an old Excel workbook, or one with a password"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"{\\rtf", "an RTF document"),
)
_ARCHIVES = (ZIP, OLE, b"PK\x05\x06", b"\x1f\x8b", b"7z\xbc\xaf\x27\x1c", b"Rar!", b"\xfd7zXZ")
# Those that expat knows by itself. For any other it would have Python load a codec, and a child opens no file.
_ENCODINGS = ("utf-8", "utf-16", "us-ascii", "iso-8859-1")
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|table|\?xml|meta|head)", re.IGNORECASE)


class Unsafe(Refusal):
    """Content that a workbook of genes has no use for and that has been used against readers."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail, code="unsafe_content")


def kind_of(content: bytes) -> str:
    """What the first bytes say a file is, in words; "" when they could be text."""
    for magic, words in _KINDS:
        if content.startswith(magic):
            return words
    return "a web page or XML" if _MARKUP.match(content[:200]) else ""


# A cell with a formula and no value beside it: a program wrote it that does not calculate. "" of a text is a value.
_UNSAVED = re.compile(
    rb"<c\b([^<>]*)>\s*<f\b(?:[^<>]*/>|[^<>]*>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>",
)


@dataclass(slots=True)
class Unseen:
    """How many cells the reader sees as empty for a reason; none in .xls, where it cannot be told.

    ``errors`` hold a spreadsheet's error (#REF!, #N/A), ``unsaved`` a formula
    without the value that it had when the workbook was saved.
    """

    errors: int = 0
    unsaved: int = 0


def check_workbook(content: bytes, name: str) -> Unseen:
    """Refuse what is no workbook of the kind its name says, or an unsafe one."""
    wanted, words = (ZIP, "an Excel workbook (.xlsx)") if name.lower().endswith(".xlsx") else (OLE, "an old .xls")
    if not content:
        raise Refusal(f"{name} is empty.", code="empty")
    if not content.startswith(wanted):
        kind = kind_of(content) or "plain text; save it with the ending .csv, .tsv or .txt"
        raise WrongType(f"{name} is not {words}: it is {kind}.")
    if wanted == OLE:
        if "_VBA_PROJECT".encode("utf-16-le") in content:
            raise Unsafe(f"{name} holds macros. Save it without them.")
        return Unseen()
    return _Zip(content, name).check()


class _Zip:
    def __init__(self, content: bytes, name: str) -> None:
        self.content, self.name = content, name

    def check(self) -> Unseen:
        # Counted in the bytes: the number written at the end may lie, and reading a million entries takes long.
        if self.content.count(b"PK\x01\x02") > MAX_PARTS:
            raise TooLarge(f"{self.name} holds more than {MAX_PARTS} parts.", code="archive_too_large")
        try:
            parts = zipfile.ZipFile(BytesIO(self.content)).infolist()
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError) as error:
            raise Refusal(f"{self.name} is damaged: {error}.", code="unreadable") from error
        self._check_sizes(parts)
        self._check_names(parts)
        total, unseen = 0, Unseen()
        for part, start in zip(parts, self._starts(parts), strict=True):
            body = self._unpack(part, start, MAX_UNPACKED - total)
            total += len(body)
            self._check_body(part.filename, body)
            if "worksheets/" in part.filename.lower():
                unseen.errors += body.count(b' t="e"')
                unseen.unsaved += sum(b't="str"' not in found[1] for found in _UNSAVED.finditer(body))
        if not any(part.filename.lower() == "[content_types].xml" for part in parts):
            raise WrongType(f"{self.name} is a zip archive but no Excel workbook.")
        return unseen

    def _check_sizes(self, parts: list[zipfile.ZipInfo]) -> None:
        if sum(part.file_size for part in parts) > MAX_UNPACKED:
            raise TooLarge(f"{self.name} unpacks to more than {MAX_UNPACKED:,} bytes.", code="archive_too_large")
        for part in parts:
            if part.file_size > RATIO_MATTERS_FROM and part.file_size > MAX_RATIO * part.compress_size:
                raise TooLarge(
                    f"{self.name}: {part.filename} unpacks to more than {MAX_RATIO} times its size.",
                    code="archive_too_large",
                )

    def _check_names(self, parts: list[zipfile.ZipInfo]) -> None:
        seen: set[str] = set()
        for part in parts:
            path = part.orig_filename.replace("\\", "/")
            if path.startswith("/") or ".." in path.split("/") or ":" in path or "\0" in path:
                raise Unsafe(f"{self.name} holds a part with a path that leaves the workbook: {path!a}.")
            if path.lower() in seen:
                raise Unsafe(f"{self.name} holds two parts called {path!a}.")
            seen.add(path.lower())
            if stat.S_ISLNK(part.external_attr >> 16):
                raise Unsafe(f"{self.name} holds a link to another file: {path!a}.")
            if part.flag_bits & 0x1:
                raise Unsafe(f"{self.name} is protected by a password.")
            if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise Unsafe(f"{self.name} is packed in a way that workbooks are not: {path!a}.")
            if path.lower().endswith("vbaproject.bin"):
                raise Unsafe(f"{self.name} holds macros. Save it as a workbook without them (.xlsx).")

    def _starts(self, parts: list[zipfile.ZipInfo]) -> list[int]:
        """Where each part's bytes begin; parts that lie over one another are refused."""
        starts = []
        for part in parts:
            header = self.content[part.header_offset : part.header_offset + 30]
            if len(header) < 30 or not header.startswith(ZIP):
                raise Refusal(f"{self.name} is damaged: {part.filename!a} has no header.", code="unreadable")
            starts.append(part.header_offset + 30 + int.from_bytes(header[26:28], "little"))
            starts[-1] += int.from_bytes(header[28:30], "little")
        spans = sorted(
            (part.header_offset, start + part.compress_size) for part, start in zip(parts, starts, strict=True)
        )
        for (_, end), (following, _) in pairwise(spans):
            if end > following:
                raise Unsafe(f"{self.name} holds parts that lie over one another.")
        return starts

    def _unpack(self, part: zipfile.ZipInfo, start: int, room: int) -> bytes:
        """The part's bytes, counted as they come: a header may say less than there is."""
        packed = self.content[start : start + part.compress_size]
        if part.compress_type == zipfile.ZIP_STORED:
            body = packed
        else:
            unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
            try:
                body = unpacker.decompress(packed, min(room, part.file_size) + 1)
            except zlib.error as error:
                raise Refusal(f"{self.name} is damaged: {part.filename!a}.", code="unreadable") from error
        if len(body) > room:
            raise TooLarge(f"{self.name} unpacks to more than {MAX_UNPACKED:,} bytes.", code="archive_too_large")
        if len(body) != part.file_size:
            raise Unsafe(f"{self.name}: {part.filename!a} has another size than it says.")
        return body

    def _check_body(self, part: str, body: bytes) -> None:
        if body.startswith(_ARCHIVES):
            raise Unsafe(f"{self.name} holds another archive or document: {part!a}.")
        if part.lower().endswith(".rels"):
            self._check_relationships(part, body)
        elif part.lower().endswith((".xml", ".vml")) or body[:200].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            self._check_prolog(part, body)

    def _check_prolog(self, part: str, body: bytes) -> None:
        """A DOCTYPE, and so any ENTITY, can only stand before the first element: no need to read further."""
        parser = self._parser(part)
        begun: list[str] = []
        parser.StartElementHandler = lambda tag, _: begun.append(tag)
        view = memoryview(body)
        try:
            for place in range(0, len(body), CHUNK):
                parser.Parse(view[place : place + CHUNK], False)
                if begun:
                    return
        except expat.ExpatError as error:
            if not begun:
                raise Refusal(f"{self.name} is damaged: {part!a}, {error}.", code="unreadable") from error

    def _check_relationships(self, part: str, body: bytes) -> None:
        parser = self._parser(part)
        parser.StartElementHandler = self._check_relationship
        try:
            parser.Parse(body, True)
        except expat.ExpatError as error:
            raise Refusal(f"{self.name} is damaged: {part!a}, {error}.", code="unreadable") from error

    def _check_relationship(self, _tag: str, attributes: dict[str, str]) -> None:
        kind = attributes.get("Type", "")
        if kind.lower().endswith("/vbaproject"):
            raise Unsafe(f"{self.name} holds macros. Save it as a workbook without them (.xlsx).")
        # A link that a person may click on is text to us; everything else external is there to be fetched.
        if attributes.get("TargetMode", "").lower() == "external" and not kind.endswith("/hyperlink"):
            raise Unsafe(f"{self.name} refers to something outside of itself: {attributes.get('Target', '')!a}.")

    def _parser(self, part: str) -> expat.XMLParserType:
        parser = expat.ParserCreate()
        parser.XmlDeclHandler = lambda _version, encoding, _alone: self._check_encoding(part, encoding or "utf-8")
        parser.StartDoctypeDeclHandler = lambda *_: self._refuse_doctype(part)
        return parser

    def _check_encoding(self, part: str, encoding: str) -> None:
        if encoding.lower() not in _ENCODINGS:
            told = f"{self.name} is damaged: {part!a} says that it is written in {encoding!a:.40}, not in UTF-8."
            raise Refusal(told, code="unreadable")

    def _refuse_doctype(self, part: str) -> None:
        raise Unsafe(f"{self.name}: {part!a} declares a document type (DOCTYPE), which workbooks never do.")
