"""Indexes that are doubled or unused, and keys without one: what costs time, and breaks nothing. PF-02"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from django.db import connection
from django.db.migrations.state import ProjectState

from panelmerge.releases.checking.schema import managed
from panelmerge.releases.looking import Look

# Below that an index is not looked at anyway.
WORTH_IT = 10_000


def remarks(state: ProjectState, look: Look) -> Iterator[str]:
    """Sentences about indexes; none of them is a fault."""
    with connection.cursor() as cursor:
        for model in managed(state):
            table = model._meta.db_table
            if not look.has(table):
                continue
            present = connection.introspection.get_constraints(cursor, table)
            indexed = {name: tuple(one["columns"]) for name, one in present.items() if one["index"] or one["unique"]}
            yield from _doubled(table, indexed)
            firsts = {columns[0] for columns in indexed.values() if columns}
            for field in model._meta.local_concrete_fields:
                if field.remote_field and not field.primary_key and field.column not in firsts:
                    yield f"{table}.{field.column}: a foreign key without an index"
    if connection.vendor == "postgresql":
        yield from _unused()


def _doubled(table: str, indexed: dict[str, tuple[str, ...]]) -> Iterator[str]:
    by_columns = defaultdict(list)
    for name, columns in indexed.items():
        by_columns[columns].append(name)
    for columns, names in sorted(by_columns.items()):
        # Django keeps a second one of text for LIKE.
        plain = [name for name in names if not name.endswith("_like")]
        if len(plain) > 1 and columns:
            yield f"{table}: {', '.join(sorted(plain))} are on the same columns ({', '.join(columns)})"


def _unused() -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.relname, s.indexrelname, pg_relation_size(s.indexrelid) FROM pg_stat_user_indexes s "
            "JOIN pg_index i ON i.indexrelid = s.indexrelid JOIN pg_class t ON t.oid = s.relid "
            "WHERE s.idx_scan = 0 AND NOT i.indisunique AND t.reltuples > %s ORDER BY 3 DESC",
            [WORTH_IT],
        )
        for table, name, size in cursor.fetchall():
            yield f"{table}: {name} ({size // 1024:,} KiB) was not used since the statistics began"
