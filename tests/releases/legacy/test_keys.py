"""Keys of the older application in every form they were kept. EN-02, EN-03."""

from __future__ import annotations

import base64

import pytest

from panelmerge.lib.errors import Refusal
from panelmerge.releases.legacy.keys import Reader, Unreadable, key_of, keys_found
from panelmerge.releases.legacy.values import hidden_tags, role_of
from tests.releases.legacy.making import KEY, MASTER_KEY, OTHER_KEY, encrypted

DASHED = base64.urlsafe_b64encode(b"\xfb" + b"k" * 31).decode()


@pytest.mark.parametrize("text", [KEY, f" {KEY}\n", f"'{KEY}'", MASTER_KEY])
def test_a_key_is_taken_in_each_form(text):
    assert key_of(text, where="x") == KEY


@pytest.mark.parametrize("text", ["", "xyzzy", KEY[:-3], MASTER_KEY[4:], "ü" * 44])
def test_what_is_no_key_is_refused_without_being_shown(text):
    with pytest.raises(Refusal, match="--encryption-key number 1 holds no key") as refused:
        keys_found(given=[text])

    assert not text or text not in refused.value.detail


def test_a_key_that_begins_with_a_dash_is_one():
    assert DASHED.startswith("-")
    assert keys_found(given=[DASHED]) == [DASHED]


def test_keys_come_from_files_and_from_where_the_older_application_looked(tmp_path, settings, monkeypatch):
    settings.BASE_DIR = tmp_path
    (tmp_path / "instance").mkdir()
    (tmp_path / "instance" / ".encryption_key").write_text(KEY)
    (tmp_path / "old.env").write_text(f"SECRET_KEY=x\nENCRYPTION_MASTER_KEY={MASTER_KEY}\n")
    monkeypatch.setenv("ENCRYPTION_MASTER_KEY", base64.urlsafe_b64encode(OTHER_KEY.encode()).decode())

    assert keys_found(files=[tmp_path / "old.env"]) == [KEY, OTHER_KEY]


def test_reader_reads_json_however_often_it_was_written():
    reader = Reader([OTHER_KEY, KEY])

    assert reader.value(encrypted({"a": 1}, times=1)) == {"a": 1}
    assert reader.value(encrypted({"a": 1}, times=2)) == {"a": 1}
    assert reader.text(encrypted("Åsa")) == "Åsa"
    assert reader.used == [0, 3]


@pytest.mark.parametrize("stored", [encrypted("x", OTHER_KEY), encrypted("x")[:-9], "Z0FBQUFBnonsense", "gAAAAAx"])
def test_reader_never_takes_what_no_key_opens_for_empty(stored):
    with pytest.raises(Unreadable):
        Reader([KEY]).text(stored)


@pytest.mark.parametrize(
    ("text", "role"),
    [("user", "USER"), ("UserRole.ADMIN", "ADMIN"), (" Viewer", "VIEWER"), ("root", "USER"), (None, "USER")],
)
def test_roles_in_any_spelling(text, role):
    assert role_of(text)[0] == role


def test_tags_are_found_where_restore_hid_them():
    assert hidden_tags("tag:v9.9-ä:RELEASE|branches/x/2026|tag:a:b:BACKUP") == [
        ("v9.9-ä", "RELEASE"),
        ("a:b", "BACKUP"),
    ]
    assert hidden_tags(None) == []
