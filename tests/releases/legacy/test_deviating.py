"""Databases that people changed by hand, in any combination: each is adopted whole, and goes to the newest release.

A seeded sample here, 300 in ``make proof``. RL-06
"""

from __future__ import annotations

import io
import random
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import connection

from panelmerge.releases.current import current_release
from panelmerge.releases.legacy.adopting import adopt, survey
from panelmerge.releases.looking import look
from panelmerge.releases.manifest import NEWEST
from panelmerge.releases.progress import silent
from tests.releases.installing import IN_FULL
from tests.releases.legacy.deviating import DEVIATIONS
from tests.releases.legacy.making import KEY, STAGES
from tests.releases.test_backup import dumped

ZONES = ("UTC", "Europe/Helsinki", "America/New_York", "Asia/Kolkata")


def genes() -> list[tuple]:
    """Of every panel, with those that were put aside."""
    seen, found = look(), []
    for table in ("panel_genes", "legacy_orphaned_panel_genes"):
        if seen.has(table):
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT panel_id, gene_symbol, hgnc_id, confidence_level FROM {table}")
                found += cursor.fetchall()
    return sorted(found)


def has_key() -> bool:
    return look().has("user", "first_name_encrypted")


def adopted_and_upgraded(zone: str) -> None:
    before, keys = genes(), [KEY] if has_key() else []
    survey(keys=keys, zone=ZoneInfo(zone), progress=silent())
    report, _ = adopt(keys=keys, zone=ZoneInfo(zone), progress=silent(), proof=False)

    assert current_release() == report.release
    assert genes() == before
    orphans = sum("legacy_orphaned" in sentence for sentence in report.mended)
    assert orphans or all(report.after[table] == number for table, number in report.before.items())
    call_command("migrate", verbosity=0)
    assert current_release() == NEWEST
    assert genes() == before
    call_command("verify_audit", stdout=io.StringIO())
    call_command("check_db", stdout=io.StringIO())


@pytest.mark.parametrize("deviation", DEVIATIONS, ids=lambda one: one.__name__)
def test_each_deviation_of_the_last_stage_is_adopted(flask_database, deviation):
    flask_database("late")
    before = dumped(connection.settings_dict)
    deviation()
    assert dumped(connection.settings_dict) != before
    adopted_and_upgraded("America/New_York")


@pytest.mark.parametrize("seed", range(300 if IN_FULL else 6))
def test_deviations_in_any_order_are_adopted(flask_database, seed):
    chance = random.Random(seed)
    flask_database(chance.choice(STAGES))
    for deviation in chance.sample(DEVIATIONS, chance.randint(2, 7)):
        deviation()
    adopted_and_upgraded(chance.choice(ZONES))
