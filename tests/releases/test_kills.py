"""Killed, failing, or out of disk: at a named release, whole, and the same command finishes. F-3, F-4, F-20.

PANELMERGE_PROOF=1 runs every boundary, 200 random instants and every n-th call; else a seeded sample of each.
"""

from __future__ import annotations

import errno
import os
import random
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError
from django.db import OperationalError, connection, connections
from django.db.backends.utils import CursorWrapper

from panelmerge.releases import preflight
from panelmerge.releases.manifest import NEWEST
from tests.releases.installing import IN_FULL, ON_POSTGRESQL
from tests.releases.killing import (
    asserted_whole,
    boundaries,
    content_of,
    kept_columns,
    killed_after,
    killed_at,
    rollback,
    sampled,
    upgrade,
)

pytestmark = pytest.mark.each_database
# Those that no other instant stands for: around the commit, the exchange of files, and what comes after.
DECISIVE = ("before commit", "after commit", "door shut", "log closed", "exchanged", "before statistics", "Naming it")
INSTANTS, PLACES, CALLS, FILES = (200, 10**6, 200, 10**6) if IN_FULL else (8, 4, 5, 5)


@pytest.fixture
def fresh(database_at, tmp_path):
    """``fresh("1.5.1")``: a new database at that release, with what must stay the same in it."""

    def make(release: str):
        database_at(release)
        columns = kept_columns()
        return columns, content_of(columns)

    return make


def finished(work, columns, before, at: str) -> None:
    """The same command again ends it."""
    work()
    assert asserted_whole(columns, before) == at


@pytest.mark.parametrize("start", ["1.5.1", "1.3.0"] if IN_FULL else ["1.5.1"])
def test_upgrade_killed_at_a_boundary_leaves_a_named_release_and_finishes(fresh, tmp_path, start):
    """F-3: at every one of them in the proof."""
    fresh(start)
    passed = boundaries(upgrade())
    places = set(sampled(PLACES, len(passed), 3)) | {passed.index(name) + 1 for name in DECISIVE if name in passed}
    kills = 0

    for number in sorted(places):
        columns, before = fresh(start)
        kills += killed_at(number, upgrade(), tmp_path / "log")
        release = asserted_whole(columns, before)
        if number in (min(places), max(places)) or release != start or IN_FULL:
            finished(upgrade(), columns, before, NEWEST)

    assert kills == len(places)
    assert {"before post_migrate", "verified"} <= set(passed)


def test_upgrade_killed_at_random_leaves_a_named_release_and_finishes(fresh, tmp_path):
    """F-3: kill -9 from outside, from the first moment to the last."""
    chance, at_work = random.Random(7), 0
    fresh("1.5.1")
    began = time.monotonic()
    upgrade()()
    whole = time.monotonic() - began

    columns, before = fresh("1.5.1")
    for _ in range(INSTANTS):
        at_work += killed_after(chance.uniform(0, whole), upgrade(), tmp_path / "log")
        if asserted_whole(columns, before) == NEWEST:
            columns, before = fresh("1.5.1")
    finished(upgrade(), columns, before, NEWEST)

    assert at_work > INSTANTS / 2
    leftovers = [path.name for path in settings.BACKUP_ROOT.iterdir() if path.name.endswith(".partial")]
    assert leftovers == [] and (settings.BACKUP_ROOT / "latest" / "manifest.json").is_file()


def test_rollback_killed_at_a_boundary_leaves_a_named_release_and_finishes(fresh, tmp_path):
    """F-3: nothing has gone that is not in the file."""
    fresh(NEWEST)
    passed = boundaries(rollback("1.5.0"))
    stays = {"user": ["id", "username"], "saved_panels": ["id", "name"], "panel_versions": ["id", "version_number"]}

    for number in sampled(4 if not IN_FULL else 10**6, len(passed), 5):
        fresh(NEWEST)
        before = content_of(stays)
        killed = killed_at(number, rollback("1.5.0"), tmp_path / "log")
        release = asserted_whole(stays, before)
        assert killed and release in (NEWEST, "1.5.1", "1.5.0")
        if release != "1.5.0":
            rollback("1.5.0")()
        assert asserted_whole(stays, before) == "1.5.0"


