"""A database of the older application becomes ours, whatever stage it is at; nothing of it is lost. RL-06, BK-06."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.hashers import WerkzeugPasswordHasher
from panelmerge.lib.crypto import keyring
from panelmerge.lib.errors import Refusal
from panelmerge.releases.current import current_release, standing
from panelmerge.releases.legacy import taking
from panelmerge.releases.legacy.adopting import adopt, survey
from panelmerge.releases.progress import silent
from tests.releases.legacy.making import KEY, OTHER_KEY, PASSWORD, STAGES, put

HELSINKI = ZoneInfo("Europe/Helsinki")
ADOPTED_AS = dict(
    zip(STAGES, ("1.3.0", "1.3.0", "1.4.0", "1.4.0", "1.4.1", "1.4.1", "1.5.0", "1.5.1", "1.5.1"), strict=True)
)


def rows(statement: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def adopted(keys=(KEY,), zone=HELSINKI):
    return adopt(keys=keys, zone=zone, progress=silent())[0]


def keys_of(stage: str) -> list[str]:
    return [KEY] if STAGES.index(stage) >= STAGES.index("between") else []


@pytest.mark.parametrize("stage", STAGES)
def test_adopt_a_database_of_any_stage_then_go_to_the_newest_release(flask_database, stage):
    flask_database(stage)

    report = adopted(keys_of(stage))

    assert current_release() == ADOPTED_AS[stage] == report.release
    assert all(report.after[table] == number for table, number in report.before.items())
    call_command("migrate", verbosity=0)
    assert current_release() == "2.0.0"
    call_command("verify_audit", stdout=io.StringIO())


@pytest.mark.parametrize("stage", ["first", "evolved", "late"])
def test_survey_and_release_change_nothing(flask_database, stage, files_below):
    name = flask_database(stage)
    folder = Path(name).parent if connection.vendor == "sqlite" else None
    if folder:
        rows("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
    before = files_below(folder) if folder else standing()

    report = survey(keys=keys_of(stage), zone=HELSINKI, progress=silent())

    assert report.is_dry
    assert standing().made_by == "flask"
    after = files_below(folder) if folder else standing()
    assert after == before


def test_adopt_people_with_their_passwords_roles_and_names(flask_database):
    flask_database("1.5.1")

    report = adopted()

    people = rows('SELECT id, username, password_hash, role, is_active, email FROM "user" ORDER BY id')
    assert [(pk, name, role, bool(active)) for pk, name, _, role, active, _ in people] == [
        (1, "admin", "ADMIN", True),
        (2, "Ada", "EDITOR", True),
        (3, "ada", "USER", False),
    ]
    assert all(WerkzeugPasswordHasher().verify(PASSWORD, hashed) for _, _, hashed, _, _, _ in people)
    [(first, last, lost)] = rows(
        'SELECT first_name_encrypted, last_name_encrypted, organization_encrypted FROM "user" WHERE id = 2'
    )
    assert keyring().decrypt(first, "user.first_name_encrypted").decode() == "Åsa 2"
    assert (last, lost) == (None, None)
    assert report.unreadable == {"user.organization_encrypted": [2]}
    assert any("ada" in note and "but for its case" in note for note in report.notes)


def test_adopt_takes_plain_leftovers_and_roles_in_small_letters(flask_database):
    flask_database("evolved")

    report = adopted()

    [(first, role)] = rows('SELECT first_name_encrypted, role FROM "user" WHERE id = 2')
    assert keyring().decrypt(first, "user.first_name_encrypted").decode() == "Plain 2"
    assert role == "EDITOR"
    assert report.plain["user.first_name"] == 3
    with pytest.raises(Exception, match="first_name"):
        rows('SELECT first_name FROM "user"')


def test_adopt_keeps_every_gene_and_says_what_it_mended(flask_database):
    flask_database("1.5.1")

    report = adopted()

    genes = rows("SELECT gene_symbol, confidence_level, is_active, user_notes FROM panel_genes ORDER BY id")
    assert [(symbol, bool(active)) for symbol, _, active, _ in genes] == [
        ("BRCA1", True),
        ("brca1", True),
        ("TP53", False),
    ]
    assert {level for _, level, _, _ in genes} == {"3; 2"}
    assert rows("SELECT id, current_version_id, gene_count, version_count FROM saved_panels ORDER BY id") == [
        (1, 12, 2, 2),
        (2, 13, 0, 1),
    ]
    assert list(report.panels) == [1]
    told = " ".join(report.mended)
    assert "current_version_id of 1 row (id 2)" in told and "tags were hidden" in told
    assert any("2 panels called 'Hjärta ♥'" in note for note in report.notes)


def test_adopt_local_times_of_the_zone_that_is_said(flask_database):
    flask_database("1.4.1")

    adopted()

    [(moment,)] = rows('SELECT created_at FROM "user" WHERE id = 1')
    assert str(moment)[:26] == "2025-08-10 05:00:00.000001"


def test_adopt_times_before_1_4_1_as_utc_whatever_is_said(flask_database):
    flask_database("1.4.0")

    report = adopted()

    [(moment,)] = rows('SELECT created_at FROM "user" WHERE id = 1')
    assert str(moment)[:19] == "2025-08-10 08:00:00"
    assert report.zone == "UTC"


def test_adopt_doubts_a_zone_in_which_times_lie_ahead(flask_database):
    flask_database("1.4.1")
    put("visit", id=5, ip_address="x", visit_date="2099-01-01 00:00:00", path="/")
    rows_ = [("2099-01-01 00:00:00",)]
    with connection.cursor() as cursor:
        cursor.executemany('UPDATE "user" SET last_login = %s', rows_)

    report = adopted()

    assert any("3 times lie in the future" in warning for warning in report.warnings)


def test_times_that_stood_still_are_reported_before_and_after(flask_database):
    """Every account of one process was made when it started."""
    flask_database("1.4.1")
    said = "user.created_at: 3 rows share 1 moment; the older application wrote there when its process had started"

    for report in (survey(keys=[KEY], zone=HELSINKI, progress=silent()), adopted()):
        [note] = [note for note in report.notes if "share" in note]
        assert note.startswith(said)


def test_adopt_moves_tables_of_later_releases_and_2_0_0_takes_them(flask_database):
    flask_database("late")

    adopted()

    assert rows("SELECT version_id, tag_name, tag_type FROM legacy_panel_version_tags ORDER BY id") == [
        (11, "live", "PRODUCTION"),
        (11, "v9.9-ä", "RELEASE"),
    ]
    assert rows("SELECT query FROM literature_searches") == [("MYH7",)]
    call_command("migrate", verbosity=0)
    assert rows('SELECT time_format_preference FROM "user" WHERE id = 2') == [("12h",)]
    assert bool(rows('SELECT force_password_change FROM "user" WHERE id = 3')[0][0])
    [(kept,)] = rows("SELECT password_hash FROM password_history WHERE user_id = 2")
    assert WerkzeugPasswordHasher().verify(PASSWORD, kept)


def test_adopt_orphans_of_a_database_without_keys_are_kept_and_reported(flask_database):
    """SQLite never asked whether a key was right."""
    flask_database("1.5.1")
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL kept its keys")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA foreign_keys = OFF")
        cursor.execute("UPDATE saved_panels SET owner_id = 99 WHERE id = 2")
        cursor.execute("UPDATE panel_genes SET panel_id = 98 WHERE id = 3")

    report = adopted()

    assert rows("SELECT owner_id FROM saved_panels WHERE id = 2") == [(1,)]
    assert rows("SELECT gene_symbol FROM legacy_orphaned_panel_genes") == [("TP53",)]
    assert sum("not there" in sentence for sentence in report.mended) == 2


@pytest.mark.parametrize(("keys", "said"), [([], "no key was given"), ([OTHER_KEY[:-2] + "Y="], "opens not one value")])
def test_adopt_with_a_key_that_reads_nothing_changes_nothing(flask_database, keys, said, tmp_path):
    flask_database("1.4.1")

    with pytest.raises(Refusal, match=said):
        adopted(keys)

    assert standing().made_by == "flask"
    assert not (tmp_path / "backups").exists()


def test_adopt_under_two_keys_reads_what_either_opens(flask_database):
    flask_database("1.4.1")

    report = adopted([KEY, OTHER_KEY])

    assert report.unreadable == {}
    [(where,)] = rows('SELECT organization_encrypted FROM "user" WHERE id = 2')
    assert keyring().decrypt(where, "user.organization_encrypted").decode() == "Lost"


def test_a_value_that_was_unreadable_is_read_later_with_another_key(flask_database):
    flask_database("1.4.1")
    adopted()

    call_command("adopt_legacy", "--retry", f"--encryption-key={OTHER_KEY}", verbosity=0)

    [(where,)] = rows('SELECT organization_encrypted FROM "user" WHERE id = 2')
    assert keyring().decrypt(where, "user.organization_encrypted").decode() == "Lost"
    assert rows("SELECT COUNT(*) FROM legacy_unreadable") == [(0,)]


@pytest.mark.parametrize("where", ["mend", "_compare", "_doubts"])
def test_adopt_that_fails_leaves_the_older_database_as_it_was(flask_database, monkeypatch, where):
    flask_database("1.5.1")
    before = rows('SELECT * FROM "user" ORDER BY id'), rows("SELECT * FROM panel_genes ORDER BY id")

    def broken(*args, **kwargs):
        raise RuntimeError("broken")

    monkeypatch.setattr(taking, where, broken)
    with pytest.raises(RuntimeError):
        adopted()

    assert standing().made_by == "flask"
    assert (rows('SELECT * FROM "user" ORDER BY id'), rows("SELECT * FROM panel_genes ORDER BY id")) == before


def test_adopt_a_database_of_ours_is_refused(database_at):
    database_at("1.5.1")

    with pytest.raises(CommandError, match=r"was not made by the older Flask application.*manage\.py upgrade"):
        call_command("adopt_legacy", "--yes", verbosity=0)


def test_the_command_prints_a_report_that_can_be_filed(flask_database, tmp_path):
    flask_database("1.5.1")
    out = io.StringIO()

    call_command("adopt_legacy", f"--encryption-key={KEY}", "--legacy-timezone=Europe/Helsinki", "--json", stdout=out)

    report = json.loads(out.getvalue())
    assert report["rows"]["user"] == {"before": 3, "after": 3}
    assert report["unreadable"] == {"count": 1, "rows": {"user.organization_encrypted": [2]}}
    assert hashlib.sha256().digest_size * 2 == len(report["gene_lists"]["1"])
    [kept] = (tmp_path / "var" / "reports").glob("adopt_legacy-*.json")
    assert json.loads(kept.read_text()) == report
