"""Two versions of a panel side by side, and two people's changes of one version put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from panels.actions.library import GenesNeverKept, version_of, versions_of
from panels.actions.lists import current_records, records_in
from panels.actions.rights import panel_for
from panels.actions.saved_lists import note_reading
from panels.actions.symbols import current_resolver
from panels.actions.versions import METADATA, Genes, Saved, save_version
from panels.engine.diff import Diff, diff
from panels.engine.levels import Level
from panels.engine.records import Record, differing, keyed, row_of
from panels.engine.symbols import Resolver
from panels.engine.threeway import Meeting, meetings, put_together
from panels.models import PanelVersion, SavedPanel

Edit = Callable[[Genes, Resolver], Genes]


@dataclass(frozen=True, slots=True)
class VersionDiff:
    """From version a to version b. ``metadata`` are (field, old, new) of name, description and tags."""

    a: PanelVersion
    b: PanelVersion
    diff: Diff
    metadata: tuple[tuple[str, Any, Any], ...]


def diff_versions(*, panel: int, by: Any, a: int, b: int) -> VersionDiff:
    """What turns version a into version b: genes, STRs and regions by field, and metadata.

    GenesNeverKept for a version of an earlier release, except the current one.
    """
    first, second = versions_of(panel=panel, by=by, numbers=(a, b))
    note_reading(first.panel, by)
    told = _metadata(first, second)
    if first.snapshot_id is not None and first.snapshot_id == second.snapshot_id:
        return VersionDiff(first, second, Diff(equal=first.gene_count or 0), told)
    if first.snapshot is not None and second.snapshot is not None:
        a_alone, b_alone, equal = differing(bytes(first.snapshot.body), bytes(second.snapshot.body))
        found = diff_records(a_alone, b_alone)
        return VersionDiff(first, second, replace(found, equal=found.equal + equal), told)
    return VersionDiff(first, second, diff_records(records_of(first), records_of(second)), told)


def records_of(version: PanelVersion) -> list[Record]:
    """The version's genes, in reading order. ``version`` came from ``version_of``."""
    if version.snapshot is not None:
        return records_in(version.snapshot.body)
    if version.pk == version.panel.current_version_id:
        return current_records(version.panel)
    raise GenesNeverKept(version)


def diff_records(a: list[Record], b: list[Record]) -> Diff:
    """The difference of two lists; those that are equal, most of them, are counted and looked at no further."""
    old, new = keyed(a), keyed(b)
    changed = [key for key in old.keys() | new.keys() if old.get(key) != new.get(key)]
    sides = [
        [row_of(side[key], panel_id="", name="", version="") for key in changed if key in side] for side in (old, new)
    ]
    found = diff(*sides)
    return replace(found, equal=found.equal + len(old.keys() | new.keys()) - len(changed))


def _metadata(a: PanelVersion, b: PanelVersion) -> tuple[tuple[str, Any, Any], ...]:
    """Of versions of an earlier release nobody knows it."""
    if a.metadata is None or b.metadata is None:
        return ()
    return tuple(
        (name, a.metadata[name], b.metadata[name]) for name in METADATA if a.metadata[name] != b.metadata[name]
    )


@dataclass(frozen=True, slots=True)
class ThreeWay:
    """``base`` is the version that both began with, ``panel`` the panel at theirs. ``meetings`` has conflicts first."""

    panel: SavedPanel
    base: PanelVersion
    meetings: list[Meeting]

    @property
    def conflicts(self) -> list[Meeting]:
        return [one for one in self.meetings if one.is_conflict]


def three_way(*, panel: int, by: Any, base: int, edit: Edit) -> ThreeWay:
    """What my ``edit`` of version ``base`` and the current version make of each gene that one of them changed.

    Changes nothing. Needs EDIT; raises what ``edit`` raises, and GenesNeverKept.
    """
    version = version_of(panel=panel, by=by, number=base, level=Level.EDIT)
    one, _ = panel_for(by, panel, Level.EDIT)
    begun = keyed(records_of(version))
    mine = edit(dict(begun), current_resolver())
    return ThreeWay(one, version, meetings(begun, mine, keyed(current_records(one))))


def save_on_top(
    *, panel: int, by: Any, base: int, edit: Edit, choices: Mapping[str, str], expected: int, comment: str = ""
) -> Saved:
    """Save my ``edit`` of version ``base`` together with what others saved since, as the next version.

    ``choices`` says mine or theirs for each key in conflict; without a choice
    theirs stays. ``expected`` is the version whose genes the person saw as theirs.
    """
    version = version_of(panel=panel, by=by, number=base, level=Level.EDIT)
    begun = keyed(records_of(version))

    def both(current: Genes, resolver: Resolver) -> Genes:
        return put_together(current, meetings(begun, edit(dict(begun), resolver), current), choices)

    return save_version(panel=panel, by=by, edit=both, comment=comment, expected=expected)
