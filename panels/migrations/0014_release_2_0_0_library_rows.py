"""Release 2.0.0, rows: teams for shares that name one, and what was kept aside from the later 1.5 releases.

Forward: earlier releases let a share name any number as a team, without a table
of teams; each such number becomes a team without members called "Team n", so
that the share stays and lets nobody in. Tags, retention policies and export
templates that adoption moved to ``legacy_`` tables are copied into the new
tables; one whose version, panel or person is not there (any more) stays where
it is, and one whose author is not there belongs to who made the version, or
owns the panel. A retention policy comes over switched off: the older application made
one for every panel that somebody looked at and never followed it.
Back: nothing; the ``legacy_`` tables were left as they were.
"""

from django.db import migrations

# Table, what a row has to point at (column: table), columns, and columns that are written differently from how they
# were kept (``old`` is what was kept).
KEPT_ASIDE = [
    (
        "panel_version_tags",
        {"version_id": "panel_versions"},
        ["id", "version_id", "tag_name", "tag_type", "description", "created_by_id", "created_at", "is_protected"],
        {
            "tag_type": "CAST(old.tag_type AS {text})",
            "created_by_id": 'COALESCE((SELECT u.id FROM "user" u WHERE u.id = old.created_by_id), '
            "(SELECT v.created_by_id FROM panel_versions v WHERE v.id = old.version_id))",
        },
    ),
    (
        "panel_retention_policies",
        {"panel_id": "saved_panels"},
        [
            *("id", "panel_id", "max_versions", "backup_retention_days", "keep_tagged_versions"),
            *("keep_production_tags", "auto_cleanup_enabled", "last_cleanup_at", "cleanup_frequency_hours"),
            *("created_by_id", "created_at", "updated_at"),
        ],
        {
            "auto_cleanup_enabled": "{no}",
            "created_by_id": 'COALESCE((SELECT u.id FROM "user" u WHERE u.id = old.created_by_id), '
            "(SELECT p.owner_id FROM saved_panels p WHERE p.id = old.panel_id))",
            # The older application took any number, also negative ones.
            "max_versions": "CASE WHEN old.max_versions < 1 THEN 1 ELSE old.max_versions END",
            "backup_retention_days": "CASE WHEN old.backup_retention_days < 0 THEN 0 ELSE old.backup_retention_days END",
        },
    ),
    (
        "export_templates",
        {"user_id": "user"},
        [
            *("id", "user_id", "name", "description", "is_default", "format", "include_metadata"),
            *("include_versions", "include_genes", "filename_pattern", "columns", "created_at", "updated_at"),
            *("last_used_at", "usage_count"),
        ],
        {"columns": "'[]'", "format": "CASE WHEN old.format = 'excel' THEN 'xlsx' ELSE old.format END"},
    ),
]


def make_teams(apps, schema_editor):
    alias = schema_editor.connection.alias
    shares = apps.get_model("panels", "PanelShare").objects.using(alias)
    numbers = shares.exclude(shared_with_team_id=None).values_list("shared_with_team_id", flat=True)
    teams = apps.get_model("panels", "Team").objects.using(alias)
    teams.bulk_create([teams.model(pk=number, name=f"Team {number}") for number in sorted(set(numbers))])
    count_on(schema_editor, "teams")


def count_on(schema_editor, table):
    """Rows were given their numbers: the next one that is not given one comes behind them."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), "
            f"GREATEST((SELECT MAX(id) FROM {table}), 1), EXISTS (SELECT 1 FROM {table}))"
        )


def copy_what_was_kept_aside(apps, schema_editor):
    connection = schema_editor.connection
    is_postgresql = connection.vendor == "postgresql"
    words = {"text": "text" if is_postgresql else "TEXT", "no": "FALSE" if is_postgresql else "0"}
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
    for table, pointers, columns, changed in KEPT_ASIDE:
        if f"legacy_{table}" not in there:
            continue
        names = ", ".join(columns)
        values = ", ".join(changed.get(column, f"old.{column}").format(**words) for column in columns)
        is_whole = " AND ".join(f'old.{column} IN (SELECT id FROM "{to}")' for column, to in pointers.items())
        schema_editor.execute(
            f"INSERT INTO {table} ({names}) SELECT {values} FROM legacy_{table} old WHERE {is_whole} ORDER BY old.id"
        )
        count_on(schema_editor, table)


def settle(apps, schema_editor):
    """PostgreSQL alters no table while keys of its rows are still to be checked."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class Migration(migrations.Migration):
    dependencies = [("panels", "0013_release_2_0_0_library")]

    operations = [
        migrations.RunPython(make_teams, migrations.RunPython.noop, elidable=False),
        migrations.RunPython(copy_what_was_kept_aside, migrations.RunPython.noop, elidable=False),
        migrations.RunPython(settle, migrations.RunPython.noop),
    ]
