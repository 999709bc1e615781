"""What adopting found and did: for the terminal, for a file, for a program."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

MOST_NAMED = 50


@dataclass
class Report:
    """``before`` and ``after`` are rows of each table. ``mended`` and ``dropped`` are sentences about rows.
    ``unreadable``: {table.column: ids}. ``panels``: {panel: SHA-256 of its gene list}."""

    found: str = ""
    release: str = ""
    zone: str = "UTC"
    notes: list[str] = field(default_factory=list)
    before: dict[str, int] = field(default_factory=dict)
    after: dict[str, int] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    left_alone: list[str] = field(default_factory=list)
    mended: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    unreadable: dict[str, list[int]] = field(default_factory=dict)
    encrypted: Counter = field(default_factory=Counter)
    plain: Counter = field(default_factory=Counter)
    panels: dict[int, str] = field(default_factory=dict)
    backup: str = ""
    is_dry: bool = False

    def mend(self, sentence: str) -> None:
        self.mended.append(sentence)

    @property
    def unreadable_count(self) -> int:
        return sum(map(len, self.unreadable.values()))

    def as_json(self) -> dict[str, Any]:
        return {
            "found": self.found,
            "release": self.release,
            "legacy_timezone": self.zone,
            "dry_run": self.is_dry,
            "backup": self.backup,
            "notes": self.notes,
            "warnings": self.warnings,
            "rows": {
                table: {"before": self.before[table], "after": self.after.get(table)} for table in sorted(self.before)
            },
            "moved": self.moved,
            "left_alone": self.left_alone,
            "mended": self.mended,
            "dropped": self.dropped,
            "encrypted_values": dict(self.encrypted),
            "plain_values": dict(+self.plain),
            "unreadable": {"count": self.unreadable_count, "rows": self.unreadable},
            "gene_lists": {str(panel): digest for panel, digest in self.panels.items()},
        }

    def lines(self) -> list[str]:
        """The same for people."""
        told = [f"Found: {self.found}. Adopted as release {self.release}, times taken as {self.zone}."]
        told += [f"  {note}" for note in self.notes]
        told += [f"Warning: {sentence}" for sentence in self.warnings]
        for table in sorted(self.before):
            after = self.after.get(table)
            told.append(f"  {table}: {self.before[table]} rows" + (f", now {after}" if after is not None else ""))
        told += [f"Moved: {old} to {new}" for old, new in self.moved.items()]
        if self.left_alone:
            told.append(f"Left alone: {', '.join(self.left_alone)}")
        told += [f"Mended: {sentence}" for sentence in self.mended]
        told += [f"Dropped: {sentence}" for sentence in self.dropped]
        if self.encrypted:
            told.append(f"Encrypted anew: {sum(self.encrypted.values())} values")
        for place, number in sorted((+self.plain).items()):
            told.append(f"  {place}: {number} were never encrypted; they are now")
        for place, ids in self.unreadable.items():
            named = ", ".join(map(str, ids[:MOST_NAMED])) + (" …" if len(ids) > MOST_NAMED else "")
            told.append(f"Unreadable under the keys that were given: {place} of rows {named}")
        if self.unreadable:
            told.append("  They are kept in legacy_unreadable; try again with: adopt_legacy --retry --encryption-key=…")
        if self.panels:
            told.append(f"Gene lists of {len(self.panels)} panels are the same before and after, by their SHA-256.")
        return told
