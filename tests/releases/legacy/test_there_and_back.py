"""What was adopted goes up, is verified, goes back to where it was adopted and up again. RL-06, RB-01, VE-01."""

from __future__ import annotations

import io
import json
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import connection

from panelmerge.releases.content import contents
from panelmerge.releases.current import current_release
from panelmerge.releases.legacy.adopting import adopt
from panelmerge.releases.looking import look
from panelmerge.releases.manifest import NEWEST
from panelmerge.releases.progress import silent
from panelmerge.releases.snapshots import snapshot
from tests.releases.installing import IN_FULL
from tests.releases.legacy.making import KEY, STAGES
from tests.releases.rows import one

BOOKKEEPING = {"audit_log", "django_migrations", "panelmerge_release", "django_content_type", "sqlite_sequence"}


def put_up(*arguments: str) -> None:
    call_command("upgrade", "--no-backup", *arguments, verbosity=0)
    assert current_release() == NEWEST


def everything() -> dict:
    """Each table's content but for what every walk writes."""
    with snapshot(connection.settings_dict) as moment:
        columns = {table: sorted(found) for table, found in moment.look.tables.items() if table not in BOOKKEEPING}
        return contents(moment.raw, moment.look, columns=columns)


def verified() -> list[str]:
    """What is not well."""
    out = io.StringIO()
    call_command("verify_release", "--json", stdout=out)
    return [result["title"] for result in json.loads(out.getvalue()) if result["is_well"] is False]


@pytest.mark.parametrize("stage", STAGES if IN_FULL else ["first", "between", "late"])
def test_what_was_adopted_goes_up_back_and_up_again(flask_database, stage):
    flask_database(stage)
    report, _ = adopt(
        keys=[] if stage in ("first", "1.3") else [KEY], zone=ZoneInfo("Europe/Helsinki"), progress=silent()
    )
    before = everything()

    put_up()
    assert verified() == []
    call_command("check_db", stdout=io.StringIO())
    call_command("rollback", "--to", report.release, "--accept-loss", "--no-backup", verbosity=0)

    assert current_release() == report.release
    after = everything()
    assert {table: after[table] for table in before} == before
    put_up()
    assert verified() == []
    call_command("verify_audit", stdout=io.StringIO())


def test_what_was_kept_aside_of_a_row_that_went_meanwhile_stays_where_it_is(flask_database):
    flask_database("late")
    adopt(keys=[KEY], zone=ZoneInfo("UTC"), progress=silent())
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM panel_versions WHERE id = 11")
        cursor.execute("UPDATE saved_panels SET version_count = 1 WHERE id = 1")

    put_up()

    assert one("SELECT COUNT(*) FROM panel_version_tags") == 0
    assert one("SELECT COUNT(*) FROM legacy_panel_version_tags") == 2
    assert look().has("legacy_password_history")
