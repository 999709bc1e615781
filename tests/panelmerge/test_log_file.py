"""The log file: a line an event, turned over at its size by several processes that lose nothing. CF-08, CF-09."""

from __future__ import annotations

import json
import logging
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from panelmerge.lib.logline import LineFormatter
from tests.panelmerge.running import ROOT, SOUND, environment, run

WRITE = """
import sys, django
django.setup()
import logging
for number in range(300):
    logging.getLogger("panelmerge.proof").info("event %s of %s", number, sys.argv[1])
"""


def settings(log: Path, **more: str) -> dict[str, str]:
    return SOUND | {"DJANGO_SETTINGS_MODULE": "panelmerge.settings", "LOG_FILE": str(log)} | more


def test_the_file_and_its_folder_are_made_for_the_owner_alone(tmp_path):
    """CF-08, TR-02."""
    log = tmp_path / "logs" / "panelmerge.log"

    done = run("-c", WRITE, "one", **settings(log, DATABASE_URL="sqlite://:memory:"))

    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert done.returncode == 0, done.stdout
    assert len(lines) == 300
    assert (lines[0]["level"], lines[0]["logger"], lines[0]["message"]) == (
        "INFO",
        "panelmerge.proof",
        "event 0 of one",
    )
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert stat.S_IMODE(log.parent.stat().st_mode) == 0o700


def test_several_processes_turn_it_over_and_lose_no_line(tmp_path):
    """CF-09."""
    log = tmp_path / "logs" / "panelmerge.log"
    told = settings(log, MAX_LOG_SIZE="5000", LOG_BACKUP_COUNT="50", DATABASE_URL="sqlite://:memory:")
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITE, str(writer)], cwd=ROOT, env=environment(told), stderr=subprocess.DEVNULL
        )
        for writer in range(3)
    ]

    assert [writer.wait(timeout=120) for writer in writers] == [0, 0, 0]

    files = [path for path in log.parent.iterdir() if path.name.startswith("panelmerge.log")]
    lines = [json.loads(line)["message"] for path in files for line in path.read_text().splitlines()]
    assert sorted(lines) == sorted(f"event {number} of {writer}" for number in range(300) for writer in range(3))
    assert len(files) > 3 and all(path.stat().st_size < 6000 for path in files)


def test_old_files_beyond_the_number_go(tmp_path):
    """CF-09."""
    log = tmp_path / "logs" / "panelmerge.log"

    run(
        "-c", WRITE, "one", **settings(log, MAX_LOG_SIZE="2000", LOG_BACKUP_COUNT="2", DATABASE_URL="sqlite://:memory:")
    )

    names = sorted(path.name for path in log.parent.iterdir() if not path.name.startswith("."))
    assert names == ["panelmerge.log", "panelmerge.log.1", "panelmerge.log.2"]


@pytest.mark.parametrize("said", ["a\nb", "a\r\n2026-01-01 INFO forged", "\x1b[31mred", "a\u2028b", "tab\there"])
def test_what_somebody_sent_cannot_pose_as_a_line(said):
    record = logging.LogRecord("x", logging.INFO, "x", 1, "%s", (said,), None)

    line = LineFormatter("%(message)s").format(record)

    assert line.isprintable() and len(line.splitlines()) == 1


def test_a_folder_that_cannot_be_made_stops_the_start_with_the_settings_name(tmp_path):
    (tmp_path / "taken").write_text("")

    done = run("manage.py", "check", **settings(tmp_path / "taken" / "panelmerge.log"))

    assert done.returncode != 0 and "LOG_FILE=" in done.stdout and "its folder cannot be made" in done.stdout
