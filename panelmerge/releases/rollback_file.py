"""The encrypted file of a rollback: what the older releases cannot hold, so that ``upgrade`` can load it again.

A line of plain JSON says what the file is; every other line is ciphertext under
ENCRYPTION_KEY. Each step back is a part of its own, ended by a line with the
hash of the part: what was cut off is noticed. What was written since a backup
goes into a file of the same kind, which is for reading only.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import json
import os
import uuid
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from panelmerge.lib.crypto import Undecryptable, keyring
from panelmerge.lib.errors import Refusal
from panelmerge.releases import files

FORMAT, CHANGES = "panelmerge-rollback-1", "panelmerge-changes-1"
PLACE = "rollback file"
ROWS, VALUES, CHANGED, REMOVED, END = "rows", "values", "changed", "removed", "end"


class Unusable(Refusal):
    """The file cannot be loaded. Nothing was changed."""

    code = "rollback_file"


@dataclass(slots=True)
class Part:
    """What one step took out. ``rows``: (table, key column, columns, rows) of rows that went; ``dropped``: tables that
    went with all of theirs; ``values``: (table, key column, column, [(key, value)]) of columns that went; ``changed``:
    the same with (key, before, after)."""

    release: str
    rows: list[tuple[str, str, list[str], list[list]]] = field(default_factory=list)
    dropped: set[str] = field(default_factory=set)
    values: list[tuple[str, str, str, list[tuple]]] = field(default_factory=list)
    changed: list[tuple[str, str, str, list[tuple]]] = field(default_factory=list)


class Writer:
    """Appends to the file. ``end`` returns when the part is on the disk: only then may it go from the database."""

    def __init__(self, path: Path, *, start: str, target: str, format: str = FORMAT) -> None:
        self.path = path
        files.make_folder(path.parent)
        head = {
            "format": format,
            "from": start,
            "to": target,
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, files.PRIVATE_FILE)
        self._put(json.dumps(head))
        self._digest = hashlib.sha256()

    def add(self, kind: str, **content: Any) -> None:
        line = _sealed({"kind": kind, **content})
        self._digest.update(line.encode())
        self._put(line)

    def end(self, release: str) -> None:
        self._put(_sealed({"kind": END, "release": release, "sha256": self._digest.hexdigest()}))
        os.fsync(self._descriptor)
        files.flush(self.path.parent)
        self._digest = hashlib.sha256()

    def close(self) -> None:
        os.close(self._descriptor)

    def _put(self, line: str) -> None:
        content = f"{line}\n".encode()
        while content:
            content = content[os.write(self._descriptor, content) :]


@dataclass(slots=True)
class RollbackFile:
    """``parts`` in the order in which they were taken, the newest release first."""

    start: str
    target: str
    made_at: str
    sha256: str
    parts: list[Part]


def read(path: Path) -> RollbackFile:
    """Raises Unusable for what is no such file, was altered or cut, or is under another key."""
    with _readable(path):
        head, *lines = path.read_text(encoding="ascii").splitlines() or [""]
        head = json.loads(head)
        if head["format"] == CHANGES:
            raise Unusable(
                f"{path} holds what was written since a backup. It is for reading: manage.py rollback --show {path}"
            )
        if head["format"] != FORMAT:
            raise ValueError(head["format"])
        parts = list(_parts(lines))
    if not parts:
        raise Unusable(f"{path} was cut off: no part of it is whole.")
    return RollbackFile(head["from"], head["to"], head["made_at"], files.sha256(path), parts)


def shown(path: Path) -> Iterator[dict[str, Any]]:
    """What either kind of file holds, in the order in which it was written: {kind, table, key, …}.

    Raises Unusable as ``read`` does, at the latest at the end of a part that was altered.
    """
    with _readable(path), path.open(encoding="ascii") as file:
        if json.loads(next(file, ""))["format"] not in (FORMAT, CHANGES):
            raise ValueError("no such format")
        ended = False
        for found in _opened(line.rstrip("\n") for line in file):
            ended = found["kind"] == END
            if not ended:
                yield found
        if not ended:
            raise ValueError("it was cut off")


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
        raise Unusable(f"{path} is no file of a rollback, or was altered: {error}") from error
    except Undecryptable as error:
        raise Unusable(f"{path} cannot be read: {error}") from error


def _opened(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Every line decrypted; the last one of a part only when the part bears its hash."""
    digest = hashlib.sha256()
    for line in lines:
        found = json.loads(zlib.decompress(keyring().decrypt(line, PLACE)), object_hook=_revived)
        if found["kind"] == END:
            if found["sha256"] != digest.hexdigest():
                raise ValueError("a part does not bear its own hash")
            digest = hashlib.sha256()
        else:
            digest.update(line.encode())
        yield found


def _parts(lines: Iterable[str]) -> Iterator[Part]:
    part = Part("")
    for found in _opened(lines):
        kind = found["kind"]
        if kind == END:
            part.release = found["release"]
            yield part
            part = Part("")
        elif kind == ROWS:
            part.rows.append((found["table"], found["key"], found["columns"], found["rows"]))
            part.dropped |= {found["table"]} if found["dropped"] else set()
        else:
            into = part.values if kind == VALUES else part.changed
            into.append((found["table"], found["key"], found["column"], [tuple(row) for row in found["rows"]]))


def _sealed(content: dict[str, Any]) -> str:
    return keyring().encrypt(zlib.compress(json.dumps(content, default=_kept).encode()), PLACE)


def _kept(value: Any) -> Any:
    """Values that JSON has no word for."""
    if isinstance(value, datetime):
        return {"$": "time", "v": value.isoformat()}
    if isinstance(value, date):
        return {"$": "day", "v": value.isoformat()}
    if isinstance(value, bytes | memoryview):
        return {"$": "bytes", "v": base64.b64encode(bytes(value)).decode()}
    if isinstance(value, uuid.UUID):
        return {"$": "uuid", "v": value.hex}
    if isinstance(value, ipaddress.IPv4Address | ipaddress.IPv6Address):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be kept in the file of a rollback")


def _revived(content: dict[str, Any]) -> Any:
    kind = content.get("$")
    if kind == "time":
        return datetime.fromisoformat(content["v"])
    if kind == "day":
        return date.fromisoformat(content["v"])
    if kind == "bytes":
        return base64.b64decode(content["v"])
    if kind == "uuid":
        return uuid.UUID(content["v"])
    return content
