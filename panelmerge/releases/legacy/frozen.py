"""Times that stood still: the older application took some of them once, when its process started.

Every account, event and announcement that one process wrote had the same moment
to the microsecond. Nobody can say any more when they really were written; the
report says how many there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from panelmerge.releases.content import quoted
from panelmerge.releases.looking import Look

COLUMNS = (("user", "created_at"), ("audit_log", "timestamp"), ("admin_message", "created_at"))


def frozen_times(ask: Callable[[str], Iterable[tuple]], look: Look) -> list[str]:
    """A sentence for each column whose rows share moments. ``ask`` answers a statement with rows."""
    told = []
    for table, column in COLUMNS:
        if not look.has(table, column):
            continue
        [(moments, rows)] = ask(
            f"SELECT COUNT(*), COALESCE(SUM(number), 0) FROM (SELECT COUNT(*) AS number FROM {quoted(table)} "
            f"WHERE {quoted(column)} IS NOT NULL GROUP BY {quoted(column)} HAVING COUNT(*) > 1) AS shared"
        )
        if moments:
            told.append(
                f"{table}.{column}: {rows} rows share {moments} moment{'s' if moments > 1 else ''}; the older "
                "application wrote there when its process had started, not when the row was made. They are kept as "
                "they are"
            )
    return told
