"""Release 2.0.0, last file of saved panels: what no statement may do to them.

Forward: a current version is one of its own panel; snapshots are never altered,
nor what ties a version to its panel, number and snapshot once it has one. On
PostgreSQL the first is a key over two columns, the rest are triggers; on SQLite
all are triggers. A release that rebuilds these tables on SQLite takes them off
before and puts them on again.
Back: takes them off.
"""

from django.db import migrations

KEY = "fk_saved_panels_current_version_of_panel"
FOREIGN = "the current version belongs to another panel"
FIXED = "a version of a panel is never altered"
VERSION_IS_ALTERED = (
    "NEW.panel_id {differs} OLD.panel_id OR NEW.version_number {differs} OLD.version_number "
    "OR (OLD.snapshot_id IS NOT NULL AND (NEW.snapshot_id {differs} OLD.snapshot_id "
    "OR NEW.content_hash {differs} OLD.content_hash))"
)
STRANGE = (
    "NEW.current_version_id IS NOT NULL AND NOT EXISTS "
    "(SELECT 1 FROM panel_versions v WHERE v.id = NEW.current_version_id AND v.panel_id = NEW.id)"
)
SQLITE = {
    "saved_panels_own_version_insert": (
        f"BEFORE INSERT ON saved_panels WHEN {STRANGE} BEGIN SELECT RAISE(ABORT, '{FOREIGN}'); END"
    ),
    "saved_panels_own_version_update": (
        f"BEFORE UPDATE OF id, current_version_id ON saved_panels WHEN {STRANGE} "
        f"BEGIN SELECT RAISE(ABORT, '{FOREIGN}'); END"
    ),
    "panel_versions_fixed": (
        f"BEFORE UPDATE ON panel_versions WHEN {VERSION_IS_ALTERED.format(differs='IS NOT')} "
        f"BEGIN SELECT RAISE(ABORT, '{FIXED}'); END"
    ),
    "panel_snapshots_fixed": f"BEFORE UPDATE ON panel_snapshots BEGIN SELECT RAISE(ABORT, '{FIXED}'); END",
}
REFUSE = f"RAISE EXCEPTION '{FIXED}' USING ERRCODE = 'integrity_constraint_violation'"
POSTGRESQL = [
    f"ALTER TABLE saved_panels ADD CONSTRAINT {KEY} FOREIGN KEY (id, current_version_id) "
    "REFERENCES panel_versions (panel_id, id) DEFERRABLE INITIALLY DEFERRED",
    "CREATE OR REPLACE FUNCTION panels_refuse_snapshot() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN {REFUSE}; END $$",
    "CREATE OR REPLACE FUNCTION panels_refuse_version() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN IF {VERSION_IS_ALTERED.format(differs='IS DISTINCT FROM')} THEN {REFUSE}; END IF; RETURN NEW; END $$",
    "CREATE TRIGGER panel_snapshots_fixed BEFORE UPDATE ON panel_snapshots FOR EACH ROW "
    "EXECUTE FUNCTION panels_refuse_snapshot()",
    "CREATE TRIGGER panel_versions_fixed BEFORE UPDATE ON panel_versions FOR EACH ROW "
    "EXECUTE FUNCTION panels_refuse_version()",
]
POSTGRESQL_BACK = [
    "DROP TRIGGER IF EXISTS panel_versions_fixed ON panel_versions",
    "DROP TRIGGER IF EXISTS panel_snapshots_fixed ON panel_snapshots",
    "DROP FUNCTION IF EXISTS panels_refuse_version()",
    "DROP FUNCTION IF EXISTS panels_refuse_snapshot()",
    f"ALTER TABLE saved_panels DROP CONSTRAINT IF EXISTS {KEY}",
]


def put_on(apps, schema_editor):
    take_off(apps, schema_editor)
    if schema_editor.connection.vendor == "postgresql":
        for statement in POSTGRESQL:
            schema_editor.execute(statement)
    else:
        for name, rest in SQLITE.items():
            schema_editor.execute(f"CREATE TRIGGER {name} {rest}")


def take_off(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for statement in POSTGRESQL_BACK:
            schema_editor.execute(statement)
    else:
        for name in SQLITE:
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}")


class Migration(migrations.Migration):
    dependencies = [("panels", "0016_release_2_0_0_library_fits")]

    operations = [migrations.RunPython(put_on, take_off, elidable=False)]
