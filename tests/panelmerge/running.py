"""Starting the project as an operator does: another process, its own environment."""

from __future__ import annotations

import argparse
import json
import os
import random
import shlex
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.core.management import get_commands, load_command_class

ROOT = Path(__file__).resolve().parents[2]
SOUND = {
    "ENV_FILE": os.devnull,
    "SECRET_KEY": "only-for-tests-" + "k" * 50,
    "ENCRYPTION_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    "AUDIT_KEY": "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXphYmNkZWY=",
    "ALLOWED_HOSTS": "localhost,127.0.0.1",
    "LOG_FILE": "-",
}


def environment(settings: dict[str, str]) -> dict[str, str]:
    """Nothing of the tests' own settings reaches the process; "" leaves a variable out."""
    found = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"} | settings
    return {name: value for name, value in found.items() if value}


def run(*arguments: str, cwd: Path = ROOT, timeout: int = 120, **settings: str) -> subprocess.CompletedProcess[str]:
    """A Python command in the project with these settings, and its two outputs together."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=environment(settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout,
        check=False,
    )


def settings_of(*names: str, **settings: str) -> dict[str, Any]:
    """What the settings become in this environment; fails with the process's own words."""
    code = (
        "import json, sys; from panelmerge import settings; "
        "print(json.dumps({name: getattr(settings, name, None) for name in sys.argv[1:]}, default=str))"
    )
    done = run("-c", code, *names, **(SOUND | {"DATABASE_URL": "sqlite://:memory:"} | settings))
    assert done.returncode == 0, done.stdout
    return json.loads(done.stdout.splitlines()[-1])


def copy_of_the_project(folder: Path) -> Path:
    """The tree as a stranger gets it: no settings, no database, no uploads."""
    left_out = shutil.ignore_patterns(".*", "var", "staticfiles", "instance", "tests", "__pycache__")
    return Path(shutil.copytree(ROOT, folder / "copy", ignore=left_out))


def free_port() -> int:
    """Below the range from which the system takes ports for connections."""
    while True:
        port = random.randrange(20_000, 32_768)
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)):
                return port


def is_understood(command: str) -> bool:
    """Whether manage.py takes these words: the command with its options, asked of its own parser."""
    name, *arguments = shlex.split(command)
    found = load_command_class(get_commands()[name], name)
    parser = found.create_parser("manage.py", name)
    parser.error = _refuse
    parser.parse_args(arguments)
    return True


def _refuse(message: str) -> None:
    raise argparse.ArgumentTypeError(message)
