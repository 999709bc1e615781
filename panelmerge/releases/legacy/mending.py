"""What cannot be taken over as it is, mended in the tables that were put aside. Everything is reported by row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from panelmerge.lib.errors import Refusal
from panelmerge.releases.legacy.aside import Asides, aside
from panelmerge.releases.legacy.report import Report
from panelmerge.releases.legacy.values import NOBODYS

# What a row points at, and what becomes of it where that is not there: nothing, the first administrator, or it goes
# to legacy_orphaned_<table>.
POINTERS: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "panel_download": (("user_id", "user", "nothing"),),
    "admin_message": (("created_by_id", "user", "administrator"),),
    "saved_panels": (("owner_id", "user", "administrator"),),
    "panel_versions": (("panel_id", "saved_panels", "aside"), ("created_by_id", "user", "administrator")),
    "panel_genes": (("panel_id", "saved_panels", "aside"), ("added_by_id", "user", "nothing")),
    "panel_shares": (
        ("panel_id", "saved_panels", "aside"),
        ("shared_by_id", "user", "administrator"),
        ("shared_with_user_id", "user", "aside"),
    ),
    "panel_changes": (
        ("panel_id", "saved_panels", "aside"),
        ("version_id", "panel_versions", "aside"),
        ("changed_by_id", "user", "administrator"),
    ),
}
# Words that a column may hold, and the one it gets where it holds another.
WORDS: Mapping[tuple[str, str], tuple[tuple[str, ...], str]] = {
    ("saved_panels", "status"): (("ACTIVE", "ARCHIVED", "DELETED", "DRAFT"), "ACTIVE"),
    ("saved_panels", "visibility"): (("PRIVATE", "SHARED", "PUBLIC"), "PRIVATE"),
    ("panel_shares", "permission_level"): (("VIEW", "COMMENT", "EDIT", "ADMIN"), "VIEW"),
    ("panel_changes", "change_type"): (
        (
            *("PANEL_CREATED", "GENE_ADDED", "GENE_REMOVED", "GENE_MODIFIED"),
            *("METADATA_CHANGED", "CONFIDENCE_CHANGED", "SOURCE_UPDATED"),
        ),
        "METADATA_CHANGED",
    ),
}
NAMED = 20


def mend(asides: Asides, tables: Iterable[str], report: Report) -> None:
    there = set(tables)
    for table in (table for table in POINTERS if table in there):
        for column, parent, otherwise in POINTERS[table]:
            if asides.look.has(table, column) and parent in there:
                _point(asides, table, column, parent, otherwise, report)
    for (table, column), (words, otherwise) in WORDS.items():
        if table in there and asides.look.has(table, column):
            _word(asides, table, column, words, otherwise, report)
    if "user" in there and asides.look.has("user", "email"):
        _addresses(asides, report)
    if {"saved_panels", "panel_versions"} <= there:
        _current_versions(asides, report)
    if "panel_shares" in there:
        _tokens(asides, report)


def _point(asides: Asides, table: str, column: str, parent: str, otherwise: str, report: Report) -> None:
    lost = f"{column} IS NOT NULL AND {column} NOT IN (SELECT id FROM {aside(parent)})"
    ids = [pk for (pk,) in asides.execute(f"SELECT id FROM {aside(table)} WHERE {lost} ORDER BY id")]
    if not ids:
        return
    what = f"{table}.{column} of {_rows(ids)} named a row of {parent} that is not there"
    if otherwise == "nothing":
        asides.execute(f"UPDATE {aside(table)} SET {column} = NULL WHERE {lost}")
        report.mend(f"{what}; it is empty now")
    elif otherwise == "administrator":
        asides.execute(f"UPDATE {aside(table)} SET {column} = %s WHERE {lost}", [_administrator(asides)])
        report.mend(f"{what}; the first administrator stands there now")
    else:
        kept = f"legacy_orphaned_{table}"
        if not asides.execute(
            "SELECT 1 FROM pg_class WHERE relname = %s"
            if asides.is_postgresql
            else "SELECT 1 FROM sqlite_master WHERE name = %s",
            [kept],
        ):
            asides.execute(f"CREATE TABLE {kept} AS SELECT * FROM {aside(table)} WHERE 1 = 0")
        asides.execute(f"INSERT INTO {kept} SELECT * FROM {aside(table)} WHERE {lost}")
        asides.execute(f"DELETE FROM {aside(table)} WHERE {lost}")
        report.mend(f"{what}; they are kept in {kept}")


def _administrator(asides: Asides) -> int:
    found = asides.execute(
        f"SELECT id FROM {aside('user')} ORDER BY CASE WHEN UPPER(role) = 'ADMIN' THEN 0 ELSE 1 END, id LIMIT 1"
        if asides.look.has("user", "role")
        else f"SELECT id FROM {aside('user')} ORDER BY id LIMIT 1"
    )
    if not found:
        raise Refusal("There is nobody in the table user, but rows of other tables belong to people. Nothing changed.")
    return found[0][0]


def _word(asides: Asides, table: str, column: str, words: tuple[str, ...], otherwise: str, report: Report) -> None:
    asides.execute(f"UPDATE {aside(table)} SET {column} = UPPER({column}) WHERE {column} <> UPPER({column})")
    known = ", ".join(f"'{word}'" for word in words)
    strange = f"{column} IS NULL OR {column} NOT IN ({known})"
    found = asides.execute(f"SELECT id, {column} FROM {aside(table)} WHERE {strange} ORDER BY id")
    if found:
        said = ", ".join(sorted({repr(word) for _, word in found}))
        asides.execute(f"UPDATE {aside(table)} SET {column} = '{otherwise}' WHERE {strange}")
        report.mend(f"{table}.{column} of {_rows([pk for pk, _ in found])} said {said}; it is {otherwise} now")


def _addresses(asides: Asides, report: Report) -> None:
    """Everybody gets an address, and no two the same."""
    people = aside("user")
    empty = [pk for (pk,) in asides.execute(f"SELECT id FROM {people} WHERE email IS NULL OR TRIM(email) = ''")]
    if empty:
        asides.execute(f"UPDATE {people} SET email = username || '{NOBODYS}' WHERE email IS NULL OR TRIM(email) = ''")
        report.mend(f"user.email of {_rows(empty)} was empty; it is <username>{NOBODYS} now, which reaches nobody")
    twins = _later_of_equal(asides, people, "email")
    for pk in twins:
        asides.execute(f"UPDATE {people} SET email = %s WHERE id = %s", [f"twin-{pk}{NOBODYS}", pk])
    if twins:
        report.mend(f"user.email of {_rows(twins)} was somebody else's too; it is twin-<id>{NOBODYS} now")
    _tell_twins(asides, "username", "sign in by exactly their own spelling", report)
    _tell_twins(asides, "email", "the first keeps the address at 2.0.0, the others sign in by name", report)


def _later_of_equal(asides: Asides, table: str, column: str) -> list[int]:
    """The rows that have what an earlier row has already."""
    return [
        pk
        for (pk,) in asides.execute(
            f"SELECT id FROM {table} t JOIN (SELECT {column} AS value, MIN(id) AS first FROM {table} "
            f"WHERE {column} IS NOT NULL GROUP BY {column} HAVING COUNT(*) > 1) d "
            f"ON d.value = t.{column} WHERE t.id > d.first ORDER BY id"
        )
    ]


def _tell_twins(asides: Asides, column: str, then: str, report: Report) -> None:
    found = asides.execute(
        f"SELECT LOWER({column}), COUNT(*) FROM {aside('user')} GROUP BY LOWER({column}) HAVING COUNT(*) > 1 ORDER BY 1"
    )
    for name, number in found[:NAMED]:
        report.notes.append(f"{number} people have the {column} {name} but for its case: {then}")


def _current_versions(asides: Asides, report: Report) -> None:
    panels, versions = aside("saved_panels"), aside("panel_versions")
    wrong = (
        f"NOT EXISTS (SELECT 1 FROM {versions} v WHERE v.id = {panels}.current_version_id AND v.panel_id = {panels}.id)"
    )
    has_any = f"EXISTS (SELECT 1 FROM {versions} v WHERE v.panel_id = {panels}.id)"
    ids = [
        pk
        for (pk,) in asides.execute(
            f"SELECT id FROM {panels} WHERE {wrong} AND (current_version_id IS NOT NULL OR {has_any}) ORDER BY id"
        )
    ]
    if ids:
        newest = (
            f"(SELECT v.id FROM {versions} v WHERE v.panel_id = {panels}.id "
            "ORDER BY v.version_number DESC, v.id DESC LIMIT 1)"
        )
        asides.execute(f"UPDATE {panels} SET current_version_id = {newest} WHERE {wrong}")
        report.mend(f"saved_panels.current_version_id of {_rows(ids)} was empty or wrong; it is the newest version now")
    for column, counted, of in (
        ("gene_count", f"SELECT COUNT(*) FROM {aside('panel_genes')} g WHERE g.panel_id = {panels}.id AND {{active}}",
         "active genes"),
        ("version_count", f"SELECT COUNT(*) FROM {versions} v WHERE v.panel_id = {panels}.id", "versions"),
    ):  # fmt: skip
        if column == "gene_count" and not asides.look.tables.get("panel_genes"):
            continue
        counted = counted.format(active="g.is_active" if asides.is_postgresql else "g.is_active <> 0")
        found = asides.execute(f"SELECT id FROM {panels} WHERE COALESCE({column}, -1) <> ({counted}) ORDER BY id")
        if found:
            asides.execute(f"UPDATE {panels} SET {column} = ({counted}) WHERE COALESCE({column}, -1) <> ({counted})")
            report.mend(f"saved_panels.{column} of {_rows([pk for (pk,) in found])} was not the number of its {of}")
    doubled = asides.execute(
        f"SELECT owner_id, name, COUNT(*) FROM {panels} GROUP BY owner_id, name HAVING COUNT(*) > 1 ORDER BY 1, 2"
    )
    for owner, name, number in doubled[:NAMED]:
        report.notes.append(f"person {owner} has {number} panels called {name!r}; all are kept")


def _tokens(asides: Asides, report: Report) -> None:
    shares = aside("panel_shares")
    twice = _later_of_equal(asides, shares, "share_token")
    for pk in twice:
        asides.execute(
            f"UPDATE {shares} SET share_token = SUBSTR(share_token, 1, 230) || '-' || id WHERE id = %s", [pk]
        )
    if twice:
        report.mend(f"panel_shares.share_token of {_rows(twice)} was another link's too; it ends with its number now")


def _rows(ids: list[int]) -> str:
    named = ", ".join(map(str, ids[:NAMED])) + (" …" if len(ids) > NAMED else "")
    return f"{len(ids)} row{'s' if len(ids) > 1 else ''} (id {named})"
