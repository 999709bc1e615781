"""The record as a file for somebody else: CSV or JSON lines, with a signature over every byte before it."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Iterator
from datetime import datetime

from audit.keys import signing_key
from audit.models import AuditLog

COLUMNS = (
    *("id", "timestamp", "action_type", "action_description", "user_id", "username", "ip_address", "user_agent"),
    *("session_id", "resource_type", "resource_id", "success", "error_message", "request_id", "old_values"),
    *("new_values", "details", "event_id", "row_mac"),
)
FORMATS = ("csv", "jsonl")


def export_lines(format_name: str, *, since: datetime | None = None, until: datetime | None = None) -> Iterator[str]:
    """Lines with their ends, oldest first; the last is ``# sha256 … key … public … signature …``.

    Whoever has the public key can tell that the file is whole and ours.
    """
    digest = hashlib.sha256()
    for line in _lines(format_name, _rows(since, until)):
        digest.update(line.encode())
        yield line
    key = signing_key()
    yield f"# sha256 {digest.hexdigest()} key {key.id} public {key.public} signature {key.sign(digest.hexdigest())}\n"


def _rows(since: datetime | None, until: datetime | None) -> Iterator[dict]:
    entries = AuditLog.objects.order_by("pk")
    if since:
        entries = entries.filter(timestamp__gte=since)
    if until:
        entries = entries.filter(timestamp__lt=until)
    for columns in entries.values(*COLUMNS).iterator(chunk_size=2000):
        yield {**columns, "timestamp": columns["timestamp"].isoformat(), "event_id": str(columns["event_id"] or "")}


def _lines(format_name: str, rows: Iterable[dict]) -> Iterator[str]:
    if format_name == "jsonl":
        for columns in rows:
            yield json.dumps(columns, ensure_ascii=False) + "\n"
        return
    yield _csv_line(COLUMNS)
    for columns in rows:
        yield _csv_line(_cell(columns[name]) for name in COLUMNS)


def _cell(value: object) -> str:
    """Text that no spreadsheet runs."""
    if value is None:
        return ""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _csv_line(cells: Iterable[str]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerow(cells)
    return written.getvalue()
