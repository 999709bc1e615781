"""Settings fail at the start, by name, and without telling a secret. CF-03 to CF-06."""

from __future__ import annotations

import os

import pytest
from django.core.exceptions import ImproperlyConfigured

from panelmerge.lib.env import boolean, comma_list, database, env_file, number, one_of, secret


def test_secret_from_a_file(monkeypatch, tmp_path):
    """CF-03: SECRET_KEY_FILE works, a last line end aside."""
    (tmp_path / "key").write_text("from the file\n")
    monkeypatch.setenv("PM_KEY_FILE", str(tmp_path / "key"))

    assert secret("PM_KEY") == "from the file"


def test_secret_itself_wins_over_its_file(monkeypatch, tmp_path):
    (tmp_path / "key").write_text("from the file")
    monkeypatch.setenv("PM_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("PM_KEY", "from the variable")

    assert secret("PM_KEY") == "from the variable"


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_secret_from_a_file_that_cannot_be_read_names_it(monkeypatch, tmp_path, content):
    if content:
        (tmp_path / "key").write_bytes(content)
    monkeypatch.setenv("PM_KEY_FILE", str(tmp_path / "key"))

    with pytest.raises(ImproperlyConfigured, match=f"PM_KEY_FILE names {tmp_path}/key"):
        secret("PM_KEY", default="quietly nothing")


@pytest.mark.parametrize(
    ("value", "expected"),
    [("True", True), ("yes", True), ("1", True), ("ON", True), ("False", False), ("no", False), ("0", False)],
)
def test_boolean_reads_the_usual_words(monkeypatch, value, expected):
    monkeypatch.setenv("PM_FLAG", value)

    assert boolean("PM_FLAG", not expected) is expected


@pytest.mark.parametrize("value", ["ture", "enabled", "2", "None"])
def test_boolean_of_another_word_is_an_error_and_not_false(monkeypatch, value):
    """AU-08: AUDIT_ENCRYPTION=enabled must not switch encryption off."""
    monkeypatch.setenv("PM_FLAG", value)

    with pytest.raises(ImproperlyConfigured, match="PM_FLAG"):
        boolean("PM_FLAG", True)


@pytest.mark.parametrize("value", ["", "many", "1.5", "0x10"])
def test_number_that_is_none_names_the_variable(monkeypatch, value):
    monkeypatch.setenv("PM_NUMBER", value)

    with pytest.raises(ImproperlyConfigured, match=r"PM_NUMBER=.*write e\.g\. PM_NUMBER=7"):
        number("PM_NUMBER", 7)


def test_one_of_refuses_another_word(monkeypatch):
    monkeypatch.setenv("PM_LEVEL", "chatty")

    with pytest.raises(ImproperlyConfigured, match="PM_LEVEL='CHATTY' is none of INFO, DEBUG"):
        one_of("PM_LEVEL", "INFO", ["INFO", "DEBUG"])


@pytest.mark.parametrize(
    ("address", "engine", "name"),
    [
        ("sqlite:////tmp/a.sqlite3", "sqlite3", "/tmp/a.sqlite3"),
        ("postgres://user:pw@host:5432/name", "postgresql", "name"),
        ("postgresql://user:p%2Fw@host/name", "postgresql", "name"),
    ],
)
def test_database_reads_the_usual_addresses(monkeypatch, address, engine, name):
    """CF-04: DATABASE_URL alone chooses SQLite or PostgreSQL."""
    monkeypatch.setenv("PM_DATABASE", address)

    found = database("PM_DATABASE", "")

    assert (found["ENGINE"], found["NAME"]) == (f"django.db.backends.{engine}", name)


@pytest.mark.parametrize(
    "address",
    ["canary", "canary://host/name", "mysql://u:canary@h/n", "postgres://u:pw@h:canary/n", "postgres://u:canary/p@h/n"],
)
def test_database_that_cannot_be_read_names_the_variable_and_tells_no_password(monkeypatch, address):
    """F-23: the address holds a password, so no error repeats a part of it."""
    monkeypatch.setenv("PM_DATABASE", address)

    with pytest.raises(ImproperlyConfigured, match=r"PM_DATABASE cannot be read; write e\.g\.") as told:
        database("PM_DATABASE", "sqlite:///quietly_another")

    assert "canary" not in str(told.value)
    assert told.value.__suppress_context__ or told.value.__context__ is None


def test_comma_list_leaves_blanks_out():
    assert comma_list(" a, b ,,c,") == ["a", "b", "c"]


def test_env_file_adds_for_a_while_and_leaves_nothing(tmp_path):
    (tmp_path / ".env").write_text("PM_ADDED=yes\n")
    before = dict(os.environ)

    with env_file(tmp_path / ".env"):
        assert os.environ["PM_ADDED"] == "yes"

    assert dict(os.environ) == before
