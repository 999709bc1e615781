"""Release 1.5.0, last file: a panel points at its current version.

The two tables point at each other, so this key comes after both exist and goes
before either. On PostgreSQL it bears the name the guide gives it; SQLite keeps
no names of keys. Back: drops the column; versions and genes stay.
"""

import django.db.models.deletion
from django.db import migrations, models

NAME = "fk_saved_panels_current_version"


def name_the_key(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    table = apps.get_model("panels", "SavedPanel")
    [found] = schema_editor._constraint_names(table, ["current_version_id"], foreign_key=True)
    schema_editor.execute(
        f"ALTER TABLE saved_panels RENAME CONSTRAINT {schema_editor.quote_name(found)} TO {schema_editor.quote_name(NAME)}"
    )


class AddCurrentVersion(migrations.AddField):
    """AddField, run to its end: the key that PostgreSQL defers is made before it is named."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        super().database_forwards(app_label, schema_editor, from_state, to_state)
        waiting = [statement for statement in schema_editor.deferred_sql if "current_version_id" in str(statement)]
        for statement in waiting:
            schema_editor.deferred_sql.remove(statement)
            schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("panels", "0003_release_1_5_0")]

    operations = [
        AddCurrentVersion(
            "savedpanel",
            "current_version",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="+",
                to="panels.panelversion",
            ),
        ),
        migrations.RunPython(name_the_key, migrations.RunPython.noop),
    ]
