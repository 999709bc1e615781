"""What make run does before it serves, in a copy of the tree as a stranger gets it. AC-04, CF-03."""

from __future__ import annotations

import gzip
import re
import sqlite3
import stat
from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.management import call_command

from accounts.models import User
from tests.panelmerge.running import SOUND, copy_of_the_project, run

KEPT = 3000


def shorten(names: Path) -> None:
    """All of them take ten seconds, and are loaded elsewhere."""
    with gzip.open(names, "rt", encoding="utf-8") as file:
        lines = list(islice(file, KEPT + 2))
    with gzip.open(names, "wt", encoding="utf-8") as file:
        file.writelines(lines)


def test_the_first_run_prepares_everything_once(tmp_path):
    """AC-04: one administrator and a password that is shown once; a second run changes nothing."""
    copy = copy_of_the_project(tmp_path)
    shorten(copy / "panels" / "shipped" / "gene_names.tsv.gz")

    first = run("manage.py", "first_run", cwd=copy)
    env, secrets = copy / ".env", (copy / ".env").read_text()
    second = run("manage.py", "first_run", cwd=copy)

    assert (first.returncode, second.returncode) == (0, 0), first.stdout + second.stdout
    assert "Wrote .env with fresh secrets." in first.stdout
    assert stat.S_IMODE(env.stat().st_mode) == 0o600
    assert env.read_text() == secrets
    [password] = re.findall(r"Password: +(\S+)", first.stdout)
    assert "Password" not in second.stdout and password not in secrets + second.stdout
    with closing(sqlite3.connect(copy / "var" / "panelmerge.sqlite3")) as database:
        [(role, hashed)] = database.execute('SELECT role, password_hash FROM "user"').fetchall()
        [(genes,)] = database.execute("SELECT COUNT(*) FROM panels_gene").fetchall()
        acts = [row[0] for row in database.execute("SELECT action_type FROM audit_log ORDER BY id")]
    assert role == "ADMIN" and Argon2PasswordHasher().verify(password, hashed)
    assert genes == KEPT
    assert list(dict.fromkeys(acts)) == ["GENE_NAMES_LOAD", "CATALOGUE_LOAD", "USER_CREATE"]
    assert stat.S_IMODE((copy / "var").stat().st_mode) == 0o700


@pytest.mark.parametrize("given", ["environment", "file"])
def test_secrets_that_are_given_are_not_made_again(tmp_path, given):
    """CF-03: nothing stands beside, or instead of, the operator's own."""
    copy, key = copy_of_the_project(tmp_path), tmp_path / "key"
    key.write_text(SOUND["SECRET_KEY"])
    whose = {"SECRET_KEY": "", "SECRET_KEY_FILE": str(key)} if given == "file" else {}

    done = run("manage.py", "first_run", cwd=copy, **(SOUND | {"ENV_FILE": "", "WITHOUT_DB": "True"} | whose))

    assert done.returncode == 0, done.stdout
    assert not (copy / ".env").exists()


def test_secrets_are_written_where_they_are_read(tmp_path):
    copy, env = copy_of_the_project(tmp_path), tmp_path / "elsewhere.env"

    done = run("manage.py", "first_run", cwd=copy, ENV_FILE=str(env), WITHOUT_DB="True")

    assert (done.returncode, done.stdout.strip()) == (0, "Wrote elsewhere.env with fresh secrets.")
    assert env.is_file() and not (copy / ".env").exists()


@pytest.mark.django_db
def test_a_name_that_is_taken_is_said_and_nobody_is_raised(demo_catalogue, capsys):
    """People of release 1.3.0 are users after the upgrade, one called admin among them."""
    User.objects.create_user("admin", "someone@example.org", role="USER")

    call_command("first_run")

    assert "python manage.py createsuperuser" in capsys.readouterr().out
    assert [person.role for person in User.objects.all()] == ["USER"]
