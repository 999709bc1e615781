"""Release by release, up, down and up again, with rows in the tables. RL-02 to RL-05, RL-12, RB-01 to RB-04."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from django.apps import apps as live
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from panelmerge.releases.current import current_release
from panelmerge.releases.manifest import APPS, NEWEST, RELEASES, targets

pytestmark = pytest.mark.django_db(transaction=True)

# Tables of packages; a release is exact for our own.
OTHERS = ("django_", "auth_", "account_", "mfa_", "socialaccount_", "usersessions_", "axes_")
UP = list(RELEASES)
DOWN = UP[::-1][1:]
THEN = datetime(2025, 3, 30, 0, 59, 59, 123456, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _back_to_the_newest_release(transactional_db):
    yield
    call_command("migrate", verbosity=0)


def go_to(release: str):
    """Bring our apps to the release; returns its historical models."""
    executor = MigrationExecutor(connection)
    # The newest release is there when the packages' own migrations are, too.
    executor.migrate(executor.loader.graph.leaf_nodes() if release == NEWEST else targets(release))
    executor = MigrationExecutor(connection)
    nodes = [(app, name) for app, name in targets(release) if name]
    return executor.loader.project_state(nodes).apps


def empty() -> None:
    MigrationExecutor(connection).migrate([(app, None) for app in APPS])


def schema() -> dict:
    """Tables of ours with columns, types, nullability, and constraints with their names."""
    found = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            if table.startswith(OTHERS):
                continue
            columns = [
                (column.name, column.type_code, column.null_ok, str(column.default))
                for column in connection.introspection.get_table_description(cursor, table)
            ]
            constraints = {
                name: {key: value for key, value in constraint.items() if key != "definition"}
                for name, constraint in connection.introspection.get_constraints(cursor, table).items()
                # SQLite numbers the checks it was given no name for
                if not name.startswith("__unnamed")
            }
            found[table] = (sorted(columns), sorted(map(repr, constraints.items())))
    return found


def fill_1_3_0(apps) -> None:
    people = apps.get_model("accounts", "User").objects
    people.create(username="ada", password="scrypt$x")
    people.create(username="Ada", password="")
    people.create(username="ünïcode'; drop", password="y" * 255)
    apps.get_model("panels", "PanelDownload").objects.create(
        ip_address="::1", panel_ids="1,2", list_types="", gene_count=None
    )


def fill_1_5_1(apps) -> None:
    ada = apps.get_model("accounts", "User").objects.get(username="ada")
    apps.get_model("announcements", "AdminMessage").objects.create(title="t", message="", created_by=ada)
    for word in ("LOGIN", "PANEL_SHARE", "SYSTEM_SECURITY"):
        apps.get_model("audit", "AuditLog").objects.create(
            action_type=word, action_description="d" * 480, ip_address="local", timestamp=THEN, user_id=99999
        )
    panel = apps.get_model("panels", "SavedPanel").objects.create(name="P", owner=ada)
    version = apps.get_model("panels", "PanelVersion").objects.create(panel=panel, version_number=1, created_by=ada)
    panel.current_version = version
    panel.save()
    genes = apps.get_model("panels", "PanelGene").objects
    genes.create(panel=panel, gene_symbol="GBA", hgnc_id=None, confidence_level="3", user_notes='it\'s; "odd"')
    genes.create(panel=panel, gene_symbol="gba", phenotype="", is_modified=None)
    shares = apps.get_model("panels", "PanelShare").objects
    shares.create(panel=panel, shared_by=ada, share_token="t")
    shares.create(panel=panel, shared_by=ada, shared_with_team_id=7)
    apps.get_model("panels", "PanelChange").objects.create(
        panel=panel, version=version, change_type="PANEL_CREATED", target_type="panel", changed_by=ada
    )


def rows(apps, models: list[tuple[str, str]]) -> str:
    """Every value of every row, as text that can be compared."""
    return json.dumps(
        {
            f"{app}.{model}": sorted(map(repr, apps.get_model(app, model).objects.order_by("pk").values_list()))
            for app, model in models
        },
        indent=1,
    )


KEPT_AT_1_5_1 = [
    ("accounts", "User"),
    ("announcements", "AdminMessage"),
    ("audit", "AuditLog"),
    ("panels", "PanelDownload"),
    ("panels", "SavedPanel"),
    ("panels", "PanelVersion"),
    ("panels", "PanelGene"),
    ("panels", "PanelShare"),
    ("panels", "PanelChange"),
]


def test_walk_from_1_3_0_up_keeps_every_account():
    """RL-05, RL-12."""
    empty()
    fill_1_3_0(go_to("1.3.0"))

    visited = []
    for release in UP:
        apps = go_to(release)
        visited.append(current_release())

    people = apps.get_model("accounts", "User").objects
    assert visited == UP
    assert dict(people.values_list("username", "email")) == {
        "ada": "ada@panelmerge.local",
        "Ada": "twin-2@panelmerge.local",
        "ünïcode'; drop": "ünïcode'; drop@panelmerge.local",
    }
    columns = ("role", "timezone_preference", "timezone_is_chosen", "time_format")
    assert set(people.values_list(*columns)) == {("USER", "UTC", False, "24h")}
    assert apps.get_model("panels", "PanelDownload").objects.get().panel_ids == "1,2"


def test_1_4_1_adds_the_time_zone_and_touches_nothing_else():
    """RL-04, RB-01: existing users are at UTC, and back again nothing is left of it."""
    empty()
    fill_1_3_0(go_to("1.3.0"))
    go_to("1.4.0")
    before = schema()

    apps = go_to("1.4.1")
    after = schema()

    assert {table for table in before | after if before.get(table) != after.get(table)} == {"user"}
    added = [column[0] for column in after["user"][0] if column not in before["user"][0]]
    assert (added, after["user"][1]) == (["timezone_preference"], before["user"][1])
    assert set(apps.get_model("accounts", "User").objects.values_list("timezone_preference")) == {("UTC",)}
    go_to("1.4.0")
    assert schema() == before


def test_walk_down_and_up_again_keeps_the_rows_each_release_can_hold():
    """RL-02, RL-03, RL-12, RB-04."""
    empty()
    fill_1_3_0(go_to("1.3.0"))
    fill_1_5_1(go_to("1.5.1"))
    before = rows(go_to("1.5.1"), KEPT_AT_1_5_1)

    go_to(NEWEST)
    after = rows(go_to("1.5.1"), KEPT_AT_1_5_1)
    for release in DOWN:
        apps = go_to(release)
        assert current_release() == release

    assert after == before
    assert apps.get_model("accounts", "User").objects.count() == 3
    for release in UP:
        go_to(release)
        assert current_release() == release


def test_addresses_in_capitals_are_lowered_and_come_back_as_they_were_written():
    empty()
    people = go_to("1.5.1").get_model("accounts", "User").objects
    for name, email in (("a", "Ada@Example.org"), ("b", "ADA@example.org"), ("c", "grace@example.org")):
        people.create(username=name, password="", email=email)

    above = go_to(NEWEST).get_model("accounts", "User").objects
    lowered = list(above.order_by("pk").values_list("email", "email_as_written"))
    above.filter(username="c").update(email="new@example.org")
    below = go_to("1.5.1").get_model("accounts", "User").objects

    assert lowered == [
        ("ada@example.org", "Ada@Example.org"),
        ("twin-2@panelmerge.local", "ADA@example.org"),
        ("grace@example.org", None),
    ]
    assert list(below.order_by("pk").values_list("email", flat=True)) == [
        "Ada@Example.org",
        "ADA@example.org",
        "new@example.org",
    ]


def test_versions_of_an_older_release_have_no_genes_and_a_team_that_never_was_lets_nobody_in():
    """SP-04, SP-13: nothing is made up for what was never kept."""
    empty()
    fill_1_3_0(go_to("1.3.0"))
    fill_1_5_1(go_to("1.5.1"))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("CREATE TYPE tagtype AS ENUM ('STAGING')")
        column = "tagtype" if connection.vendor == "postgresql" else "VARCHAR(10)"
        cursor.execute(
            "CREATE TABLE legacy_panel_version_tags (id INTEGER, version_id INTEGER, tag_name VARCHAR(100), "
            f"tag_type {column}, description TEXT, created_by_id INTEGER, created_at TIMESTAMP, is_protected BOOLEAN)"
        )
        cursor.execute(
            "INSERT INTO legacy_panel_version_tags SELECT 40, v.id, 'live', 'STAGING', NULL, v.created_by_id, "
            "v.created_at, TRUE FROM panel_versions v"
        )

    apps = go_to(NEWEST)

    version = apps.get_model("panels", "PanelVersion").objects.get()
    team = apps.get_model("panels", "Team").objects.get()
    tags = apps.get_model("panels", "PanelVersionTag").objects
    assert (version.snapshot, version.content_hash, version.metadata) == (None, None, None)
    assert (team.pk, team.name, team.memberships.count(), team.shares.count()) == (7, "Team 7", 0, 1)
    assert list(tags.values_list("id", "tag_name", "tag_type", "is_protected")) == [(40, "live", "STAGING", True)]
    assert tags.create(version=version, tag_name="b", tag_type="BACKUP", created_by=version.created_by).pk == 41
    assert apps.get_model("panels", "Team").objects.create(name="Next").pk == 8
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE legacy_panel_version_tags")
        if connection.vendor == "postgresql":
            cursor.execute("DROP TYPE tagtype")


def test_what_older_columns_have_no_place_for_comes_back_from_them():
    apps = go_to(NEWEST)
    ada = apps.get_model("accounts", "User").objects.create(username="ada", email="a@x")
    panel = apps.get_model("panels", "SavedPanel").objects.create(name="P", owner=ada)
    genes = apps.get_model("panels", "PanelGene").objects
    genes.create(panel=panel, gene_symbol="FMR1", entity_type="gene", gene_name="{ no mark")
    genes.create(
        panel=panel, gene_symbol="FMR1 [str]", own_name="FMR1", entity_type="str", grch38="X:1-2", gene_name="é"
    )
    apps.get_model("panels", "PanelShare").objects.create(panel=panel, shared_by=ada, shared_with_email="b@x")
    models = [("panels", "PanelGene"), ("panels", "PanelShare")]
    before = rows(apps, models)

    below = go_to("1.5.1").get_model("panels", "PanelGene").objects
    names = list(below.order_by("pk").values_list("gene_symbol", "gene_name"))
    after = rows(go_to(NEWEST), models)

    assert names[0] == ("FMR1", "{ no mark")
    assert names[1][1].startswith('panelmerge:{"entity_type": "str"')
    assert after == before


def test_going_to_1_5_1_with_a_text_that_does_not_fit_refuses_and_changes_nothing():
    apps = go_to(NEWEST)
    ada = apps.get_model("accounts", "User").objects.create(username="ada", email="a@x")
    panel = apps.get_model("panels", "SavedPanel").objects.create(name="P", owner=ada)
    apps.get_model("panels", "PanelGene").objects.create(panel=panel, gene_symbol="A", source_panel_id="uk:1; " * 20)

    with pytest.raises(RuntimeError, match=r"panel_genes.source_panel_id: 1 rows are longer than the 100"):
        go_to("1.5.1")

    call_command("migrate", verbosity=0)
    assert go_to(NEWEST).get_model("panels", "PanelGene").objects.get().source_panel_id == "uk:1; " * 20


def test_a_current_version_of_another_panel_is_refused_by_the_database():
    ada = live.get_model("accounts", "User").objects.create(username="ada", email="a@x")
    own, other = (live.get_model("panels", "SavedPanel").objects.create(name=name, owner=ada) for name in "ab")
    version = live.get_model("panels", "PanelVersion").objects.create(panel=own, version_number=1, created_by=ada)

    with pytest.raises(IntegrityError), transaction.atomic():
        live.get_model("panels", "SavedPanel").objects.filter(pk=other.pk).update(current_version=version)

    live.get_model("panels", "SavedPanel").objects.filter(pk=own.pk).update(current_version=version)


def test_snapshots_and_what_versions_own_are_never_altered():
    """SP-13: which nothing later alters."""
    ada = live.get_model("accounts", "User").objects.create(username="ada", email="a@x")
    panel = live.get_model("panels", "SavedPanel").objects.create(name="P", owner=ada)
    snapshots, versions = (live.get_model("panels", name).objects for name in ("PanelSnapshot", "PanelVersion"))
    first, second = (snapshots.create(sha256=sign * 64, body=b"x", gene_count=0) for sign in "ab")
    version = versions.create(panel=panel, version_number=1, created_by=ada, snapshot=first, content_hash="c" * 64)

    for change in (
        lambda: snapshots.filter(pk=first.pk).update(body=b"y"),
        lambda: versions.filter(pk=version.pk).update(snapshot=second),
        lambda: versions.filter(pk=version.pk).update(snapshot=None),
        lambda: versions.filter(pk=version.pk).update(content_hash="d" * 64),
        lambda: versions.filter(pk=version.pk).update(version_number=2),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()

    versions.filter(pk=version.pk).update(comment="may be corrected")


def test_plain_migrate_from_empty_gives_the_schema_of_release_by_release():
    """RL-12."""
    empty()
    for release in UP:
        go_to(release)
    walked = schema()

    empty()
    call_command("migrate", verbosity=0)

    assert schema() == walked
    assert current_release() == NEWEST


def test_going_below_2_0_0_makes_auditors_viewers_and_keeps_new_words():
    """RB-03."""
    apps = go_to(NEWEST)
    apps.get_model("accounts", "User").objects.create(username="kim", email="k@x", role="AUDITOR")
    apps.get_model("audit", "AuditLog").objects.create(
        action_type="CATALOGUE_LOAD", action_description="d" * 460, ip_address="local"
    )

    older = go_to("1.5.1")
    [event] = older.get_model("audit", "AuditLog").objects.filter(action_description__startswith="[CATALOGUE_LOAD]")
    newer = go_to(NEWEST)

    assert older.get_model("accounts", "User").objects.get(username="kim").role == "VIEWER"
    assert event.action_type == "ADMIN_ACTION"
    assert newer.get_model("audit", "AuditLog").objects.get(pk=event.pk).action_type == "CATALOGUE_LOAD"
    assert newer.get_model("audit", "AuditLog").objects.get(pk=event.pk).action_description == "d" * 460


def test_odd_types_of_announcements_become_info_and_the_database_keeps_it_so():
    """AN-02: up with rows of the older application, down, and up again."""
    older = go_to("1.5.1")
    ada = older.get_model("accounts", "User").objects.create(username="ada", email="a@x")
    announcements = older.get_model("announcements", "AdminMessage").objects
    for word in ("WARNING", "danger", "", " info", "error"):
        announcements.create(title=word, message="m", message_type=word, created_by=ada)

    words = go_to(NEWEST).get_model("announcements", "AdminMessage").objects.values_list("title", "message_type")
    newer = dict(words)
    back = dict(go_to("1.5.1").get_model("announcements", "AdminMessage").objects.values_list("title", "message_type"))

    assert newer == {"WARNING": "warning", "danger": "info", "": "info", " info": "info", "error": "error"}
    assert back == newer
    go_to(NEWEST).get_model("announcements", "AdminMessage").objects.all().delete()


def test_going_below_2_0_0_switches_off_what_not_everyone_may_read_now():
    apps = go_to(NEWEST)
    ada = apps.get_model("accounts", "User").objects.create(username="ada", email="a@x")
    later = {"starts_at": datetime(2999, 1, 1, tzinfo=UTC)}
    kinds = {"everyone": {}, "begun": {"starts_at": THEN}, "later": later, "staff": {"audience": "staff"}}
    for title, columns in kinds.items():
        apps.get_model("announcements", "AdminMessage").objects.create(
            title=title, message="m", created_by=ada, **columns
        )

    older = go_to("1.5.1").get_model("announcements", "AdminMessage").objects

    assert set(older.filter(is_active=True).values_list("title", flat=True)) == {"everyone", "begun"}
    assert older.count() == 4
    older.all().delete()


def test_going_to_1_5_0_with_a_value_that_does_not_fit_refuses_and_changes_nothing():
    apps = go_to("1.5.1")
    ada = apps.get_model("accounts", "User").objects.create(username="ada", email="a@x")
    panel = apps.get_model("panels", "SavedPanel").objects.create(name="P", owner=ada)
    apps.get_model("panels", "PanelGene").objects.create(panel=panel, gene_symbol="A", mode_of_inheritance="x" * 101)

    with pytest.raises(RuntimeError, match=r"panel_genes.mode_of_inheritance: 1 rows are longer"):
        go_to("1.5.0")

    assert apps.get_model("panels", "PanelGene").objects.get().mode_of_inheritance == "x" * 101
    apps.get_model("panels", "SavedPanel").objects.all().delete()


def test_doubled_share_tokens_stop_1_5_1_and_are_named():
    apps = go_to("1.5.0")
    ada = apps.get_model("accounts", "User").objects.create(username="ada", email="a@x")
    panel = apps.get_model("panels", "SavedPanel").objects.create(name="P", owner=ada)
    shares = apps.get_model("panels", "PanelShare").objects
    ids = [shares.create(panel=panel, shared_by=ada, share_token="same").pk for _ in range(2)]

    with pytest.raises(RuntimeError) as refusal:
        go_to("1.5.1")

    assert str(ids) in str(refusal.value)
    shares.all().delete()


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (("accounts", "User"), {"username": "x", "email": "x@x", "role": "ROOT"}),
        (("accounts", "User"), {"username": "x", "email": "x@x", "time_format": "13h"}),
        (("audit", "AuditLog"), {"action_type": "NOPE", "action_description": "", "ip_address": ""}),
    ],
)
def test_words_outside_an_enumeration_are_refused_by_the_database(model, values):
    """SP-06, AU-02: the CHECK is the database's own."""
    apps = go_to(NEWEST)

    with pytest.raises(IntegrityError), transaction.atomic():
        apps.get_model(*model).objects.create(**values)


