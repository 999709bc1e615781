"""After an upgrade each thing is done once, for real; everything that is wrong is said. VE-01 to VE-07."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from audit.verifying import verify
from panelmerge.releases.manifest import NEWEST, RELEASES
from tests.releases.rows import one


def verified() -> dict[str, tuple]:
    out = StringIO()
    try:
        call_command("verify_release", "--json", stdout=out)
    except CommandError as error:
        assert error.returncode == 1
    return {result["title"]: (result["is_well"], result["says"]) for result in json.loads(out.getvalue())}


def test_everything_is_done_at_the_newest_release(database_at):
    """VE-02, VE-03, VE-04, VE-05, VE-06: each is done, over a summer-time change too, and what is tried is undone."""
    database_at(NEWEST)
    before = one("SELECT COUNT(*) FROM admin_message")

    found = verified()

    assert {is_well for is_well, _ in found.values()} == {True}, found
    assert found["Times in a zone"][1] == "30 March 2025, 00:30 GMT, an hour later 30 March 2025, 02:30 BST"
    assert found["Announcements"][1].startswith("written, read and undone")
    assert "24 encrypted values are readable" in found["Encryption"][1]
    assert one("SELECT COUNT(*) FROM admin_message") == before


def test_the_entry_is_real_and_the_record_stays_whole(database_at):
    """VE-05."""
    database_at(NEWEST)

    verified()

    assert one("SELECT action_description FROM audit_log ORDER BY id DESC LIMIT 1").startswith(
        "Release verification test"
    )
    assert set(verify().kinds) <= {"unsealed"}


@pytest.mark.parametrize("release", list(RELEASES)[:-1])
def test_older_releases_are_verified_through_their_own_models(database_at, release):
    """VE-02, VE-03."""
    database_at(release)

    found = verified()

    assert not [title for title, (is_well, _) in found.items() if is_well is False], found
    assert found["Release"] == (True, f"the database is at {release}, the code at {NEWEST}")
    assert found["Front page"] == (None, "pages and API answer at 2.0.0 only")
    assert found["Announcements"][0] == (None if release == "1.3.0" else True)
    assert found["Time zone of a user"][0] == (None if release in ("1.3.0", "1.4.0") else True)


def test_it_passes_with_nobody_in_the_database(database_at):
    """VE-01: the old script always failed."""
    database_at("empty")
    call_command("upgrade", "--no-backup", verbosity=0)

    found = verified()

    assert {is_well for is_well, _ in found.values()} == {True}, found
    assert found["Time zone of a user"][1] == "nobody is there yet; the column can be read"
    assert one('SELECT COUNT(*) FROM "user"') == 0


BROKEN = {
    "announcements": ("DROP TABLE admin_message_dismissal", "DROP TABLE admin_message", ["Announcements"]),
    "a column": ('ALTER TABLE "user" DROP COLUMN timezone_preference', "SELECT 1", ["Time zone of a user"]),
    "a value": (
        "UPDATE \"user\" SET first_name_encrypted = 'pm1:00000000:x' WHERE username = 'grace'",
        "SELECT 1",
        ["Encryption"],
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_every_finding_is_said_and_the_exit_is_1(database_at, what):
    """VE-01, VE-03, VE-06."""
    database_at(NEWEST)
    first, second, titles = BROKEN[what]
    with connection.cursor() as cursor:
        cursor.execute(first)
        cursor.execute(second)

    out = StringIO()
    with pytest.raises(CommandError) as error:
        call_command("verify_release", stdout=out)

    assert error.value.returncode == 1
    for title in titles:
        assert f"WRONG {title}: " in out.getvalue()
    assert "ok    Release" in out.getvalue() and "Redis" in out.getvalue()


def test_a_silent_failure_of_the_record_is_a_finding(database_at, monkeypatch):
    """VE-05: it says written, and nothing is there."""
    database_at(NEWEST)

    class Nothing:
        pk = 10**6

    monkeypatch.setattr("audit.record.record", lambda *arguments, **keywords: Nothing)

    assert verified()["Record of changes"][0] is False


def test_a_redis_that_is_away_is_a_finding_and_none_is_not(database_at, settings):
    """VE-04."""
    database_at(NEWEST)
    settings.REDIS_URL = ""
    without = verified()["Redis"]
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    away = verified()["Redis"]

    assert without == (True, "not configured; each process has a cache of its own")
    assert away[0] is False


def test_uploads_that_others_may_read_are_a_finding(database_at, settings, tmp_path):
    database_at(NEWEST)
    (tmp_path / "uploads").mkdir()
    (tmp_path / "uploads").chmod(0o755)

    assert verified()["Uploads"][0] is False and "chmod 700" in verified()["Uploads"][1]


def test_an_empty_database_names_the_next_command(database_at):
    database_at("empty")

    with pytest.raises(CommandError, match=r"manage\.py upgrade"):
        call_command("verify_release")
