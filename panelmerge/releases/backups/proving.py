"""A backup is good when it was restored: into a scratch database, and what is in there compared row by row."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from panelmerge.lib.errors import Refusal
from panelmerge.releases import files, postgresql
from panelmerge.releases.backups.manifest import DATABASE, Damaged
from panelmerge.releases.content import Content, contents
from panelmerge.releases.snapshots import snapshot, sqlite_connection

# The advisory lock of who has the scratch database; any two numbers.
PROVING = (0x706D7265, 3)


class NoScratch(Refusal):
    """Nowhere to restore to."""

    code = "no_scratch"
    status = 503


def prove(
    folder: Path, expected: Mapping[str, Content], settings: Mapping[str, Any], scratch: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Restore the database of a backup into a scratch database and compare every table. {restored, into, tables, rows}.

    ``settings``: those of the database it came from, whose server is used; ``scratch``: another, empty database
    instead. Raises Damaged when something differs, NoScratch when there is nowhere to restore to.
    """
    with restored_into_scratch(folder, settings, scratch) as (place, where):
        compare(place, expected)
    return {
        "restored": True,
        "into": where,
        "tables": len(expected),
        "rows": sum(content.rows for content in expected.values()),
    }


def compare(settings: Mapping[str, Any], expected: Mapping[str, Content]) -> None:
    """Raises Damaged unless the database of the settings holds exactly these tables with these rows."""
    with snapshot(settings) as moment:
        found = contents(moment.raw, moment.look)
    wrong = [
        f"{table}: {_said(expected.get(table))} expected, {_said(found.get(table))} found"
        for table in sorted(expected.keys() | found.keys())
        if expected.get(table) != found.get(table)
    ]
    if wrong:
        raise Damaged(f"What was restored is not what was backed up: {'; '.join(wrong[:10])}.")


def _said(content: Content | None) -> str:
    return f"{content.rows} rows ({content.sha256[:12]})" if content else "no such table"


@contextmanager
def restored_into_scratch(
    folder: Path, settings: Mapping[str, Any], scratch: Mapping[str, Any] | None
) -> Iterator[tuple[dict[str, Any], str]]:
    """(settings of a database that holds the backup while the block lasts, where it is in words)."""
    if settings["ENGINE"].endswith("postgresql"):
        with _scratch_database(settings, scratch) as place:
            with closing(postgresql.connect(place)) as raw:
                major = postgresql.server_major(raw)
            postgresql.restore(place, folder / DATABASE["postgresql"], major=major)
            yield place, f"database {place['NAME']}"
        return
    with tempfile.TemporaryDirectory(suffix=f".{os.getpid()}.partial", prefix=".", dir=folder.parent) as temporary:
        copy = Path(temporary) / "proof.sqlite3"
        files.copy(folder / DATABASE["sqlite"], copy)
        check_sqlite(copy)
        yield {**settings, "NAME": str(copy)}, "a scratch file"


def check_sqlite(path: Path) -> None:
    """Raises Damaged unless SQLite itself finds the file whole."""
    with closing(sqlite_connection(path)) as raw:
        try:
            said = [row[0] for row in raw.execute("PRAGMA integrity_check").fetchall()]
        except raw.DatabaseError as error:
            said = [str(error)]
    if said != ["ok"]:
        raise Damaged(f"{path.name} is damaged: {'; '.join(said[:3])}.")


@contextmanager
def _scratch_database(settings: Mapping[str, Any], scratch: Mapping[str, Any] | None) -> Iterator[dict[str, Any]]:
    if scratch is not None:
        place = dict(scratch)
        with closing(postgresql.connect(place)) as raw:
            if not postgresql.is_empty(raw):
                raise NoScratch(
                    "The database of --scratch-url is not empty. Give one that nobody needs, with nothing in it."
                )
            try:
                yield place
            finally:
                raw.execute("DROP OWNED BY CURRENT_USER CASCADE")
        return
    # The same for every backup of this database, so that one that was killed leaves nothing for ever.
    name = f"{settings['NAME'][:50]}_proof"
    with closing(postgresql.connect(settings)) as raw:
        if not raw.execute("SELECT pg_try_advisory_lock(%s, %s)", PROVING).fetchone()[0]:
            raise NoScratch("Another backup of this database is being proven just now. Run this again in a moment.")
        if not postgresql.may_create_databases(raw):
            raise NoScratch(
                "The backup cannot be proven: the role may not create a scratch database. Give it the right "
                "(ALTER ROLE … CREATEDB), or name an empty database with --scratch-url, or say --no-proof."
            )
        postgresql.drop_database(raw, name)
        postgresql.create_database(raw, name)
        try:
            yield {**settings, "NAME": name}
        finally:
            postgresql.drop_database(raw, name)
