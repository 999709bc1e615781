"""What became of databases of the older application in the hands of people: each deviation changes the default one.

One that only SQLite lets in is named for it alone; where the stage lacks the table, a deviation does nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection

from panelmerge.releases.looking import look
from tests.releases.installing import ON_POSTGRESQL
from tests.releases.legacy.making import PBKDF2, encrypted, put

NOTHING_IN_ZONE = ("0001-01-01 00:00:00", "9999-12-31 23:59:59")


def say(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def has(table: str, column: str = "id") -> bool:
    return look().has(table, column)


def an_unknown_revision() -> None:
    say("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
    say("INSERT INTO alembic_version VALUES ('f00dfeed1234')")


def an_extra_table() -> None:
    say('CREATE TABLE user_before_upgrade AS SELECT * FROM "user"')


def extra_columns() -> None:
    for table in ("user", "audit_log", "saved_panels", "panel_genes"):
        if has(table):
            say(f'ALTER TABLE "{table}" ADD COLUMN local_note TEXT')
            say(f"UPDATE \"{table}\" SET local_note = 'of ours'")


def plain_columns_beside_encrypted_ones() -> None:
    for table, names in (("user", ("first_name", "organization")), ("audit_log", ("details", "new_values"))):
        for name in names:
            if has(table, f"{name}_encrypted") and not has(table, name):
                say(f'ALTER TABLE "{table}" ADD COLUMN {name} TEXT')
                say(f'UPDATE "{table}" SET {name} = \'{{"left": "över"}}\'')


def plain_text_in_an_encrypted_column() -> None:
    if has("user", "last_name_encrypted"):
        say("UPDATE \"user\" SET last_name_encrypted = 'O''Brien' WHERE id = 3")


def no_announcements() -> None:
    """The guide's own statement for that table is an error on PostgreSQL."""
    if has("admin_message") and has("saved_panels"):
        say("DROP TABLE admin_message")


def a_word_nobody_knows() -> None:
    if has("audit_log"):
        if ON_POSTGRESQL:
            say("ALTER TYPE auditactiontype ADD VALUE 'SYSTEM_MAINTENANCE'")
        say("UPDATE audit_log SET action_type = 'SYSTEM_MAINTENANCE'")


def words_in_small_letters() -> None:
    if has("saved_panels"):
        say("UPDATE saved_panels SET status = 'active', visibility = 'wherever'")


def one_link_twice() -> None:
    if has("panel_shares"):
        put(
            "panel_shares",
            id=2,
            panel_id=2,
            shared_by_id=1,
            permission_level="VIEW",
            can_reshare=True,
            is_active=True,
            created_at="2025-08-11 08:00:00",
            expires_at="9999-12-31 23:59:59",
            share_token="tok-1",
        )


def rows_without_what_they_point_at() -> None:
    if has("panel_genes"):
        say("PRAGMA foreign_keys = OFF")
        say("UPDATE panel_genes SET added_by_id = 77")
        say("UPDATE panel_changes SET version_id = 77")


def times_at_the_ends_of_the_calendar() -> None:
    if has("user", "last_login"):
        say(f"UPDATE \"user\" SET last_login = '{NOTHING_IN_ZONE[0]}', locked_until = '{NOTHING_IN_ZONE[1]}'")
    if has("audit_log"):
        say(f"UPDATE audit_log SET timestamp = '{NOTHING_IN_ZONE[1]}'")
    say(f"INSERT INTO visit VALUES (90, 'x', '{NOTHING_IN_ZONE[0]}', '/', NULL)") if has("visit") else None


def times_that_are_none() -> None:
    if has("user", "last_login"):
        say("UPDATE \"user\" SET last_login = 'yesterday', created_at = ''")


def numbers_below_one() -> None:
    if has("user", "email"):
        put(
            "user",
            id=0,
            username="nought",
            password_hash=PBKDF2,
            email="nought@example.org",
            role="user" if has("user", "organization") and not ON_POSTGRESQL else "USER",
            is_active=True,
            is_verified=False,
            created_at="2025-08-10 08:00:00",
        )
    if has("panel_genes"):
        say("UPDATE panel_genes SET id = -5 WHERE id = 3")


def long_texts() -> None:
    if has("audit_log"):
        with connection.cursor() as cursor:
            long = encrypted({"genes": ["BRCA1"] * 50_000}, times=2)
            cursor.execute("UPDATE audit_log SET new_values_encrypted = %s", [long])


def versions_nobody_made() -> None:
    if has("saved_panels"):
        say("UPDATE saved_panels SET current_version_id = NULL")
        say("DELETE FROM panel_versions WHERE panel_id = 2")


def empty_tables() -> None:
    for table in ("panel_changes", "panel_shares", "panel_genes", "audit_log"):
        if has(table):
            say(f"DELETE FROM {table}")


# PostgreSQL refuses the word, the row or the time.
ON_SQLITE_ALONE = (words_in_small_letters, rows_without_what_they_point_at, times_that_are_none)
DEVIATIONS: tuple[Callable[[], None], ...] = (
    an_unknown_revision,
    an_extra_table,
    extra_columns,
    plain_columns_beside_encrypted_ones,
    plain_text_in_an_encrypted_column,
    no_announcements,
    a_word_nobody_knows,
    one_link_twice,
    times_at_the_ends_of_the_calendar,
    numbers_below_one,
    long_texts,
    versions_nobody_made,
    empty_tables,
    *(() if ON_POSTGRESQL else ON_SQLITE_ALONE),
)