def test_upgrade_whose_nth_statement_fails_leaves_a_named_release_and_finishes(fresh, monkeypatch):
    """F-4: the connection drops, or the server says no, at any call."""
    execute, counted = CursorWrapper._execute, [0, 0]

    def fails(self, sql, params, *rest):
        counted[0] += 1
        if counted[0] == counted[1]:
            raise OperationalError("server closed the connection unexpectedly")
        return execute(self, sql, params, *rest)

    monkeypatch.setattr(CursorWrapper, "_execute", fails)
    fresh("1.5.1")
    counted[:] = [0, 0]
    upgrade("--no-backup")()
    total, refused = counted[0], 0

    columns, before = fresh("1.5.1")
    for number in sampled(CALLS, total, 11):
        counted[:] = [0, number]
        try:
            upgrade("--no-backup")()
        except CommandError as error:
            refused += 1
            assert error.returncode == 1
        counted[1] = 0
        if asserted_whole(columns, before) == NEWEST:
            columns, before = fresh("1.5.1")
    finished(upgrade("--no-backup"), columns, before, NEWEST)

    assert total > 200 and refused > CALLS / 2


FILE_CALLS = ("open", "replace", "fsync", "write", "link", "chmod")


def test_upgrade_whose_nth_file_call_fails_leaves_a_named_release_and_finishes(fresh, monkeypatch):
    """F-4, F-20: no space at any call to the disk."""
    counted = [0, 0]

    def failing(name):
        real = getattr(os, name)

        def call(*arguments, **keywords):
            counted[0] += 1
            if counted[0] == counted[1]:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return real(*arguments, **keywords)

        return call

    for name in FILE_CALLS:
        monkeypatch.setattr(os, name, failing(name))
    fresh("1.5.1")
    counted[:] = [0, 0]
    upgrade()()
    total, refused = counted[0], 0

    columns, before = fresh("1.5.1")
    for number in sampled(FILES, total, 13):
        counted[:] = [0, number]
        try:
            upgrade()()
        except CommandError as error:
            refused += 1
            assert error.returncode == 1 and "No space left on device" in str(error)
        counted[1] = 0
        if asserted_whole(columns, before) == NEWEST:
            columns, before = fresh("1.5.1")
    finished(upgrade(), columns, before, NEWEST)

    assert refused


@pytest.fixture
def small_disk(tmp_path):
    """A file system of so many KiB, where this user may mount one."""
    mounted: list[Path] = []

    def make(kib: int) -> Path:
        place = tmp_path / f"disk{len(mounted)}"
        place.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs", str(place)]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            pytest.skip("this user may not mount a small file system")
        mounted.append(place)
        return place

    yield make
    connections["default"].close()
    for place in mounted:
        subprocess.run(["umount", "-l", str(place)], check=False)


@pytest.mark.skipif(ON_POSTGRESQL, reason="the disk of the SQLite file")
@pytest.mark.parametrize("room", [0.2, 0.9, 1.5, 2.4] if not IN_FULL else [step / 10 for step in range(1, 45)])
def test_upgrade_on_a_full_disk_changes_nothing_and_finishes_when_there_is_room(fresh, small_disk, monkeypatch, room):
    """F-20: the database, its copy and the backup on one disk that is too small."""
    columns, before = fresh("1.5.1")
    size = Path(connection.settings_dict["NAME"]).stat().st_size // 1024
    disk = small_disk(int(size * (1 + room)) + 64)
    shutil.copyfile(connection.settings_dict["NAME"], disk / "site.sqlite3")
    connections["default"].close()
    connection.settings_dict["NAME"] = str(disk / "site.sqlite3")
    monkeypatch.setattr(settings, "BACKUP_ROOT", disk / "backups")
    # It would say so before, which another test is about.
    monkeypatch.setattr(preflight, "SPARE_MIB", -(10**9))

    with pytest.raises(CommandError) as error:
        upgrade()()

    assert error.value.returncode == 1
    assert asserted_whole(columns, before) == "1.5.1"
    assert [path.name for path in disk.iterdir() if "upgrading" in path.name] == []
    subprocess.run(["mount", "-o", "remount,size=100m", str(disk)], check=True)
    finished(upgrade(), columns, before, NEWEST)
