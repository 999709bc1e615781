"""Lists that people bring along: taken in, looked at, corrected, removed, and read as one input of a merge."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
import zlib
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Count, Sum
from django.utils import timezone

from audit.events import Action
from audit.record import record
from panelmerge.lib.errors import Refusal, TooLarge
from panels.actions.keeping import forget_file, kept_file, orphans, path_of
from panels.actions.symbols import current_resolver
from panels.actions.upload_reports import (
    UploadReport,
    claimed_hash,
    own_notes,
    problems_csv,
    report,
    sheet_of,
    table_of,
    to_gene_list,
)
from panels.engine.columns import Layout, cell, column_name, filled_columns, find_layout, letter
from panels.engine.listing import Listing, gene_list, list_genes
from panels.engine.request import ReadyChoice
from panels.engine.symbols import Resolver
from panels.formats.reading import Sheet, Table, read_file, read_text
from panels.models import Upload

MAX_GENES = 10_000
QUOTA_FILES = 100
QUOTA_BYTES = 200 * 1024 * 1024
# A browser session's uploads go after settings.UPLOAD_KEEP.
KEPT_FOR_OWNERS = timedelta(days=30)
PASTED = "Pasted list"
# They make a name read from right to left, so that "exe.csv" may pass for something else.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def add_upload(*, name: str, content: bytes, owner: Any = None, session_key: str = "", by: Any = None) -> Upload:
    """Take in one file for a person or a browser session. Refused without one usable gene; then nothing is kept."""
    return add_uploads(files=[(name, content)], owner=owner, session_key=session_key, by=by)[0]


def add_uploads(
    *, files: Sequence[tuple[str, bytes]], owner: Any = None, session_key: str = "", by: Any = None
) -> list[Upload]:
    """Take in several files, all or none. Of several, ``errors`` of the Refusal name each one that is refused."""
    read: list[_Taken] = []
    refusals: dict[str, Refusal] = {}
    for given, content in files:
        name = display_name(given)
        try:
            table = read_file(content, name, max_size=settings.MAX_UPLOAD_SIZE)
            read.append(_take(name, content, PurePath(name).suffix.lower(), table))
        except Refusal as refusal:
            refusals[name] = refusal
    if refusals:
        first = next(iter(refusals.values()))
        if len(files) == 1:
            raise first
        statuses = {refusal.status for refusal in refusals.values()}
        raise Refusal(
            f"{len(refusals)} of {len(files)} files cannot be taken, so none was. {first.detail}",
            code=first.code,
            status=503 if 503 in statuses else 400,
            errors={name: [refusal.detail] for name, refusal in refusals.items()},
        )
    return _keep(read, owner, session_key, by)


def add_text(*, text: str, name: str = "", owner: Any = None, session_key: str = "", by: Any = None) -> Upload:
    """Take in pasted text: a table, or genes between commas, semicolons, spaces or line ends."""
    name = display_name(name) or PASTED
    table = read_text(text, name, max_size=settings.MAX_UPLOAD_SIZE)
    return _keep([_take(name, text.encode(), ".txt", table)], owner, session_key, by)[0]


@dataclass(frozen=True, slots=True)
class _Taken:
    name: str
    content: bytes
    ending: str
    table: Table
    sheet: Sheet
    column: int | None
    genes: int


def _take(name: str, content: bytes, ending: str, table: Table) -> _Taken:
    sheet = _first_sheet(table)
    layout = find_layout(sheet.rows)
    genes = _check_genes(name, sheet, layout, claimed_hash(table)) if layout.gene is not None else 0
    return _Taken(name, content, ending, table, sheet, layout.gene, genes)


def _first_sheet(table: Table) -> Sheet:
    """The first visible sheet with a column of genes, or else the first with anything."""
    seen = [sheet for sheet in table.sheets if sheet.rows and not sheet.hidden]
    layouts = [(sheet, find_layout(sheet.rows)) for sheet in seen]
    headed = [sheet for sheet, layout in layouts if layout.gene is not None and layout.heading is not None]
    bare = [sheet for sheet, layout in layouts if layout.gene is not None]
    return (headed + bare + seen + [sheet for sheet in table.sheets if sheet.rows])[0]


def _check_genes(name: str, sheet: Sheet, layout: Layout, claimed: str) -> int:
    """How many rows name a gene for certain; a Refusal when there are none, or too many rows to be a gene list."""
    filled = sum(bool(cell(row, layout.gene)) for row in sheet.rows[layout.first_row :])
    column = column_name(sheet.rows, layout, layout.gene)
    if filled > MAX_GENES:
        raise TooLarge(f"{name}, column {column}: there are {filled:,} genes; a list holds at most {MAX_GENES:,}.")
    listing = list_genes(sheet.rows, layout, current_resolver(), claimed=claimed)
    if listing.usable:
        return len(listing.usable)
    if not listing.problems:
        raise Refusal(f"{name}, column {column}: there is nothing below the heading.", code="no_genes")
    raise Refusal(
        f"{name} names no gene that is known: {listing.problems[0]}",
        code="no_genes",
        errors={f"row {problem.row}": [str(problem)] for problem in listing.problems[:50]},
    )


def _keep(read: Sequence[_Taken], owner: Any, session_key: str, by: Any) -> list[Upload]:
    if owner is None and not session_key:
        raise ValueError("an upload belongs to a person or to a browser session")
    expires_at = timezone.now() + (KEPT_FOR_OWNERS if owner is not None else settings.UPLOAD_KEEP)
    # Files outside, rows inside: a commit that fails takes the files with it as well.
    with ExitStack() as files:
        names = [files.enter_context(kept_file(taken.content, taken.ending)) for taken in read]
        with transaction.atomic():
            _check_quota(owner, session_key, sum(len(taken.content) for taken in read), len(read))
            return [
                _add_row(taken, stored_as, owner, session_key, expires_at, by)
                for taken, stored_as in zip(read, names, strict=True)
            ]


def _check_quota(owner: Any, session_key: str, size: int, files: int) -> None:
    if owner is not None:
        # Two requests of one person take their turns.
        get_user_model().objects.select_for_update().get(pk=owner.pk)
    held = Upload.objects.visible_to(owner, session_key).aggregate(files=Count("pk"), size=Sum("size"))
    if held["files"] + files > QUOTA_FILES:
        raise Refusal(
            f"You have {held['files']} uploads; at most {QUOTA_FILES} are kept. Remove some first.",
            code="quota",
            status=409,
        )
    if (held["size"] or 0) + size > QUOTA_BYTES:
        raise Refusal(f"Your uploads would exceed {QUOTA_BYTES:,} bytes. Remove some first.", code="quota", status=409)


def _add_row(taken: _Taken, stored_as: str, owner: Any, session_key: str, expires_at: datetime, by: Any) -> Upload:
    upload = Upload.objects.create(
        owner=owner,
        session_key="" if owner is not None else session_key,
        name=taken.name,
        size=len(taken.content),
        sha256=hashlib.sha256(taken.content).hexdigest(),
        stored_as=stored_as,
        table=_packed(taken.table),
        sheet=taken.sheet.name,
        column=taken.column,
        expires_at=expires_at,
    )
    record(
        Action.PANEL_UPLOAD,
        by=by,
        target=upload,
        description=f"Uploaded {taken.name}: {taken.genes} genes",
        details={"name": taken.name, "size": upload.size, "sha256": upload.sha256, "genes": taken.genes},
    )
    return upload


def choose_column(
    *,
    upload: Upload,
    column: int | str | None = None,
    sheet: str | None = None,
    delimiter: str | None = None,
    by: Any = None,
) -> Upload:
    """Say which sheet or column (position from 0, heading or letter) holds the genes, or what stands between cells.

    Without a ``column`` it is found anew. Refused, and nothing changed, when
    the choice names no known gene.
    """
    table = _read_again(upload, delimiter) if delimiter is not None else table_of(upload)
    chosen = sheet_of(table, upload.sheet if sheet is None else sheet)
    layout = find_layout(chosen.rows)
    if column is not None:
        layout = replace(layout, gene=_position(chosen, layout, column))
    genes = _check_genes(upload.name, chosen, layout, claimed_hash(table)) if layout.gene is not None else 0
    old = {"sheet": upload.sheet, "column": upload.column}
    upload.sheet, upload.column = chosen.name, layout.gene
    if delimiter is not None:
        upload.table = _packed(table)
    with transaction.atomic():
        upload.save(update_fields=["sheet", "column", "table"])
        record(
            Action.UPLOAD_CHANGE,
            by=by,
            target=upload,
            description=f"Chose the column of {upload.name}: {genes} genes",
            old=old,
            new={"sheet": upload.sheet, "column": upload.column, "delimiter": table.delimiter},
        )
    return upload


def _read_again(upload: Upload, delimiter: str) -> Table:
    ending = PurePath(upload.stored_as).suffix
    if ending in (".xlsx", ".xls"):
        raise Refusal("A workbook has no delimiter.", errors={"delimiter": ["A workbook has no delimiter."]})
    if delimiter not in (",", ";", "\t"):
        raise Refusal("delimiter: a comma, a semicolon or a tabulator.", errors={"delimiter": ["One of , ; or TAB."]})
    path = path_of(upload.stored_as)
    if not path.is_file():
        raise Refusal(f"{upload.name} is not on the server any more. Upload it again.", code="gone", status=409)
    content = path.read_bytes()
    return read_file(content, f"{upload.name}{ending}", max_size=settings.MAX_UPLOAD_SIZE, delimiter=delimiter)


def _position(sheet: Sheet, layout: Layout, column: int | str) -> int:
    filled = filled_columns(sheet.rows)
    for index in filled:
        if column in (index, column_name(sheet.rows, layout, index), letter(index)):
            return index
    told = f"There is no column {column!a} with any text."
    raise Refusal(told, errors={"column": [told]})


@transaction.atomic
def take_over(*, session_key: str, owner: Any) -> int:
    """Give a browser session's uploads to the person who signed in there. Returns how many."""
    ids = list(Upload.objects.visible_to(None, session_key).values_list("pk", flat=True))
    if ids:
        expires_at = timezone.now() + KEPT_FOR_OWNERS
        Upload.objects.filter(pk__in=ids).update(owner=owner, session_key="", expires_at=expires_at)
        record(
            Action.UPLOAD_CHANGE,
            by=owner,
            resource_type="upload",
            description=f"Took over {len(ids)} uploads at sign-in",
            details={"uploads": [str(pk) for pk in ids]},
        )
    return len(ids)


