"""Release 2.0.0, rows: what adopting a database of the older application kept aside about people.

Forward, where there are the tables ``legacy_password_history`` and
``legacy_user``: earlier passwords cannot be used again, whoever reads times in
12 hours goes on doing so, and whoever had to choose a new password, or had one
that an administrator knew, still has to.
Back: nothing; the ``legacy_`` tables were left as they were.
"""

from django.db import migrations
from django.db.models.expressions import RawSQL


def take_passwords(apps, schema_editor):
    alias = schema_editor.connection.alias
    earlier = apps.get_model("accounts", "PasswordHistory").objects.using(alias)
    people = set(apps.get_model("accounts", "User").objects.using(alias).values_list("pk", flat=True))
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT user_id, password_hash, created_at FROM legacy_password_history ORDER BY id")
        rows = cursor.fetchall()
    earlier.bulk_create(
        [
            # Django reads the kind of a hash up to its first dollar sign.
            earlier.model(
                user_id=person,
                password_hash=f"werkzeug${kept}" if kept.startswith(("scrypt:", "pbkdf2:")) else kept,
                created_at=moment,
            )
            for person, kept, moment in with_zone(rows)
            if person in people
        ],
        batch_size=500,
    )


def with_zone(rows):
    """SQLite keeps moments as UTC without saying so."""
    from datetime import UTC, datetime

    for *rest, moment in rows:
        if isinstance(moment, str):
            moment = datetime.fromisoformat(moment)
        yield (*rest, moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def take_preferences(apps, schema_editor):
    connection = schema_editor.connection
    people = apps.get_model("accounts", "User").objects.using(connection.alias)
    with connection.cursor() as cursor:
        columns = {one.name for one in connection.introspection.get_table_description(cursor, "legacy_user")}
        if "time_format_preference" in columns:
            some = RawSQL("SELECT id FROM legacy_user WHERE time_format_preference = '12h'", ())
            people.filter(pk__in=some).update(time_format="12h")
        if "force_password_change" in columns:
            yes = "force_password_change" if connection.vendor == "postgresql" else "force_password_change <> 0"
            some = RawSQL(f"SELECT id FROM legacy_user WHERE {yes}", ())
            people.filter(pk__in=some).update(must_change_password=True)


def take(apps, schema_editor):
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        there = connection.introspection.table_names(cursor)
    if "legacy_password_history" in there:
        take_passwords(apps, schema_editor)
    if "legacy_user" in there:
        take_preferences(apps, schema_editor)
    if connection.vendor == "postgresql":
        # No table may be altered while keys of its rows are still to be checked.
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0011_release_2_0_0_locks")]

    operations = [migrations.RunPython(take, migrations.RunPython.noop, elidable=False)]
