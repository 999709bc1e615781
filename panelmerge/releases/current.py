"""Which release the database is at, asked of the database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache

from django.db import connection
from django.db.migrations.loader import MigrationLoader

from panelmerge.releases.legacy.recognise import LegacyStage, explained, recognise
from panelmerge.releases.looking import Look, look
from panelmerge.releases.manifest import APPS, NEWEST, RELEASES

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Standing:
    """``database`` is None between two releases and for an empty database. ``missing``: what the release of the code
    still needs, app by app. ``unknown``: migrations of ours that only newer code has. ``notes``: sentences."""

    database: str | None
    code: str
    made_by: str
    missing: tuple[str, ...]
    next: str | None
    unknown: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict:
        return {key: asdict(self)[key] for key in ("database", "code", "made_by", "missing", "next")}

    @property
    def serves(self) -> bool:
        return self.database == self.code


@cache
def shipped() -> tuple[frozenset[Key], dict[str, frozenset[Key]]]:
    """(every migration that the code has; {release: those of our apps up to it})."""
    everything = frozenset(MigrationLoader(None).graph.nodes)
    ours = {app: sorted(name for label, name in everything if label == app) for app in APPS}
    return everything, {
        release: frozenset((app, name) for app in APPS for name in ours[app] if last[app] and name <= last[app])
        for release, last in RELEASES.items()
    }


def release_of(applied: Iterable[Key]) -> str | None:
    """The release whose migrations of ours are all applied and none beyond; None in between.

    The newest also needs every migration of the packages.
    """
    applied = frozenset(applied)
    everything, by_release = shipped()
    ours = frozenset(key for key in applied if key[0] in APPS)
    for release, exact in by_release.items():
        if exact == ours and (release != NEWEST or everything <= applied):
            return release
    return None


def complete_release(applied: Iterable[Key]) -> str | None:
    """The newest release that is in the database as a whole, whatever lies beyond it; None when not even the first."""
    applied = frozenset(applied)
    everything, by_release = shipped()
    found = None
    for release, exact in by_release.items():
        if exact <= applied and (release != NEWEST or everything <= applied):
            found = release
    return found


def current_release(using=connection) -> str | None:
    """The release of the database that Django is connected to."""
    with using.cursor() as cursor:
        if "django_migrations" not in using.introspection.table_names(cursor):
            return None
        cursor.execute("SELECT app, name FROM django_migrations")
        return release_of(cursor.fetchall())


def standing(seen: Look | None = None) -> Standing:
    """Where the database stands and what to do next. Changes nothing, not a byte of the file."""
    seen = seen or look()
    legacy = recognise(seen)
    if legacy is not None:
        return _made_by_flask(legacy)
    release = release_of(seen.applied)
    unknown = sorted(f"{app}.{name}" for app, name in seen.ours - shipped()[0])
    if not seen.ours:
        others = sorted(set(seen.tables) - {"django_migrations"})
        notes = (f"tables of something else are left alone: {', '.join(others[:10])}",) if others else ()
        return Standing(None, NEWEST, "empty", _missing(seen), "python manage.py upgrade", notes=notes)
    notes = [explained(seen.revision)] if seen.revision else []
    if release is None and not unknown:
        whole = complete_release(seen.applied)
        notes.append(
            f"The database is between two releases: {whole or 'none'} is complete, what lies beyond it is there in "
            "part. upgrade first completes what lags."
        )
    if unknown:
        notes.append("A newer PanelMerge has been here: run its code, or restore a backup of this release.")
    step = None if unknown or release == NEWEST else "python manage.py upgrade"
    return Standing(release, NEWEST, "panelmerge", _missing(seen), step, tuple(unknown), tuple(notes))


def _missing(seen: Look) -> tuple[str, ...]:
    return tuple(sorted(f"{app}.{name}" for app, name in shipped()[0] - seen.applied))


def _made_by_flask(legacy: LegacyStage) -> Standing:
    order = list(RELEASES)
    beyond = order[order.index(legacy.release) + 1 :] if legacy.release else order
    notes = list(legacy.notes)
    if legacy.later:
        notes.append(f"tables of later 1.5 releases are moved to legacy_<name>: {', '.join(legacy.later)}")
    if legacy.left_alone:
        notes.append(f"left alone: {', '.join(legacy.left_alone)}")
    return Standing(
        legacy.release, NEWEST, "flask", tuple(beyond), "python manage.py adopt_legacy --dry-run", notes=tuple(notes)
    )