def take_over_at_sign_in(*, request: Any, user: Any, **_signal: Any) -> None:
    """What was brought along before signing in stays. The browser still sends the session's key of before."""
    before = request.COOKIES.get(settings.SESSION_COOKIE_NAME) if request is not None else None
    if before:
        take_over(session_key=before, owner=user)


@transaction.atomic
def remove_upload(*, upload: Upload, by: Any = None) -> None:
    """Remove the rows, and the file once that is certain."""
    record(
        Action.UPLOAD_DELETE,
        by=by,
        target=upload,
        description=f"Removed the upload {upload.name}",
        details={"name": upload.name, "sha256": upload.sha256},
    )
    stored_as = upload.stored_as
    upload.delete()
    transaction.on_commit(lambda: forget_file(stored_as))


def expired_uploads() -> tuple[list[str], list[str]]:
    """Names on the disk of what remove_expired would take: of expired uploads, and of files that no upload knows."""
    expired = list(Upload.objects.filter(expires_at__lte=timezone.now()).values_list("stored_as", flat=True))
    return expired, orphans(Upload.objects.values_list("stored_as", flat=True))


@transaction.atomic
def remove_expired(*, by: Any = None) -> tuple[int, int]:
    """Remove what has expired, and files that no upload knows. Returns how many uploads and how many such files."""
    expired = list(Upload.objects.filter(expires_at__lte=timezone.now()).values_list("pk", "stored_as"))
    strays = orphans(Upload.objects.values_list("stored_as", flat=True))
    if not expired and not strays:
        return 0, 0
    for start in range(0, len(expired), 500):
        Upload.objects.filter(pk__in=[pk for pk, _ in expired[start : start + 500]]).delete()
    record(
        Action.UPLOAD_DELETE,
        by=by,
        resource_type="upload",
        description=f"Removed {len(expired)} expired uploads and {len(strays)} files without one",
        details={"uploads": [str(pk) for pk, _ in expired], "files": strays},
    )
    names = [name for _, name in expired] + strays
    transaction.on_commit(lambda: [forget_file(name) for name in names])
    return len(expired), len(strays)


