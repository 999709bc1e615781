"""The files behind uploads: below MEDIA_ROOT, readable by nobody else, under names that say nothing."""

from __future__ import annotations

import errno
import os
import re
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings

from panelmerge.lib.errors import Unavailable

_OURS = re.compile(r"[0-9a-f]{32}\.[a-z]{3,4}(\.part)?")
# A file without a row may belong to an upload that is just being written.
_ORPHAN_AFTER_SECONDS = 3600


def folder() -> Path:
    """MEDIA_ROOT, made with mode 0700 when it is not there."""
    place = Path(settings.MEDIA_ROOT)
    if not place.is_dir():
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def path_of(stored_as: str) -> Path:
    return Path(settings.MEDIA_ROOT) / stored_as


@contextmanager
def kept_file(content: bytes, ending: str) -> Iterator[str]:
    """Write a file for the time of the block, and for good when the block ends well. Yields its name.

    Written under another name, flushed to the disk and renamed, so that no
    half file is ever seen. Raises Unavailable when the disk has no room.
    """
    name = secrets.token_hex(16) + ending
    kept = False
    try:
        _write(content, name)
        yield name
        kept = True
    finally:
        if not kept:
            forget_file(name)


def _write(content: bytes, name: str) -> None:
    try:
        final = folder() / name
        part = final.with_name(name + ".part")
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            part.rename(final)
        finally:
            part.unlink(missing_ok=True)
        place = os.open(final.parent, os.O_RDONLY)
        try:
            os.fsync(place)
        finally:
            os.close(place)
    except OSError as error:
        why = "the disk is full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else error.strerror
        raise Unavailable(f"The file cannot be kept on the server just now: {why}. Nothing was changed.") from error


def forget_file(stored_as: str) -> None:
    """Remove the file; one that is gone already is no error, nor one the disk will not let go of now."""
    if stored_as:
        # Left over, it is found as an orphan by the next expire_uploads.
        with suppress(OSError):
            path_of(stored_as).unlink(missing_ok=True)


def orphans(known: Iterable[str]) -> list[str]:
    """Names of our files, older than an hour, that no upload knows: what a killed process leaves behind."""
    place = Path(settings.MEDIA_ROOT)
    names = set(known)
    if not place.is_dir():
        return []
    before = time.time() - _ORPHAN_AFTER_SECONDS
    return sorted(
        file.name
        for file in place.iterdir()
        if _OURS.fullmatch(file.name) and file.name not in names and file.stat().st_mtime < before
    )
