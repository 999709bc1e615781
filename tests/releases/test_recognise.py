"""A database of the older application is told from its tables, columns and labels. Contract §4."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from panelmerge.releases.current import standing
from panelmerge.releases.legacy.recognise import LATER, SAVED_PANELS, recognise
from panelmerge.releases.looking import Column, Look
from panelmerge.releases.manifest import ABOUT, NEWEST, RELEASES, between

PEOPLE = ("username", "password_hash")


def seen(*tables: str, user: tuple[str, ...] = (), width: int = 50, labels: dict | None = None, revision=None) -> Look:
    text = Column("text", True)
    found = {table: {"id": text} for table in ("user", "visit", "panel_download", *tables)}
    found["user"] |= dict.fromkeys((*PEOPLE, *user), text)
    if "panel_genes" in found:
        found["panel_genes"]["ensembl_id"] = Column(f"character varying({width})", True)
    return Look("postgresql", "15", found, labels or {}, revision=revision)


ZONED = ("email", "timezone_preference")
STAGES = {
    "1.3": (seen(), "1.3.0"),
    "1.4.0": (seen("audit_log", "admin_message", user=("email",)), "1.4.0"),
    "1.4.1": (seen("audit_log", "admin_message", user=ZONED), "1.4.1"),
    "the guide's 1.5.0": (seen("audit_log", "admin_message", *SAVED_PANELS, user=ZONED), "1.5.0"),
    "widened": (seen("audit_log", "admin_message", *SAVED_PANELS, user=ZONED, width=100), "1.5.1"),
    "tag 1.5.1": (seen("audit_log", "admin_message", *SAVED_PANELS, *LATER, user=ZONED, width=100), "1.5.1"),
    "between": (seen("audit_log", user=("email", "role")), None),
    "in part": (seen("audit_log", "admin_message", *SAVED_PANELS[:3], user=ZONED), None),
}


@pytest.mark.parametrize("stage", STAGES)
def test_each_stage_of_the_older_application_is_recognised(stage):
    look, release = STAGES[stage]

    found = recognise(look)

    assert found.release == release
    assert found.left_alone == ("visit",)
    assert found.later == (LATER if stage == "tag 1.5.1" else ())


def test_what_the_bookkeeping_says_decides_nothing_and_is_explained():
    """RL-13: the stamp may be another's, or nobody's."""
    stamped = recognise(seen(revision="64ca2e43ca66"))
    invented = recognise(seen(revision="0123456789ab"))

    assert (stamped.release, invented.release) == ("1.3.0", "1.3.0")
    assert "alembic_version says 64ca2e43ca66: the five tables of saved panels (the guide's 1.5.0)" in stamped.notes
    assert "a revision that somebody generated" in " ".join(invented.notes)


def test_labels_that_the_guide_forgot_are_named():
    labels = {"auditactiontype": ["LOGIN", "PANEL_CREATE"], "changetype": ["GENE_ADDED"]}

    found = recognise(seen("audit_log", "admin_message", *SAVED_PANELS, user=ZONED, labels=labels))

    assert "auditactiontype lacks PANEL_UPDATE, PANEL_SHARE, PANEL_LIST; adopting adds them" in found.notes
    assert "changetype lacks PANEL_CREATED; adopting adds them" in found.notes


def test_our_own_and_other_databases_are_not_of_the_older_application():
    ours = Look("sqlite", "3", seen().tables, applied=frozenset({("accounts", "0001_release_1_3_0")}))
    other = Look("sqlite", "3", {"user": {"id": Column("integer", False)}, "post": {}})

    assert recognise(ours) is None
    assert recognise(other) is None
    assert (standing(other).made_by, standing(other).notes) == (
        "empty",
        ("tables of something else are left alone: post, user",),
    )


def test_release_names_a_database_of_the_older_application_and_how_to_take_it(database_at):
    """RL-06: and nothing is written."""
    database_at("empty")
    with connection.cursor() as cursor:
        cursor.execute('CREATE TABLE "user" (id INTEGER PRIMARY KEY, username VARCHAR(80), password_hash VARCHAR(255))')
        cursor.execute("CREATE TABLE visit (id INTEGER PRIMARY KEY)")
        cursor.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
        cursor.execute("INSERT INTO alembic_version VALUES ('64ca2e43ca66')")
    out, text = StringIO(), StringIO()

    call_command("release", "--json", stdout=out)
    call_command("release", stdout=text)

    found = json.loads(out.getvalue())
    assert (found["database"], found["made_by"]) == ("1.3.0", "flask")
    assert found["missing"] == ["1.4.0", "1.4.1", "1.5.0", "1.5.1", "2.0.0"]
    assert found["next"] == "python manage.py adopt_legacy --dry-run"
    assert "made by the older Flask application" in text.getvalue() and "64ca2e43ca66" in text.getvalue()


def test_every_release_says_what_it_adds_what_going_back_loses_and_how_long_it_takes():
    """RL-01."""
    assert list(ABOUT) == list(RELEASES)
    for about in ABOUT.values():
        assert about.title and about.adds and about.loses
        assert about.expected_seconds({}) > 0
    many = {"audit_log": 1_000_000, "user": 5000}
    assert ABOUT[NEWEST].expected_seconds(many) > 10 * ABOUT[NEWEST].expected_seconds({})
    assert between("1.4.0", "1.5.0") == ["1.4.1", "1.5.0"]
    assert between(None, "1.4.0") == ["1.3.0", "1.4.0"]