def _packed(table: Table) -> bytes:
    return zlib.compress(json.dumps(table.as_json(), ensure_ascii=False).encode())


@dataclass(frozen=True, slots=True)
class ReadFile:
    """What a file says row by row, and sentences on how it was read."""

    listing: Listing
    notes: tuple[str, ...]


def read_for_panel(*, name: str, content: bytes, max_size: int, resolver: Resolver) -> ReadFile:
    """A file as the genes of a panel, kept nowhere. Raises Refusal as add_upload does."""
    table = read_file(content, name, max_size=max_size)
    sheet, claimed = _first_sheet(table), claimed_hash(table)
    layout = find_layout(sheet.rows)
    if layout.gene is None:
        raise Refusal(f"{name}: no column is headed as genes. Call one of them Gene.", code="no_column")
    _check_genes(name, sheet, layout, claimed)
    notes = [*own_notes(name, table, sheet, layout, resolver), *table.notes]
    return ReadFile(list_genes(sheet.rows, layout, resolver, claimed=claimed), tuple(notes))


def read_list(*, name: str, content: bytes) -> ReadyChoice:
    """A file as an input of one merge, kept nowhere. For commands; raises Refusal as add_upload does."""
    name = display_name(name)
    table = read_file(content, name, max_size=settings.MAX_UPLOAD_SIZE)
    sheet, claimed = _first_sheet(table), claimed_hash(table)
    layout = find_layout(sheet.rows)
    if layout.gene is None:
        raise Refusal(f"{name}: no column is headed as genes. Call one of them Gene.", code="no_column")
    _check_genes(name, sheet, layout, claimed)
    listing = list_genes(sheet.rows, layout, current_resolver(), claimed=claimed)
    return ReadyChoice(gene_list(listing, panel_id="", name=name, source="list"))


def display_name(given: str) -> str:
    """A file's name for showing: no folders, no control or direction characters, at most 255 characters."""
    name = re.split(r"[/\\]", given)[-1]
    name = "".join(sign for sign in name if unicodedata.category(sign) not in ("Cc", "Cs") and sign not in _TURNING)
    name = name.strip()
    ending = PurePath(name).suffix[:20]
    return name if len(name) <= 255 else name[: 255 - len(ending)] + ending


__all__ = [
    "UploadReport",
    "add_text",
    "add_upload",
    "add_uploads",
    "choose_column",
    "display_name",
    "expired_uploads",
    "problems_csv",
    "read_for_panel",
    "read_list",
    "remove_expired",
    "remove_upload",
    "report",
    "take_over",
    "to_gene_list",
]
