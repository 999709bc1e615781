"""Files that are either whole or not there: written aside, flushed to the disk, renamed."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

BLOCK = 1 << 20
PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700


def make_folder(path: Path) -> Path:
    """The folder, made with its parents where it is not there; nobody else can look in."""
    path.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    return path


def flush(path: Path) -> None:
    """Have the disk hold what was written to a file, or the names in a folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write(path: Path, content: bytes) -> None:
    """Write a private file as a whole: whoever looks finds the old one or the new one."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _owner_of(path, aside)
        rename(aside, path)
    except BaseException:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        raise


def rename(old: Path, new: Path) -> None:
    """Give a file or folder its name at once, and have the disk remember it. Replaces a file of that name."""
    os.replace(old, new)
    flush(new.parent)


def copy(source: Path, target: Path) -> None:
    """A private copy of a file, on the disk when this returns."""
    make_folder(target.parent)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
    with source.open("rb") as reader, os.fdopen(descriptor, "wb") as writer:
        shutil.copyfileobj(reader, writer, BLOCK)
        writer.flush()
        os.fsync(writer.fileno())


def _owner_of(model: Path, path: Path) -> None:
    with suppress(FileNotFoundError, PermissionError):
        told = model.stat()
        os.chown(path, told.st_uid, told.st_gid)


def like(model: Path, path: Path) -> None:
    """Give a file the owner and the mode of another: who runs a command as root must not lock the servers out."""
    with suppress(FileNotFoundError, PermissionError):
        told = model.stat()
        path.chmod(told.st_mode & 0o7777)
        os.chown(path, told.st_uid, told.st_gid)


def sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def unused(path: Path) -> Path:
    """The path, or the first of path-2, path-3 … that nothing is at: two runs in one second take nothing away."""
    found, number = path, 1
    while found.exists() or found.is_symlink():
        number += 1
        found = path.with_name(f"{path.name}-{number}")
    return found


def remove_left_behind(folder: Path) -> None:
    """Remove unfinished folders of processes that are gone: ``.<name>.<pid>.partial``."""
    for path in folder.glob(".*.partial"):
        pid = path.name.split(".")[-2]
        if pid.isdecimal() and not Path(f"/proc/{pid}").exists():
            shutil.rmtree(path, ignore_errors=True)


def below(folder: Path) -> Iterator[Path]:
    """Every ordinary file below a folder, in order; links are not followed."""
    if folder.is_dir():
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield path


def flush_below(folder: Path) -> None:
    """Have the disk hold a folder with everything in it."""
    for path in [*folder.rglob("*"), folder]:
        if not path.is_symlink():
            flush(path)
    flush(folder.parent)


def size_below(folder: Path) -> int:
    """Bytes."""
    return sum(path.stat().st_size for path in below(folder))