def test_the_circular_key_bears_the_name_of_the_guide():
    """SP-08."""
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, "saved_panels")

    keys = {name for name, found in constraints.items() if found["foreign_key"] == ("panel_versions", "id")}
    if connection.vendor == "postgresql":
        assert keys == {"fk_saved_panels_current_version"}
    assert len(keys) == 1


def test_plain_inserts_with_the_columns_of_the_guide_are_taken():
    """SP-01: defaults are the database's own."""
    with connection.cursor() as cursor:
        cursor.execute("""INSERT INTO "user" (username, password_hash, email) VALUES ('g', 'h', 'g@x')""")
        cursor.execute("INSERT INTO saved_panels (name, owner_id) SELECT 'P', id FROM \"user\" WHERE username = 'g'")
        cursor.execute("INSERT INTO admin_message (title, message, created_by_id) SELECT 't', 'm', id FROM \"user\"")
        cursor.execute("SELECT status, visibility, gene_count, version_count, storage_backend FROM saved_panels")
        panel = cursor.fetchone()
        cursor.execute("SELECT message_type, is_active, created_at IS NOT NULL FROM admin_message")
        message = cursor.fetchone()

    assert panel == ("ACTIVE", "PRIVATE", 0, 1, "local")
    assert (message[0], bool(message[1]), bool(message[2])) == ("info", True, True)
